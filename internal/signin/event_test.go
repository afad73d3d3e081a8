package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// events sums up what is remembered of a user, the oldest first: "Pass Password:Success, Fail Password:Failure".
func (w *world) events(key userpool.UserKey) string {
	w.t.Helper()
	events, err := w.store.AuthEvents(w.t.Context(), key, "", 100)
	w.must(err)
	var all []string
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		if e.Type != wire.EventTypeSignIn {
			w.t.Errorf("a sign-in is remembered as %s", e.Type)
		}
		text := string(e.Response)
		for _, c := range e.Challenges {
			text += " " + string(c.ChallengeName) + ":" + string(c.ChallengeResponse)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestEventsOfSignIns(t *testing.T) {
	t.Parallel()
	const pass, fail = "Pass Password:Success", "Fail Password:Failure"
	for _, tt := range []struct {
		name     string
		settings []setting
		sign     func(w *world, u *userpool.User)
		want     string
	}{
		{"off", nil, func(w *world, _ *userpool.User) { w.signIn(username, password) }, ""},
		{"right", []setting{protected}, func(w *world, _ *userpool.User) { w.signIn(username, password) }, pass},
		{"wrong", []setting{protected}, func(w *world, _ *userpool.User) { w.signIn(username, wrong) }, fail},
		{"right by SRP", []setting{protected}, func(w *world, _ *userpool.User) { w.startSRP(username).sign(password).send() }, pass},
		{"wrong by SRP", []setting{protected}, func(w *world, _ *userpool.User) { w.startSRP(username).sign(wrong).send() }, fail},
		{"SRP without an answer", []setting{protected}, func(w *world, _ *userpool.User) { w.startSRP(username) }, ""},
		{"locked", []setting{protected}, func(w *world, _ *userpool.User) {
			for range 8 { // the last three find a lock
				w.signIn(username, wrong)
			}
		}, strings.Join([]string{fail, fail, fail, fail, fail}, ", ")},
		{"without a lock", []setting{protected}, func(w *world, _ *userpool.User) {
			w.service.Lockout = false
			w.signIn(username, wrong)
		}, fail},
		{"disabled", []setting{protected}, func(w *world, u *userpool.User) {
			w.change(u.Key, func(u *userpool.User) { u.Enabled = false })
			w.signIn(username, password)
		}, ""},
		{"to be reset, where that is hidden", []setting{protected, hidden}, func(w *world, u *userpool.User) {
			w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
			w.signIn(username, password)
		}, "Fail Password:Success"},
		{"refresh", []setting{protected}, func(w *world, _ *userpool.User) {
			out, _ := w.initiate(userpool.UserPasswordAuth, "USERNAME", username, "PASSWORD", password)
			w.initiate(userpool.RefreshTokenAuth, "REFRESH_TOKEN", out.Issued.RefreshToken)
		}, pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.settings...)
			u := w.confirmed(username)
			tt.sign(w, u)
			if got := w.events(u.Key); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A sign-in of two steps is one event, whose id is in the tokens, also where they cannot be revoked.
func TestEventOfTwoSteps(t *testing.T) {
	t.Parallel()
	for _, revocable := range []bool{true, false} {
		w := newWorld(t, protected, func(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
			c.EnableTokenRevocation = new(revocable)
		})
		u := w.invite(username, password)
		out, _ := w.initiate(userpool.UserPasswordAuth, "USERNAME", username, "PASSWORD", password)
		if got := w.events(u.Key); got != "InProgress Password:Success" {
			t.Errorf("after the first step: %q", got)
		}
		w.advance(time.Minute)
		out, told := w.respond(challengeNew, out.Session, "USERNAME", username, "NEW_PASSWORD", password+"2")
		if told != issued {
			t.Fatal(told)
		}
		if got := w.events(u.Key); got != "Pass Password:Success" {
			t.Errorf("after the second step: %q", got)
		}
		events, err := w.store.AuthEvents(t.Context(), u.Key, "", 1)
		w.must(err)
		if began := w.now().Add(-time.Minute); !events[0].Created.Equal(began) {
			t.Errorf("the event is of %s, want %s", events[0].Created, began)
		}
		if got := out.Issued.Grant; got.EventID != events[0].ID || (got.ID == got.EventID) == revocable {
			t.Errorf("event %s, grant %s with event_id %s, revocable %t", events[0].ID, got.ID, got.EventID, revocable)
		}
	}
}

// Who is not there leaves events of their own for a while, and none of a user's.
func TestEventsOfAStandIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, protected, hidden)
	u := w.confirmed(username)
	w.signIn("nobody", wrong)
	if got := w.events(u.Key); got != "" {
		t.Errorf("the user has %q", got)
	}
}

// What is unusual of a sign-in shows in its level.
func TestLevelOfASignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, protected)
	u := w.confirmed(username)
	levels := func(address, agent, text string) wire.RiskLevelType {
		t.Helper()
		ctx := userpool.WithCaller(t.Context(), userpool.Caller{Address: address, UserAgent: agent})
		w.initiateIn(ctx, userpool.UserPasswordAuth, "USERNAME", username, "PASSWORD", text)
		events, err := w.store.AuthEvents(t.Context(), u.Key, "", 1)
		w.must(err)
		return events[0].Risk
	}
	const home, abroad, known, other = "192.0.2.7", "203.0.113.9", "curl/8.5.0", "aws-cli/2.15.0"
	for i, step := range []struct {
		address, agent, password string
		want                     wire.RiskLevelType
	}{
		{home, known, password, ""},
		{home, known, password, ""},
		{"192.0.2.200", known, password, ""}, // of the same network
		{abroad, known, wrong, ""},           // a network alone
		{abroad, other, wrong, "Low"},        // and a device
		{home, known, wrong, ""},             // three failures begin to count with the next
		{home, known, password, "Low"},       // for them
		{abroad, other, password, "Medium"},  // for everything
		{abroad, other, password, "Low"},     // which is known now, but for the failures
	} {
		w.advance(time.Second)
		if got := levels(step.address, step.agent, step.password); got != step.want {
			t.Errorf("step %d is %q, want %q", i+1, got, step.want)
		}
	}
}
