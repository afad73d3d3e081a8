package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// claim reads a claim of a token that the test has from the server itself.
func claim(t testing.TB, token, name string) any {
	t.Helper()
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims[name]
}

// inbox shows the commands that talk to a running server.
func inbox(t *testing.T, line devLine) {
	if got := succeed(t, "healthcheck", "--endpoint", line.Endpoint+"/"); got != "ok\n" {
		t.Errorf("healthcheck printed %q", got)
	}
	if got := succeed(t, "inbox", "--endpoint", line.Endpoint, "--to", "nobody@example.com"); got != "No messages.\n" {
		t.Errorf("an empty inbox: %q", got)
	}
	sdk := client(line.Endpoint, "us-east-1", "any", "any", "")
	access := signIn(t, line.Endpoint, line)
	for _, attribute := range []string{"email", "phone_number"} {
		_, err := sdk.GetUserAttributeVerificationCode(t.Context(), &cognitoidentityprovider.GetUserAttributeVerificationCodeInput{
			AccessToken: &access, AttributeName: aws.String(attribute),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const moment = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  `
	for args, want := range map[string]string{
		"":                       moment + `sms    \+12065550100\n  Your verification code is \d{6}\. *\n` + moment + `email  demo@example\.com\n  Your verification code\n  Your verification code is \d{6}\. *\n`,
		"--limit 1":              moment + `sms .*\n  .*\n`,
		"--to demo@example.com":  moment + `email .*\n  .*\n  .*\n`,
		"--to +12065550100":      moment + `sms .*\n  .*\n`,
		"--json --limit 1":       `\[\{"id":"[^"]+","channel":"sms","to":"\+12065550100","subject":"","body":"[^"]+","code":"\d{6}","link":"","purpose":"verify-attribute","user_pool_id":"us-east-1_Poolhouse","username":"demo","sent_at":"[^"]+"\}\]\n`,
		"--json --to nobody@x.y": `\[\]\n`,
	} {
		got := succeed(t, append([]string{"inbox", "--endpoint", line.Endpoint}, strings.Fields(args)...)...)
		if !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
			t.Errorf("inbox %s:\n%s\nwant\n%s", args, got, want)
		}
	}
	if r := command(t, "inbox", "--endpoint", line.Endpoint, "--limit", "0"); r.status != failed || r.err != "poolhouse: the server answered 400: limit must be a number from 1 to 1000.\n" {
		t.Errorf("--limit 0: %+v", r)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	var answer func(w http.ResponseWriter)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w) }))
	defer other.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	plain := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); w.Write([]byte(body)) }
	}
	tests := []struct {
		command, endpoint string
		answer            func(http.ResponseWriter)
		want              string
	}{
		{"inbox", gone.URL, nil, "poolhouse: no server answers at ENDPOINT (dial tcp ADDRESS: connect: connection refused); start one with `poolhouse dev`, or name it with --endpoint\n"},
		{"healthcheck", gone.URL, nil, "poolhouse: no server answers at ENDPOINT (dial tcp ADDRESS: connect: connection refused); start one with `poolhouse dev`, or name it with --endpoint\n"},
		{"healthcheck", "localhost:9229", nil, "poolhouse: the endpoint \"localhost:9229\" is not a URL such as http://127.0.0.1:9229\n"},
		{"healthcheck", other.URL, plain(200, "Welcome to nginx!"), "poolhouse: what answers at ENDPOINT (200) is not Poolhouse: Welcome to nginx!\n"},
		{"healthcheck", other.URL, plain(503, `{"status":"unavailable","version":"1"}`), "poolhouse: the server at ENDPOINT is not well: unavailable\n"},
		{"healthcheck", other.URL, plain(403, `{"message":"No\u001b[2J."}`), "poolhouse: what answers at ENDPOINT (403) is not Poolhouse: No[2J.\n"},
		{"inbox", other.URL, plain(404, `{"message":"There is nothing."}`), "poolhouse: the server at ENDPOINT has no inbox; `poolhouse dev` has one, and `poolhouse serve --inbox`\n"},
		{"inbox", other.URL, plain(200, "hello"), "poolhouse: what answers at ENDPOINT has no inbox of Poolhouse\n"},
	}
	for _, tt := range tests {
		answer = tt.answer
		want := strings.NewReplacer("ENDPOINT", tt.endpoint, "ADDRESS", strings.TrimPrefix(tt.endpoint, "http://")).Replace(tt.want)
		if r := command(t, tt.command, "--endpoint", tt.endpoint); r.status != failed || r.out != "" || r.err != want {
			t.Errorf("%s: status %d\n%s\nwant\n%s", tt.command, r.status, r.err, want)
		}
	}
}

// What a user wrote into a message cannot play tricks on a terminal.
func TestInboxIsPrintable(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode([]map[string]string{{
			"channel": "email", "to": "a@b\x1b[31m", "subject": "s\u202e\r", "body": "one\ntwo\x07", "sent_at": "2026-01-02T03:04:05Z",
		}})
	}))
	defer srv.Close()
	const want = "2026-01-02 03:04:05  email  a@b[31m\n  s\n  one\n  two\n"
	if got := succeed(t, "inbox", "--endpoint", srv.URL); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	out := succeed(t, "operations")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != len(wire.Operations())+1 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, want := range []string{
		`(?m)^InitiateAuth +unsigned +available$`, `(?m)^AdminGetUser +signed +available$`, `(?m)^GetDevice +unsigned +not available$`,
		`\n\d+ of 140 operations are available\.\n$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no line matches %s", want)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := succeed(t, "version"); !regexp.MustCompile(`^poolhouse \S+ \(go1\.\S+, \w+/\w+\)\n$`).MatchString(out) {
		t.Errorf("printed %q", out)
	}
	revision := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}
	tests := []struct {
		release string
		info    *debug.BuildInfo
		want    string
	}{
		{"1.2.3", &debug.BuildInfo{Main: debug.Module{Version: "v9.9.9"}}, "1.2.3"},
		{"", &debug.BuildInfo{Main: debug.Module{Version: "v9.9.9"}}, "v9.9.9"},
		{"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: revision}, "devel-0123456789ab"},
		{"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "devel"},
		{"", nil, "devel"},
	}
	for _, tt := range tests {
		if got := versionOf(tt.release, tt.info); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "--help", "dev --help", "serve --help", "access-key --help", "access-key create --help",
		"access-key list --help", "access-key delete --help", "audit --help", "inbox --help", "healthcheck --help", "operations --help", "version --help"} {
		r := command(t, strings.Fields(args)...)
		if r.status != 0 || !strings.HasPrefix(r.out, "Usage: poolhouse ") || r.err != "" {
			t.Errorf("%q: status %d\n%s%s", args, r.status, r.out, r.err)
		}
		if strings.Contains(r.out, "STRING") || strings.Contains(r.out, "CONFIG-FLAG") {
			t.Errorf("%q says nothing about a value:\n%s", args, r.out)
		}
	}
	if r := command(t, "bogus"); r.status != misspelled || !strings.Contains(r.err, "poolhouse: error: unexpected argument bogus\n") {
		t.Errorf("bogus: %+v", r)
	}
}
