package ledger

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestUserImport(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AutoVerifiedAttributes": L{"email"}})
	create := M{"UserPoolId": pool, "JobName": "ledger", "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/import"}
	created := w.do("CreateUserImportJob", create)["UserImportJob"].(M)
	id := created["JobId"].(string)
	job := M{"UserPoolId": pool, "JobId": id}
	w.provoke("StartUserImportJob", job, "PreconditionNotMetException", "no file had been uploaded")
	var columns []string
	for _, c := range w.do("GetCSVHeader", M{"UserPoolId": pool})["CSVHeader"].([]any) {
		columns = append(columns, c.(string))
	}
	put, err := http.NewRequestWithContext(t.Context(), http.MethodPut, created["PreSignedUrl"].(string),
		strings.NewReader(strings.Join(columns, ",")+strings.Repeat("\n"+strings.Repeat("x", 1000), 20_000)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(put)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	w.do("StartUserImportJob", job)
	w.provoke("UpdateUserPool", M{"UserPoolId": pool}, "UserImportInProgressException", "users were being imported")
	w.provoke("AddCustomAttributes", M{"UserPoolId": pool, "CustomAttributes": L{M{"Name": "level", "AttributeDataType": "String"}}},
		"UserImportInProgressException", "users were being imported")
	w.provoke("DeleteUserPool", M{"UserPoolId": pool}, "UserImportInProgressException", "users were being imported")
	w.do("StopUserImportJob", job)
	for w.do("DescribeUserImportJob", job)["UserImportJob"].(M)["Status"] == "Stopping" {
	}
	w.provoke("StopUserImportJob", job, "PreconditionNotMetException", "the job had ended")
	w.provoke("ListUserImportJobs", M{"UserPoolId": pool, "MaxResults": 1, "PaginationToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	for _, operation := range []string{"DescribeUserImportJob", "StartUserImportJob", "StopUserImportJob"} {
		w.provoke(operation, M{"UserPoolId": pool, "JobId": "import-none"}, "ResourceNotFoundException", "there is no such job")
	}
}

// A user pool keeps 1,000 import jobs.
func TestTooManyImportJobs(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/import"
	w, pool := newWorldWith(t, func(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
		for i := range 1000 {
			job := userpool.ImportJob{Pool: pool.Number, PoolID: pool.ID, ID: fmt.Sprintf("import-%010d", i), Name: "ledger",
				Role: role, Status: userpool.ImportCreated, Created: pool.Created}
			if err := tx.CreateImportJob(ctx, &job); err != nil {
				return err
			}
		}
		return nil
	})
	w.provoke("CreateUserImportJob", M{"UserPoolId": pool, "JobName": "ledger", "CloudWatchLogsRoleArn": role}, "LimitExceededException",
		"the user pool kept a thousand jobs")
}
