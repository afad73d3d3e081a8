package storetest

import (
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func testAuthEvents(h *house) {
	start := h.clock.Now()
	var ids []string
	event := func(key userpool.UserKey, lives time.Duration) *userpool.AuthEvent {
		e := &userpool.AuthEvent{
			User: key, ID: userpool.NewEventID(), Type: wire.EventTypeSignIn, Response: wire.EventResponseTypeFail,
			Challenges: []wire.ChallengeResponseType{{ChallengeName: "Password", ChallengeResponse: "Failure"}},
			Risk:       "Low", From: userpool.ClientContext{Address: "192.0.2.1", Program: "Chrome 126", System: "Windows 10"},
			Created: start, Expires: start.Add(lives),
		}
		h.write(func(tx userpool.Tx) error { return tx.PutAuthEvent(h.ctx, e) })
		ids = append(ids, e.ID)
		return e
	}
	list := func(key userpool.UserKey, before string, limit int) []userpool.AuthEvent {
		h.t.Helper()
		return must[[]userpool.AuthEvent](h)(h.AuthEvents(h.ctx, key, before, limit))
	}
	h.equal("events of somebody without", len(list(h.user.Key, "", 10)), 0)
	first, second, third := event(h.user.Key, time.Hour), event(h.user.Key, time.Hour), event(h.user.Key, time.Minute)
	other := h.newUser(h.pool, "other")
	event(other.Key, time.Hour)
	h.equal("events, newest first", list(h.user.Key, "", 10), []userpool.AuthEvent{*third, *second, *first})
	h.equal("the newest events", list(h.user.Key, "", 2), []userpool.AuthEvent{*third, *second})
	h.equal("events before one", list(h.user.Key, second.ID, 10), []userpool.AuthEvent{*first})

	// An event that goes on keeps what it began with.
	second.Response, second.Challenges = wire.EventResponseTypePass, append(second.Challenges, wire.ChallengeResponseType{ChallengeName: "Mfa"})
	again := *second
	again.Created, again.Expires, again.Risk, again.From = start.Add(time.Second), start.Add(time.Minute), "High", userpool.ClientContext{}
	h.write(func(tx userpool.Tx) error { return tx.PutAuthEvent(h.ctx, &again) })
	h.equal("an event that went on", list(h.user.Key, third.ID, 1), []userpool.AuthEvent{*second})
	for _, value := range []wire.FeedbackValueType{"Invalid", "Valid"} { // the last word counts
		second.Feedback = &userpool.AuthEventFeedback{Value: value, Provider: "Admin", Date: start}
		h.write(func(tx userpool.Tx) error {
			return tx.PutAuthEventFeedback(h.ctx, second.User, second.ID, *second.Feedback)
		})
	}
	h.equal("an event with feedback", list(h.user.Key, third.ID, 1), []userpool.AuthEvent{*second})
	// What a sign-in is compared with: what passed, and what has feedback.
	history := must[userpool.SignInHistory](h)(h.SignInHistory(h.ctx, h.user.Key, start.Add(-time.Second), 10))
	h.equal("telling events", history, userpool.SignInHistory{Telling: []userpool.AuthEvent{*second}, Failures: 2})
	history = must[userpool.SignInHistory](h)(h.SignInHistory(h.ctx, h.user.Key, start, 10))
	h.equal("failures since then", history.Failures, 0)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.PutAuthEventFeedback(h.ctx, other.Key, first.ID, *second.Feedback)
	})

	// Those who are not there have some, under a key of their own; those who are gone have none.
	nobody := userpool.StandIn(h.pool.Number, [32]byte{7})
	imagined := event(nobody, time.Hour)
	h.equal("events of a stand-in", list(nobody, "", 10), []userpool.AuthEvent{*imagined})
	event(userpool.UserKey{Pool: h.pool.Number, User: other.Key.User + 1000}, time.Hour)
	h.equal("events of a user who never was", len(list(userpool.UserKey{Pool: h.pool.Number, User: other.Key.User + 1000}, "", 10)), 0)

	h.clock.advance(time.Minute)
	h.equal("events but for an expired one", list(h.user.Key, "", 10), []userpool.AuthEvent{*second, *first})
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.PutAuthEventFeedback(h.ctx, third.User, third.ID, *second.Feedback)
	})
	h.clock.advance(time.Second)
	h.equal("rows swept", must[int](h)(h.Sweep(h.ctx)), 1)

	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, h.user.Key) })
	h.equal("events of a deleted user", len(list(h.user.Key, "", 10)), 0)
	h.equal("events of another user", len(list(other.Key, "", 10)), 1)
	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	must[int](h)(h.Sweep(h.ctx))
	h.equal("events in a deleted pool", len(list(other.Key, "", 10))+len(list(nobody, "", 10)), 0)
}
