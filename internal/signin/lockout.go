package signin

import (
	"context"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// The lock after failed passwords, as the service documents it: five failures are free, the n-th locks
// for 2^(n-5) seconds up to a quarter of an hour, and a quarter of an hour without attempts forgets them.
const (
	freeFailures = 5
	longestLock  = 15 * time.Minute
	forgetAfter  = 15 * time.Minute
)

func attemptKey(pool int64, subject string) userpool.AttemptKey {
	return userpool.AttemptKey{Pool: pool, Kind: userpool.AttemptPassword, Subject: subject}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func hexText(b []byte) string { return hex.EncodeToString(b) }

func lockedOut() error {
	return userpool.NewError(userpool.NotAuthorized, "Password attempts exceeded")
}

// open refuses while the user is locked.
func (s *Service) open(ctx context.Context, key userpool.AttemptKey) error {
	if !s.Lockout {
		return nil
	}
	a, err := s.Store.Attempts(ctx, key)
	if err != nil {
		return err
	}
	if s.Now().Before(a.Locked) {
		return lockedOut()
	}
	return nil
}

// failed counts a wrong password and gives the answer to it. Guesses that were under way when the lock
// fell learn nothing: the unit of work decides.
func (s *Service) failed(ctx context.Context, key userpool.AttemptKey) error {
	answer := error(userpool.WrongPassword())
	if !s.Lockout {
		return answer
	}
	err := s.Store.Write(context.WithoutCancel(ctx), func(tx userpool.Tx) error {
		answer = userpool.WrongPassword()
		a, err := tx.Attempts(ctx, key)
		if err != nil {
			return err
		}
		now := s.Now()
		if now.Before(a.Locked) {
			answer = lockedOut()
			return nil
		}
		if now.Sub(a.Since) >= forgetAfter {
			a.Count = 0
		}
		a.Count++
		a.Since = now
		a.Locked = time.Time{}
		if n := a.Count - freeFailures; n >= 0 {
			a.Locked = now.Add(min(longestLock, time.Second<<min(n, 20)))
		}
		a.Expires = now.Add(longestLock + forgetAfter)
		return tx.PutAttempts(ctx, key, a)
	})
	if err != nil {
		return err
	}
	return answer
}

// passed is part of the unit of work that completes a right password: it refuses when a lock fell
// meanwhile, and forgets the failures.
func (s *Service) passed(ctx context.Context, tx userpool.Tx, key userpool.AttemptKey) error {
	if !s.Lockout {
		return nil
	}
	a, err := tx.Attempts(ctx, key)
	if err != nil || a.Count == 0 {
		return err
	}
	if s.Now().Before(a.Locked) {
		return lockedOut()
	}
	return tx.DeleteAttempts(ctx, key)
}
