package account_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	noContact = "InvalidParameter: Cannot reset password for the user as there is no registered/verified email or phone_number"
	badState  = "NotAuthorized: User password cannot be reset in the current state."
)

// verified gives a member both addresses, verified.
var verified = []string{"email", email, "email_verified", "true", "phone_number", phone, "phone_number_verified", "true"}

// setStatus stores a status that no operation here leads to.
func setStatus(status wire.UserStatusType) func(*world, *userpool.User) {
	return func(w *world, u *userpool.User) {
		w.t.Helper()
		u = w.user(u)
		u.Status = status
		w.write(func(ctx ctx, tx userpool.Tx) error { return tx.UpdateUser(ctx, u) })
	}
}

func TestForgotPassword(t *testing.T) {
	byMail := &userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: "j***@e***"}
	byPhone := &userpool.Delivery{Attribute: "phone_number", Medium: "SMS", Destination: "+*******1234"}
	tests := []struct {
		name       string
		settings   []setting
		attributes []string
		prepare    func(*world, *userpool.User)
		username   string // jane unless set
		want       string
		delivery   *userpool.Delivery
	}{
		{name: "by email first", attributes: verified, delivery: byMail},
		{name: "by phone first", settings: []setting{recovery("verified_phone_number", "verified_email")}, attributes: verified, delivery: byPhone},
		{name: "the verified one", attributes: []string{"email", email, "phone_number", phone, "phone_number_verified", "true"}, delivery: byPhone},
		{
			name:     "no setting: by phone first",
			settings: []setting{func(s *wire.UserPoolType) { s.AccountRecoverySetting = nil }}, attributes: verified, delivery: byPhone,
		},
		{
			name: "no setting, no phone", settings: []setting{func(s *wire.UserPoolType) { s.AccountRecoverySetting = nil }},
			attributes: verified[:4], delivery: byMail,
		},
		{name: "not by an excluded way", settings: []setting{recovery("verified_phone_number")}, attributes: verified[:4], want: noContact},
		{name: "nothing verified", attributes: []string{"email", email}, want: noContact},
		{name: "unknown", username: "joan", want: noCombi},
		{name: "by alias", settings: []setting{aliases("email")}, attributes: verified, username: email, delivery: byMail},
		{
			name: "administrators only", settings: []setting{recovery("admin_only")}, attributes: verified,
			want: "NotAuthorized: Contact administrator to reset password.",
		},
		{name: "disabled", attributes: verified, prepare: (*world).disable, want: disabled},
		{
			name: "temporary password", attributes: verified, want: badState,
			prepare: func(w *world, u *userpool.User) {
				told(w.t, w.SetPassword(w.t.Context(), w.poolOf(u), "jane", another, false), "")
			},
		},
		{name: "federated", attributes: verified, prepare: setStatus(userpool.ExternalProvider), want: badState},
		{name: "reset required", attributes: verified, prepare: setStatus(userpool.RequireReset), delivery: byMail},
		{name: "no SMS in the pool", settings: []setting{recovery("verified_phone_number"), func(s *wire.UserPoolType) { s.SMSConfiguration = nil }},
			attributes: verified, want: "CodeDeliveryFailure: The user pool cannot send SMS messages: it has no SmsConfiguration."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			c := w.client(p, false)
			u := w.member(p, "jane", tt.attributes...)
			if tt.prepare != nil {
				tt.prepare(w, u)
			}
			if tt.username == "" {
				tt.username = "jane"
			}
			before := w.user(u)
			d, err := w.ForgotPassword(t.Context(), c, tt.username)
			told(t, err, tt.want)
			if diff := cmp.Diff(tt.delivery, d); diff != "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, w.user(u)); diff != "" {
				t.Errorf("the user changed (-want +got):\n%s", diff)
			}
			if sent := len(w.inbox("")); (sent == 1) != (tt.want == "") {
				t.Errorf("%d messages", sent)
			}
		})
	}
}

