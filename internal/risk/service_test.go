package risk_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// world is a store with two users and a pool that has threat protection on.
type world struct {
	*risk.Service
	t          testing.TB
	clock      time.Time
	pool       *userpool.Pool
	jane, john *userpool.User
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.clock }
	db, err := store.Open(t.Context(), store.Config{Memory: true, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.Service = &risk.Service{Store: db, Sealer: db, Now: now}
	w.pool = w.newPool(1)
	w.jane, w.john = w.newUser("jane"), w.newUser("john")
	return w
}

func (w *world) newPool(number int64) *userpool.Pool {
	p := &userpool.Pool{Number: number, ID: fmt.Sprintf("us-east-1_%09d", number), Name: "pool", Created: w.clock, Modified: w.clock,
		Settings: &wire.UserPoolType{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}}}
	w.write(func(tx userpool.Tx) error { return tx.CreatePool(w.t.Context(), p, nil) })
	return p
}

func (w *world) newUser(name string) *userpool.User {
	u := &userpool.User{Key: userpool.UserKey{Pool: w.pool.Number, User: userpool.NewNumber(w.clock)}, Username: name, Sub: "sub of " + name,
		Status: userpool.Confirmed, Enabled: true, Created: w.clock, Modified: w.clock}
	w.write(func(tx userpool.Tx) error { return tx.CreateUser(w.t.Context(), u, name) })
	return u
}

func (w *world) write(fn func(userpool.Tx) error) {
	w.t.Helper()
	if err := w.Store.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// remember records a sign-in and gives its id.
func (w *world) remember(key userpool.UserKey) string {
	w.t.Helper()
	id := userpool.NewEventID()
	e, err := risk.NewSignIn(w.t.Context(), w.Store, w.pool, key, id, w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx userpool.Tx) error { return e.Record(w.t.Context(), tx, "Pass", risk.Password(true)) })
	return id
}

func (w *world) told(err error, want string) {
	w.t.Helper()
	got := ""
	if e, ok := errors.AsType[*userpool.Error](err); ok {
		got = e.Error()
	} else if err != nil {
		got = "internal: " + err.Error()
	}
	if got != want {
		w.t.Errorf("told %q, want %q", got, want)
	}
}

const (
	foreign = "NotAuthorized: Invalid feedback token for the event."
	noEvent = "ResourceNotFound: Event does not exist."
	noUser  = "UserNotFound: User does not exist."
)

func TestEventPages(t *testing.T) {
	w := newWorld(t)
	var want []string
	for range 5 {
		want = append([]string{w.remember(w.jane.Key)}, want...)
	}
	w.remember(w.john.Key)
	var got []string
	token := ""
	for pages := 1; ; pages++ {
		events, next, err := w.Events(t.Context(), w.jane.Key, 2, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			got = append(got, e.ID)
		}
		if token = next; token == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		if pages == 1 {
			w.remember(w.jane.Key) // comes before the page
			_, _, err := w.Events(t.Context(), w.john.Key, 2, token)
			w.told(err, "InvalidParameter: Paging marker "+token+" is invalid for this request")
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.clock = w.clock.AddDate(2, 0, 0)
	if events, _, _ := w.Events(t.Context(), w.jane.Key, 10, ""); len(events) != 0 {
		t.Errorf("%d events are left after two years", len(events))
	}
}

func TestFeedback(t *testing.T) {
	w := newWorld(t)
	id := w.remember(w.jane.Key)
	feedback := func() string {
		t.Helper()
		events, err := w.Store.AuthEvents(t.Context(), w.jane.Key, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		e := events[slices.IndexFunc(events, func(e userpool.AuthEvent) bool { return e.ID == id })]
		if e.Feedback == nil {
			return ""
		}
		return fmt.Sprint(e.Feedback.Provider, " ", e.Feedback.Value, " ", e.Feedback.Date.Equal(w.clock))
	}
	if got := feedback(); got != "" {
		t.Errorf("at first: %s", got)
	}
	w.told(w.Feedback(t.Context(), w.jane.Key, id, "Invalid"), "")
	if got := feedback(); got != "Admin Invalid true" {
		t.Errorf("the administrator's: %s", got)
	}
	w.told(w.Feedback(t.Context(), w.john.Key, id, "Valid"), noEvent)
	w.told(w.Feedback(t.Context(), w.jane.Key, "none", "Valid"), noEvent)

	w.clock = w.clock.Add(time.Minute)
	token, err := w.FeedbackToken(t.Context(), w.jane.Key, id)
	if err != nil {
		t.Fatal(err)
	}
	say := func(pool *userpool.Pool, name, event, token string) error {
		return w.FeedbackOfUser(t.Context(), pool, name, event, "Valid", token)
	}
	w.told(say(w.pool, "jane", id, token+"A"), foreign)
	w.told(say(w.pool, "jane", id, "="), foreign)
	w.told(say(w.pool, "nobody", id, "AAAA"), foreign) // says nothing of users
	w.told(say(w.newPool(2), "jane", id, token), foreign)
	w.told(say(w.pool, "john", id, token), foreign)
	w.told(say(w.pool, "jane", w.remember(w.jane.Key), token), foreign)
	if got := feedback(); got != "Admin Invalid false" {
		t.Errorf("after tokens that are not good: %s", got)
	}
	w.told(say(w.pool, "jane", id, token), "")
	w.told(say(w.pool, "jane", id, token), "") // again
	if got := feedback(); got != "User Valid true" {
		t.Errorf("the user's: %s", got)
	}
	w.clock = w.clock.Add(7*24*time.Hour + time.Second)
	w.told(say(w.pool, "jane", id, token), foreign)

	token, err = w.FeedbackToken(t.Context(), w.jane.Key, id)
	if err != nil {
		t.Fatal(err)
	}
	w.write(func(tx userpool.Tx) error { return tx.DeleteUser(t.Context(), w.jane.Key) })
	w.told(say(w.pool, "jane", id, token), noUser)
}
