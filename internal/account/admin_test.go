package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestInvite(t *testing.T) {
	both := []string{"email", email, "phone_number", phone}
	tests := []struct {
		name       string
		settings   []setting
		in         account.Invitation
		attributes []string
		want       string
		stored     []string // as attributes, unless set
		messages   []string // addresses, sorted as they were sent
	}{
		{name: "nothing asked for, nothing possible"},
		{name: "by SMS unless asked for", attributes: both, messages: []string{phone}},
		{name: "by email where that is all", attributes: both[:2], messages: []string{email}},
		{name: "by email", in: account.Invitation{Mediums: []userpool.Medium{userpool.ByEmail}}, attributes: both, messages: []string{email}},
		{name: "by both", in: account.Invitation{Mediums: []userpool.Medium{userpool.BySMS, userpool.ByEmail}}, attributes: both, messages: []string{phone, email}},
		{
			name: "by both, one possible", in: account.Invitation{Mediums: []userpool.Medium{userpool.BySMS, userpool.ByEmail}},
			attributes: both[:2], messages: []string{email},
		},
		{
			name: "by none possible", in: account.Invitation{Mediums: []userpool.Medium{userpool.BySMS}}, attributes: both[:2],
			want: "InvalidParameter: No phone number provided but desired delivery medium was SMS",
		},
		{
			name: "by email without one", in: account.Invitation{Mediums: []userpool.Medium{userpool.ByEmail}},
			want: "InvalidParameter: No email provided but desired delivery medium was Email",
		},
		{name: "suppressed", in: account.Invitation{Suppress: true, Mediums: []userpool.Medium{userpool.BySMS}}, attributes: both},
		{name: "own password", in: account.Invitation{TemporaryPassword: another}, attributes: both, messages: []string{phone}},
		{
			name: "weak password", in: account.Invitation{TemporaryPassword: "Password1"},
			want: "InvalidPassword: Password did not conform with password policy: Password must have symbol characters",
		},
		{
			name: "user name is an address", settings: []setting{usernames("email")},
			in:     account.Invitation{Username: email, Mediums: []userpool.Medium{userpool.ByEmail}},
			stored: []string{"email", email}, messages: []string{email},
		},
		{name: "no address", settings: []setting{usernames("email")}, want: "InvalidParameter: Username should be an email."},
		{
			name: "email in an alias pool", settings: []setting{aliases("email")}, in: account.Invitation{Username: email},
			want: "InvalidParameter: Username cannot be of email format, since user pool is configured for email alias.",
		},
		{name: "required is not demanded", settings: []setting{require("email")}},
		{name: "flag in any case", attributes: []string{"email", email, "email_verified", "True"}, stored: []string{"email", email, "email_verified", "true"}, messages: []string{email}},
		{name: "immutable", attributes: []string{"custom:fixed", "1"}},
		{name: "auto-verified adds no flag", settings: []setting{autoVerify("email")}, attributes: both[:2], messages: []string{email}},
		{name: "unknown", attributes: []string{"custom:userId", "1"}, want: "InvalidParameter: Type for attribute {custom:userId} could not be determined"},
		{name: "verified nothing", attributes: []string{"email_verified", "true"}, want: "InvalidParameter: Email is required to verify/un-verify an email"},
		{name: "taken", in: account.Invitation{Username: "owner"}, want: "UsernameExists: User account already exists"},
		{
			name: "taken address", settings: []setting{usernames("email")}, in: account.Invitation{Username: "owner@example.com", ForceAlias: true},
			want: "UsernameExists: An account with the given email already exists.",
		},
		{
			name: "alias of another, unverified", settings: []setting{aliases("email")}, attributes: []string{"email", "owner@example.com"},
			messages: []string{"owner@example.com"},
		},
		{
			name: "alias of another", settings: []setting{aliases("email")}, attributes: []string{"email", "owner@example.com", "email_verified", "true"},
			want: "UsernameExists: An account with the given email already exists.",
		},
		{
			name: "alias of another, forced", settings: []setting{aliases("email")}, in: account.Invitation{ForceAlias: true},
			attributes: []string{"email", "owner@example.com", "email_verified", "true"}, messages: []string{"owner@example.com"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			ownerName := "owner"
			if p.HasUsernameAttributes() {
				ownerName = "owner@example.com"
			}
			owner := w.member(p, ownerName, "email", "owner@example.com", "email_verified", "true")
			in := tt.in
			in.Pool, in.Attributes = p, pairs(tt.attributes...)
			if in.Username == "" {
				in.Username = "jane"
			}
			u, err := w.Invite(t.Context(), in)
			told(t, err, tt.want)
			if tt.want != "" {
				return
			}
			if tt.stored == nil {
				tt.stored = tt.attributes
			}
			u = w.user(u)
			if diff := cmp.Diff(pairs(tt.stored...), u.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if u.Status != userpool.ForceChangePassword || !u.Enabled || w.generation(u) != 1 {
				t.Errorf("stored %+v", u)
			}
			var to []string
			for _, m := range w.inbox("") {
				to = append([]string{m.To}, to...)
				if !strings.Contains(m.Body, m.Code) || p.CheckPassword(m.Code) != nil || !strings.Contains(m.Body, in.Username) {
					t.Errorf("the message says %q", m.Body)
				}
				if in.TemporaryPassword != "" && m.Code != in.TemporaryPassword {
					t.Errorf("the message has the password %q", m.Code)
				}
				told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, m.Code, m.Code), "")
			}
			if diff := cmp.Diff(tt.messages, to); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if in.ForceAlias {
				found, err := w.Find(t.Context(), p, "owner@example.com")
				if err != nil || found.Key != u.Key || w.user(owner).Verified("email") {
					t.Errorf("the alias did not move: %v", err)
				}
			}
		})
	}
}

