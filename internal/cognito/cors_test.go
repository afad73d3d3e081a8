package cognito_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	const evil = "https://evil.example"
	loopback := []string{
		"http://localhost", "http://localhost:3000", "https://LOCALHOST:8443", "http://app.localhost:5173",
		"http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:3000",
	}
	elsewhere := []string{
		evil, "null", "", "http://localhost.evil.example", "http://evil-localhost", "http://127.0.0.1.evil.example",
		"http://10.0.0.1", "http://[::2]", "file://localhost", "http://", "localhost", "http://localhost@evil.example",
		"http://0.0.0.0",
	}
	check := func(what string, got answer, want string) {
		t.Helper()
		if origin := got.header.Get("Access-Control-Allow-Origin"); origin != want {
			t.Errorf("%s: got %q, want %q", what, origin, want)
		}
		if got.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed", what)
		}
		if want != "" && want != "*" && !slices.Contains(got.header.Values("Vary"), "Origin") && !strings.Contains(got.header.Get("Vary"), "Origin") {
			t.Errorf("%s: the answer depends on the origin, and does not say so", what)
		}
	}
	for _, origin := range append(loopback, elsewhere...) {
		allowed := ""
		if slices.Contains(loopback, origin) {
			allowed = origin
		}
		check("unsigned, from "+origin, post(t, srv.Endpoint, "GetUser", "{}", "Origin", origin), "*")
		check("not an operation, from "+origin, post(t, srv.Endpoint, "Nonsense", "{}", "Origin", origin), "*")
		check("signed, from "+origin, post(t, srv.Endpoint, "ListUserPools", `{"MaxResults":1}`, "Origin", origin, "Authorization", signature), allowed)
		check("signed with a fault, from "+origin, post(t, srv.Endpoint, "ListUserPools", `{}`, "Origin", origin, "Authorization", signature), allowed)
		check("signed without signature, from "+origin, post(t, srv.Endpoint, "ListUserPools", `{}`, "Origin", origin), allowed)

		preflight := func(headers string) answer {
			return send(t, "OPTIONS", srv.Endpoint, nil, "Origin", origin,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", headers)
		}
		const public = "cache-control,content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request"
		got := preflight(public)
		check("preflight, from "+origin, got, "*")
		for name, want := range map[string]string{
			"Access-Control-Allow-Headers": public, "Access-Control-Allow-Methods": "POST",
			"Access-Control-Max-Age": "172800", "Content-Length": "0",
		} {
			if value := got.header.Get(name); value != want {
				t.Errorf("preflight from %s: %s is %q", origin, name, value)
			}
		}
		if got.status != 200 || got.body != "" {
			t.Errorf("preflight from %s: got %d %q", origin, got.status, got.body)
		}
		for _, headers := range []string{"authorization,content-type,x-amz-date,x-amz-target", "content-type, Authorization"} {
			got := preflight(headers)
			check("preflight with signature, from "+origin, got, allowed)
			if status := map[bool]int{true: 200, false: 403}[allowed != ""]; got.status != status || got.body != "" {
				t.Errorf("preflight with signature from %s: got %d %q", origin, got.status, got.body)
			}
			if allowed == "" && got.header.Get("Access-Control-Allow-Headers") != "" {
				t.Errorf("preflight with signature from %s: headers are allowed", origin)
			}
		}
	}
}
