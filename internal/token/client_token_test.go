package token

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// machine is a client that acts for itself with two scopes.
func machine(c *userpool.Client) {
	c.Secrets = []userpool.ClientSecret{{ID: "s1", Value: secret}}
	c.Settings.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_CLIENT_TOKEN_AUTH"}
	c.Settings.AllowedOAuthScopes = []string{"books/read", "books/write", "openid"}
}

func TestIssueToClient(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "machine", machine)
	_, key := w.key(w.a, userpool.SignsAccess)
	for _, tt := range []struct {
		asked []string
		want  string
	}{
		{nil, "books/read books/write"},
		{[]string{"books/write"}, "books/write"},
		{[]string{"books/write", "books/read", "books/write"}, "books/write books/read"},
	} {
		issued, err := w.IssueToClient(t.Context(), c, tt.asked)
		if err != nil {
			t.Fatal(err)
		}
		if issued.IDToken != "" || issued.RefreshToken != "" || issued.ExpiresIn != 3600 {
			t.Errorf("issued %+v", issued)
		}
		got := claimsOf(t, issued.AccessToken, &key.PublicKey)
		if got["jti"] == nil {
			t.Error("there is no jti")
		}
		delete(got, "jti")
		want := map[string]any{
			"sub": "machine", "client_id": "machine", "token_use": "access", "scope": tt.want, "version": number(2), "iss": w.Issuer(poolA),
			"auth_time": number(w.clock.Unix()), "iat": number(w.clock.Unix()), "exp": number(w.clock.Unix() + 3600),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		if told := w.authorize(issued.AccessToken); told != "NotAuthorized: Access Token does not have required scopes" {
			t.Errorf("as a user's token: %q", told)
		}
	}
}

func TestIssueToClientRefused(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name   string
		change func(*userpool.Client)
		asked  []string
		want   string
	}{
		{"another flow", func(c *userpool.Client) {
			c.Settings.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
		}, nil, "InvalidParameter: ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client."},
		{"a scope of others", nil, []string{"books/read", "films/read"}, "InvalidParameter: Invalid scope requested: films/read"},
		{"a scope of users", nil, []string{"openid"}, "InvalidParameter: Invalid scope requested: openid"},
		{"no scopes", func(c *userpool.Client) { c.Settings.AllowedOAuthScopes = []string{"openid"} }, nil,
			"InvalidParameter: The client has no scopes of resource servers."},
		{"a function", func(c *userpool.Client) {
			c.Pool.Settings.LambdaConfig = &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: "arn", LambdaVersion: "V3_0"}}
		}, nil, "UnexpectedLambda: PreTokenGeneration invocation failed due to error: this version of Poolhouse cannot invoke functions."},
		{"a function for users' tokens", func(c *userpool.Client) {
			c.Pool.Settings.LambdaConfig = &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: "arn", LambdaVersion: "V2_0"}}
		}, nil, ""},
	} {
		pool := *w.a
		pool.Settings = &wire.UserPoolType{}
		c := &userpool.Client{Pool: &pool, ID: "machine", Settings: &wire.UserPoolClientType{}}
		machine(c)
		if tt.change != nil {
			tt.change(c)
		}
		_, err := w.IssueToClient(t.Context(), c, tt.asked)
		if got := outcome(t, err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
