package userimport_test

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// Each row alone, by what is wrong with it.
func TestRowRules(t *testing.T) {
	const noVerified = "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true)."
	for _, tt := range []struct {
		name string
		pool M
		row  map[string]string
		want string // "" for success
	}{
		{name: "good", row: person("jane")},
		{name: "no name", row: person("", "email", "jane@example.com"), want: "The User Record does not have a value for cognito:username."},
		{name: "blank in the name", row: person("jane", "cognito:username", "jane doe"), want: "The user name must not contain spaces or tabs."},
		{name: "long name", row: person("jane", "cognito:username", strings.Repeat("é", 129)), want: "The user name is longer than 128 characters."},
		{name: "long name beyond the plane", row: person("jane", "cognito:username", strings.Repeat("😀", 100)), want: "The user name is longer than 128 characters."},
		{name: "joiner in the name", row: person("jane", "cognito:username", "a\u200db"),
			want: "The user name must consist of letters, marks, symbols, numbers and punctuation."},
		{name: "name of 128", row: person("jane", "cognito:username", strings.Repeat("é", 128))},
		{name: "not verified", row: person("jane", "email_verified", "false"), want: noVerified},
		{name: "another is verified", row: person("jane", "email_verified", "", "phone_number", "+12065550100", "phone_number_verified", "true"), want: noVerified},
		{name: "one of two", pool: M{"AutoVerifiedAttributes": []string{"email", "phone_number"}},
			row: person("jane", "email_verified", "", "phone_number", "+12065550100", "phone_number_verified", "true")},
		{name: "verified without address", row: person("jane", "email", ""), want: "The User Record sets email_verified to true and has no email."},
		{name: "no address", row: person("jane", "email", "jane"), want: "Invalid email address format."},
		{name: "no flag", row: person("jane", "email_verified", "maybe"), want: "Type for attribute {email_verified} could not be determined"},
		{name: "day first", row: person("jane", "birthdate", "31/12/2000"), want: "The birthdate must be of the form mm/dd/yyyy."},
		{name: "no such day", row: person("jane", "birthdate", "02/30/2000"), want: "The birthdate must be of the form mm/dd/yyyy."},
		{name: "no seconds", row: person("jane", "updated_at", "today"), want: "Type for attribute {updated_at} could not be determined"},
		{name: "long value", row: person("jane", "name", strings.Repeat("x", 2049)), want: "Attributes did not conform to the schema: name: String must be no longer than 2048 characters"},
		{name: "long row", row: person("jane", "name", strings.Repeat("x", 16000)), want: "The row is not UTF-8, or is longer than 16000 characters."},
		{name: "no text", row: person("jane", "name", "\xff"), want: "The row is not UTF-8, or is longer than 16000 characters."},
		{name: "a comma too many", row: person("jane", "name", "Doe, Jane"), want: "The number of values in the row is not the number of columns in the header."},
		{name: "required", pool: M{"Schema": []M{{"Name": "given_name", "Required": true}}}, row: person("jane"),
			want: "Attributes did not conform to the schema: given_name: The attribute is required"},
		{name: "custom", pool: M{"Schema": []M{{"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": M{"MaxValue": "9"}}}},
			row: person("jane", "custom:level", "10"), want: "Attributes did not conform to the schema: custom:level: Number must be no greater than 9"},
		{name: "factor where there is none", row: person("jane", "cognito:mfa_enabled", "true"), want: "cognito:mfa_enabled must be false, because MFA is off in the user pool."},
		{name: "no word on the factor", row: person("jane", "cognito:mfa_enabled", ""), want: "cognito:mfa_enabled must be false, because MFA is off in the user pool."},
		{name: "address as name of a pool with aliases", pool: M{"AliasAttributes": []string{"email"}}, row: person("jane", "cognito:username", "jane@example.com"),
			want: "Username cannot be of email format, since user pool is configured for email alias."},
		{name: "address as name", pool: M{"UsernameAttributes": []string{"email"}}, row: map[string]string{"cognito:username": "jane@example.com", "email_verified": "true"}},
		{name: "no address as name", pool: M{"UsernameAttributes": []string{"email"}}, row: person("jane"), want: "Username should be an email."},
		{name: "another address than the name", pool: M{"UsernameAttributes": []string{"email"}}, row: person("jane", "cognito:username", "joe@example.com"),
			want: "The attribute email must be the same as the user name."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.pool)
			job, log := w.run(nil, w.file(nil, tt.row, nil)+"\r\n\n")
			want := "[SUCCEEDED] Line Number 2 - The import succeeded."
			if tt.want != "" {
				want = "[FAILED] Line Number 2 - " + tt.want
			}
			if log[0] != want {
				t.Errorf("the row ended as\n%s\nwant\n%s", log[0], want)
			}
			if len(log) != 2 || job["Status"] != "Succeeded" {
				t.Errorf("the job ended as %v with the log %q", job["Status"], log)
			}
		})
	}
}