func TestConfirmForgotPassword(t *testing.T) {
	tests := []struct {
		name     string
		settings []setting
		prepare  func(*world, *userpool.User) // after the code was sent
		noCode   bool                         // none is asked for
		typo     bool
		after    time.Duration
		username string
		password string // another unless set
		want     string
		keeps    bool // the code is good afterwards
	}{
		{name: "right"},
		{name: "wrong code", typo: true, want: wrongCode, keeps: true},
		{name: "at the last moment", after: time.Hour},
		{name: "too late", after: time.Hour + time.Microsecond, want: noCode},
		{name: "none was asked for", noCode: true, want: noCode},
		{name: "unknown", username: "joan", want: noCombi, keeps: true},
		{name: "weak password", password: "short", want: tooShort, keeps: true},
		{name: "disabled", prepare: (*world).disable, want: disabled},
		{name: "reset required", prepare: setStatus(userpool.RequireReset)},
		{name: "unconfirmed", prepare: setStatus(userpool.Unconfirmed)},
		{name: "password of before", settings: []setting{history(3)}, password: password, want: usedPassword, keeps: true},
		{name: "new password, with history", settings: []setting{history(3)}},
		{
			name: "wrong code and password of before", settings: []setting{history(3)}, typo: true, password: password,
			want: wrongCode, keeps: true,
		},
		{
			name: "address has changed", want: noCode,
			prepare: func(w *world, u *userpool.User) {
				c := w.client(w.poolOf(u), true)
				if _, err := w.Update(w.t.Context(), c, u, pairs("email", "joan@example.com")); err != nil {
					w.t.Fatal(err)
				}
			},
		},
		{
			name: "password was set meanwhile", want: noCode,
			prepare: func(w *world, u *userpool.User) {
				told(w.t, w.SetPassword(w.t.Context(), w.poolOf(u), "jane", "Th1rd-one", true), "")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			c := w.client(p, false)
			u := w.member(p, "jane", verified...)
			code := "000000"
			if !tt.noCode {
				if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
					t.Fatal(err)
				}
				code = w.code(email)
			}
			if tt.prepare != nil {
				tt.prepare(w, u)
			}
			w.advance(tt.after)
			given, name, next := code, "jane", another
			if tt.typo {
				given = typo(code)
			}
			if tt.username != "" {
				name = tt.username
			}
			if tt.password != "" {
				next = tt.password
			}
			before := w.generation(u)
			told(t, w.ConfirmForgotPassword(t.Context(), c, name, given, next), tt.want)
			if tt.keeps {
				told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", code, another), "")
			} else if tt.want != "" {
				if w.generation(u) != before {
					t.Error("the password changed")
				}
				return
			}
			u = w.user(u)
			if u.Status != userpool.Confirmed || !u.Verified("email") || w.generation(u) != before+1 {
				t.Errorf("stored %+v with generation %d", u, w.generation(u))
			}
			told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", code, "Th1rd-one"), noCode)
			told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, another, "Th1rd-one"), "")
		})
	}
}

// An address that has become another user's alias meanwhile is not verified by a reset.
// A code is worthless once an administrator has set a password, though it is the user's first.
func TestCodeBeforeAFirstPassword(t *testing.T) {
	t.Parallel()
	for _, permanent := range []bool{true, false} {
		w := newWorld(t)
		p := w.pool(passwordless)
		c := w.client(p, false)
		u, err := w.Invite(t.Context(), account.Invitation{Pool: p, Username: "jane", Suppress: true,
			Attributes: pairs("email", "jane@example.com", "email_verified", "true")})
		if err != nil {
			t.Fatal(err)
		}
		w.change(u, func(u *userpool.User) { u.Status = userpool.Confirmed })
		if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
			t.Fatal(err)
		}
		told(t, w.SetPassword(t.Context(), p, "jane", password, permanent), "")
		told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", w.code("jane@example.com"), another), noCode)
	}
}

func TestResetAfterAliasMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("email"))
	c := w.client(p, false)
	u := w.member(p, "jane", verified...)
	if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Invite(t.Context(), account.Invitation{
		Pool: p, Username: "joan", Attributes: pairs("email", email, "email_verified", "true"), ForceAlias: true, Suppress: true,
	})
	told(t, err, "")
	told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", w.code(email), another), "")
	if found, err := w.Find(t.Context(), p, email); err != nil || found.Key == u.Key || w.user(u).Verified("email") {
		t.Errorf("the reset verified an address of another: %v, %v", w.user(u).Attributes, err)
	}
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, another, password), "")
}

func TestPasswordResetAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, false)
	w.member(p, "jane", verified...)
	for range 5 {
		if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.ForgotPassword(t.Context(), c, "jane")
	told(t, err, limit)
	code := w.code(email)
	for range 15 { // twenty of both together
		told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", typo(code), another), wrongCode)
	}
	told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", code, another), limit)
	w.advance(time.Hour)
	told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", code, another), "")
}

func TestResetCodeAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, false)
	u := w.member(p, "jane", verified...)
	if _, err := w.ForgotPassword(t.Context(), c, "jane"); err != nil {
		t.Fatal(err)
	}
	code, before := w.code(email), w.generation(u)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = w.ConfirmForgotPassword(t.Context(), c, "jane", code, another) })
	}
	all.Wait()
	right := 0
	for _, err := range errs {
		if err == nil {
			right++
			continue
		}
		told(t, err, noCode)
	}
	if right != 1 || w.generation(u) != before+1 {
		t.Errorf("the code worked %d times, generation %d after %d", right, w.generation(u), before)
	}
}