func TestInvitePasswordless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(passwordless)
	u, err := w.Invite(t.Context(), account.Invitation{Pool: p, Username: "jane"})
	if err != nil || u.Status != userpool.Confirmed || w.generation(u) != 0 {
		t.Errorf("made %+v, %v", u, err)
	}
	u, err = w.Invite(t.Context(), account.Invitation{Pool: p, Username: "joan", TemporaryPassword: another})
	if err != nil || u.Status != userpool.ForceChangePassword || w.generation(u) != 1 {
		t.Errorf("made %+v, %v", u, err)
	}
}

// With a message that is refused the user stays, and another invitation can be sent.
func TestInviteAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("email"))
	in := account.Invitation{
		Pool: p, Username: "jane", Attributes: pairs("email", email, "email_verified", "true"), Mediums: []userpool.Medium{userpool.ByEmail},
	}
	w.post.refuse(undeliverable)
	_, err := w.Invite(t.Context(), in)
	told(t, err, refused)
	if _, err := w.Find(t.Context(), p, "jane"); err != nil {
		t.Fatal(err)
	}
	w.post.refuse(nil)
	_, err = w.Invite(t.Context(), in)
	told(t, err, "UsernameExists: User account already exists")

	w.advance(time.Hour)
	again := account.Invitation{Pool: p, Username: email, Resend: true, Mediums: in.Mediums}
	u, err := w.Invite(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.Store.Password(t.Context(), u.Key)
	if err != nil || stored.Generation != 2 || !stored.Temporary || !stored.Set.Equal(w.now()) {
		t.Errorf("password %+v, %v", stored, err)
	}
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, w.code(email), another), "")
	_, err = w.Invite(t.Context(), again)
	told(t, err, "UnsupportedUserState: Resend not possible. jane status is not FORCE_CHANGE_PASSWORD")
	again.Username = "joan"
	_, err = w.Invite(t.Context(), again)
	told(t, err, noUser)
}

