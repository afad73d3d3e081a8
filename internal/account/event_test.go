package account_test

import (
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// events sums up what is remembered of a user, the oldest first.
func (w *world) events(u *userpool.User) string {
	w.t.Helper()
	events, err := w.Store.AuthEvents(w.t.Context(), u.Key, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for i := len(events) - 1; i >= 0; i-- {
		text := string(events[i].Type) + " " + string(events[i].Response)
		for _, c := range events[i].Challenges {
			text += " " + string(c.ChallengeName) + ":" + string(c.ChallengeResponse)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// What a user does with their account is remembered, what an administrator does is not.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"), threatProtection("AUDIT"), history(2))
	c := w.client(p, false)
	const email = "jane@example.com"
	u := w.signUp(c, "jane", "email", email)
	reset := func(code, text string) error { return w.ConfirmForgotPassword(t.Context(), c, "jane", code, text) }
	change := func(previous, proposed string) error {
		return w.ChangePassword(t.Context(), c, w.user(u), previous, proposed)
	}
	const third = "Third-Horse-9!"
	seen := "SignUp Pass"
	for _, step := range []struct {
		name string
		do   func() error
		told string
		more string // what is remembered of it
	}{
		{"resend", func() error { _, err := w.ResendConfirmation(t.Context(), c, "jane"); return err }, "", "ResendCode Pass"},
		{"confirm", func() error { return w.Confirm(t.Context(), c, "jane", w.code(email), false) }, "", ""},
		{"forgot", func() error { _, err := w.ForgotPassword(t.Context(), c, "jane"); return err }, "", "ForgotPassword Pass"},
		{"a wrong code", func() error { return reset(typo(w.code(email)), another) }, wrongCode, "PasswordChange Fail"},
		{"a former password", func() error { return reset(w.code(email), password) }, usedPassword, "PasswordChange Fail"},
		{"reset", func() error { return reset(w.code(email), another) }, "", "PasswordChange Pass"},
		{"a wrong password", func() error { return change(password, third) }, wrongOld, "PasswordChange Fail Password:Failure"},
		{"another former password", func() error { return change(another, another) }, usedPassword, "PasswordChange Fail Password:Success"},
		{"change", func() error { return change(another, third) }, "", "PasswordChange Pass Password:Success"},
		{"a password of an administrator", func() error { return w.SetPassword(t.Context(), p, "jane", password+"4", true) }, "", ""},
		{"a reset by an administrator", func() error { return w.ResetByAdmin(t.Context(), p, "jane") }, "", ""},
	} {
		told(t, step.do(), step.told)
		if step.more != "" {
			seen += ", " + step.more
		}
		if got := w.events(u); got != seen {
			t.Fatalf("after %s: %s", step.name, got)
		}
	}
	if got := w.events(w.signUp(w.client(w.pool(threatProtection("OFF")), false), "jane")); got != "" {
		t.Errorf("where threat protection is off: %s", got)
	}
}
