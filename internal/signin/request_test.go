package signin_test

import (
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestFlows(t *testing.T) {
	t.Parallel()
	const (
		passwordOff  = "InvalidParameter: USER_PASSWORD_AUTH flow not enabled for this client"
		srpOff       = "InvalidParameter: USER_SRP_AUTH is not enabled for the client."
		customOff    = "InvalidParameter: CUSTOM_AUTH is not enabled for the client."
		choiceOff    = "InvalidParameter: USER_AUTH is not enabled for the client."
		off          = "InvalidParameter: Auth flow not enabled for this client"
		unsupported  = "InvalidParameter: Initiate Auth method not supported."
		customOnly   = "InvalidParameter: Only custom auth (lambda driven) is enabled for this client."
		needUsername = "InvalidParameter: Missing required parameter USERNAME" // the flow is allowed
		needToken    = "InvalidParameter: Missing required parameter REFRESH_TOKEN"
		cannotCustom = "InvalidUserPoolConfiguration: This version of Poolhouse cannot honour the sign-in flow CUSTOM_AUTH, so it signs nobody in with it."
		cannotChoice = "InvalidUserPoolConfiguration: This version of Poolhouse cannot honour the sign-in flow USER_AUTH, so it signs nobody in with it."
	)
	type ask struct {
		flow  userpool.Flow
		admin bool
		want  string
	}
	both := func(flow userpool.Flow, want string) []ask { return []ask{{flow, false, want}, {flow, true, want}} }
	join := func(lists ...[]ask) (all []ask) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	tests := []struct {
		name  string
		flows []wire.ExplicitAuthFlowsType
		asks  []ask
	}{
		{"unset", nil, join(both("USER_SRP_AUTH", needUsername), both("REFRESH_TOKEN_AUTH", needToken), both("REFRESH_TOKEN", needToken),
			both("CUSTOM_AUTH", cannotCustom), both("USER_AUTH", choiceOff),
			[]ask{{"USER_PASSWORD_AUTH", false, passwordOff}, {"ADMIN_USER_PASSWORD_AUTH", true, off}, {"ADMIN_NO_SRP_AUTH", true, off}})},
		{"all", []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"},
			join(both("USER_SRP_AUTH", needUsername), both("REFRESH_TOKEN_AUTH", needToken), both("CUSTOM_AUTH", cannotCustom), both("USER_AUTH", cannotChoice),
				[]ask{
					{"USER_PASSWORD_AUTH", false, needUsername}, {"USER_PASSWORD_AUTH", true, unsupported},
					{"ADMIN_USER_PASSWORD_AUTH", true, needUsername}, {"ADMIN_NO_SRP_AUTH", true, needUsername},
					{"ADMIN_USER_PASSWORD_AUTH", false, unsupported}, {"ADMIN_NO_SRP_AUTH", false, unsupported},
				})},
		{"SRP alone", []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"},
			join(both("USER_SRP_AUTH", needUsername), both("REFRESH_TOKEN_AUTH", off), both("REFRESH_TOKEN", off), both("CUSTOM_AUTH", customOff),
				[]ask{{"USER_PASSWORD_AUTH", false, passwordOff}})},
		{"password alone", []wire.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
			join(both("USER_SRP_AUTH", srpOff), []ask{{"USER_PASSWORD_AUTH", false, needUsername}, {"ADMIN_USER_PASSWORD_AUTH", true, off}})},
		{"legacy password", []wire.ExplicitAuthFlowsType{"USER_PASSWORD_AUTH"},
			join(both("USER_SRP_AUTH", needUsername), both("REFRESH_TOKEN_AUTH", needToken), []ask{{"USER_PASSWORD_AUTH", false, needUsername}, {"ADMIN_NO_SRP_AUTH", true, off}})},
		{"legacy admin", []wire.ExplicitAuthFlowsType{"ADMIN_NO_SRP_AUTH"},
			join(both("USER_SRP_AUTH", needUsername), both("REFRESH_TOKEN_AUTH", needToken), []ask{{"ADMIN_NO_SRP_AUTH", true, needUsername}, {"ADMIN_USER_PASSWORD_AUTH", true, needUsername}, {"USER_PASSWORD_AUTH", false, passwordOff}})},
		{"legacy custom", []wire.ExplicitAuthFlowsType{"CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"},
			join(both("USER_SRP_AUTH", customOnly), both("CUSTOM_AUTH", cannotCustom), both("REFRESH_TOKEN_AUTH", needToken),
				[]ask{{"USER_PASSWORD_AUTH", false, customOnly}, {"ADMIN_USER_PASSWORD_AUTH", true, customOnly}})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, flows(tt.flows...))
			for _, a := range tt.asks {
				_, got := w.told(w.service.Initiate(t.Context(), signin.Request{Client: w.client, Flow: a.flow, Admin: a.admin}))
				if got != a.want {
					t.Errorf("%s, admin %t: got %q, want %q", a.flow, a.admin, got, a.want)
				}
			}
		})
	}
}

func TestRotationBarsTheRefreshFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, flows(), func(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
		c.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED"}
	})
	if _, got := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "x"); got != "InvalidParameter: Auth flow not enabled for this client" {
		t.Errorf("got %q", got)
	}
}

