package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// ask sends a request, to a host by another name unless that is "", and gives status and body.
func ask(t testing.TB, method, url, host, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// signIn signs the demo user in and gives the access token.
func signIn(t testing.TB, endpoint string, line devLine) string {
	t.Helper()
	out, err := client(endpoint, "us-east-1", "any", "any", "").InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &line.ClientID,
		AuthParameters: map[string]string{"USERNAME": line.Username, "PASSWORD": line.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.AuthenticationResult.AccessToken
}

func TestDevJSON(t *testing.T) {
	t.Parallel()
	r, line := dev(t, "--memory", "--attempt-limits", "off")
	want := devLine{
		Endpoint: line.Endpoint, Console: line.Endpoint + "/_poolhouse/inbox",
		UserPoolID: "us-east-1_Poolhouse", ClientID: "1poolhouse0demo0client0001",
		Username: "demo", Password: "Demo-Password-1",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(line.Endpoint, "http://localhost:") && !strings.HasPrefix(line.Endpoint, "http://127.0.0.1:") || strings.HasSuffix(line.Endpoint, ":0") {
		t.Errorf("endpoint %s", line.Endpoint)
	}
	var fields map[string]string
	if err := json.Unmarshal([]byte(r.out.String()), &fields); err != nil || len(fields) != 6 {
		t.Errorf("%v in %s", err, &r.out)
	}
	if r.err.line("Attempt limits and the lock after failed passwords are switched off.", r.ended) == "" {
		t.Error("nothing says that the limits are off")
	}

	t.Run("sign-in", func(t *testing.T) { signIn(t, line.Endpoint, line) })
	t.Run("hosts", func(t *testing.T) {
		for host, want := range map[string]int{
			"": 200, "localhost": 200, "app.localhost:80": 200, "127.0.0.1": 200, "[::1]:9229": 200,
			"evil.example": 403, "localhost.evil.example": 403, "10.0.0.1": 403,
		} {
			if got, body := ask(t, "GET", line.Endpoint+"/_poolhouse/inbox", host, ""); got != want {
				t.Errorf("host %q: %d %s", host, got, body)
			}
		}
	})
	t.Run("regions", func(t *testing.T) { regions(t, line) })
	t.Run("clock", func(t *testing.T) { clock(t, line) })
	t.Run("client commands", func(t *testing.T) { inbox(t, line) })
	if status := r.end(t); status != 0 || strings.Count(r.out.String(), "\n") != 1 {
		t.Errorf("status %d, printed %s", status, &r.out)
	}
}

// regions shows that a signature's region has pools of its own.
func regions(t *testing.T, line devLine) {
	ctx := context.Background()
	europe := client(line.Endpoint, "eu-west-1", "AKIAANY", "any", "session")
	made, err := europe.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("europe")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(*made.UserPool.Id, "eu-west-1_") || !strings.HasPrefix(*made.UserPool.Arn, "arn:aws:cognito-idp:eu-west-1:123456789012:") {
		t.Errorf("made %s %s", *made.UserPool.Id, *made.UserPool.Arn)
	}
	for region, want := range map[string][]string{"eu-west-1": {*made.UserPool.Id}, "us-east-1": {line.UserPoolID}, "ap-south-1": nil} {
		list, err := client(line.Endpoint, region, "AKIAANY", "any", "").ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(60)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range list.UserPools {
			got = append(got, *p.Id)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", region, diff)
		}
	}
	if _, err := europe.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &line.UserPoolID}); err == nil {
		t.Error("a pool of another region was described")
	}
}

// clock travels in time until an access token has expired.
func clock(t *testing.T, line devLine) {
	access := signIn(t, line.Endpoint, line)
	if status, body := ask(t, "POST", line.Endpoint+"/_poolhouse/clock", "", `{"advance":"25h"}`); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	_, err := client(line.Endpoint, "us-east-1", "any", "any", "").GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: &access})
	if err == nil || !strings.Contains(err.Error(), "Access Token has expired") {
		t.Errorf("after 25 hours: %v", err)
	}
}

