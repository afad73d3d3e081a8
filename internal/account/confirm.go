package account

import (
	"context"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Confirm confirms a user who signed up, with the code that was sent (ConfirmSignUp). force takes an alias
// away from the user who has it.
func (s *Service) Confirm(ctx context.Context, client *userpool.Client, name, code string, force bool) error {
	pool := client.Pool
	if err := pool.Invoke(userpool.PostConfirmation); err != nil {
		return err
	}
	p, err := s.person(ctx, client, name)
	if err != nil {
		return err
	}
	if p.user != nil {
		if err := confirmable(p.user); err != nil {
			if p, err = p.standIn(err); err != nil {
				return err
			}
		}
	}
	counters := p.counters(userpool.AttemptConfirm)
	now := s.now()
	return s.decide(ctx, func(tx userpool.Tx) (told, err error) {
		u, err := p.again(ctx, tx)
		if err != nil {
			return nil, err
		}
		if u != nil {
			switch err := confirmable(u); { // by another request, with the same code perhaps
			case err != nil && p.hidden():
				return userpool.NoLiveCode(), nil
			case err != nil:
				return nil, err
			}
		}
		if err := s.count(ctx, tx, now, counters...); err != nil {
			return nil, err
		}
		codes, err := tx.Codes(ctx, p.key(), userpool.ConfirmSignUp, "")
		if err != nil {
			return nil, err
		}
		if u != nil {
			codes = tied(codes, u)
		}
		sent, live := match(codes, code, now)
		if u == nil || sent == nil {
			return p.wrong(ctx, tx, userpool.ConfirmSignUp, now, live)
		}
		u.Attributes.Set(userpool.VerifiedFlag(sent.Attribute), "true")
		u.Status = userpool.Confirmed
		holder, err := userpool.AliasHolder(ctx, tx, pool, u, sent.Attribute)
		if err != nil {
			return nil, err
		}
		if holder != (userpool.UserKey{}) {
			if !force {
				return userpool.AliasTaken(sent.Attribute), nil // the code stays good
			}
			if err := dispossess(ctx, tx, holder, sent.Attribute, now); err != nil {
				return nil, err
			}
		}
		if err := s.clear(ctx, tx, counters...); err != nil {
			return nil, err
		}
		return nil, advance(ctx, tx, pool, u, now)
	})
}

// ConfirmByAdmin confirms a user who signed up, without a code and without verifying an address
// (AdminConfirmSignUp).
func (s *Service) ConfirmByAdmin(ctx context.Context, pool *userpool.Pool, name string) error {
	found, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	if err := unconfirmed(found); err != nil {
		return err
	}
	if err := pool.Invoke(userpool.PostConfirmation); err != nil {
		return err
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, found.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if err := unconfirmed(u); err != nil {
			return err
		}
		u.Status = userpool.Confirmed
		return advance(ctx, tx, pool, u, now)
	})
}

// advance stores a user whose status has moved on from that of a sign-up.
func advance(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, now time.Time) error {
	u.Modified = now
	if err := tx.UpdateUser(ctx, u); err != nil {
		return err
	}
	if err := tx.DeleteCodes(ctx, u.Key, userpool.ConfirmSignUp, "", ""); err != nil {
		return err
	}
	return userpool.UpdateAliases(ctx, tx, pool, u)
}

// dispossess takes an alias from its owner, whose address counts as unverified from then on.
func dispossess(ctx context.Context, tx userpool.Tx, owner userpool.UserKey, attribute string, now time.Time) error {
	u, err := tx.User(ctx, owner)
	if err != nil {
		return err
	}
	u.Attributes.Set(userpool.VerifiedFlag(attribute), "false")
	u.Modified = now
	if err := tx.UpdateUser(ctx, u); err != nil {
		return err
	}
	return tx.DeleteAliases(ctx, owner, attribute)
}

// confirmable says why a user cannot confirm, if so.
func confirmable(u *userpool.User) error {
	if err := unconfirmed(u); err != nil {
		return err
	}
	if !u.Enabled {
		return userpool.UserDisabled()
	}
	return nil
}

func unconfirmed(u *userpool.User) error {
	if u.Status != userpool.Unconfirmed {
		return userpool.NewError(userpool.NotAuthorized, "User cannot be confirmed. Current status is "+string(u.Status))
	}
	return nil
}

// ResendConfirmation sends another confirmation code to where the one of the sign-up went.
func (s *Service) ResendConfirmation(ctx context.Context, client *userpool.Client, name string) (*userpool.Delivery, error) {
	pool := client.Pool
	if len(pool.Settings.AutoVerifiedAttributes) == 0 {
		return nil, userpool.NewError(userpool.NotAuthorized, "Cannot resend codes. Auto verification not turned on.")
	}
	var possible []string
	for _, attribute := range []string{userpool.PhoneNumber, userpool.Email} {
		if pool.AutoVerified(attribute) {
			possible = append(possible, attribute)
		}
	}
	return s.sendToPerson(ctx, client, name, errand{
		purpose:  userpool.ConfirmSignUp,
		occasion: userpool.MessageResend,
		counters: []userpool.AttemptKind{userpool.AttemptResend},
		possible: possible,
		channel:  resendChannel,
		event:    wire.EventTypeResendCode,
	})
}

// resendChannel is the attribute that another confirmation code goes to.
func resendChannel(pool *userpool.Pool, u *userpool.User) (attribute string, hide bool, err error) {
	switch {
	case u.Status != userpool.Unconfirmed:
		return "", true, userpool.NewError(userpool.InvalidParameter, "User is already confirmed.")
	case !u.Enabled:
		return "", true, userpool.UserDisabled()
	}
	if attribute = signUpChannel(pool, u); attribute == "" {
		return "", true, noAddress(string(pool.Settings.AutoVerifiedAttributes[0]))
	}
	return attribute, false, nil
}
