package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// protected turns threat protection on.
func protected(mode wire.AdvancedSecurityModeType) func(*wire.CreateUserPoolRequest) {
	return func(in *wire.CreateUserPoolRequest) {
		in.UserPoolTier = "PLUS"
		in.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: mode}
	}
}

func (w *world) setRisk(in wire.SetRiskConfigurationRequest) (*wire.RiskConfigurationType, error) {
	in.UserPoolID = poolID
	return w.SetRiskConfiguration(w.t.Context(), w.stored(), &in)
}

func TestRiskConfiguration(t *testing.T) {
	w := newWorld(t)
	w.pool(protected("AUDIT"))
	w.client(nil)
	describe := func(client string) *wire.RiskConfigurationType {
		t.Helper()
		got, err := w.RiskConfiguration(t.Context(), w.stored(), client)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	set := func(in wire.SetRiskConfigurationRequest, want *wire.RiskConfigurationType) {
		t.Helper()
		want.UserPoolID, want.ClientID = poolID, in.ClientID
		got, err := w.setRisk(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("set (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, describe(in.ClientID)); diff != "" {
			t.Errorf("described (-want +got):\n%s", diff)
		}
	}
	none := &wire.RiskConfigurationType{UserPoolID: poolID}
	if diff := cmp.Diff(none, describe("")); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}

	block := &wire.CompromisedCredentialsActionsType{EventAction: "BLOCK"}
	takeover := &wire.AccountTakeoverRiskConfigurationType{
		Actions: &wire.AccountTakeoverActionsType{
			LowAction:  &wire.AccountTakeoverActionType{EventAction: "NO_ACTION"},
			HighAction: &wire.AccountTakeoverActionType{EventAction: "MFA_REQUIRED", Notify: true},
		},
		NotifyConfiguration: &wire.NotifyConfigurationType{
			SourceARN: "arn:aws:ses:us-east-1:123456789012:identity/example.com", From: "Example <no-reply@example.com>", ReplyTo: "help@example.com",
			MFAEmail: &wire.NotifyEmailType{Subject: "New sign-in", TextBody: "{ip-address}"},
		},
	}
	ranges := &wire.RiskExceptionConfigurationType{BlockedIPRangeList: []string{"198.51.100.0/24", "2001:db8::/32"}, SkippedIPRangeList: []string{"203.0.113.7/32"}}
	at := wire.NewTimestamp(w.clock)
	set(wire.SetRiskConfigurationRequest{
		AccountTakeoverRiskConfiguration:        takeover,
		CompromisedCredentialsRiskConfiguration: &wire.CompromisedCredentialsRiskConfigurationType{Actions: block, EventFilter: []wire.EventFilterType{"SIGN_UP", "SIGN_IN", "SIGN_UP"}},
	}, &wire.RiskConfigurationType{
		AccountTakeoverRiskConfiguration:        takeover,
		CompromisedCredentialsRiskConfiguration: &wire.CompromisedCredentialsRiskConfigurationType{Actions: block, EventFilter: []wire.EventFilterType{"SIGN_UP", "SIGN_IN"}},
		LastModifiedDate:                        at,
	})

	// A client's is its own; what is left out is reset.
	set(wire.SetRiskConfigurationRequest{ClientID: clientID, RiskExceptionConfiguration: ranges}, &wire.RiskConfigurationType{RiskExceptionConfiguration: ranges, LastModifiedDate: at})
	w.clock = w.clock.Add(time.Hour)
	set(wire.SetRiskConfigurationRequest{RiskExceptionConfiguration: ranges}, &wire.RiskConfigurationType{RiskExceptionConfiguration: ranges, LastModifiedDate: wire.NewTimestamp(w.clock)})
	set(wire.SetRiskConfigurationRequest{ClientID: clientID}, &wire.RiskConfigurationType{})
	set(wire.SetRiskConfigurationRequest{ClientID: clientID}, &wire.RiskConfigurationType{}) // already
	if got := describe(""); got.RiskExceptionConfiguration == nil {
		t.Error("the client's reset took the pool's configuration")
	}
	set(wire.SetRiskConfigurationRequest{}, &wire.RiskConfigurationType{})

	// It goes with its client.
	set(wire.SetRiskConfigurationRequest{ClientID: clientID, RiskExceptionConfiguration: ranges}, &wire.RiskConfigurationType{RiskExceptionConfiguration: ranges, LastModifiedDate: wire.NewTimestamp(w.clock)})
	if err := w.DeleteClient(t.Context(), w.readClient()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Store.CountDocuments(t.Context(), w.stored().Number, userpool.RiskSettings); err != nil || n != 0 {
		t.Errorf("%d documents are left, %v", n, err)
	}
}

func TestRiskConfigurationRefused(t *testing.T) {
	w := newWorld(t)
	ranges := func(blocked, skipped string) wire.SetRiskConfigurationRequest {
		e := &wire.RiskExceptionConfigurationType{}
		if blocked != "" {
			e.BlockedIPRangeList = []string{blocked}
		}
		if skipped != "" {
			e.SkippedIPRangeList = []string{skipped}
		}
		return wire.SetRiskConfigurationRequest{RiskExceptionConfiguration: e}
	}
	notify := func(c *wire.NotifyConfigurationType) wire.SetRiskConfigurationRequest {
		return wire.SetRiskConfigurationRequest{AccountTakeoverRiskConfiguration: &wire.AccountTakeoverRiskConfigurationType{
			Actions:             &wire.AccountTakeoverActionsType{MediumAction: &wire.AccountTakeoverActionType{EventAction: "BLOCK", Notify: true}},
			NotifyConfiguration: c,
		}}
	}
	const source = "arn:aws:ses:us-east-1:123456789012:identity/example.com"
	invalidRange := func(text string) string {
		return "The IP range " + text + " is not valid: it must be in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32."
	}
	tests := []struct {
		name    string
		mode    wire.AdvancedSecurityModeType // "" is ENFORCED
		in      wire.SetRiskConfigurationRequest
		code    userpool.ErrorCode // "" is InvalidParameter
		message string
	}{
		{name: "off", mode: "OFF", code: userpool.UserPoolAddOnNotEnabled, message: "User pool add-ons are not enabled."},
		{name: "off, for a client", mode: "OFF", in: wire.SetRiskConfigurationRequest{ClientID: "x"}, code: userpool.UserPoolAddOnNotEnabled, message: "User pool add-ons are not enabled."},
		{name: "unknown client", in: wire.SetRiskConfigurationRequest{ClientID: "x"}, code: userpool.ResourceNotFound, message: "User pool client x does not exist."},
		{name: "address", in: ranges("192.0.2.1", ""), message: invalidRange("192.0.2.1")},
		{name: "too long", in: ranges("192.0.2.0/33", ""), message: invalidRange("192.0.2.0/33")},
		{name: "skipped", in: ranges("192.0.2.0/24", "x"), message: invalidRange("x")},
		{name: "mapped", in: ranges("::ffff:192.0.2.0/120", ""), message: invalidRange("::ffff:192.0.2.0/120")},
		{name: "zone", in: ranges("fe80::%eth0/64", ""), message: invalidRange("fe80::%eth0/64")},
		{name: "notice without how", in: notify(nil), message: "NotifyConfiguration is required when Notify is true for an action."},
		{name: "sender", in: notify(&wire.NotifyConfigurationType{SourceARN: source, From: "nobody"}), message: "From of NotifyConfiguration must be an email address, or a name with one in angle brackets."},
		{name: "reply", in: notify(&wire.NotifyConfigurationType{SourceARN: source, ReplyTo: "a@b\r\nBcc: c@d"}), message: "ReplyTo of NotifyConfiguration must be an email address, or a name with one in angle brackets."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			if tt.mode == "" {
				tt.mode = "ENFORCED"
			}
			if tt.code == "" {
				tt.code = userpool.InvalidParameter
			}
			w.pool(protected(tt.mode))
			_, err := w.setRisk(tt.in)
			wantError(t, err, tt.code, tt.message)
			if tt.code != userpool.InvalidParameter {
				_, err := w.RiskConfiguration(t.Context(), w.stored(), tt.in.ClientID)
				wantError(t, err, tt.code, tt.message)
			}
		})
	}
	w.pool(nil)
	_, err := w.RiskConfiguration(t.Context(), w.stored(), "")
	wantError(t, err, userpool.UserPoolAddOnNotEnabled, "User pool add-ons are not enabled.")
}