// TestOrderOfChecks begins with a request in which everything is wrong and repairs one thing after the other.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	a := srp.NewClient("AbCdEf123").SRPA()
	const (
		noHash    = "NotAuthorized: Client 1example23456789 is configured with secret but SECRET_HASH was not received"
		wrongHash = "NotAuthorized: Unable to verify secret hash for client 1example23456789"
	)
	for _, flow := range []userpool.Flow{"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH"} {
		t.Run(string(flow), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, secret)
			allowed := w.client.Settings
			credential, value, want := "PASSWORD", password, issued
			if flow == userpool.UserSRPAuth {
				credential, value, want = "SRP_A", a, challengeSRP
			}
			send := map[string]string{}
			expect := func(want string) {
				t.Helper()
				_, got := w.told(w.service.Initiate(t.Context(), signin.Request{
					Client: w.client, Flow: flow, Admin: flow == userpool.AdminUserPasswordAuth, Parameters: send,
				}))
				if got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			barred := *allowed
			barred.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_CUSTOM_AUTH"}
			client := *w.client
			client.Settings = &barred
			w.client = &client
			expect(map[userpool.Flow]string{
				"USER_PASSWORD_AUTH":       "InvalidParameter: USER_PASSWORD_AUTH flow not enabled for this client",
				"ADMIN_USER_PASSWORD_AUTH": "InvalidParameter: Auth flow not enabled for this client",
				"USER_SRP_AUTH":            "InvalidParameter: USER_SRP_AUTH is not enabled for the client.",
			}[flow])
			client.Settings = allowed
			expect("InvalidParameter: Missing required parameter USERNAME")
			send["USERNAME"] = username
			expect("InvalidParameter: Missing required parameter " + credential)
			if credential == "SRP_A" {
				send["SRP_A"] = "0"
				expect("InvalidParameter: SRP_A is not a valid public value.")
			}
			send[credential] = value
			expect(noHash)
			send["SECRET_HASH"] = w.hash("somebody else")
			expect(wrongHash)
			send["SECRET_HASH"] = w.hash(username)
			expect(noSuchUser)

			u := w.invite(username, password)
			w.change(u.Key, func(u *userpool.User) { u.Enabled, u.Status = false, userpool.Unconfirmed })
			w.lock(u.Key)
			expect(locked)
			w.advance(2 * 60e9)
			expect(disabled)
			w.change(u.Key, func(u *userpool.User) { u.Enabled = true })
			expect(unconfirmed)
			w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
			expect(resetRequired)
			w.change(u.Key, func(u *userpool.User) { u.Status = userpool.ForceChangePassword })
			w.advance(8 * 24 * 3600e9)
			expect(tooOld)
			w.setPassword(username, wrong)
			if flow != userpool.UserSRPAuth {
				expect(wrongPassword)
			}
			w.setPassword(username, password)
			expect(want)
		})
	}
}

// lock locks a user for a minute.
func (w *world) lock(key userpool.UserKey) {
	w.t.Helper()
	counter := userpool.AttemptKey{Pool: key.Pool, Kind: userpool.AttemptPassword, Subject: decimal(key.User)}
	w.must(w.store.Store.Write(w.t.Context(), func(tx userpool.Tx) error {
		now := w.now()
		return tx.PutAttempts(w.t.Context(), counter, userpool.Attempts{
			Count: 11, Since: now, Locked: now.Add(60e9), Expires: now.Add(3600e9),
		})
	}))
}

