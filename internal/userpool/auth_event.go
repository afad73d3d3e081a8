package userpool

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// AuthEvent is one thing that a user did with their account, as threat protection remembers it
// (AdminListUserAuthEvents).
type AuthEvent struct {
	User       UserKey
	ID         string // UUID of version 7; that of a sign-in is the claim event_id
	Type       wire.EventType
	Response   wire.EventResponseType
	Challenges []wire.ChallengeResponseType
	Risk       wire.RiskLevelType // "" for none
	From       ClientContext
	Feedback   *AuthEventFeedback // nil when there is none
	Created    time.Time
	Expires    time.Time
}

// AuthEventFeedback says whether it was the user.
type AuthEventFeedback struct {
	Value    wire.FeedbackValueType
	Provider string // who says so
	Date     time.Time
}

// NewEventID draws an id that sorts after those that were drawn before.
func NewEventID() string { return uuid.Must(uuid.NewV7()).String() }

// StandIn is the key under which the events of somebody are kept who is not there. No user has it; it is always the same
// for the same keyed hash of a name.
func StandIn(pool int64, mark [32]byte) UserKey {
	return UserKey{Pool: pool, User: -1 - int64(binary.BigEndian.Uint64(mark[:8])>>1)}
}

// IsStandIn says whether the key is one that StandIn gave.
func (k UserKey) IsStandIn() bool { return k.User < 0 }

// SignInHistory is what a sign-in is compared with.
type SignInHistory struct {
	Telling  []AuthEvent // sign-ins that passed, and events with feedback, newest first
	Failures int         // sign-ins with a wrong password
}

type AuthEventReader interface {
	// SignInHistory reads the newest telling events of a user, at most limit, and counts the failures after since.
	SignInHistory(ctx context.Context, user UserKey, since time.Time, limit int) (SignInHistory, error)
	// AuthEvents lists events of a user that have not expired, newest first, at most limit, those before the one with the
	// id before unless that is "".
	AuthEvents(ctx context.Context, user UserKey, before string, limit int) ([]AuthEvent, error)
}

type AuthEventWriter interface {
	// PutAuthEvent stores an event. Where one has its id already, that goes on: it takes the response and the challenges.
	// Nothing is stored of a user who is gone. It is no change that the audit log shows.
	PutAuthEvent(ctx context.Context, e *AuthEvent) error
	// PutAuthEventFeedback stores what somebody says of an event. ErrNotFound when it is gone.
	PutAuthEventFeedback(ctx context.Context, user UserKey, id string, f AuthEventFeedback) error
}
