package account_test

import (
	"context"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// threatProtection sets the mode of a pool.
func threatProtection(mode wire.AdvancedSecurityModeType) setting {
	return func(s *wire.UserPoolType) { s.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: mode} }
}

// setRisk stores a risk configuration for a client, or with nil for its pool.
func (w *world) setRisk(p *userpool.Pool, c *userpool.Client, content wire.RiskConfigurationType) {
	w.t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		w.t.Fatal(err)
	}
	d := &userpool.Document{Pool: p.Number, Kind: userpool.RiskSettings, ID: risk.WholePool, Content: text, Created: w.now(), Modified: w.now()}
	if c != nil {
		d.ID, d.Client = c.ID, c.ID
	}
	w.write(func(ctx context.Context, tx userpool.Tx) error { return tx.CreateDocument(ctx, d) })
}

// What a stored configuration might block is refused, since nothing here can tell.
func TestRisk(t *testing.T) {
	passwords := func(action wire.CompromisedCredentialsEventActionType, events ...wire.EventFilterType) *wire.RiskConfigurationType {
		return &wire.RiskConfigurationType{CompromisedCredentialsRiskConfiguration: &wire.CompromisedCredentialsRiskConfigurationType{
			Actions: &wire.CompromisedCredentialsActionsType{EventAction: action}, EventFilter: events,
		}}
	}
	addresses := &wire.RiskConfigurationType{RiskExceptionConfiguration: &wire.RiskExceptionConfigurationType{BlockedIPRangeList: []string{"192.0.2.0/24"}}}
	skipped := &wire.RiskConfigurationType{RiskExceptionConfiguration: &wire.RiskExceptionConfigurationType{SkippedIPRangeList: []string{"192.0.2.0/24"}}}
	tests := []struct {
		name                  string
		mode                  wire.AdvancedSecurityModeType // "" is ENFORCED
		pool, client          *wire.RiskConfigurationType
		signUp, change, admin bool // refused
	}{
		{name: "nothing set"},
		{name: "off", mode: "OFF", pool: passwords("BLOCK")},
		{name: "audit", mode: "AUDIT", pool: passwords("BLOCK"), client: addresses},
		{name: "all events", pool: passwords("BLOCK"), signUp: true, change: true, admin: true},
		{name: "sign-in", pool: passwords("BLOCK", "SIGN_IN")},
		{name: "sign-up", pool: passwords("BLOCK", "SIGN_IN", "SIGN_UP"), signUp: true},
		{name: "new passwords", pool: passwords("BLOCK", "PASSWORD_CHANGE"), change: true, admin: true},
		{name: "no action", pool: passwords("NO_ACTION")},
		{name: "addresses", pool: addresses, signUp: true, change: true},
		{name: "skipped addresses", pool: skipped},
		{name: "a client's own", client: passwords("BLOCK"), signUp: true, change: true},
		{name: "a client's in place of the pool's", pool: passwords("BLOCK"), client: skipped, admin: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.mode == "" {
				tt.mode = "ENFORCED"
			}
			w := newWorld(t)
			p := w.pool(threatProtection(tt.mode))
			c := w.client(p, false)
			u := w.member(p, "jane", "email", email, "email_verified", "true")
			if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
				t.Fatal(err)
			}
			if tt.pool != nil {
				w.setRisk(p, nil, *tt.pool)
			}
			if tt.client != nil {
				w.setRisk(p, c, *tt.client)
			}
			expect := func(what string, err error, refused bool) {
				t.Helper()
				if refused != userpool.IsCode(err, userpool.NotAuthorized) {
					t.Errorf("%s: got %v, refused should be %t", what, err, refused)
				}
			}
			_, _, err := w.SignUp(t.Context(), account.SignUp{Client: c, Username: "joe", Password: password})
			expect("sign-up", err, tt.signUp)
			if _, err := w.Find(t.Context(), p, "joe"); tt.signUp != userpool.IsCode(err, userpool.UserNotFound) {
				t.Errorf("the user after the sign-up: %v", err)
			}
			expect("reset", w.ConfirmForgotPassword(t.Context(), c, "jane", w.code(email), password), tt.change)
			expect("change", w.ChangePassword(t.Context(), c, u, password, another), tt.change)
			expect("reset of a stranger", w.ConfirmForgotPassword(t.Context(), c, "nobody", "123456", password), tt.change)
			expect("a lasting password", w.SetPassword(t.Context(), p, "jane", another, true), tt.admin)
			expect("a temporary password", w.SetPassword(t.Context(), p, "jane", another, false), false)
		})
	}
}
