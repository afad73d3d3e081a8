package account_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	badAttribute = "InvalidParameter: Invalid attribute name. Only phone_number and email can be verified."
	noEmail      = "InvalidParameter: User does not have a valid registered email address"
	noPhone      = "InvalidParameter: User does not have a valid registered phone number"
)

func TestSendVerification(t *testing.T) {
	byMail := &userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: "j***@e***"}
	byPhone := &userpool.Delivery{Attribute: "phone_number", Medium: "SMS", Destination: "+*******1234"}
	tests := []struct {
		name      string
		settings  []setting
		have      []string
		pending   string // a new email address that waits
		attribute string // email unless set
		want      string
		delivery  *userpool.Delivery
	}{
		{name: "email", have: []string{"email", email}, delivery: byMail},
		{name: "phone number", have: []string{"phone_number", phone}, attribute: "phone_number", delivery: byPhone},
		{name: "verified already", have: verified, delivery: byMail},
		{name: "one letter", have: []string{"email", "j@e"}, delivery: byMail},
		{name: "no email", have: []string{"phone_number", phone}, want: noEmail},
		{name: "no phone number", have: []string{"email", email}, attribute: "phone_number", want: noPhone},
		{name: "other attribute", have: verified, attribute: "name", want: badAttribute},
		{name: "other case", have: verified, attribute: "Email", want: badAttribute},
		{name: "unknown attribute", have: verified, attribute: "custom:none", want: badAttribute},
		{
			name: "pending", settings: []setting{autoVerify("email"), verifyBeforeUpdate("email")}, have: verified, pending: newEmail,
			delivery: &userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: "j***@o***"},
		},
		{
			name: "a code in a pool of links", settings: []setting{func(s *wire.UserPoolType) {
				s.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK"}
			}}, have: verified, delivery: byMail,
		},
		{
			name: "no SMS in the pool", settings: []setting{func(s *wire.UserPoolType) { s.SMSConfiguration = nil }}, have: verified,
			attribute: "phone_number", want: "CodeDeliveryFailure: The user pool cannot send SMS messages: it has no SmsConfiguration.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			c := w.client(p, false)
			u := w.member(p, "jane", tt.have...)
			if tt.pending != "" {
				if _, err := w.Update(t.Context(), c, u, pairs("email", tt.pending)); err != nil {
					t.Fatal(err)
				}
				u = w.user(u)
			}
			if tt.attribute == "" {
				tt.attribute = "email"
			}
			d, err := w.SendVerification(t.Context(), c, u, tt.attribute)
			told(t, err, tt.want)
			if diff := cmp.Diff(tt.delivery, d); diff != "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if tt.want != "" {
				return
			}
			codes := w.codes(u, userpool.VerifyAttribute)
			if len(codes) != 1 || codes[0].Value != w.code(codes[0].Destination) || w.inbox("")[0].Purpose != userpool.MessageVerifyAttribute {
				t.Errorf("codes %v", codes)
			}
			told(t, w.Verify(t.Context(), p, u, tt.attribute, codes[0].Value), "")
			after := w.user(u)
			if !after.Verified(tt.attribute) || after.Attributes.Get(tt.attribute) != codes[0].Destination || len(after.Pending) != 0 {
				t.Errorf("stored %+v", after)
			}
		})
	}
}

// Only an accepted message lets the new code take over.
func TestSendVerificationReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, false)
	u := w.member(p, "jane", verified...)
	if _, err := w.SendVerification(t.Context(), c, u, "email"); err != nil {
		t.Fatal(err)
	}
	first := w.code(email)
	w.post.refuse(undeliverable)
	_, err := w.SendVerification(t.Context(), c, u, "email")
	told(t, err, refused)
	w.post.refuse(nil)
	if _, err := w.SendVerification(t.Context(), c, u, "phone_number"); err != nil { // another attribute
		t.Fatal(err)
	}
	if n := len(w.codes(u, userpool.VerifyAttribute)); n != 2 {
		t.Fatalf("%d codes", n)
	}
	if _, err := w.SendVerification(t.Context(), c, u, "email"); err != nil {
		t.Fatal(err)
	}
	if second := w.code(email); first != second {
		told(t, w.Verify(t.Context(), p, u, "email", first), wrongCode)
	}
	told(t, w.Verify(t.Context(), p, u, "email", w.code(email)), "")
	told(t, w.Verify(t.Context(), p, u, "phone_number", w.code(phone)), "")
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name      string
		have      []string // verified, both, unless set
		noCode    bool
		typo      bool
		attribute string
		after     time.Duration
		prepare   func(*world, *userpool.User)
		want      string
	}{
		{name: "right"},
		{name: "wrong", typo: true, want: wrongCode},
		{name: "at the last moment", after: 24 * time.Hour},
		{name: "too late", after: 24*time.Hour + time.Microsecond, want: noCode},
		{name: "none was asked for", noCode: true, want: noCode},
		{name: "code of the other attribute", attribute: "phone_number", want: noCode},
		{name: "other attribute", attribute: "name", want: badAttribute},
		{name: "no value", have: []string{"email", email}, attribute: "phone_number", want: noPhone},
		{
			name: "code of another purpose", noCode: true, want: noCode,
			prepare: func(w *world, u *userpool.User) {
				if _, err := w.ForgotPassword(w.t.Context(), w.client(w.poolOf(u), true), "jane"); err != nil {
					w.t.Fatal(err)
				}
			},
		},
		{
			name: "the address has changed", want: noCode,
			prepare: func(w *world, u *userpool.User) {
				if _, err := w.Update(w.t.Context(), w.client(w.poolOf(u), true), u, pairs("email", newEmail)); err != nil {
					w.t.Fatal(err)
				}
			},
		},
		{
			name: "the user is gone", want: noUser,
			prepare: func(w *world, u *userpool.User) { told(w.t, w.remove(w.poolOf(u), "jane"), "") },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool()
			if tt.have == nil {
				tt.have = verified
			}
			u := w.member(p, "jane", tt.have...)
			code := "000000"
			if !tt.noCode {
				if _, err := w.SendVerification(t.Context(), w.client(p, false), u, "email"); err != nil {
					t.Fatal(err)
				}
				code = w.code(email)
			}
			if tt.prepare != nil {
				tt.prepare(w, u)
			}
			if tt.typo {
				code = typo(code)
			}
			if tt.attribute == "" {
				tt.attribute = "email"
			}
			w.advance(tt.after)
			told(t, w.Verify(t.Context(), p, u, tt.attribute, code), tt.want)
			if tt.want == "" {
				told(t, w.Verify(t.Context(), p, u, tt.attribute, code), noCode) // used
			}
		})
	}
}

func TestVerifyAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("email"))
	c := w.client(p, false)
	owner := w.member(p, "owner", "email", email, "email_verified", "true")
	u := w.member(p, "jane", "email", email)
	if _, err := w.SendVerification(t.Context(), c, u, "email"); err != nil {
		t.Fatal(err)
	}
	code := w.code(email)
	told(t, w.Verify(t.Context(), p, u, "email", code), "AliasExists: An account with the email already exists.")
	if w.user(u).Verified("email") {
		t.Error("a conflict changes the user")
	}
	if _, err := w.Update(t.Context(), c, owner, pairs("email", "")); err != nil {
		t.Fatal(err)
	}
	told(t, w.Verify(t.Context(), p, u, "email", code), "") // the code stayed good
	if found, err := w.Find(t.Context(), p, email); err != nil || found.Key != u.Key {
		t.Errorf("not found by the alias: %v", err)
	}
}

// A pending value becomes the present one, and takes the alias with it.
func TestVerifyPending(t *testing.T) {
	for _, settings := range [][]setting{{aliases("email")}, {usernames("email")}} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(append(settings, autoVerify("email"), verifyBeforeUpdate("email"))...)
			c := w.client(p, false)
			name := "jane"
			if p.HasUsernameAttributes() {
				name = email
			}
			u := w.member(p, name, verified...)
			if _, err := w.ForgotPassword(t.Context(), c, name); err != nil {
				t.Fatal(err)
			}
			reset := w.code(email)
			if _, err := w.Update(t.Context(), c, u, pairs("email", newEmail)); err != nil {
				t.Fatal(err)
			}
			if len(w.codes(u, userpool.ResetPassword)) != 1 {
				t.Error("a code to the present address is void already")
			}
			told(t, w.Verify(t.Context(), p, u, "email", w.code(newEmail)), "")
			after := w.user(u)
			if after.Attributes.Get("email") != newEmail || !after.Verified("email") || len(after.Pending) != 0 {
				t.Errorf("stored %+v", after)
			}
			if found, err := w.Find(t.Context(), p, newEmail); err != nil || found.Key != u.Key {
				t.Errorf("not found by the new alias: %v", err)
			}
			if _, err := w.Find(t.Context(), p, email); err == nil {
				t.Error("found by the old alias")
			}
			told(t, w.ConfirmForgotPassword(t.Context(), c, newEmail, reset, another), noCode)
		})
	}
}

func TestVerificationAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, false)
	u := w.member(p, "jane", verified...)
	send := func(attribute string) error {
		_, err := w.SendVerification(t.Context(), c, u, attribute)
		return err
	}
	for _, attribute := range []string{"email", "phone_number", "email", "phone_number", "email"} {
		told(t, send(attribute), "") // both attributes count together
	}
	told(t, send("phone_number"), limit)
	code := w.code(email)
	for range 15 {
		told(t, w.Verify(t.Context(), p, u, "email", typo(code)), wrongCode)
	}
	told(t, w.Verify(t.Context(), p, u, "email", code), limit)
	w.advance(time.Hour)
	for range 14 {
		told(t, w.Verify(t.Context(), p, u, "email", typo(code)), wrongCode)
	}
	told(t, w.Verify(t.Context(), p, u, "email", code), "") // is not counted, but takes no wrong one back
	told(t, send("email"), "")
	told(t, w.Verify(t.Context(), p, u, "email", typo(w.code(email))), wrongCode)
	told(t, w.Verify(t.Context(), p, u, "email", w.code(email)), limit)
}

// Two users verify one alias at once, each with several calls: one of them gets it.
func TestVerifyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("email"))
	c := w.client(p, false)
	users := make([]*userpool.User, 2)
	codes := make([]string, 2)
	for i, name := range []string{"jane", "joan"} {
		users[i] = w.member(p, name, "email", email)
		if _, err := w.SendVerification(t.Context(), c, users[i], "email"); err != nil {
			t.Fatal(err)
		}
		codes[i] = w.codes(users[i], userpool.VerifyAttribute)[0].Value
	}
	errs := make([]error, 6)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = w.Verify(t.Context(), p, users[i%2], "email", codes[i%2]) })
	}
	all.Wait()
	right := 0
	for _, err := range errs {
		switch {
		case err == nil:
			right++
		case !userpool.IsCode(err, userpool.AliasExists) && !userpool.IsCode(err, userpool.ExpiredCode):
			t.Errorf("got %v", err)
		}
	}
	first, second := w.user(users[0]).Verified("email"), w.user(users[1]).Verified("email")
	if right != 1 || first == second {
		t.Errorf("%d calls were right; verified: %t, %t", right, first, second)
	}
}
