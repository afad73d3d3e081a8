package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// session is the state of a challenge, sealed into the Session string. It is bound to the client, the user
// and the password that was in force when it was made.
type session struct {
	ID         string    `json:"id"`
	Challenge  string    `json:"challenge"`
	ClientID   string    `json:"client"`
	User       int64     `json:"user"`
	Typed      string    `json:"typed"`
	Generation int64     `json:"generation"`
	Expires    time.Time `json:"expires"`
}

const sessionPurpose = "challenge session"

var errCorrupt = errors.New("signin: sealed state of another form")

func isCorrupt(err error) bool { return errors.Is(err, errCorrupt) }

func invalidSession(detail string) error {
	return userpool.NewError(userpool.NotAuthorized, "Invalid session for the user"+detail+".")
}

func (s *Service) sealSession(ctx context.Context, pool *userpool.Pool, st session) (string, error) {
	sealed, err := s.sealJSON(ctx, pool, sessionPurpose, st)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// openSession opens the Session of an answer and checks everything that it is bound to, except the user
// name, which the challenge checks.
func (s *Service) openSession(ctx context.Context, ans Answer) (st session, err error) {
	if ans.Session == "" {
		return st, missing("Session")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(ans.Session)
	if err != nil {
		return st, invalidSession("")
	}
	err = s.openJSON(ctx, ans.Client.Pool, sessionPurpose, sealed, &st)
	switch {
	case errors.Is(err, userpool.ErrNotFound) || isCorrupt(err):
		return st, invalidSession("")
	case err != nil:
		return st, err
	case st.ClientID != ans.Client.ID || st.Challenge != ans.Challenge:
		return st, invalidSession("")
	case s.Now().After(st.Expires):
		return st, invalidSession(", session is expired")
	}
	return st, nil
}

// spendSession is part of the unit of work that completes the session's challenge.
func spendSession(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, st session) error {
	err := tx.Spend(ctx, pool.Number, st.ID, st.Expires)
	if errors.Is(err, userpool.ErrExists) {
		return invalidSession(", session can only be used once")
	}
	return err
}

func (s *Service) sealJSON(ctx context.Context, pool *userpool.Pool, purpose string, state any) ([]byte, error) {
	plain, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, pool.Number, purpose, plain)
}

func (s *Service) openJSON(ctx context.Context, pool *userpool.Pool, purpose string, sealed []byte, state any) error {
	plain, err := s.Sealer.Open(ctx, pool.Number, purpose, sealed)
	if err != nil {
		return err
	}
	if json.Unmarshal(plain, state) != nil {
		return errCorrupt
	}
	return nil
}
