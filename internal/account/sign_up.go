package account

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SignUp is what somebody who signs up gives.
type SignUp struct {
	Client     *userpool.Client
	Username   string
	Password   string // "" for none
	Attributes userpool.Attributes
}

// SignUp makes an unconfirmed user and sends the confirmation code. The delivery is nil when no code was
// sent. With an error of the sending the user stays, and is returned too.
func (s *Service) SignUp(ctx context.Context, in SignUp) (*userpool.User, *userpool.Delivery, error) {
	pool := in.Client.Pool
	if c := pool.Settings.AdminCreateUserConfig; c != nil && c.AllowAdminCreateUserOnly != nil && *c.AllowAdminCreateUserOnly {
		return nil, nil, userpool.NewError(userpool.NotAuthorized, "SignUp is not permitted for this user pool")
	}
	attributes, err := signUpAttributes(in)
	if err != nil {
		return nil, nil, err
	}
	u := newUser(pool, in.Username, attributes, userpool.Unconfirmed, s.now())
	attribute := signUpChannel(pool, u)
	if err := s.checkFree(ctx, pool, in.Username, u, userExists()); err != nil {
		return nil, nil, err
	}
	if err := pool.Invoke(userpool.PreSignUp); err != nil {
		return nil, nil, err
	}
	if err := risk.HonourSignUp(ctx, s.Store, in.Client); err != nil {
		return nil, nil, err
	}
	if attribute != "" {
		medium := userpool.MediumOf(attribute)
		if err := pool.InvokeFor(medium); err != nil {
			return nil, nil, err
		}
		// A message that cannot be made is a fault of the pool; one that cannot be sent leaves the user.
		if err := s.Messenger.CanSend(pool, medium, userpool.MessageSignUp); userpool.IsCode(err, userpool.InvalidParameter) {
			return nil, nil, err
		}
	}
	var computed *userpool.Password
	if in.Password != "" {
		if computed, err = s.Passwords.New(ctx, pool, u.Username, in.Password, false); err != nil {
			return nil, nil, err
		}
	}
	l := s.newLetter(pool, in.Client.ID, userpool.ConfirmSignUp, userpool.MessageSignUp)
	err = s.insert(ctx, pool, u, func(tx userpool.Tx) error {
		if err := signUpTaken(ctx, tx, in, u); err != nil {
			return err
		}
		if err := tx.CreateUser(ctx, u, pool.Fold(u.Username)); err != nil {
			return err
		}
		if err := userpool.UpdateAliases(ctx, tx, pool, u); err != nil {
			return err
		}
		if computed != nil {
			if err := password.Put(ctx, tx, pool, u.Key, computed); err != nil {
				return err
			}
		}
		event := risk.NewEvent(ctx, pool, u.Key, wire.EventTypeSignUp, u.Created)
		if err := event.Record(ctx, tx, wire.EventResponseTypePass); err != nil {
			return err
		}
		if attribute == "" {
			return nil
		}
		l.to(u, attribute, u.Attributes.Get(attribute))
		return tx.PutCode(ctx, &l.code)
	})
	if err != nil || attribute == "" {
		return u, nil, err
	}
	if err := s.deliver(ctx, l); err != nil {
		return u, nil, err
	}
	return u, l.delivery(), nil
}

// signUpAttributes checks name, password and attributes, in this order, and gives what is stored.
func signUpAttributes(in SignUp) (userpool.Attributes, error) {
	pool := in.Client.Pool
	attribute, err := pool.CheckUsername(in.Username)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Password != "":
		if err := pool.CheckPassword(in.Password); err != nil {
			return nil, err
		}
	case !pool.Passwordless():
		return nil, userpool.NewError(userpool.InvalidParameter, "Password is required")
	}
	if err := in.Client.CheckWrites(in.Attributes); err != nil {
		return nil, err
	}
	if pool.Alias(userpool.PreferredUsername) && in.Attributes.Get(userpool.PreferredUsername) != "" {
		return nil, earlyPreferredUsername()
	}
	given, err := fill(in.Attributes, attribute, in.Username)
	if err != nil {
		return nil, err
	}
	attributes, err := pool.CheckSignUp(given)
	if err != nil {
		return nil, err
	}
	for _, contact := range contacts {
		if pool.AutoVerified(contact) && attributes.Get(contact) != "" {
			attributes.Set(userpool.VerifiedFlag(contact), "false")
		}
	}
	return attributes, nil
}

// signUpChannel is the attribute that the confirmation code goes to: the phone number before the email
// address, if the pool verifies it and the user has it; "" for none.
func signUpChannel(pool *userpool.Pool, u *userpool.User) string {
	for _, attribute := range []string{userpool.PhoneNumber, userpool.Email} {
		if pool.AutoVerified(attribute) && u.Attributes.Get(attribute) != "" {
			return attribute
		}
	}
	return ""
}

// signUpTaken answers that the name, or the address that stands for it, is taken.
func signUpTaken(ctx context.Context, tx userpool.Tx, in SignUp, u *userpool.User) error {
	pool := in.Client.Pool
	if !pool.HasUsernameAttributes() {
		return orTaken(userExists())(nameTaken(ctx, tx, pool, in.Username))
	}
	for _, attribute := range contacts {
		holder, err := userpool.AliasHolder(ctx, tx, pool, u, attribute)
		if err != nil {
			return err
		}
		if holder != (userpool.UserKey{}) {
			return givenTaken(attribute)
		}
	}
	return nil
}

// earlyPreferredUsername refuses an alias that would not work yet.
func earlyPreferredUsername() error {
	return userpool.NewError(userpool.InvalidParameter,
		"The attribute preferred_username cannot be set before the user is confirmed.")
}

func userExists() *userpool.Error {
	return userpool.NewError(userpool.UsernameExists, "User already exists")
}
