package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

// The audit log is read beside a running server, on both engines.
func TestAudit(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		audit(t, "--data", filepath.Join(t.TempDir(), "data"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		file := write(t, "url", postgrestest.Start(t)+"\n")
		audit(t, "--database-url-file", file, "--master-key-file", filepath.Join(filepath.Dir(file), "master.key"))
	})
}

func audit(t *testing.T, storage ...string) {
	log := func(args ...string) string {
		t.Helper()
		return succeed(t, append(append([]string{"audit"}, args...), storage...)...)
	}
	id, secret := accessKey(t, storage...)
	r := serve(t, append([]string{"--audit-days", "30"}, storage...)...)
	sdk := client(r.endpoint, "us-east-1", id, secret, "")
	pool, err := sdk.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("a pool")})
	if err != nil {
		t.Fatal(err)
	}
	jane := &cognitoidentityprovider.AdminCreateUserInput{UserPoolId: pool.UserPool.Id, Username: aws.String("jane"),
		MessageAction:  types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("jane@example.com")}}}
	created, err := sdk.AdminCreateUser(t.Context(), jane)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.AdminCreateUser(t.Context(), jane); err == nil { // refused: no entry
		t.Fatal("a user was created twice")
	}
	if _, err := sdk.AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
		UserPoolId: pool.UserPool.Id, Username: aws.String("jane"),
	}); err != nil {
		t.Fatal(err)
	}
	sub := *created.User.Attributes[0].Value
	for _, a := range created.User.Attributes {
		if *a.Name == "sub" {
			sub = *a.Value
		}
	}
	const moment, from, request = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  `, `  from=127\.0\.0\.1  agent="aws-sdk-go-v2/.*"`, `  request=[0-9a-f-]{36}\n`
	var (
		key    = moment + `command line  access-key create  AccessKeyId=` + id + request
		made   = moment + id + `  CreateUserPool  pool=` + *pool.UserPool.Id + `  PoolName="a pool"  given=PoolName` + from + request
		user   = moment + id + `  AdminCreateUser  pool=` + *pool.UserPool.Id + `  sub=` + sub + `  given=MessageAction,UserAttributes,UserPoolId,Username` + from + request
		delete = moment + id + `  AdminDeleteUser  pool=` + *pool.UserPool.Id + `  sub=` + sub + `  given=UserPoolId,Username` + from + request
	)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, key + made + user + delete},
		{[]string{"--limit", "2"}, user + delete},
		{[]string{"--key", "command line"}, key},
		{[]string{"--key", id, "--operation", "Admin"}, user + delete},
		{[]string{"--pool", *pool.UserPool.Id, "--operation", "Create"}, made},
		{[]string{"--pool", "us-east-1_none"}, ``},
		{[]string{"--since", "24h"}, key + made + user + delete},
		{[]string{"--until", "24h"}, ``},
		{[]string{"--since", "2020-01-01", "--until", "2020-01-01T12:00:00+02:00"}, ``},
	} {
		if got := log(tt.args...); !regexp.MustCompile(`^` + tt.want + `$`).MatchString(got) {
			t.Errorf("audit %s:\n%s\nwant\n%s", strings.Join(tt.args, " "), got, tt.want)
		}
	}
	var line auditLine
	text := log("--json", "--limit", "1")
	if err := json.Unmarshal([]byte(text), &line); err != nil || strings.Count(text, "\n") != 1 {
		t.Fatalf("--json printed %q: %v", text, err)
	}
	if line.Operation != "AdminDeleteUser" || line.Sub != sub || line.Who != id || line.Time == "" || len(line.Members) != 2 {
		t.Errorf("--json printed %s", text)
	}
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--since", "yesterday"}, misspelled, `"yesterday" is neither a time such as 2026-01-31 or 2026-01-31T15:04:05Z nor a time ago such as 24h`},
		{[]string{"--limit=-1"}, failed, "--limit must not be negative"},
	} {
		args := append(append([]string{"audit"}, tt.args...), storage...)
		if r := command(t, args...); r.status != tt.status || !strings.Contains(r.err, tt.want) {
			t.Errorf("%v: %+v", tt.args, r)
		}
	}
	for _, days := range []string{"0", "-1", "36501"} {
		if r := command(t, serveArgs(append([]string{"--audit-days=" + days}, storage...)...)...); r.status != failed ||
			r.err != "poolhouse: The audit log must be kept for 1 to 36500 days.\n" {
			t.Errorf("--audit-days %s: %+v", days, r)
		}
	}
}
