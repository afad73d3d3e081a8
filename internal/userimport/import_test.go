package userimport_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A file with good and broken rows: the good ones become users, and the log says a line for each.
func TestImport(t *testing.T) {
	w := newWorld(t, M{"AliasAttributes": []string{"email"}})
	w.do("AdminCreateUser", M{"UserPoolId": w.pool, "Username": "there", "MessageAction": "SUPPRESS"})
	job, log := w.run(nil, w.file(nil,
		person("jane", "name", `Doe\, Jane`, "birthdate", "02/29/1996", "email_verified", "TRUE", "updated_at", "1700000000"),
		person("there"),
		map[string]string{"cognito:username": "joe", "email": "joe@example.com"},
		person("twin", "email", "jane@example.com"),
		person("jane"),
		person("last"),
	))
	want := []string{
		"[SUCCEEDED] Line Number 2 - The import succeeded.",
		"[SKIPPED] Line Number 3 - The user already exists.",
		"[FAILED] Line Number 4 - The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true).",
		"[FAILED] Line Number 5 - An account with the email already exists.",
		"[SKIPPED] Line Number 6 - The user already exists.",
		"[SUCCEEDED] Line Number 7 - The import succeeded.",
	}
	if !slices.Equal(log, want) {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
	}
	for name, want := range map[string]any{"Status": "Succeeded", "CompletionMessage": "Import Job Completed Successfully.",
		"ImportedUsers": 2., "SkippedUsers": 2., "FailedUsers": 2., "CloudWatchLogsRoleArn": role, "JobName": "test", "UserPoolId": w.pool} {
		if job[name] != want {
			t.Errorf("%s is %v, want %v", name, job[name], want)
		}
	}
	if job["StartDate"] == nil || job["CompletionDate"] == nil {
		t.Errorf("a job that is over lacks dates: %v", job)
	}
	user := w.do("AdminGetUser", M{"UserPoolId": w.pool, "Username": "jane@example.com"})
	if user["Username"] != "jane" || user["UserStatus"] != "RESET_REQUIRED" || user["Enabled"] != true {
		t.Errorf("an imported user is %v", user)
	}
	got := map[string]string{}
	for _, a := range user["UserAttributes"].([]any) {
		got[a.(M)["Name"].(string)] = a.(M)["Value"].(string)
	}
	for name, want := range map[string]string{"name": "Doe, Jane", "birthdate": "1996-02-29", "email_verified": "true", "updated_at": "1700000000"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

// The machine of statuses, and what refuses to move it.
func TestStatuses(t *testing.T) {
	w := newWorld(t, nil)
	id, address := w.create(nil)
	if text := w.refused("StartUserImportJob", w.job(id), "PreconditionNotMetException"); text != "No csv file was uploaded for "+id {
		t.Errorf("a start without a file: %s", text)
	}
	w.upload(address, "wrong")
	w.upload(address, w.file(nil, person("jane"))) // the later one counts
	if job := w.start(id); job["Status"] != "Succeeded" || job["ImportedUsers"] != 1. {
		t.Errorf("the job ended as %v", job)
	}
	if status, body := w.put(address, ""); status != 403 || !strings.Contains(body, "<Code>AccessDenied</Code>") {
		t.Errorf("an upload for a job that is over: %d %s", status, body)
	}
	w.refused("StartUserImportJob", w.job(id), "PreconditionNotMetException")
	w.refused("StopUserImportJob", w.job(id), "PreconditionNotMetException")
	for _, operation := range []string{"DescribeUserImportJob", "StartUserImportJob", "StopUserImportJob"} {
		w.refused(operation, w.job("import-none"), "ResourceNotFoundException")
	}

	stopped, _ := w.create(nil)
	job := w.do("StopUserImportJob", w.job(stopped))["UserImportJob"].(M)
	if job["Status"] != "Stopped" || job["CompletionMessage"] != "The Import Job was stopped by the developer." || job["CompletionDate"] == nil {
		t.Errorf("a job that was stopped before it started: %v", job)
	}

	late, address := w.create(nil)
	w.srv.Advance(16 * time.Minute)
	if status, body := w.put(address, "x"); status != 403 || !strings.Contains(body, "Request has expired") {
		t.Errorf("an upload after 16 minutes: %d %s", status, body)
	}
	if status, body := w.put(strings.Replace(address, "Signature=", "Signature=0", 1), "x"); status != 403 || !strings.Contains(body, "SignatureDoesNotMatch") {
		t.Errorf("an upload with another signature: %d %s", status, body)
	}
	w.srv.Advance(24 * time.Hour)
	job = w.do("DescribeUserImportJob", w.job(late))["UserImportJob"].(M)
	if job["Status"] != "Expired" || job["CompletionMessage"] != "The user import job has expired." {
		t.Errorf("a job that waited for a day: %v", job)
	}
	w.refused("StopUserImportJob", w.job(late), "PreconditionNotMetException")

	var listed []string
	for token := any(nil); ; {
		in := M{"UserPoolId": w.pool, "MaxResults": 2}
		if token != nil {
			in["PaginationToken"] = token
		}
		page := w.do("ListUserImportJobs", in)
		for _, j := range page["UserImportJobs"].([]any) {
			listed = append(listed, j.(M)["JobId"].(string))
		}
		if token = page["PaginationToken"]; token == nil {
			break
		}
	}
	if len(listed) != 3 || !slices.Contains(listed, id) || !slices.Contains(listed, late) {
		t.Errorf("the list has %v", listed)
	}

	w.do("UpdateUserPool", M{"UserPoolId": w.pool})
	w.pool = w.newPool(M{"AutoVerifiedAttributes": []string{}})
	id, address = w.create(nil)
	w.upload(address, w.file(nil))
	w.refused("StartUserImportJob", w.job(id), "PreconditionNotMetException")
}
