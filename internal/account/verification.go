package account

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// SendVerification sends the user a code that verifies an address of theirs, a pending one first
// (GetUserAttributeVerificationCode).
func (s *Service) SendVerification(ctx context.Context, client *userpool.Client, u *userpool.User, attribute string) (*userpool.Delivery, error) {
	pool := client.Pool
	address, err := contactOf(u, attribute)
	if err != nil {
		return nil, err
	}
	medium := userpool.MediumOf(attribute)
	if err := s.canSend(pool, medium, userpool.MessageVerifyAttribute); err != nil {
		return nil, err
	}
	byAddress, err := s.addressCounter(ctx, pool, userpool.AttemptSendAttribute, address)
	if err != nil {
		return nil, err
	}
	l := s.newLetter(pool, client.ID, userpool.VerifyAttribute, userpool.MessageVerifyAttribute)
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, u.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		address, err := contactOf(u, attribute) // it may have changed meanwhile
		if err != nil {
			return err
		}
		if err := s.count(ctx, tx, l.code.Created, u.Key.Counter(userpool.AttemptSendAttribute), byAddress); err != nil {
			return err
		}
		l.to(u, attribute, address)
		return tx.PutCode(ctx, &l.code)
	})
	if err != nil {
		return nil, err
	}
	if err := s.deliver(ctx, l); err != nil {
		return nil, err
	}
	return l.delivery(), nil
}

// Verify takes the code that was sent to an address of the user: the address counts as verified, and a
// pending one becomes the present one (VerifyUserAttribute). Code, flag and alias change together.
//
// A right code is not counted, and takes no wrong one back: else who verifies an address of their own between
// the guesses has as many guesses at somebody else's as they like.
func (s *Service) Verify(ctx context.Context, pool *userpool.Pool, user *userpool.User, attribute, code string) error {
	key := user.Key
	now := s.now()
	counter := key.Counter(userpool.AttemptVerifyAttribute)
	return s.decide(ctx, func(tx userpool.Tx) (told, err error) {
		u, err := tx.User(ctx, key)
		if err != nil {
			return nil, userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if _, err := contactOf(u, attribute); err != nil {
			return nil, err
		}
		if _, err := s.checkLimit(ctx, tx, now, counter); err != nil {
			return nil, err
		}
		codes, err := tx.Codes(ctx, key, userpool.VerifyAttribute, attribute)
		if err != nil {
			return nil, err
		}
		sent, live := match(tied(codes, u), code, now)
		if sent == nil {
			told := userpool.NoLiveCode()
			if live {
				told = userpool.WrongCode()
			}
			return told, s.count(ctx, tx, now, counter)
		}
		promoted := sent.Destination != u.Attributes.Get(attribute)
		u.Attributes.Set(attribute, sent.Destination)
		u.Attributes.Set(userpool.VerifiedFlag(attribute), "true")
		u.Pending.Set(attribute, "")
		u.Modified = now
		holder, err := userpool.AliasHolder(ctx, tx, pool, u, attribute)
		switch {
		case err != nil:
			return nil, err
		case holder != (userpool.UserKey{}):
			return userpool.AliasTaken(attribute), nil // the code stays good
		}
		if err := tx.UpdateUser(ctx, u); err != nil {
			return nil, err
		}
		if err := userpool.UpdateAliases(ctx, tx, pool, u, attribute); err != nil {
			return nil, err
		}
		if promoted { // codes to the old address are worthless
			return nil, dropCodes(ctx, tx, key, attribute)
		}
		return nil, tx.DeleteCodes(ctx, key, userpool.VerifyAttribute, attribute, "")
	})
}
