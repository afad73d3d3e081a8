package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

const importedUsers = 4000

// importing makes a pool at the node and starts to import users into it.
func (n *node) importing(t *testing.T) (poolID, jobID string) {
	t.Helper()
	ctx := context.Background()
	pool, err := n.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: aws.String("test"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	poolID = *pool.UserPool.Id
	header, err := n.GetCSVHeader(ctx, &cognitoidentityprovider.GetCSVHeaderInput{UserPoolId: &poolID})
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	file.WriteString(strings.Join(header.CSVHeader, ",") + "\n")
	for i := range importedUsers {
		values := map[string]string{"cognito:username": fmt.Sprint("user", i), "cognito:mfa_enabled": "false",
			"email": fmt.Sprintf("user%d@example.com", i), "email_verified": "true"}
		for at, column := range header.CSVHeader {
			if at > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[column])
		}
		file.WriteByte('\n')
	}
	job, err := n.CreateUserImportJob(ctx, &cognitoidentityprovider.CreateUserImportJobInput{
		UserPoolId: &poolID, JobName: aws.String("test"), CloudWatchLogsRoleArn: aws.String("arn:aws:iam::123456789012:role/import"),
	})
	if err != nil {
		t.Fatal(err)
	}
	jobID = *job.UserImportJob.JobId
	address := strings.Replace(*job.UserImportJob.PreSignedUrl, "http://localhost:9229", n.address, 1)
	put, err := http.NewRequestWithContext(ctx, http.MethodPut, address, strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(put)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the upload was answered %s", answer.Status)
	}
	_, err = n.StartUserImportJob(ctx, &cognitoidentityprovider.StartUserImportJobInput{UserPoolId: &poolID, JobId: &jobID})
	if err != nil {
		t.Fatal(err)
	}
	return poolID, jobID
}

// imported waits until so many users of a job were imported, or the job is over.
func (n *node) imported(t *testing.T, poolID, jobID string, enough int64) *types.UserImportJobType {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		out, err := n.DescribeUserImportJob(context.Background(), &cognitoidentityprovider.DescribeUserImportJobInput{
			UserPoolId: &poolID, JobId: &jobID})
		if err != nil {
			t.Fatal(err)
		}
		job := out.UserImportJob
		if job.ImportedUsers >= enough || job.CompletionDate != nil {
			return job
		}
	}
	t.Fatal("the import does not go on")
	return nil
}

// A node that is killed in the middle of an import is followed by itself, or by another node, and each row is done once:
// a row that was done twice would be a user who exists already.
func TestKillLosesNoImportedUser(t *testing.T) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := ""
			if engine == "PostgreSQL" {
				url = postgrestest.Start(t)
			}
			in := install(t, url)
			first := in.start(t)
			var second *node
			if url != "" {
				second = in.start(t) // which may have the job already
			}
			poolID, jobID := first.importing(t)
			before := first.imported(t, poolID, jobID, 500)
			first.kill()
			if second == nil {
				second = in.start(t)
			}
			job := second.imported(t, poolID, jobID, importedUsers+1)
			if job.Status != types.UserImportJobStatusTypeSucceeded || job.ImportedUsers != importedUsers || job.SkippedUsers+job.FailedUsers != 0 {
				t.Errorf("the job ended as %s: %s; %d imported, %d skipped, %d failed", job.Status, aws.ToString(job.CompletionMessage),
					job.ImportedUsers, job.SkippedUsers, job.FailedUsers)
			}
			pool, err := second.DescribeUserPool(context.Background(), &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &poolID})
			if err != nil {
				t.Fatal(err)
			}
			if pool.UserPool.EstimatedNumberOfUsers != importedUsers {
				t.Errorf("the pool has %d users, want %d", pool.UserPool.EstimatedNumberOfUsers, importedUsers)
			}
			t.Logf("killed after %d of %d users", before.ImportedUsers, importedUsers)
		})
	}
}
