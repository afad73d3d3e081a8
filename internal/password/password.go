// Package password computes and judges passwords: it is where the SRP verifier, the queue in front of
// expensive arithmetic, and the pool's history of passwords meet. account and signin share it.
//
// A password is computed before the unit of work that stores it, since no exponentiation happens inside one;
// the unit makes sure that what was judged is still in force.
package password

import (
	"context"
	"errors"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Service computes and judges. Its fields are set once, before the first call.
type Service struct {
	Store userpool.Reader
	Queue *limits.Queue
	Now   func() time.Time
}

// Compute runs f, which exponentiates for some milliseconds, behind the queue. Overload is the caller's
// TooManyRequests.
func (s *Service) Compute(ctx context.Context, f func() error) error {
	var failed error
	err := s.Queue.Do(ctx, func() { failed = f() })
	if errors.Is(err, limits.ErrOverload) {
		return userpool.Overloaded()
	}
	return errors.Join(err, failed)
}

// Proves says whether text is the stored password, at the price of one exponentiation, or of an imported hash, and in
// constant time but for that. The zero Password is proved by nothing.
func (s *Service) Proves(ctx context.Context, pool *userpool.Pool, stored *userpool.Password, username, text string) (right bool, err error) {
	err = s.Compute(ctx, func() error {
		right = matches(stored, pool, username, text)
		return nil
	})
	return right, err
}

// New computes what is stored of a password.
func (s *Service) New(ctx context.Context, pool *userpool.Pool, username, text string, temporary bool) (*userpool.Password, error) {
	p := &userpool.Password{Set: s.Now().UTC().Truncate(time.Microsecond), Temporary: temporary}
	err := s.Compute(ctx, func() error {
		p.Salt, p.Verifier = srp.NewVerifier(pool.SRPName(), username, text)
		return nil
	})
	return p, err
}

// Change is a password that is to follow a user's present one.
type Change struct {
	// Used says that the pool's history refuses the password.
	Used bool

	pool     *userpool.Pool
	password *userpool.Password
	bound    bool  // only generation may be the present one when the change is stored
	present  int64 // a generation
}

// NewChange computes a password for a user and judges it by the pool's history. It costs the same for a key
// that nobody has.
func (s *Service) NewChange(ctx context.Context, pool *userpool.Pool, key userpool.UserKey, username, text string, temporary bool) (*Change, error) {
	c := &Change{pool: pool}
	if n := pool.PasswordHistory(); n > 0 {
		former, err := s.Store.Passwords(ctx, key, n)
		if err != nil {
			return nil, err
		}
		if len(former) > 0 {
			c.present = former[0].Generation
		}
		c.bound = true
		if err := s.Compute(ctx, func() error {
			for i := range n { // as many for a short history
				stored := &userpool.Password{}
				if i < len(former) {
					stored = &former[i]
				}
				c.Used = matches(stored, pool, username, text) || c.Used
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	var err error
	c.password, err = s.New(ctx, pool, username, text, temporary)
	return c, err
}

// After binds the change to the password that it follows: the one that the user has proved.
func (c *Change) After(present *userpool.Password) { c.bound, c.present = true, present.Generation }

// Put stores the change in a unit of work. It answers TooManyRequests when the password that it was judged
// against has changed meanwhile: the caller may try again.
func (c *Change) Put(ctx context.Context, tx userpool.Tx, key userpool.UserKey) error {
	if c.bound {
		present, err := Present(ctx, tx, key)
		if err != nil {
			return err
		}
		if present.Generation != c.present {
			return userpool.Overloaded()
		}
	}
	return Put(ctx, tx, c.pool, key, c.password)
}

// Put stores a password as the user's next one and keeps as many former ones as the pool's history asks for.
// Codes that could set another are worthless then.
func Put(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, key userpool.UserKey, p *userpool.Password) error {
	present, err := Present(ctx, tx, key)
	if err != nil {
		return err
	}
	p.User, p.Generation = key, present.Generation+1
	if err := tx.DeleteCodes(ctx, key, userpool.ResetPassword, "", ""); err != nil {
		return err
	}
	return tx.PutPassword(ctx, p, max(1, pool.PasswordHistory()))
}

// Upgrade puts a verifier in the place of an imported hash that text has proved, and gives the password that is in
// force then. Another password that came in between stays: the caller's look at the generation sees it.
func (s *Service) Upgrade(ctx context.Context, store userpool.Store, pool *userpool.Pool, stored *userpool.Password, username, text string) (*userpool.Password, error) {
	fresh, err := s.New(ctx, pool, username, text, false)
	if err != nil {
		return nil, err
	}
	fresh.User, fresh.Generation, fresh.Set = stored.User, stored.Generation+1, stored.Set
	err = store.Write(ctx, func(tx userpool.Tx) error {
		present, err := Present(ctx, tx, stored.User)
		if err != nil || present.Generation != stored.Generation {
			return err
		}
		return tx.PutPassword(ctx, fresh, 1) // an imported password has none before it
	})
	return fresh, err
}

// Present gives the user's password, or one of generation zero, which nothing proves.
func Present(ctx context.Context, r userpool.Reader, key userpool.UserKey) (*userpool.Password, error) {
	p, err := r.Password(ctx, key)
	if errors.Is(err, userpool.ErrNotFound) {
		return &userpool.Password{User: key}, nil
	}
	return p, err
}

func matches(stored *userpool.Password, pool *userpool.Pool, username, text string) bool {
	if stored.Hash != "" {
		return matchesHash(stored.Hash, text)
	}
	salt := stored.Salt
	if salt == nil {
		salt = make([]byte, srp.SaltSize)
	}
	return srp.Matches(stored.Verifier, salt, pool.SRPName(), username, text)
}