// A trigger that would decide or watch is never left out: nothing is changed, nothing is sent.
func TestTriggers(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
	sender := &wire.CustomEmailLambdaVersionConfigType{LambdaARN: arn, LambdaVersion: "V1_0"}
	smsSender := &wire.CustomSMSLambdaVersionConfigType{LambdaARN: arn, LambdaVersion: "V1_0"}
	type operation struct {
		name string
		call func(*world, *userpool.Client, *userpool.User) error
	}
	signUp := operation{"SignUp", func(w *world, c *userpool.Client, _ *userpool.User) error {
		_, _, err := w.SignUp(w.t.Context(), account.SignUp{Client: c, Username: "joan", Password: password, Attributes: pairs("email", email)})
		return err
	}}
	invite := operation{"AdminCreateUser", func(w *world, c *userpool.Client, _ *userpool.User) error {
		_, err := w.Invite(w.t.Context(), account.Invitation{Pool: c.Pool, Username: "joan", Attributes: pairs("phone_number", phone)})
		return err
	}}
	silent := operation{"AdminCreateUser SUPPRESS", func(w *world, c *userpool.Client, _ *userpool.User) error {
		_, err := w.Invite(w.t.Context(), account.Invitation{Pool: c.Pool, Username: "joan", Suppress: true})
		return err
	}}
	confirm := operation{"ConfirmSignUp", func(w *world, c *userpool.Client, _ *userpool.User) error {
		return w.Confirm(w.t.Context(), c, "jane", "000000", false)
	}}
	reset := operation{"ConfirmForgotPassword", func(w *world, c *userpool.Client, _ *userpool.User) error {
		return w.ConfirmForgotPassword(w.t.Context(), c, "jane", "000000", another)
	}}
	forgot := operation{"ForgotPassword", func(w *world, c *userpool.Client, _ *userpool.User) error {
		_, err := w.ForgotPassword(w.t.Context(), c, "jane")
		return err
	}}
	stranger := operation{"ForgotPassword of a stranger", func(w *world, c *userpool.Client, _ *userpool.User) error {
		_, err := w.ForgotPassword(w.t.Context(), c, "nobody")
		return err
	}}
	verify := operation{"GetUserAttributeVerificationCode", func(w *world, c *userpool.Client, u *userpool.User) error {
		_, err := w.SendVerification(w.t.Context(), c, u, "email")
		return err
	}}
	update := operation{"UpdateUserAttributes", func(w *world, c *userpool.Client, u *userpool.User) error {
		_, err := w.Update(w.t.Context(), c, u, pairs("email", newEmail))
		return err
	}}
	updateName := operation{"UpdateUserAttributes without message", func(w *world, c *userpool.Client, u *userpool.User) error {
		_, err := w.Update(w.t.Context(), c, u, pairs("name", "Joan"))
		return err
	}}
	change := operation{"ChangePassword", func(w *world, c *userpool.Client, u *userpool.User) error {
		return w.ChangePassword(w.t.Context(), c, u, password, another)
	}}
	tests := []struct {
		trigger string
		config  wire.LambdaConfigType
		refused []operation
		others  []operation
	}{
		{"PreSignUp", wire.LambdaConfigType{PreSignUp: arn}, []operation{signUp, invite, silent}, []operation{forgot, verify, update, change}},
		{"PostConfirmation", wire.LambdaConfigType{PostConfirmation: arn}, []operation{confirm, reset}, []operation{signUp, invite, forgot, verify, update, change}},
		{"CustomMessage", wire.LambdaConfigType{CustomMessage: arn}, []operation{signUp, invite, forgot, verify, update}, []operation{silent, updateName, change}},
		{"CustomEmailSender", wire.LambdaConfigType{CustomEmailSender: sender}, []operation{signUp, forgot, verify, update}, []operation{invite, updateName}},
		{"CustomSMSSender", wire.LambdaConfigType{CustomSMSSender: smsSender}, []operation{invite}, []operation{signUp, forgot, verify, update}},
		{"UserMigration", wire.LambdaConfigType{UserMigration: arn}, []operation{stranger}, []operation{forgot, signUp}},
		{"PreAuthentication", wire.LambdaConfigType{PreAuthentication: arn}, nil, []operation{signUp, forgot, change}},
	}
	for _, tt := range tests {
		t.Run(tt.trigger, func(t *testing.T) {
			t.Parallel()
			run := func(op operation, want string) {
				t.Helper()
				w := newWorld(t)
				// The pool gets its trigger after its user.
				p := w.pool(autoVerify("email"))
				c := w.client(p, false)
				u := w.member(p, "jane", verified...)
				p.Settings.LambdaConfig = &tt.config
				before := w.generation(u)
				err := op.call(w, c, u)
				if got := err != nil; got != (want != "") {
					t.Errorf("%s: got %v", op.name, err)
				}
				if want == "" {
					return
				}
				told(t, err, want)
				if diff := cmp.Diff(u, w.user(u)); diff != "" || w.generation(u) != before || len(w.inbox("")) != 0 {
					t.Errorf("%s changed something: %s", op.name, diff)
				}
				if _, err := w.Find(t.Context(), p, "joan"); err == nil {
					t.Errorf("%s made a user", op.name)
				}
			}
			for _, op := range tt.refused {
				run(op, "UnexpectedLambda: "+tt.trigger+" invocation failed due to error: this version of Poolhouse cannot invoke functions.")
			}
			for _, op := range tt.others {
				run(op, "")
			}
		})
	}
}
