// Package account is the core of what happens to a user's account outside of signing in: sign-up and
// confirmation, recovery, passwords, attributes, and the codes that prove an address.
//
// Each operation has the same shape. What it needs is checked and computed first (form, policy, schema,
// the password's verifier). One unit of work then reads what it decides on and writes everything that
// belongs together, attempts included. What follows, such as a message, comes after it on a context that a
// hang-up does not cancel; code.go has the one way in which a code is sent.
//
// Where an app client hides who exists, an operation that takes a user name treats a stranger as a
// stand-in: the same look-ups, the same arithmetic, the same number of units of work, the same answer. See
// person.go.
package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Service changes accounts. Its fields are set once, before the first call.
type Service struct {
	Store     userpool.Store
	Sealer    userpool.Sealer
	Messenger userpool.Messenger
	Passwords *password.Service
	Now       func() time.Time
	Log       *slog.Logger

	// AttemptLimits switches the limits of attempts for an hour.
	AttemptLimits bool

	background background
}

// Close waits until the messages that are still on their way have been handed over or refused, or ctx
// ends. No operation may be called after it.
func (s *Service) Close(ctx context.Context) error { return s.background.close(ctx) }

// Settle waits until the messages that are on their way now have been handed over or refused, or ctx ends.
func (s *Service) Settle(ctx context.Context) error { return s.background.wait(ctx) }

// Stats tells of the messages that are on their way after their answers.
type Stats struct {
	Messages int // and requests that may send one
	Limit    int
}

// Stats gives the present figures.
func (s *Service) Stats() Stats { return Stats{Messages: s.background.busy(), Limit: backgroundLimit} }

// Find finds the user whose name an administrator typed: user name, alias or sub.
func (s *Service) Find(ctx context.Context, pool *userpool.Pool, name string) (*userpool.User, error) {
	u, err := s.Store.FindUser(ctx, pool.Number, pool.Lookup(name))
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchUser())
	}
	userpool.AuditFrom(ctx).Concerns(u.Sub)
	return u, nil
}

// now is the time in the precision of the store.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// decide runs a unit of work that can end in an answer for the caller although what it wrote is to be
// kept, such as a wrong code that was counted.
func (s *Service) decide(ctx context.Context, fn func(tx userpool.Tx) (told, err error)) error {
	var told error
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		told, err = fn(tx)
		return err
	})
	if err != nil {
		return err
	}
	return told
}

// newUser makes a user who is not stored yet. Where user names are addresses, the stored name is the sub.
func newUser(pool *userpool.Pool, name string, attributes userpool.Attributes, status wire.UserStatusType, now time.Time) *userpool.User {
	u := &userpool.User{
		Username: name, Sub: uuid.NewString(), Status: status, Enabled: true, Attributes: attributes,
		Created: now, Modified: now,
	}
	if pool.HasUsernameAttributes() {
		u.Username = u.Sub
	}
	return u
}

// insert stores a new user with what belongs to it. It draws another number when one is taken; a name that
// was taken meanwhile is seen by fn when it runs again.
func (s *Service) insert(ctx context.Context, pool *userpool.Pool, u *userpool.User, fn func(tx userpool.Tx) error) error {
	const draws = 3
	var err error
	for range draws {
		u.Key = userpool.UserKey{Pool: pool.Number, User: userpool.NewNumber(u.Created)}
		if err = s.Store.Write(ctx, fn); !errors.Is(err, userpool.ErrExists) {
			return err
		}
	}
	return err
}

// nameTaken says whether the name already finds a user: as user name, or, where it could be taken for it,
// as preferred_username or sub.
func nameTaken(ctx context.Context, r userpool.Reader, pool *userpool.Pool, name string) (bool, error) {
	by := userpool.Lookup{Username: pool.Fold(name), Sub: pool.Lookup(name).Sub}
	if pool.Alias(userpool.PreferredUsername) {
		by.Aliases = []userpool.Alias{{Attribute: userpool.PreferredUsername, Value: by.Username}}
	}
	return found(r.FindUser(ctx, pool.Number, by))
}

// checkFree answers that a new user's name, or the address that stands for it, is taken; told is the answer
// for the name. It spares the arithmetic; the unit of work decides.
func (s *Service) checkFree(ctx context.Context, pool *userpool.Pool, name string, u *userpool.User, told *userpool.Error) error {
	if !pool.HasUsernameAttributes() {
		return orTaken(told)(nameTaken(ctx, s.Store, pool, name))
	}
	for _, attribute := range contacts {
		a, ok := pool.AliasOf(u, attribute)
		if !ok {
			continue
		}
		by := userpool.Lookup{Aliases: []userpool.Alias{a}}
		if taken, err := found(s.Store.FindUser(ctx, pool.Number, by)); err != nil || taken {
			return orTaken(givenTaken(attribute))(taken, err)
		}
	}
	return nil
}

// orTaken turns the finding that something is taken into what the caller is told.
func orTaken(told *userpool.Error) func(taken bool, err error) error {
	return func(taken bool, err error) error {
		if err == nil && taken {
			return told
		}
		return err
	}
}

func found(_ *userpool.User, err error) (bool, error) {
	if errors.Is(err, userpool.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// givenTaken names the attribute of a new account whose value another one has.
func givenTaken(attribute string) *userpool.Error {
	return userpool.NewError(userpool.UsernameExists, "An account with the given "+attribute+" already exists.")
}

// fill gives a new user the address that was typed as user name.
func fill(attributes userpool.Attributes, attribute, name string) (userpool.Attributes, error) {
	if attribute == "" {
		return attributes, nil
	}
	if given := attributes.Get(attribute); given != "" && given != name {
		return nil, userpool.NewError(userpool.InvalidParameter,
			"The attribute "+attribute+" must be the same as the user name.")
	}
	filled := append(userpool.Attributes(nil), attributes...)
	filled.Set(attribute, name)
	return filled, nil
}
