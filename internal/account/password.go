package account

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// ChangePassword sets a user's password who proves the present one. A user without password gives none.
// Tokens stay good.
func (s *Service) ChangePassword(ctx context.Context, pool *userpool.Pool, user *userpool.User, previous, proposed string) error {
	if err := pool.CheckPassword(proposed); err != nil {
		return err
	}
	key, username := user.Key, user.Username
	now := s.now()
	// The attempt is counted before the password is looked at, so that no two share one.
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		return s.count(ctx, tx, now, userCounter(key, userpool.AttemptChangePassword))
	})
	if err != nil {
		return err
	}
	present, err := s.present(ctx, key)
	if err != nil {
		return err
	}
	right := previous == "" // which proves that there is none
	if present.Generation > 0 {
		if right, err = s.proves(ctx, pool, present, username, previous); err != nil {
			return err
		}
	}
	if !right {
		return userpool.WrongPassword()
	}
	fresh, err := s.freshPassword(ctx, pool, key, username, proposed, false)
	if err != nil {
		return err
	}
	fresh.judged, fresh.after = true, present.Generation
	if fresh.used {
		return userpool.UsedPassword()
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if err := fresh.put(ctx, tx, key); err != nil {
			return err
		}
		if u.Status == userpool.ForceChangePassword { // the temporary password is gone
			u.Status = userpool.Confirmed
		}
		u.Modified = now
		return tx.UpdateUser(ctx, u)
	})
}

// SetPassword sets a user's password for an administrator: a permanent one, or a temporary one that the
// user must change (AdminSetUserPassword).
func (s *Service) SetPassword(ctx context.Context, pool *userpool.Pool, name, password string, permanent bool) error {
	if err := pool.CheckPasswordOfAdmin(password); err != nil {
		return err
	}
	found, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	fresh, err := s.freshPassword(ctx, pool, found.Key, found.Username, password, !permanent)
	if err != nil {
		return err
	}
	if fresh.used && permanent {
		return userpool.UsedPassword()
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, found.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if err := fresh.put(ctx, tx, u.Key); err != nil {
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

// arithmetic runs f, which exponentiates, behind the queue.
func (s *Service) arithmetic(ctx context.Context, f func()) error {
	err := s.Queue.Do(ctx, f)
	if errors.Is(err, limits.ErrOverload) {
		return userpool.Overloaded()
	}
	return err
}

// newPassword computes what is stored of a password.
func (s *Service) newPassword(ctx context.Context, pool *userpool.Pool, username, password string, temporary bool) (*userpool.Password, error) {
	p := &userpool.Password{Set: s.now(), Temporary: temporary}
	err := s.arithmetic(ctx, func() {
		p.Salt, p.Verifier = srp.NewVerifier(pool.SRPName(), username, password)
	})
	return p, err
}

// freshPassword is a password that is to take the place of a user's present one.
type freshPassword struct {
	password *userpool.Password
	used     bool  // the pool's history refuses it
	judged   bool  // the present one was looked at, so it must still be there
	after    int64 // its generation
}

// freshPassword computes a password for a user, or for a key that nobody has, and judges it by the pool's
// history. It costs the same for both.
func (s *Service) freshPassword(ctx context.Context, pool *userpool.Pool, key userpool.UserKey, username, password string, temporary bool) (*freshPassword, error) {
	f := &freshPassword{}
	if pool.PasswordHistory() > 0 {
		present, err := s.present(ctx, key)
		if err != nil {
			return nil, err
		}
		f.judged, f.after = true, present.Generation
		if f.used, err = s.proves(ctx, pool, present, username, password); err != nil {
			return nil, err
		}
	}
	var err error
	f.password, err = s.newPassword(ctx, pool, username, password, temporary)
	return f, err
}

// put stores the password.
func (f *freshPassword) put(ctx context.Context, tx userpool.Tx, key userpool.UserKey) error {
	if f.judged {
		present, err := presentPassword(ctx, tx, key)
		if err != nil {
			return err
		}
		if present.Generation != f.after {
			return userpool.Overloaded() // changed meanwhile: the caller may try again
		}
	}
	return putPassword(ctx, tx, key, f.password)
}

// putPassword stores a password as the user's next one. Codes that could set another are worthless then.
func putPassword(ctx context.Context, tx userpool.Tx, key userpool.UserKey, p *userpool.Password) error {
	present, err := presentPassword(ctx, tx, key)
	if err != nil {
		return err
	}
	p.User, p.Generation = key, present.Generation+1
	if present.Generation > 0 {
		if err := tx.DeleteCodes(ctx, key, userpool.ResetPassword, "", ""); err != nil {
			return err
		}
	}
	return tx.PutPassword(ctx, p)
}

func (s *Service) present(ctx context.Context, key userpool.UserKey) (*userpool.Password, error) {
	return presentPassword(ctx, s.Store, key)
}

// presentPassword gives the user's password, or one of generation zero, which nothing proves.
func presentPassword(ctx context.Context, r userpool.Reader, key userpool.UserKey) (*userpool.Password, error) {
	p, err := r.Password(ctx, key)
	if errors.Is(err, userpool.ErrNotFound) {
		return &userpool.Password{User: key, Salt: make([]byte, srp.SaltSize)}, nil
	}
	return p, err
}

// proves says whether password is the present one, at the price of one exponentiation. It compares in
// constant time.
func (s *Service) proves(ctx context.Context, pool *userpool.Pool, present *userpool.Password, username, password string) (bool, error) {
	var given []byte
	err := s.arithmetic(ctx, func() {
		given = srp.Verifier(present.Salt, pool.SRPName(), username, password)
	})
	return err == nil && subtle.ConstantTimeCompare(given, present.Verifier) == 1, err
}
