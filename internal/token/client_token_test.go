package token

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// machine is a client that acts for itself.
func machine(c *userpool.Client) {
	c.Secrets = []userpool.ClientSecret{{ID: "s1", Value: secret}}
	c.Settings.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_CLIENT_TOKEN_AUTH"}
}

func TestIssueToClient(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "machine", machine)
	_, key := w.key(w.a, userpool.SignsAccess)
	for _, scopes := range [][]string{{"books/write"}, {"books/read", "books/write"}} {
		issued, err := w.IssueToClient(t.Context(), c, scopes)
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
			"sub": "machine", "client_id": "machine", "token_use": "access", "scope": strings.Join(scopes, " "), "version": number(2), "iss": w.Issuer(poolA),
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

func TestFunctionsOfClientTokens(t *testing.T) {
	w := newWorld(t)
	for version, want := range map[wire.PreTokenGenerationLambdaVersionType]string{
		"V2_0": "", // for users' tokens only
		"V3_0": "UnexpectedLambda: PreTokenGeneration invocation failed due to error: this version of Poolhouse cannot invoke functions.",
	} {
		pool := *w.a
		pool.Settings = &wire.UserPoolType{LambdaConfig: &wire.LambdaConfigType{
			PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: "arn", LambdaVersion: version},
		}}
		c := &userpool.Client{Pool: &pool, ID: "machine", Settings: &wire.UserPoolClientType{}}
		machine(c)
		_, err := w.IssueToClient(t.Context(), c, []string{"books/read"})
		if got := outcome(t, err); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}
