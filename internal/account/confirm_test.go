package account_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestConfirm(t *testing.T) {
	tests := []struct {
		name     string
		username string // jane unless set
		prepare  func(w *world, c *userpool.Client, u *userpool.User)
		wrong    bool
		after    time.Duration
		want     string
	}{
		{name: "right code"},
		{name: "by sub", username: "sub"},
		{name: "wrong code", wrong: true, want: wrongCode},
		{name: "at the last moment", after: 24 * time.Hour},
		{name: "too late", after: 24*time.Hour + time.Microsecond, want: noCode},
		{name: "unknown user", username: "joan", want: noCombi},
		{name: "alias is not verified yet", username: email, want: noCombi},
		{
			name: "confirmed already", want: isConfirmed,
			prepare: func(w *world, c *userpool.Client, u *userpool.User) {
				told(w.t, w.ConfirmByAdmin(w.t.Context(), c.Pool, "jane"), "")
			},
		},
		{
			name: "other status", want: "NotAuthorized: User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD",
			prepare: func(w *world, c *userpool.Client, u *userpool.User) {
				told(w.t, w.SetPassword(w.t.Context(), c.Pool, "jane", another, false), "")
			},
		},
		{
			name: "disabled", want: disabled,
			prepare: func(w *world, c *userpool.Client, u *userpool.User) { w.disable(u) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(autoVerify("email"), aliases("email"))
			c := w.client(p, false)
			u := w.signUp(c, "jane", "email", email)
			code := w.code(email)
			if tt.prepare != nil {
				tt.prepare(w, c, u)
			}
			if tt.wrong {
				code = typo(code)
			}
			w.advance(tt.after)
			name := tt.username
			switch name {
			case "":
				name = "jane"
			case "sub":
				name = u.Sub
			}
			told(t, w.Confirm(t.Context(), c, name, code, false), tt.want)
			if tt.want != "" {
				return
			}
			u = w.user(u)
			if u.Status != userpool.Confirmed || !u.Verified("email") || !u.Modified.Equal(w.now()) {
				t.Errorf("stored %+v", u)
			}
			if found, err := w.Find(t.Context(), p, email); err != nil || found.Key != u.Key {
				t.Errorf("not found by the alias: %v", err)
			}
			if len(w.codes(u, userpool.ConfirmSignUp)) != 0 {
				t.Error("the code is left")
			}
		})
	}
}

func TestConfirmAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"), aliases("email"))
	c := w.client(p, false)
	owner := w.member(p, "joan", "email", email, "email_verified", "true")
	u := w.signUp(c, "jane", "email", email)
	code := w.code(email)
	told(t, w.Confirm(t.Context(), c, "jane", code, false), "AliasExists: An account with the email already exists.")
	if w.user(u).Status != userpool.Unconfirmed || len(w.codes(u, userpool.ConfirmSignUp)) != 1 {
		t.Error("a conflict changes the user")
	}
	told(t, w.Confirm(t.Context(), c, "jane", code, true), "")
	if w.user(owner).Verified("email") || w.user(owner).Attributes.Get("email") != email {
		t.Errorf("the former owner has %v", w.user(owner).Attributes)
	}
	if found, err := w.Find(t.Context(), p, email); err != nil || found.Key != u.Key {
		t.Errorf("the alias did not move: %v", err)
	}
}

func TestConfirmAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), false)
	w.signUp(c, "jane", "email", email)
	code := w.code(email)
	for range 15 {
		told(t, w.Confirm(t.Context(), c, "jane", typo(code), false), wrongCode)
	}
	told(t, w.Confirm(t.Context(), c, "jane", code, false), limit)
	w.advance(time.Hour - time.Second)
	told(t, w.Confirm(t.Context(), c, "jane", code, false), limit)
	w.advance(time.Second) // the window began with the first call
	told(t, w.Confirm(t.Context(), c, "jane", code, false), "")
}

func TestConfirmWithoutLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AttemptLimits = false
	c := w.client(w.pool(autoVerify("email")), false)
	w.signUp(c, "jane", "email", email)
	for range 20 {
		told(t, w.Confirm(t.Context(), c, "jane", typo(w.code(email)), false), wrongCode)
	}
	told(t, w.Confirm(t.Context(), c, "jane", w.code(email), false), "")
}

// One code, used several times at once, works once.
func TestConfirmAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), false)
	w.signUp(c, "jane", "email", email)
	code := w.code(email)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = w.Confirm(t.Context(), c, "jane", code, false) })
	}
	all.Wait()
	right := 0
	for _, err := range errs {
		if err == nil {
			right++
			continue
		}
		told(t, err, isConfirmed)
	}
	if right != 1 {
		t.Errorf("the code worked %d times", right)
	}
}

