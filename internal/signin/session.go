package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// session is the state of a challenge, sealed into the Session string. It is bound to the client, the user
// and the password that was in force when it was made.
type session struct {
	ID         string    `json:"id"`    // UUID
	Event      string    `json:"event"` // of the sign-in
	Challenge  string    `json:"challenge"`
	ClientID   string    `json:"client"`
	User       int64     `json:"user"`
	Mark       mark      `json:"mark"`
	Generation int64     `json:"generation"`
	Expires    time.Time `json:"expires"`
}

const (
	sessionPurpose = "challenge session"
	maxSession     = 2048 // characters, by the API's model
)

func invalidSession(detail string) *userpool.Error {
	return userpool.NewError(userpool.NotAuthorized, "Invalid session for the user"+detail+".")
}

func sessionUsed() *userpool.Error { return invalidSession(", session can only be used once") }

func (s *Service) newSession(ctx context.Context, c *userpool.Client, sub *subject, challenge string) (string, error) {
	plain, err := json.Marshal(session{
		ID: uuid.NewString(), Event: sub.event, Challenge: challenge, ClientID: c.ID,
		User: sub.user.Key.User, Mark: sub.mark, Generation: sub.password.Generation,
		Expires: s.Now().Add(c.SessionLifetime()),
	})
	if err != nil {
		return "", err
	}
	sealed, err := s.Sealer.Seal(ctx, c.Pool.Number, sessionPurpose, plain)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// openSession opens the Session of an answer and checks what it is bound to, except user and password,
// which the challenge checks.
func (s *Service) openSession(ctx context.Context, ans Answer) (st session, err error) {
	sealed, ok := decodeBase64(base64.RawURLEncoding, ans.Session, maxSession)
	if !ok {
		return st, invalidSession("")
	}
	plain, err := s.Sealer.Open(ctx, ans.Client.Pool.Number, sessionPurpose, sealed)
	if err != nil {
		return st, userpool.OrNotFound(err, invalidSession(""))
	}
	switch err := json.Unmarshal(plain, &st); {
	case err != nil || st.ClientID != ans.Client.ID || st.Challenge != ans.Challenge:
		return st, invalidSession("")
	case s.Now().After(st.Expires):
		return st, invalidSession(", session is expired")
	}
	return st, nil
}

// spend is part of the unit of work that completes the session's challenge.
func (st session) spend(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
	err := tx.Spend(ctx, pool.Number, st.ID, st.Expires)
	if errors.Is(err, userpool.ErrExists) {
		return sessionUsed()
	}
	return err
}

var errUnspent = errors.New("signin: the session was not used")

// whyInvalid tells whether a session that no longer fits its user has had its success, or the user was
// changed by others.
func (s *Service) whyInvalid(ctx context.Context, pool *userpool.Pool, st session) error {
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		if err := st.spend(ctx, tx, pool); err != nil {
			return err
		}
		return errUnspent // so that nothing is kept
	})
	if errors.Is(err, errUnspent) {
		return invalidSession("")
	}
	return err
}
