package account_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestSetEnabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane")
	told(t, w.SetEnabled(t.Context(), p, "nobody", false), noUser)
	set := func(enabled, changes bool) {
		t.Helper()
		before := w.user(u)
		w.advance(time.Minute)
		told(t, w.SetEnabled(t.Context(), p, "jane", enabled), "")
		after := w.user(u)
		if after.Enabled != enabled || after.Status != before.Status {
			t.Errorf("the user is %t, %s", after.Enabled, after.Status)
		}
		if changed := after.Version != before.Version; changed != changes || changed && !after.Modified.Equal(w.now()) {
			t.Errorf("changed %t, want %t; modified %v", changed, changes, after.Modified)
		}
		if revoked := after.ValidAfter.Equal(w.now()); revoked != (changes && !enabled) {
			t.Errorf("tokens are good after %v", after.ValidAfter)
		}
	}
	set(true, false)
	set(false, true)
	set(false, false)
	set(true, true)
}

func TestResetByAdmin(t *testing.T) {
	const (
		noContact = "InvalidParameter: Cannot reset password for the user as there is no registered/verified email or phone_number"
		state     = "NotAuthorized: User password cannot be reset in the current state."
	)
	tests := []struct {
		name     string
		settings []setting
		have     []string
		change   func(*userpool.User)
		want     string
		to       string
	}{
		{name: "email first", have: verified, to: email},
		{name: "phone first", settings: []setting{recovery("verified_phone_number", "verified_email")}, have: verified, to: phone},
		{name: "not the second factor", settings: []setting{recovery("verified_phone_number", "verified_email"), optionalMFA}, have: verified,
			change: func(u *userpool.User) { u.MFA.Enabled = []string{userpool.SMSMFA} }, to: email},
		{name: "a factor that is not asked for", settings: []setting{recovery("verified_phone_number", "verified_email")}, have: verified,
			change: func(u *userpool.User) { u.MFA.Enabled = []string{userpool.SMSMFA} }, to: phone},
		{name: "nothing but the second factor", settings: []setting{optionalMFA}, have: verified[4:],
			change: func(u *userpool.User) { u.MFA.Enabled = []string{userpool.SMSMFA} }, want: noContact},
		{name: "again", have: verified, change: func(u *userpool.User) { u.Status = userpool.RequireReset }, to: email},
		{name: "unverified", have: []string{"email", email}, want: noContact},
		{name: "disabled", have: verified, change: func(u *userpool.User) { u.Enabled = false }, want: "NotAuthorized: User is disabled"},
		{name: "unconfirmed", have: verified, change: func(u *userpool.User) { u.Status = userpool.Unconfirmed }, want: state},
		{name: "temporary password", have: verified, change: func(u *userpool.User) { u.Status = userpool.ForceChangePassword }, want: state},
		{name: "of another provider", have: verified, change: func(u *userpool.User) { u.Status = userpool.ExternalProvider }, want: state},
		{name: "no recovery", settings: []setting{recovery("admin_only")}, have: verified, want: "NotAuthorized: Contact administrator to reset password."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			u := w.member(p, "jane", tt.have...)
			if tt.change != nil {
				w.change(u, tt.change)
			}
			before := w.user(u)
			w.advance(time.Minute)
			told(t, w.ResetByAdmin(t.Context(), p, "jane"), tt.want)
			after := w.user(u)
			if tt.want != "" {
				if diff := cmp.Diff(before, after); diff != "" {
					t.Errorf("the user changed (-want +got):\n%s", diff)
				}
				return
			}
			if after.Status != userpool.RequireReset || !after.Modified.Equal(w.now()) || !after.ValidAfter.Equal(before.ValidAfter) {
				t.Errorf("the user is %s, modified %v, tokens good after %v", after.Status, after.Modified, after.ValidAfter)
			}
			told(t, w.ConfirmForgotPassword(t.Context(), w.client(p, false), "jane", w.code(tt.to), another), "")
			if s := w.user(u).Status; s != userpool.Confirmed {
				t.Errorf("after the new password the user is %s", s)
			}
		})
	}
}

// With a message that is refused the user must still set another password; an old code stays good.
func TestResetByAdminMessageRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane", verified...)
	told(t, w.ResetByAdmin(t.Context(), p, "jane"), "")
	code := w.code(email)
	w.post.refuse(undeliverable)
	told(t, w.ResetByAdmin(t.Context(), p, "jane"), "InvalidEmailRoleAccessPolicy: The mail server refused the recipient.")
	if s := w.user(u).Status; s != userpool.RequireReset {
		t.Errorf("the user is %s", s)
	}
	told(t, w.ConfirmForgotPassword(t.Context(), w.client(p, false), "jane", code, another), "")
}

// A factor goes with its address.
func TestFactorWithoutAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane", "phone_number", "+12065550100", "email", "jane@example.com")
	w.change(u, func(u *userpool.User) {
		u.MFA = userpool.MFA{Enabled: []string{userpool.SMSMFA, userpool.EmailMFA}, Preferred: userpool.SMSMFA, Options: true}
	})
	told(t, w.DeleteAttributesByAdmin(t.Context(), p, "jane", []string{"phone_number"}), "")
	if diff := cmp.Diff(userpool.MFA{Enabled: []string{userpool.EmailMFA}}, w.user(u).MFA); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	told(t, w.DeleteAttributes(t.Context(), w.client(p, false), u, []string{"email"}), "")
	if diff := cmp.Diff(userpool.MFA{}, w.user(u).MFA); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSetOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane", "email", email)
	sms := []account.MFAOption{{Medium: "SMS", Attribute: "phone_number"}}
	told(t, w.SetOptions(t.Context(), u.Key, sms), "InvalidParameter: User does not have delivery config set to turn on SMS_MFA")
	for _, wrong := range []account.MFAOption{{Medium: "EMAIL", Attribute: "email"}, {Medium: "SMS", Attribute: "email"}, {}} {
		told(t, w.SetOptions(t.Context(), u.Key, []account.MFAOption{wrong}), "InvalidParameter: MFA options can only be SMS to phone_number.")
	}
	told(t, w.UpdateByAdmin(t.Context(), p, "jane", pairs("phone_number", phone)), "")
	for range 2 {
		told(t, w.SetOptions(t.Context(), u.Key, sms), "")
		if diff := cmp.Diff(userpool.MFA{Enabled: []string{"SMS_MFA"}, Options: true}, w.user(u).MFA); diff != "" {
			t.Errorf("switched on (-want +got):\n%s", diff)
		}
	}
	w.change(u, func(u *userpool.User) {
		u.MFA.Enabled, u.MFA.Preferred = append(u.MFA.Enabled, "SOFTWARE_TOKEN_MFA"), userpool.SMSMFA
	})
	told(t, w.SetOptions(t.Context(), u.Key, nil), "")
	if diff := cmp.Diff(userpool.MFA{Enabled: []string{"SOFTWARE_TOKEN_MFA"}}, w.user(u).MFA); diff != "" {
		t.Errorf("switched off (-want +got):\n%s", diff)
	}
	told(t, w.SetOptions(t.Context(), userpool.UserKey{Pool: p.Number}, nil), noUser)
}
