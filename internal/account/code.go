package account

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// How long a message may take to be accepted, and the unit of work that follows it.
const (
	deliveryTimeout = 30 * time.Second
	settleTimeout   = 10 * time.Second
)

// letter is a code with the message that carries it. The operation that writes it stores the code in its
// unit of work; deliver does the rest.
type letter struct {
	code    userpool.Code
	message userpool.Message
}

// newLetter draws a code for the purpose, to be sent on that occasion.
func (s *Service) newLetter(pool *userpool.Pool, clientID string, purpose userpool.CodePurpose, occasion userpool.MessagePurpose) letter {
	now := s.now()
	value := userpool.NewCodeValue()
	return letter{
		code: userpool.Code{
			ID: uuid.NewString(), Purpose: purpose, Value: value, Created: now, Expires: now.Add(purpose.Lifetime()),
		},
		message: userpool.Message{Purpose: occasion, Pool: pool, ClientID: clientID, Code: value},
	}
}

// to addresses the letter to the user's attribute with that value.
func (l *letter) to(u *userpool.User, attribute, address string) {
	l.code.User, l.code.Attribute, l.code.Destination = u.Key, attribute, address
	l.message.Username, l.message.To, l.message.Medium = u.Username, address, userpool.MediumOf(attribute)
}

// delivery says where the code goes, masked.
func (l *letter) delivery() *userpool.Delivery {
	return &userpool.Delivery{
		Attribute: l.code.Attribute, Medium: l.message.Medium,
		Destination: userpool.Mask(l.code.Attribute, l.code.Destination),
	}
}

// deliver hands a letter over whose code is stored. Accepted, the code takes the place of the older ones of
// its purpose; refused, it is removed and the older ones stay good.
func (s *Service) deliver(ctx context.Context, l letter) error {
	refused := s.send(ctx, l.message)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := s.settle(ctx, l.code, refused == nil)
	if err != nil { // either way there is a code that the user can use
		s.Log.ErrorContext(ctx, "codes of a user could not be put in order",
			slog.String("pool", l.message.Pool.ID), slog.String("purpose", string(l.code.Purpose)), slog.Any("error", err))
	}
	return refused
}

// send hands a message over, even when the caller has hung up.
func (s *Service) send(ctx context.Context, m userpool.Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliveryTimeout)
	defer cancel()
	return s.Messenger.Send(ctx, m)
}

// settle removes the older codes of the purpose, or the refused one.
func (s *Service) settle(ctx context.Context, c userpool.Code, accepted bool) error {
	if !accepted {
		return s.Store.Write(ctx, func(tx userpool.Tx) error {
			return tx.DeleteCode(ctx, c.User, c.ID)
		})
	}
	attribute := c.Attribute
	if c.Purpose != userpool.VerifyAttribute {
		attribute = "" // confirmation and recovery know one code, whichever way it went
	}
	// A code that is older than this one cannot appear any more, so mostly there is nothing to remove.
	codes, err := s.Store.Codes(ctx, c.User, c.Purpose, attribute)
	if err != nil || len(codes) == 0 || codes[len(codes)-1].ID == c.ID {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		return tx.DeleteCodes(ctx, c.User, c.Purpose, attribute, c.ID)
	})
}

// match finds the live code that was given. All are compared, in constant time. live says whether any code
// is outstanding.
func match(codes []userpool.Code, given string, now time.Time) (found *userpool.Code, live bool) {
	for i := range codes {
		c := &codes[i]
		if now.After(c.Expires) {
			continue
		}
		live = true
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(given)) == 1 {
			found = c
		}
	}
	return found, live
}

// tied leaves out codes whose address the user does not have any more.
func tied(codes []userpool.Code, u *userpool.User) []userpool.Code {
	kept := make([]userpool.Code, 0, len(codes))
	for _, c := range codes {
		if c.Destination != "" && (c.Destination == u.Attributes.Get(c.Attribute) || c.Destination == u.Pending.Get(c.Attribute)) {
			kept = append(kept, c)
		}
	}
	return kept
}

// dropCodes removes every code that was tied to the attribute's old value.
func dropCodes(ctx context.Context, tx userpool.Tx, key userpool.UserKey, attribute string) error {
	for _, purpose := range []userpool.CodePurpose{userpool.ConfirmSignUp, userpool.VerifyAttribute, userpool.ResetPassword} {
		if err := tx.DeleteCodes(ctx, key, purpose, attribute, ""); err != nil {
			return err
		}
	}
	return nil
}