func TestConfirmByAdmin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	u := w.signUp(w.client(p, false), "jane", "email", email)
	told(t, w.ConfirmByAdmin(t.Context(), p, "joan"), noUser)
	told(t, w.ConfirmByAdmin(t.Context(), p, u.Sub), "")
	if u = w.user(u); u.Status != userpool.Confirmed || u.Verified("email") {
		t.Errorf("stored %+v", u)
	}
	told(t, w.ConfirmByAdmin(t.Context(), p, "jane"), isConfirmed)
}

func TestResendConfirmation(t *testing.T) {
	const resent = "j***@e***"
	tests := []struct {
		name     string
		settings []setting
		prepare  func(w *world, c *userpool.Client, u *userpool.User)
		username string
		want     string
	}{
		{name: "again", settings: []setting{autoVerify("email")}},
		{name: "nothing is verified", want: "NotAuthorized: Cannot resend codes. Auto verification not turned on."},
		{name: "unknown", settings: []setting{autoVerify("email")}, username: "joan", want: noCombi},
		{
			name: "confirmed", settings: []setting{autoVerify("email")}, want: "InvalidParameter: User is already confirmed.",
			prepare: func(w *world, c *userpool.Client, u *userpool.User) {
				told(w.t, w.ConfirmByAdmin(w.t.Context(), c.Pool, "jane"), "")
			},
		},
		{
			name: "disabled", settings: []setting{autoVerify("email")}, want: disabled,
			prepare: func(w *world, c *userpool.Client, u *userpool.User) { w.disable(u) },
		},
		{
			name: "no address", settings: []setting{autoVerify("phone_number")},
			want: "InvalidParameter: User does not have a valid registered phone number",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.client(w.pool(tt.settings...), false)
			u := w.signUp(c, "jane", "email", email)
			if tt.prepare != nil {
				tt.prepare(w, c, u)
			}
			if tt.username == "" {
				tt.username = "jane"
			}
			d, err := w.ResendConfirmation(t.Context(), c, tt.username)
			told(t, err, tt.want)
			if tt.want != "" {
				return
			}
			if diff := cmp.Diff(&userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: resent}, d); diff != "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if purpose := w.inbox(email)[0].Purpose; purpose != userpool.MessageResend {
				t.Errorf("the message is for %s", purpose)
			}
		})
	}
}

// A new code takes the place of the older one only when it was accepted.
func TestResendReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), false)
	u := w.signUp(c, "jane", "email", email)
	first := w.code(email)
	w.post.refuse(undeliverable)
	_, err := w.ResendConfirmation(t.Context(), c, "jane")
	told(t, err, refused)
	if codes := w.codes(u, userpool.ConfirmSignUp); len(codes) != 1 || codes[0].Value != first {
		t.Fatalf("after a refused message there are %d codes", len(codes))
	}
	w.post.refuse(nil)
	if _, err := w.ResendConfirmation(t.Context(), c, "jane"); err != nil {
		t.Fatal(err)
	}
	second := w.code(email)
	if codes := w.codes(u, userpool.ConfirmSignUp); len(codes) != 1 || codes[0].Value != second {
		t.Fatalf("after an accepted message there are %d codes", len(codes))
	}
	if first != second { // one time in a million they are the same
		told(t, w.Confirm(t.Context(), c, "jane", first, false), wrongCode)
	}
	told(t, w.Confirm(t.Context(), c, "jane", second, false), "")
}

// While a newer code is on its way, both are good, and the older message settles without harm.
func TestResendOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), false)
	u := w.signUp(c, "jane", "email", email)
	arrived, release := w.post.hold(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := w.ResendConfirmation(t.Context(), c, "jane"); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		<-arrived
	}
	codes := w.codes(u, userpool.ConfirmSignUp)
	if len(codes) != 4 {
		t.Fatalf("%d codes are there", len(codes))
	}
	newest := codes[0]
	release()
	all.Wait()
	if left := w.codes(u, userpool.ConfirmSignUp); len(left) != 1 || left[0].ID != newest.ID {
		t.Errorf("%d codes are left", len(left))
	}
}

func TestResendAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), false)
	w.signUp(c, "jane", "email", email)
	w.signUp(c, "joan", "email", "JANE@example.com")
	for i := range 5 { // two users of one address share its counter
		name := []string{"jane", "joan"}[i%2]
		if _, err := w.ResendConfirmation(t.Context(), c, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"jane", "joan"} {
		_, err := w.ResendConfirmation(t.Context(), c, name)
		told(t, err, limit)
	}
	w.advance(time.Hour)
	if _, err := w.ResendConfirmation(t.Context(), c, "jane"); err != nil {
		t.Fatal(err)
	}
}