// What is wrong with a whole file fails the job before its first row.
func TestFiles(t *testing.T) {
	w := newWorld(t, nil)
	good := w.file(nil, person("jane"))
	for _, tt := range []struct {
		name, file, want string
		in               M
	}{
		{name: "empty", want: "The header of the CSV file has the column , which the user pool does not have."},
		{name: "byte-order mark", file: "\uFEFF" + good, want: "Import Job Completed Successfully."},
		{name: "column twice", file: "name,name", want: "The header of the CSV file has the column name twice."},
		{name: "foreign column", file: "name,color", want: "The header of the CSV file has the column color, which the user pool does not have."},
		{name: "too few columns", file: "name", want: "The header of the CSV file lacks the column given_name."},
		{name: "hashes that nobody expects", file: w.file([]string{"password_hash"}), want: "The CSV file has password hashes, and the import job has no PasswordHashingAlgorithm."},
		{name: "no hashes", in: M{"PasswordHashingAlgorithm": "BCRYPT"}, file: good, want: "The import job has a PasswordHashingAlgorithm, and the CSV file has no column password_hash."},
		{name: "too many rows", file: good + strings.Repeat("\n", 500_000), want: "The CSV file has more than 500000 users."},
		{name: "too many bad rows", file: good + strings.Repeat("x\n", 30), want: "Too many users have failed or been skipped during the import."},
		{name: "few bad rows", file: good + strings.Repeat("x\n", 28), want: "Import Job Completed Successfully."},
	} {
		id, address := w.create(tt.in)
		w.upload(address, tt.file)
		if job := w.start(id); job["CompletionMessage"] != tt.want {
			t.Errorf("%s: %v: %v, want %s", tt.name, job["Status"], job["CompletionMessage"], tt.want)
		}
	}
}

// A password that came as a hash signs in with what shows it, not by SRP; from then on it is a password like others.
func TestPasswordHashes(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, nil)
	job, log := w.run(M{"PasswordHashingAlgorithm": "BCRYPT"}, w.file([]string{"cognito:password_hash"},
		person("jane", "cognito:password_hash", string(hash)),
		person("joe"),
		person("jim", "cognito:password_hash", "$argon2id$v=19$m=8\\,t=1\\,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng")))
	if job["ImportedUsers"] != 2. || log[2] != "[FAILED] Line Number 4 - The password hash is not one of BCRYPT that can be checked." {
		t.Fatalf("the job ended as %v with the log %q", job, log)
	}
	client := w.do("CreateUserPoolClient", M{"UserPoolId": w.pool, "ClientName": "test",
		"ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}})["UserPoolClient"].(M)["ClientId"].(string)
	signIn := func(name, text string) M {
		return M{"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": M{"USERNAME": name, "PASSWORD": text}}
	}
	w.refused("InitiateAuth", signIn("jane", "Wrong-Horse-7"), "NotAuthorizedException")
	w.refused("InitiateAuth", signIn("joe", password), "PasswordResetRequiredException")
	if user := w.do("AdminGetUser", M{"UserPoolId": w.pool, "Username": "jane"}); user["UserStatus"] != "CONFIRMED" {
		t.Errorf("a user who came with a hash is %v", user["UserStatus"])
	}
	w.do("InitiateAuth", signIn("jane", password))
	out := w.do("InitiateAuth", signIn("jane", password)) // with the verifier
	access := out["AuthenticationResult"].(M)["AccessToken"]
	w.do("ChangePassword", M{"AccessToken": access, "PreviousPassword": password, "ProposedPassword": "Another-Horse-8"})
	w.refused("InitiateAuth", signIn("jane", password), "NotAuthorizedException")
	w.do("InitiateAuth", signIn("jane", "Another-Horse-8"))
}

// While a job is active, the pool stays as it is.
func TestPoolDuringImport(t *testing.T) {
	w := newWorld(t, nil)
	id, address := w.create(nil)
	w.upload(address, w.file(nil)+strings.Repeat(strings.Repeat("x", 1000)+"\n", 20_000))
	w.do("StartUserImportJob", w.job(id))
	for operation, in := range map[string]M{
		"UpdateUserPool":      {"UserPoolId": w.pool},
		"DeleteUserPool":      {"UserPoolId": w.pool},
		"AddCustomAttributes": {"UserPoolId": w.pool, "CustomAttributes": []M{{"Name": "x", "AttributeDataType": "String"}}},
	} {
		w.refused(operation, in, "UserImportInProgressException")
	}
	other, address := w.create(nil)
	w.upload(address, w.file(nil))
	w.refused("StartUserImportJob", w.job(other), "PreconditionNotMetException")
	if job := w.do("StopUserImportJob", w.job(id))["UserImportJob"].(M); job["Status"] != "Stopping" {
		t.Errorf("a job that is to stop is %v", job["Status"])
	}
	job := w.await(id)
	if job["Status"] != "Stopped" || job["CompletionMessage"] != "The Import Job was stopped by the developer." {
		body, _ := json.Marshal(job)
		t.Errorf("a job that was stopped: %s", body)
	}
	w.do("UpdateUserPool", M{"UserPoolId": w.pool, "AutoVerifiedAttributes": []string{"email"}})
}
