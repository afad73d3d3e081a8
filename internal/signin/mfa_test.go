package signin_test

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// TestSecondFactor shows that nobody who has a second factor signs in without it, unless the pool asks for none.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	const refused = "InvalidUserPoolConfiguration: This version of Poolhouse cannot honour MfaConfiguration OPTIONAL for a user with SMS_MFA, " +
		"so it signs nobody in with it."
	for _, tt := range []struct {
		pool    wire.UserPoolMFAType
		factors []string
		want    string // "" where tokens are given
	}{
		{"OPTIONAL", nil, ""},
		{"OFF", []string{userpool.SMSMFA}, ""},
		{"OPTIONAL", []string{userpool.SMSMFA}, refused},
		{"ON", []string{userpool.SMSMFA},
			"InvalidUserPoolConfiguration: This version of Poolhouse cannot honour MfaConfiguration ON, so it signs nobody in with it."},
	} {
		for _, visibility := range []setting{func(*wire.CreateUserPoolRequest, *wire.CreateUserPoolClientRequest) {}, hidden} {
			w := newWorld(t, visibility)
			u, fresh := w.confirmed(username), w.invite("new", password)
			for _, u := range []*userpool.User{u, fresh} {
				w.change(u.Key, func(u *userpool.User) { u.MFA.Enabled = tt.factors })
			}
			answer := w.startSRP(username).sign(password)
			asked, _ := w.initiate("USER_PASSWORD_AUTH", "USERNAME", "new", "PASSWORD", password)
			settings := *w.pool.Settings
			settings.MFAConfiguration = tt.pool
			pool, client := *w.pool, *w.client
			pool.Settings, client.Pool = &settings, &pool
			w.client = &client

			want := issued
			if tt.want != "" {
				want = tt.want
			}
			for range 3 { // a refusal is no failure of the user
				if got := w.signIn(username, password); got != want {
					t.Errorf("%s, %v, password: got %q, want %q", tt.pool, tt.factors, got, want)
				}
			}
			if got := answer.send(); got != want {
				t.Errorf("%s, %v, SRP: got %q, want %q", tt.pool, tt.factors, got, want)
			}
			if _, got := w.initiate("ADMIN_USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", password); got != want {
				t.Errorf("%s, %v, administrator: got %q, want %q", tt.pool, tt.factors, got, want)
			}
			if _, got := w.respond(challengeNew, asked.Session, "USERNAME", "new", "NEW_PASSWORD", password+"2"); got != want {
				t.Errorf("%s, %v, new password: got %q, want %q", tt.pool, tt.factors, got, want)
			}
			if tt.pool == "OPTIONAL" && tt.want != "" {
				if got := w.signIn(username, wrong); got != wrongPassword {
					t.Errorf("a wrong password is told as %q", got)
				}
			}
		}
	}
}

// A second factor that is switched on between the password and the tokens is not passed by.
func TestSecondFactorMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	settings := *w.pool.Settings
	settings.MFAConfiguration = "OPTIONAL"
	pool, client := *w.pool, *w.client
	pool.Settings, client.Pool = &settings, &pool
	w.client = &client
	u := w.confirmed(username)
	answer := w.startSRP(username).sign(password)
	w.store.before = func() {
		w.store.before = nil
		w.change(u.Key, func(u *userpool.User) { u.MFA.Enabled = []string{userpool.SMSMFA} })
	}
	if got := answer.send(); got != wrongPassword {
		t.Errorf("got %q", got)
	}
}