func TestUnhonouredSettings(t *testing.T) {
	t.Parallel()
	const function = "arn:aws:lambda:us-east-1:123456789012:function:one"
	lambda := func(name string) string {
		return "UnexpectedLambda: " + name + " invocation failed due to error: this version of Poolhouse cannot invoke functions."
	}
	tests := []struct {
		name   string
		change func(*wire.UserPoolType)
		want   string
	}{
		{"MFA for everyone", func(p *wire.UserPoolType) { p.MFAConfiguration = "ON" },
			"InvalidUserPoolConfiguration: This version of Poolhouse cannot honour MfaConfiguration ON, so it signs nobody in with it."},
		{"threat protection that blocks", func(p *wire.UserPoolType) {
			p.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}
		}, "InvalidUserPoolConfiguration: This version of Poolhouse cannot honour AdvancedSecurityMode ENFORCED, so it signs nobody in with it."},
		{"threat protection that watches", func(p *wire.UserPoolType) {
			p.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
		}, ""},
		{"MFA for who wants", func(p *wire.UserPoolType) { p.MFAConfiguration = "OPTIONAL" }, ""},
		{"before", func(p *wire.UserPoolType) { p.LambdaConfig = &wire.LambdaConfigType{PreAuthentication: function} }, lambda("PreAuthentication")},
		{"after", func(p *wire.UserPoolType) { p.LambdaConfig = &wire.LambdaConfigType{PostAuthentication: function} }, lambda("PostAuthentication")},
		{"token", func(p *wire.UserPoolType) { p.LambdaConfig = &wire.LambdaConfigType{PreTokenGeneration: function} }, lambda("PreTokenGeneration")},
		{"token, new form", func(p *wire.UserPoolType) {
			p.LambdaConfig = &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: function, LambdaVersion: "V2_0"}}
		}, lambda("PreTokenGeneration")},
		{"sign-up", func(p *wire.UserPoolType) {
			p.LambdaConfig = &wire.LambdaConfigType{PreSignUp: function, CustomMessage: function}
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.confirmed(username)
			w.invite("new", password)
			out, _ := w.initiate("USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", password)
			asked, _ := w.initiate("USER_PASSWORD_AUTH", "USERNAME", "new", "PASSWORD", password)
			answer := w.startSRP(username).sign(password)

			settings := *w.pool.Settings
			tt.change(&settings)
			pool, client := *w.pool, *w.client
			pool.Settings, client.Pool = &settings, &pool
			w.client = &client
			want := func(otherwise string) string {
				if tt.want != "" {
					return tt.want
				}
				return otherwise
			}
			check := func(what, got, want string) {
				t.Helper()
				if got != want {
					t.Errorf("%s: got %q, want %q", what, got, want)
				}
			}
			check("password", w.signIn(username, password), want(issued))
			_, got := w.initiate("ADMIN_USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", password)
			check("administrator", got, want(issued))
			_, got = w.tryStartSRP(username)
			check("SRP", got, want(challengeSRP))
			check("SRP, second step", answer.send(), want(issued))
			_, got = w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", out.Issued.RefreshToken)
			onRefresh := issued // which asks for no factor and runs one function only
			if strings.Contains(tt.want, "PreTokenGeneration") {
				onRefresh = tt.want
			}
			check("refresh", got, onRefresh)
			_, got = w.respond(challengeNew, asked.Session, "USERNAME", "new", "NEW_PASSWORD", password+"2")
			check("new password", got, want(issued))
		})
	}
}

// TestMigration shows who is told that a function would have been asked for an unknown user.
func TestMigration(t *testing.T) {
	t.Parallel()
	for _, hide := range []bool{false, true} {
		settings := []setting{func(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
			p.LambdaConfig = &wire.LambdaConfigType{UserMigration: "arn:aws:lambda:us-east-1:123456789012:function:one"}
		}}
		migration, unknown, start := "UnexpectedLambda: UserMigration invocation failed due to error: this version of Poolhouse cannot invoke functions.", noSuchUser, noSuchUser
		if hide {
			settings = append(settings, hidden)
			migration, start = wrongPassword, challengeSRP
		}
		w := newWorld(t, settings...)
		if got := w.signIn("nobody", password); got != migration {
			t.Errorf("hidden %t: got %q, want %q", hide, got, migration)
		}
		if _, got := w.tryStartSRP("nobody"); got != start {
			t.Errorf("hidden %t, SRP: got %q, want %q, not %q", hide, got, start, unknown)
		}
		w.confirmed(username)
		if got := w.signIn(username, password); got != issued {
			t.Errorf("hidden %t, a user who is there: got %q", hide, got)
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, secret, emailPool)
	u := w.confirmed("jane@example.com")
	out, told := w.initiate("USER_PASSWORD_AUTH", "USERNAME", "jane@example.com", "PASSWORD", password, "SECRET_HASH", w.hash("jane@example.com"))
	if told != issued {
		t.Fatal(told)
	}
	refresh := out.Issued.RefreshToken
	tests := []struct{ name, token, hash, want string }{
		{"real name", refresh, w.hash(u.Sub), issued},
		{"alias", refresh, w.hash("jane@example.com"), "NotAuthorized: SecretHash does not match for the client: 1example23456789"},
		{"no token", "", w.hash(u.Sub), "InvalidParameter: Missing required parameter REFRESH_TOKEN"},
		{"no hash", refresh, "", "NotAuthorized: Client 1example23456789 is configured with secret but SECRET_HASH was not received"},
		{"no hash for an unknown token", "x", "", "NotAuthorized: Client 1example23456789 is configured with secret but SECRET_HASH was not received"},
		{"unknown token", "x", w.hash(u.Sub), "NotAuthorized: Invalid Refresh Token."},
		{"access token", out.Issued.AccessToken, w.hash(u.Sub), "NotAuthorized: Invalid Refresh Token."},
	}
	for _, tt := range tests {
		for _, flow := range []userpool.Flow{"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"} {
			again, got := w.initiate(flow, "REFRESH_TOKEN", tt.token, "SECRET_HASH", tt.hash)
			if got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
			if got == issued && again.Issued.RefreshToken != "" {
				t.Errorf("%s: a refresh gives another refresh token", tt.name)
			}
		}
	}
	w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
	if _, got := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", refresh, "SECRET_HASH", w.hash(u.Sub)); got != resetRequired {
		t.Errorf("reset required: got %q", got)
	}
	w.change(u.Key, func(u *userpool.User) { u.Enabled = false })
	if _, got := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", refresh, "SECRET_HASH", w.hash(u.Sub)); got != disabled {
		t.Errorf("disabled: got %q", got)
	}
}
