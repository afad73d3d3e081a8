package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

// skewed signs with a clock that is wrong.
type skewed struct {
	*v4.Signer
	by time.Duration
}

func (s skewed) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, at.Add(s.by), options...)
}

// Keys are made, listed and deleted beside a running server, on both engines.
func TestAccessKey(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		accessKeys(t, "--data", filepath.Join(t.TempDir(), "made", "data"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		file := write(t, "url", postgrestest.Start(t)+"\n")
		accessKeys(t, "--database-url-file", file, "--master-key-file", filepath.Join(filepath.Dir(file), "master.key"))
	})
}

func accessKeys(t *testing.T, storage ...string) {
	run := func(verb string, args ...string) []string {
		return append(append([]string{"access-key", verb}, args...), storage...)
	}
	if r := command(t, run("list")...); r.status != failed {
		t.Errorf("list before there is a database: %+v", r)
	}
	id, secret := accessKey(t, storage...)
	r := serve(t, storage...)
	second := succeed(t, run("create", "--description", "terraform")...)
	secondID, _, _ := strings.Cut(strings.TrimPrefix(second, "AWS_ACCESS_KEY_ID="), "\n")

	list := succeed(t, run("list")...)
	for _, want := range []string{`(?m)^` + id + `  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`, `(?m)^` + secondID + `  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  terraform$`} {
		if !regexp.MustCompile(want).MatchString(list) {
			t.Errorf("list:\n%swant %s", list, want)
		}
	}
	if strings.Contains(list, secret) {
		t.Error("the list shows a secret")
	}

	tests := []struct {
		name                string
		id, secret, session string
		region              string
		skew                time.Duration
		want, message       string
	}{
		{name: "right"},
		{name: "wrong secret", secret: "wrong", want: "InvalidSignatureException", message: "The request signature we calculated does not match"},
		{name: "unknown key", id: "AKIAIOSFODNN7EXAMPLE", want: "UnrecognizedClientException", message: "The security token included in the request is invalid."},
		{name: "session token", session: "temporary", want: "UnrecognizedClientException", message: "This server has no temporary credentials: sign with an access key of 'poolhouse access-key create' and without a session token."},
		{name: "other region", region: "eu-west-1", want: "InvalidSignatureException", message: "Credential should be scoped to a valid region."},
		{name: "slow clock", skew: -10 * time.Minute, want: "InvalidSignatureException", message: "Signature expired: "},
		{name: "fast clock", skew: 10 * time.Minute, want: "InvalidSignatureException", message: "Signature not yet current: "},
		{name: "clock in tolerance", skew: -4 * time.Minute},
	}
	call := func(sdk *cognitoidentityprovider.Client, name, want, message string) {
		t.Helper()
		_, err := sdk.ListUserPools(t.Context(), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		var refused smithy.APIError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case want != "" && (!errors.As(err, &refused) || refused.ErrorCode() != want || !strings.Contains(refused.ErrorMessage(), message)):
			t.Errorf("%s: %v, want %s: %s", name, err, want, message)
		}
	}
	for _, tt := range tests {
		if tt.id == "" {
			tt.id = id
		}
		if tt.secret == "" {
			tt.secret = secret
		}
		if tt.region == "" {
			tt.region = "us-east-1"
		}
		sdk := client(r.endpoint, tt.region, tt.id, tt.secret, tt.session, func(o *cognitoidentityprovider.Options) {
			o.HTTPSignerV4 = skewed{v4.NewSigner(), tt.skew}
		})
		call(sdk, tt.name, tt.want, tt.message)
	}

	if out := succeed(t, run("delete", id)...); out != "" {
		t.Errorf("delete printed %q", out)
	}
	call(client(r.endpoint, "us-east-1", id, secret, ""), "deleted key", "UnrecognizedClientException", "The security token included in the request is invalid.")
	if got := command(t, run("delete", id)...); got.status != failed || got.err != "poolhouse: there is no access key "+id+"\n" {
		t.Errorf("deleted again: %+v", got)
	}
	if log := r.err.String(); strings.Contains(log, secret) || strings.Contains(log, "temporary") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

// list and delete make no database where there is none.
func TestAccessKeyNowhere(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{{"list"}, {"delete", "AKIA"}} {
		r := command(t, append(append([]string{"access-key"}, args...), "--data", data)...)
		if want := "poolhouse: there is no database in " + data; r.status != failed || !strings.HasPrefix(r.err, want) {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	r := command(t, "access-key", "create", "--data", data, "--description", strings.Repeat("x", 300))
	if r.status != failed || r.err != "poolhouse: the description is longer than 256 bytes\n" {
		t.Errorf("a long description: %+v", r)
	}
}

// A database says what is wrong with its key.
func TestMasterKey(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	accessKey(t, "--data", data)
	key := filepath.Join(data, "master.key")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("master.key: %v, %v", info, err)
	}
	other := filepath.Join(t.TempDir(), "other")
	accessKey(t, "--data", other)
	expect := func(name, want string) {
		t.Helper()
		for _, args := range [][]string{serveArgs("--data", data), {"access-key", "list", "--data", data}, {"access-key", "create", "--data", data}} {
			if r := command(t, args...); r.status != failed || !strings.Contains(r.err, want) {
				t.Errorf("%s: %v: %+v, want %s", name, args, r, want)
			}
		}
	}
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	expect("no key", "does not open without its master key")
	if _, err := os.Stat(key); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a database that is not empty got a new key: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(other, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, text, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("another key", "does not open with this master key")
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	expect("a key that others read", "run: chmod 600 "+key)
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, "--data", data)
}
