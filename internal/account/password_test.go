package account_test

import (
	"sync"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestChangePassword(t *testing.T) {
	tests := []struct {
		name               string
		settings           []setting
		prepare            func(*world, *userpool.User)
		previous, proposed string
		want               string
		status             wire.UserStatusType
	}{
		{name: "right", previous: password, proposed: another},
		{name: "wrong previous", previous: another, proposed: another, want: wrongOld},
		{name: "no previous", proposed: another, want: wrongOld},
		{name: "weak", previous: password, proposed: "short", want: tooShort},
		{name: "the same", previous: password, proposed: password},
		{name: "the same, with history", settings: []setting{history(1)}, previous: password, proposed: password, want: usedPassword},
		{
			name: "temporary", previous: "Temp0rary!", proposed: another,
			prepare: func(w *world, u *userpool.User) {
				told(w.t, w.SetPassword(w.t.Context(), w.poolOf(u), "jane", "Temp0rary!", false), "")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			u := w.member(p, "jane")
			if tt.prepare != nil {
				tt.prepare(w, u)
			}
			w.advance(time.Minute)
			before := w.generation(u)
			told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, tt.previous, tt.proposed), tt.want)
			if tt.want != "" {
				if w.generation(u) != before {
					t.Error("the password changed")
				}
				return
			}
			if u = w.user(u); w.generation(u) != before+1 || !u.Modified.Equal(w.now()) || u.Status != userpool.Confirmed {
				t.Errorf("generation %d after %d, user %+v", w.generation(u), before, u)
			}
			told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, tt.proposed, "Th1rd-one"), "")
		})
	}
}

func TestChangePasswordFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(passwordless)
	u, err := w.Invite(t.Context(), account.Invitation{Pool: p, Username: "jane"})
	if err != nil {
		t.Fatal(err)
	}
	if u.Status != userpool.Confirmed || w.generation(u) != 0 {
		t.Fatalf("status %s, generation %d", u.Status, w.generation(u))
	}
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, "guessed!", password), wrongOld)
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, "", password), "")
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, "", another), wrongOld)
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another), "")
}

func TestChangePasswordAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane")
	for range 5 {
		told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, another, another), wrongOld)
	}
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another), limit)
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, "short"), tooShort) // not counted, so not refused
	w.advance(time.Hour)
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another), "")
}

func TestChangePasswordAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	u := w.member(p, "jane")
	before := w.generation(u)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another) })
	}
	all.Wait()
	changed := 0
	for _, err := range errs {
		switch {
		case err == nil:
			changed++
		case !userpool.IsCode(err, userpool.TooManyRequests) && !userpool.IsCode(err, userpool.NotAuthorized):
			t.Errorf("got %v", err)
		}
	}
	if changed != 1 || w.generation(u) != before+1 {
		t.Errorf("changed %d times, generation %d after %d", changed, w.generation(u), before)
	}
}

func TestSetPassword(t *testing.T) {
	tests := []struct {
		name     string
		settings []setting
		status   wire.UserStatusType
		username string
		password string
		keep     bool // permanent
		want     string
		then     wire.UserStatusType
	}{
		{name: "permanent", status: userpool.ForceChangePassword, keep: true, then: userpool.Confirmed},
		{name: "temporary", status: userpool.Confirmed, then: userpool.ForceChangePassword},
		{name: "unconfirmed, permanent", status: userpool.Unconfirmed, keep: true, then: userpool.Confirmed},
		{name: "unconfirmed, temporary", status: userpool.Unconfirmed, then: userpool.ForceChangePassword},
		{name: "reset required", status: userpool.RequireReset, keep: true, then: userpool.Confirmed},
		{name: "federated", status: userpool.ExternalProvider, keep: true, then: userpool.Confirmed},
		{name: "unknown", status: userpool.Confirmed, username: "joan", keep: true, want: noUser},
		{
			name: "weak", status: userpool.Confirmed, password: "weakling", keep: true,
			want: "InvalidPassword: Password did not conform with password policy: Password must have uppercase characters",
		},
		{name: "used", settings: []setting{history(1)}, status: userpool.Confirmed, password: password, keep: true, want: usedPassword},
		{name: "used, temporary", settings: []setting{history(1)}, status: userpool.Confirmed, password: password, then: userpool.ForceChangePassword},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			u := w.member(p, "jane", verified...)
			setStatus(tt.status)(w, u)
			w.disable(u) // which makes no difference
			name, given := "jane", another
			if tt.username != "" {
				name = tt.username
			}
			if tt.password != "" {
				given = tt.password
			}
			w.advance(time.Minute)
			told(t, w.SetPassword(t.Context(), p, name, given, tt.keep), tt.want)
			if tt.want != "" {
				return
			}
			stored, err := w.Store.Password(t.Context(), u.Key)
			if err != nil {
				t.Fatal(err)
			}
			u = w.user(u)
			if u.Status != tt.then || stored.Temporary == tt.keep || !stored.Set.Equal(w.now()) || !u.Modified.Equal(w.now()) {
				t.Errorf("user %+v, temporary %t, set %v", u, stored.Temporary, stored.Set)
			}
			if n := len(w.inbox("")); n != 0 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// A full queue answers early, and nothing is changed.
func TestPasswordOverload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	c := w.client(p, false)
	u := w.member(p, "jane")
	w.Passwords.Queue = limits.NewQueue(1, -1)
	busy, done := make(chan struct{}), make(chan struct{})
	var worker sync.WaitGroup
	worker.Go(func() {
		if err := w.Passwords.Queue.Do(t.Context(), func() { close(busy); <-done }); err != nil {
			t.Error(err)
		}
	})
	<-busy
	const full = "TooManyRequests: Rate exceeded"
	_, _, err := w.SignUp(t.Context(), account.SignUp{Client: c, Username: "joan", Password: password})
	told(t, err, full)
	told(t, w.SetPassword(t.Context(), p, "jane", another, true), full)
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another), full)
	told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", "000000", another), full)
	close(done)
	worker.Wait()
	told(t, w.ChangePassword(t.Context(), &userpool.Client{Pool: p}, u, password, another), "")
}

// A history of three refuses the password in force and the two before it, and then forgets.
func TestPasswordHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(history(3))
	w.member(p, "jane") // with the first password
	set := func(text string) error { return w.SetPassword(t.Context(), p, "jane", text, true) }
	for _, step := range []struct{ text, want string }{
		{password, usedPassword},
		{"Second-Horse-2", ""},
		{"Third-Horse-3", ""},
		{password, usedPassword},
		{"Second-Horse-2", usedPassword},
		{"Fourth-Horse-4", ""},
		{password, ""}, // three others came since
	} {
		told(t, set(step.text), step.want)
	}
}
