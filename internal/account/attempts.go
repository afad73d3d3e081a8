package account

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// attemptWindow begins with the first call that is counted and does not slide.
const attemptWindow = time.Hour

// attemptsAllowed is how many calls of a kind are answered in a window.
var attemptsAllowed = map[userpool.AttemptKind]int{
	userpool.AttemptForgot:          5,
	userpool.AttemptReset:           20,
	userpool.AttemptResend:          5,
	userpool.AttemptConfirm:         15,
	userpool.AttemptChangePassword:  5,
	userpool.AttemptSendAttribute:   5,
	userpool.AttemptVerifyAttribute: 15,
}

// count counts a call in every counter, or answers that one is full; then it is counted in none.
func (s *Service) count(ctx context.Context, tx userpool.Tx, now time.Time, keys ...userpool.AttemptKey) error {
	if !s.AttemptLimits {
		return nil
	}
	counted := make([]userpool.Attempts, len(keys))
	for i, key := range keys {
		a, err := s.checkLimit(ctx, tx, now, key)
		if err != nil {
			return err
		}
		a.Count++
		counted[i] = a
	}
	for i, key := range keys {
		if err := tx.PutAttempts(ctx, key, counted[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkLimit reads a counter in its present window and answers that the limit is reached, if it is.
func (s *Service) checkLimit(ctx context.Context, r userpool.Reader, now time.Time, key userpool.AttemptKey) (userpool.Attempts, error) {
	if !s.AttemptLimits {
		return userpool.Attempts{}, nil
	}
	a, err := r.Attempts(ctx, key)
	if err != nil {
		return a, err
	}
	if !now.Before(a.Since.Add(attemptWindow)) {
		a = userpool.Attempts{Since: now, Expires: now.Add(attemptWindow)}
	}
	if a.Count >= attemptsAllowed[key.Kind] {
		return a, userpool.AttemptLimit()
	}
	return a, nil
}

// clear forgets the attempts of the operation that took a right code.
func (s *Service) clear(ctx context.Context, tx userpool.Tx, keys ...userpool.AttemptKey) error {
	if !s.AttemptLimits {
		return nil
	}
	for _, key := range keys {
		if err := tx.DeleteAttempts(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// addressCounter counts what is sent to one address, whoever asks for it.
func (s *Service) addressCounter(ctx context.Context, pool *userpool.Pool, kind userpool.AttemptKind, address string) (userpool.AttemptKey, error) {
	subject, err := s.mac(ctx, pool, "attempts by address", strings.ToLower(address))
	return userpool.AttemptKey{Pool: pool.Number, Kind: kind, Subject: subject}, err
}

// mac is a keyed hash as text, so that names and addresses do not stand in a table.
func (s *Service) mac(ctx context.Context, pool *userpool.Pool, purpose string, parts ...string) (string, error) {
	sum, err := s.Sealer.MAC(ctx, pool.Number, purpose, parts...)
	return hex.EncodeToString(sum[:]), err
}
