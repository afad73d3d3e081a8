package risk

import (
	"context"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	retentionYears = 2 // of events
	// standInRetention is how long the events of those are kept who are not there: as long as a failure counts.
	standInRetention = failureWindow
)

// Event is what a user does now, on its way into what threat protection remembers. Where threat protection is off it is
// nil and leaves nothing.
type Event userpool.AuthEvent

// NewEvent begins an event of a user or a stand-in.
func NewEvent(ctx context.Context, pool *userpool.Pool, user userpool.UserKey, what wire.EventType, now time.Time) *Event {
	if Mode(pool) == wire.AdvancedSecurityModeTypeOff {
		return nil
	}
	e := &Event{
		User: user, ID: userpool.NewEventID(), Type: what, From: userpool.ClientContextFrom(ctx),
		Created: now, Expires: now.AddDate(retentionYears, 0, 0),
	}
	if user.IsStandIn() {
		e.Expires = now.Add(standInRetention)
	}
	return e
}

// NewSignIn begins the event of a sign-in, and rates it by what is remembered of the user. id is the claim event_id.
func NewSignIn(ctx context.Context, r userpool.AuthEventReader, pool *userpool.Pool, user userpool.UserKey, id string, now time.Time) (*Event, error) {
	e := NewEvent(ctx, pool, user, wire.EventTypeSignIn, now)
	if e == nil {
		return nil, nil
	}
	e.ID = id
	history, err := r.SignInHistory(ctx, user, now.Add(-failureWindow), remembered)
	if err != nil {
		return nil, err
	}
	e.Risk = level((*userpool.AuthEvent)(e), history)
	return e, nil
}

// Record stores how the event ends, or how far it came, in the unit of work that does what it tells of. A sign-in of
// several steps is one event; what it began with stays.
func (e *Event) Record(ctx context.Context, tx userpool.Tx, response wire.EventResponseType, passed ...wire.ChallengeResponseType) error {
	if e == nil {
		return nil
	}
	now := userpool.AuthEvent(*e)
	now.Response, now.Challenges = response, passed
	return tx.PutAuthEvent(ctx, &now)
}

// Password says how the challenge of the password was answered.
func Password(right bool) wire.ChallengeResponseType {
	c := wire.ChallengeResponseType{ChallengeName: wire.ChallengeNamePassword, ChallengeResponse: wire.ChallengeResponseFailure}
	if right {
		c.ChallengeResponse = wire.ChallengeResponseSuccess
	}
	return c
}
