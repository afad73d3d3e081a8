package account

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ChangePassword sets a user's password who proves the present one. A user without password gives none; one whom
// identity providers sign in can have none.
// Tokens stay good.
func (s *Service) ChangePassword(ctx context.Context, client *userpool.Client, user *userpool.User, previous, proposed string) error {
	pool := client.Pool
	if err := pool.CheckPassword(proposed); err != nil {
		return err
	}
	if err := risk.HonourNewPassword(ctx, s.Store, client); err != nil {
		return err
	}
	key, username := user.Key, user.Username
	now := s.now()
	// The attempt is counted before the password is looked at, so that no two share one.
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		return s.count(ctx, tx, now, key.Counter(userpool.AttemptChangePassword))
	})
	if err != nil {
		return err
	}
	present, err := password.Present(ctx, s.Store, key)
	if err != nil {
		return err
	}
	right := previous == "" // which proves that there is none
	if present.Generation > 0 {
		if right, err = s.Passwords.Proves(ctx, pool, present, username, previous); err != nil {
			return err
		}
	}
	event := risk.NewEvent(ctx, pool, key, wire.EventTypePasswordChange, now)
	if !right || !user.HasPassword() {
		return s.refuse(ctx, event, userpool.WrongPassword(), risk.Password(false))
	}
	fresh, err := s.Passwords.NewChange(ctx, pool, key, username, proposed, false)
	if err != nil {
		return err
	}
	fresh.After(present)
	if fresh.Used {
		return s.refuse(ctx, event, userpool.UsedPassword(), risk.Password(true))
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if !u.HasPassword() {
			return userpool.WrongPassword()
		}
		if err := fresh.Put(ctx, tx, key); err != nil {
			return err
		}
		if u.Status == userpool.ForceChangePassword { // the temporary password is gone
			u.Status = userpool.Confirmed
		}
		u.Modified = now
		if err := tx.UpdateUser(ctx, u); err != nil {
			return err
		}
		return event.Record(ctx, tx, wire.EventResponseTypePass, risk.Password(true))
	})
}

// refuse remembers that an event failed and gives the answer.
func (s *Service) refuse(ctx context.Context, event *risk.Event, told error, passed wire.ChallengeResponseType) error {
	if event == nil {
		return told
	}
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		return event.Record(ctx, tx, wire.EventResponseTypeFail, passed)
	})
	if err != nil {
		return err
	}
	return told
}

// SetPassword sets a user's password for an administrator: a permanent one, or a temporary one that the
// user must change (AdminSetUserPassword).
func (s *Service) SetPassword(ctx context.Context, pool *userpool.Pool, name, text string, permanent bool) error {
	if err := pool.CheckPasswordOfAdmin(text); err != nil {
		return err
	}
	if permanent {
		if err := risk.HonourPasswordOfAdmin(ctx, s.Store, pool); err != nil {
			return err
		}
	}
	found, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	fresh, err := s.Passwords.NewChange(ctx, pool, found.Key, found.Username, text, !permanent)
	if err != nil {
		return err
	}
	if fresh.Used && permanent {
		return userpool.UsedPassword()
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, found.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if err := fresh.Put(ctx, tx, u.Key); err != nil {
			return err
		}
		unconfirmed := u.Status == userpool.Unconfirmed
		u.Status = userpool.ForceChangePassword
		if permanent {
			u.Status = userpool.Confirmed
		}
		if unconfirmed {
			return advance(ctx, tx, pool, u, now)
		}
		u.Modified = now
		return tx.UpdateUser(ctx, u)
	})
}