func TestDevWelcome(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "made", "data")
	args := []string{"dev", "--data", data, "--listen", "127.0.0.1:0",
		"--issuer-template", "https://cognito-idp.{region}.amazonaws.com/{pool}", "--region", "eu-central-1"}
	r := start(t, args...)
	if r.out.line("Stop with Ctrl-C.", r.ended) == "" {
		t.Fatalf("no welcome:\n%s", &r.err)
	}
	first, _, _ := strings.Cut(r.out.String(), "\n")
	r.endpoint = strings.TrimPrefix(first, "Poolhouse is running at ")
	want := fmt.Sprintf(welcome, r.endpoint, "eu-central-1_Poolhouse", "1poolhouse0demo0client0001", "demo", "Demo-Password-1")
	if diff := cmp.Diff(want, r.out.String()); diff != "" {
		t.Error(diff)
	}
	line := devLine{UserPoolID: "eu-central-1_Poolhouse", ClientID: "1poolhouse0demo0client0001", Username: "demo", Password: "Demo-Password-1"}

	// iss and discovery follow the template, jwks_uri does not.
	access := signIn(t, r.endpoint, line)
	const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Poolhouse"
	if got := claim(t, access, "iss"); got != issuer {
		t.Errorf("iss %q", got)
	}
	_, body := ask(t, "GET", r.endpoint+"/eu-central-1_Poolhouse/.well-known/openid-configuration", "", "")
	var document struct{ Issuer, JWKS_URI string }
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	if document.Issuer != issuer || document.JWKS_URI != r.endpoint+"/eu-central-1_Poolhouse/.well-known/jwks.json" {
		t.Errorf("discovery: %+v", document)
	}
	if status, keys := ask(t, "GET", document.JWKS_URI, "", ""); status != 200 || !strings.Contains(keys, `"kid"`) {
		t.Errorf("%d %s", status, keys)
	}
	if status := r.end(t); status != 0 {
		t.Fatalf("status %d\n%s", status, &r.err)
	}

	// What was there is there again, and the demo pool keeps its region.
	again, line := dev(t, "--data", data)
	if line.UserPoolID != "eu-central-1_Poolhouse" {
		t.Errorf("pool %s after a restart", line.UserPoolID)
	}
	_, err := client(line.Endpoint, "us-east-1", "any", "any", "").GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: &access})
	if err == nil {
		t.Error("a token of another issuer was taken")
	}
	signIn(t, line.Endpoint, line)
	again.end(t)

	refusal := command(t, serveArgs("--data", data)...)
	if refusal.status != failed || !strings.Contains(refusal.err, "was made by poolhouse dev, and poolhouse serve does not open it") {
		t.Errorf("serve with a database of dev: %+v", refusal)
	}
}

func TestDevAllowHost(t *testing.T) {
	t.Parallel()
	r := start(t, "dev", "--json", "--listen", "0.0.0.0:0", "--allow-host", "poolhouse,pools.test")
	var line devLine
	if err := json.Unmarshal([]byte(r.out.line("{", r.ended)), &line); err != nil {
		t.Fatalf("%v\n%s", err, &r.err)
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(line.Endpoint, "http://"))
	if err != nil || line.Endpoint != "http://poolhouse:"+port {
		t.Fatalf("endpoint %s, %v", line.Endpoint, err)
	}
	for host, want := range map[string]int{"poolhouse:" + port: 200, "POOLS.test": 200, "localhost": 200, "evil.example": 403} {
		if got, body := ask(t, "GET", "http://127.0.0.1:"+port+"/_poolhouse/health", host, ""); got != want {
			t.Errorf("host %q: %d %s", host, got, body)
		}
	}
}

func TestDevRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		args   string
		status int
		want   string
	}{
		{"--memory --data x", failed, "poolhouse: --memory and --data exclude each other\n"},
		{"--listen 0.0.0.0:0", failed, "poolhouse: dev mode takes calls from anyone, so on 0.0.0.0:0 it wants to know by which names it is reached: add --allow-host NAME\n"},
		{"--listen :0", failed, "poolhouse: dev mode takes calls from anyone, so on :0 it wants to know by which names it is reached: add --allow-host NAME\n"},
		{"--listen " + taken.Addr().String(), failed, "poolhouse: cannot listen on " + taken.Addr().String() + ": bind: address already in use\n"},
		{"--listen nonsense", failed, "poolhouse: cannot listen on nonsense: address nonsense: missing port in address\n"},
		{"--allow-host http://poolhouse:9229", failed, "poolhouse: The allowed host \"http://poolhouse:9229\" is not a host name or an address without a port.\n"},
		{"--region moon --account 1", failed, "poolhouse: The region \"moon\" is not of the form us-east-1.\npoolhouse: The account id must have twelve digits.\n"},
		{"--public-url http://localhost/pools", failed, "poolhouse: The public URL has a path, but clients find and sign the API at the root of a host: give the server a host name of its own.\n"},
		{"--issuer-template https://id.example.com", failed, "poolhouse: The issuer template must be a URL with {pool} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}; nothing else stands in braces.\n"},
		{"--attempt-limits maybe", misspelled, `--attempt-limits must be one of "on","off" but got "maybe"`},
		{"--workers many", misspelled, "--workers: expected a valid 64 bit int but got \"many\""},
		{"--bogus", misspelled, "unknown flag --bogus"},
		{"more", misspelled, "unexpected argument more"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			args := strings.Fields(tt.args)
			if !strings.Contains(tt.args, "--listen") {
				args = append(args, "--listen", "127.0.0.1:0")
			}
			r := command(t, append([]string{"dev"}, args...)...)
			if r.status != tt.status || r.out+r.err == "" || !strings.Contains(r.err, tt.want) || tt.status == failed && r.err != tt.want {
				t.Errorf("status %d\n%s\nwant %d\n%s", r.status, r.err, tt.status, tt.want)
			}
		})
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:1": "localhost:1", "127.0.0.2:1": "127.0.0.2:1", "[::1]:1": "[::1]:1",
		"0.0.0.0:1": "name:1", "[::]:1": "name:1", "192.0.2.7:1": "name:1",
	} {
		if got := reachable(netip.MustParseAddrPort(address), address == "127.0.0.1:1", []string{"name", "other"}); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
