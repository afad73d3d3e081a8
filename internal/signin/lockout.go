package signin

import (
	"context"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// The lock after failed passwords, as the service documents it: five failures are free, the n-th locks
// for 2^(n-5) seconds up to a quarter of an hour, and a quarter of an hour without attempts forgets them.
const (
	freeFailures = 5
	longestLock  = 15 * time.Minute
	forgetAfter  = 15 * time.Minute
)

// countTimeout bounds the counting of a failure, which a caller who hangs up does not stop.
const countTimeout = 10 * time.Second

func lockedOut() error {
	return userpool.NewError(userpool.NotAuthorized, "Password attempts exceeded")
}

// checkLock refuses while the user is locked.
func (s *Service) checkLock(ctx context.Context, r userpool.Reader, key userpool.AttemptKey) error {
	if !s.Lockout {
		return nil
	}
	a, err := r.Attempts(ctx, key)
	if err != nil {
		return err
	}
	if s.Now().Before(a.Locked) {
		return lockedOut()
	}
	return nil
}

// failed counts and remembers a wrong password and gives the answer to it. Guesses that were under way when the lock
// fell learn nothing and leave nothing: the unit of work decides.
func (s *Service) failed(ctx context.Context, pool *userpool.Pool, sub *subject) error {
	event, err := s.newEvent(ctx, pool, sub)
	if err != nil {
		return err
	}
	if !s.Lockout && event == nil {
		return userpool.WrongPassword()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countTimeout)
	defer cancel()
	var told error
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		locked, err := s.countFailure(ctx, tx, sub.attempts)
		if err != nil {
			return err
		}
		if locked {
			told = lockedOut()
			return nil
		}
		told = userpool.WrongPassword()
		return event.Record(ctx, tx, wire.EventResponseTypeFail, risk.Password(false))
	})
	if err != nil {
		return err
	}
	return told
}

// countFailure counts one more failure, unless the user is locked.
func (s *Service) countFailure(ctx context.Context, tx userpool.Tx, key userpool.AttemptKey) (locked bool, err error) {
	if !s.Lockout {
		return false, nil
	}
	a, err := tx.Attempts(ctx, key)
	if err != nil {
		return false, err
	}
	now := s.Now()
	if now.Before(a.Locked) {
		return true, nil
	}
	return false, tx.PutAttempts(ctx, key, another(a, now))
}

// another counts one more failure.
func another(a userpool.Attempts, now time.Time) userpool.Attempts {
	if now.Sub(a.Since) >= forgetAfter {
		a.Count = 0
	}
	a.Count++
	a.Since, a.Locked = now, time.Time{}
	if n := a.Count - freeFailures; n >= 0 {
		a.Locked = now.Add(min(longestLock, time.Second<<min(n, 20)))
	}
	a.Expires = now.Add(max(longestLock, forgetAfter))
	return a
}

// forget is part of the unit of work that completes a right password.
func (s *Service) forget(ctx context.Context, tx userpool.Tx, key userpool.AttemptKey) error {
	if !s.Lockout {
		return nil
	}
	a, err := tx.Attempts(ctx, key)
	if err != nil || a.Count == 0 {
		return err
	}
	return tx.DeleteAttempts(ctx, key)
}
