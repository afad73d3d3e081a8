package risk

import (
	"context"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Service shows what is remembered of users and takes what they and administrators say of it.
type Service struct {
	Store  userpool.Store
	Sealer userpool.Sealer
	Now    func() time.Time
	// ClientNow is the time on the clients' clocks where it is not Now's, because Now travels. Nil in production.
	ClientNow func() time.Time
}

// Who says whether an event was the user.
const (
	byAdmin = "Admin"
	byUser  = "User"
)

// Enabled answers UserPoolAddOnNotEnabled for a pool without threat protection.
func Enabled(pool *userpool.Pool) error {
	if Mode(pool) == wire.AdvancedSecurityModeTypeOff {
		return userpool.NewError(userpool.UserPoolAddOnNotEnabled, "User pool add-ons are not enabled.")
	}
	return nil
}

// Events lists the events of a user, newest first; next is "" on the last page (AdminListUserAuthEvents). Errors:
// InvalidParameter for a token of another list.
func (s *Service) Events(ctx context.Context, user userpool.UserKey, limit int, token string) (events []userpool.AuthEvent, next string, err error) {
	scope := []string{"AdminListUserAuthEvents", strconv.FormatInt(user.Pool, 10), strconv.FormatInt(user.User, 10)}
	before, err := userpool.ReadToken(token, scope...)
	if err != nil {
		return nil, "", err
	}
	events, err = s.Store.AuthEvents(ctx, user, before, limit+1)
	if err != nil || len(events) <= limit {
		return events, "", err
	}
	events = events[:limit]
	return events, userpool.NextToken(events[limit-1].ID, scope...), nil
}

// Feedback stores what an administrator says of an event (AdminUpdateAuthEventFeedback). The last word counts. Errors:
// ResourceNotFound.
func (s *Service) Feedback(ctx context.Context, user userpool.UserKey, event string, value wire.FeedbackValueType) error {
	return s.feedback(ctx, user, event, value, byAdmin)
}

func (s *Service) feedback(ctx context.Context, user userpool.UserKey, event string, value wire.FeedbackValueType, provider string) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		err := tx.PutAuthEventFeedback(ctx, user, event, userpool.AuthEventFeedback{Value: value, Provider: provider, Date: now})
		return userpool.OrNotFound(err, userpool.NewError(userpool.ResourceNotFound, "Event does not exist."))
	})
}

const feedbackPurpose = "feedback token"

// feedbackLifetime is how long a user may answer a notice.
const feedbackLifetime = 7 * 24 * time.Hour

// feedbackClaim is what a feedback token holds, sealed.
type feedbackClaim struct {
	User    int64     `json:"user"`
	Event   string    `json:"event"`
	Expires time.Time `json:"expires"`
}

// FeedbackToken makes what a notice gives to the user for their answer. Other events, users and pools take no such token.
func (s *Service) FeedbackToken(ctx context.Context, user userpool.UserKey, event string) (string, error) {
	plain, err := json.Marshal(feedbackClaim{User: user.User, Event: event, Expires: s.Now().Add(feedbackLifetime)})
	if err != nil {
		return "", err
	}
	sealed, err := s.Sealer.Seal(ctx, user.Pool, feedbackPurpose, plain)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// FeedbackOfUser stores what the user says of an event who was given the token (UpdateAuthEventFeedback). Who has no
// token of the event learns nothing of users. Errors: NotAuthorized for a token that is not good for this, UserNotFound
// and ResourceNotFound for what is gone since.
func (s *Service) FeedbackOfUser(ctx context.Context, pool *userpool.Pool, name, event string, value wire.FeedbackValueType, token string) error {
	claim, err := s.open(ctx, pool, token)
	if err != nil {
		return err
	}
	u, err := s.Store.FindUser(ctx, pool.Number, pool.Lookup(name))
	switch {
	case err != nil:
		return userpool.OrNotFound(err, userpool.NoSuchUser())
	case claim.User != u.Key.User || claim.Event != event:
		return foreignToken()
	}
	return s.feedback(ctx, u.Key, event, value, byUser)
}

func (s *Service) open(ctx context.Context, pool *userpool.Pool, token string) (c feedbackClaim, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return c, foreignToken()
	}
	plain, err := s.Sealer.Open(ctx, pool.Number, feedbackPurpose, sealed)
	if err != nil {
		return c, userpool.OrNotFound(err, foreignToken())
	}
	if json.Unmarshal(plain, &c) != nil || s.Now().After(c.Expires) {
		return c, foreignToken()
	}
	return c, nil
}

func foreignToken() *userpool.Error {
	return userpool.NewError(userpool.NotAuthorized, "Invalid feedback token for the event.")
}
