package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// jobRows is how many users one import job takes.
const jobRows = 500_000

// importUsers fills the pool by import jobs, one after the other.
func (t *target) importUsers(ctx context.Context, c *connection, p *process) error {
	t.status = "RESET_REQUIRED"
	var header struct{ CSVHeader []string }
	if err := c.call(ctx, p, "GetCSVHeader", map[string]string{"UserPoolId": t.pool}, &header); err != nil {
		return err
	}
	for from := 0; from < t.users; from += jobRows {
		if err := t.importJob(ctx, c, p, header.CSVHeader, int64(from), int64(min(t.users, from+jobRows))); err != nil {
			return err
		}
	}
	return nil
}

// stride is a prime, so that its multiples come by every number.
const stride = 7_368_787

type importJob struct {
	UserImportJob struct {
		JobID             string `json:"JobId"`
		PreSignedURL      string `json:"PreSignedUrl"`
		Status            string
		ImportedUsers     int64
		CompletionMessage string
	}
}

// importJob imports the users from one number to below another.
func (t *target) importJob(ctx context.Context, c *connection, p *process, header []string, from, to int64) error {
	var job importJob
	err := c.call(ctx, p, "CreateUserImportJob", map[string]string{
		"UserPoolId": t.pool, "JobName": "bench", "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/import",
	}, &job)
	if err != nil {
		return err
	}
	if err := upload(ctx, job.UserImportJob.PreSignedURL, t.rows(header, from, to)); err != nil {
		return err
	}
	named := map[string]string{"UserPoolId": t.pool, "JobId": job.UserImportJob.JobID}
	if err := c.call(ctx, p, "StartUserImportJob", named, nil); err != nil {
		return err
	}
	for {
		if err := c.call(ctx, p, "DescribeUserImportJob", named, &job); err != nil {
			return err
		}
		switch status := job.UserImportJob.Status; status {
		case "Pending", "InProgress":
		case "Succeeded":
			if n := job.UserImportJob.ImportedUsers; n != to-from {
				return fmt.Errorf("an import job imported %d of %d users", n, to-from)
			}
			return nil
		default:
			return fmt.Errorf("an import job ended as %s: %s", status, job.UserImportJob.CompletionMessage)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// rows is the file of an import job: its users by name, or in no order.
func (t *target) rows(header []string, from, to int64) []byte {
	var file bytes.Buffer
	file.WriteString(strings.Join(header, ",") + "\n")
	for i := range to - from {
		n := from + i
		if t.shuffled {
			n = n * stride % int64(t.users)
		}
		values := map[string]string{"cognito:username": username(n), "cognito:mfa_enabled": "false", "phone_number_verified": "false"}
		for _, a := range attributes(n) {
			values[a[0]] = a[1]
		}
		for i, column := range header {
			if i > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[column])
		}
		file.WriteByte('\n')
	}
	return file.Bytes()
}

func upload(ctx context.Context, address string, file []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(file))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the upload was answered %d: %s", resp.StatusCode, text)
	}
	return nil
}
