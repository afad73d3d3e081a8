package account

import (
	"context"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ForgotPassword sends a code with which a new password can be set. The old one stays good meanwhile.
func (s *Service) ForgotPassword(ctx context.Context, client *userpool.Client, name string) (*userpool.Delivery, error) {
	pool := client.Pool
	ways := recoveryWays(pool)
	if len(ways) == 0 {
		return nil, userpool.NewError(userpool.NotAuthorized, "Contact administrator to reset password.")
	}
	d, err := s.sendToPerson(ctx, client, name, errand{
		purpose:  userpool.ResetPassword,
		occasion: userpool.MessageForgotPassword,
		counters: []userpool.AttemptKind{userpool.AttemptForgot, userpool.AttemptReset},
		possible: ways,
		channel:  recoveryChannel,
	})
	if userpool.IsCode(err, userpool.UserNotFound) {
		if err := pool.Invoke(userpool.UserMigration); err != nil { // it would have been asked for the user
			return nil, err
		}
	}
	return d, err
}

// recoveryWays lists the attributes by which users of the pool can recover, the first choice first; none
// when only administrators can reset a password (AccountRecoverySetting).
func recoveryWays(pool *userpool.Pool) []string {
	setting := pool.Settings.AccountRecoverySetting
	if setting == nil || len(setting.RecoveryMechanisms) == 0 {
		return []string{userpool.PhoneNumber, userpool.Email}
	}
	mechanisms := slices.SortedStableFunc(slices.Values(setting.RecoveryMechanisms),
		func(a, b wire.RecoveryOptionType) int { return int(a.Priority - b.Priority) })
	var ways []string
	for _, m := range mechanisms {
		switch m.Name {
		case "verified_email":
			ways = append(ways, userpool.Email)
		case "verified_phone_number":
			ways = append(ways, userpool.PhoneNumber)
		}
	}
	return ways
}

// recoveryChannel is the attribute that the code goes to: the first way for which the user has a verified
// address.
func recoveryChannel(pool *userpool.Pool, u *userpool.User) (attribute string, hide bool, err error) {
	switch {
	case !u.Enabled:
		return "", true, userpool.UserDisabled()
	case u.Status == userpool.ForceChangePassword || u.Status == userpool.ExternalProvider:
		return "", false, userpool.NewError(userpool.NotAuthorized, "User password cannot be reset in the current state.")
	}
	for _, attribute := range recoveryWays(pool) {
		if u.Verified(attribute) && u.Attributes.Get(attribute) != "" {
			return attribute, false, nil
		}
	}
	return "", true, userpool.NewError(userpool.InvalidParameter,
		"Cannot reset password for the user as there is no registered/verified email or phone_number")
}

// ConfirmForgotPassword sets a new password with the code that ForgotPassword sent. Everything that costs
// time is done whether or not the user is there and the code is right.
func (s *Service) ConfirmForgotPassword(ctx context.Context, client *userpool.Client, name, code, password string) error {
	pool := client.Pool
	if err := pool.CheckPassword(password); err != nil {
		return err
	}
	if err := pool.Invoke(userpool.PostConfirmation); err != nil {
		return err
	}
	if err := risk.HonourNewPassword(ctx, s.Store, client); err != nil {
		return err
	}
	p, err := s.person(ctx, client, name)
	if err != nil {
		return err
	}
	if p.user != nil && !p.user.Enabled {
		if p, err = p.standIn(userpool.UserDisabled()); err != nil {
			return err
		}
	}
	now := s.now()
	counter := p.counter(userpool.AttemptReset)
	if _, err := s.checkLimit(ctx, s.Store, now, counter); err != nil { // spares the arithmetic
		return err
	}
	fresh, err := s.Passwords.NewChange(ctx, pool, p.key(), p.srpName(), password, false)
	if err != nil {
		return err
	}
	return s.decide(ctx, func(tx userpool.Tx) (told, err error) {
		u, err := p.again(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := s.count(ctx, tx, now, counter); err != nil {
			return nil, err
		}
		codes, err := tx.Codes(ctx, p.key(), userpool.ResetPassword, "")
		if err != nil {
			return nil, err
		}
		if u != nil {
			codes = tied(codes, u)
		}
		sent, live := match(codes, code, now)
		if u == nil || sent == nil {
			return p.wrong(ctx, tx, userpool.ResetPassword, now, live)
		}
		if fresh.Used {
			return userpool.UsedPassword(), nil // the code stays good
		}
		if err := fresh.Put(ctx, tx, u.Key); err != nil {
			return nil, err
		}
		if err := s.clear(ctx, tx, counter); err != nil {
			return nil, err
		}
		if u.Status == userpool.RequireReset || u.Status == userpool.Unconfirmed {
			u.Status = userpool.Confirmed
		}
		if err := proveByReset(ctx, tx, pool, u, sent.Attribute); err != nil {
			return nil, err
		}
		return nil, advance(ctx, tx, pool, u, now)
	})
}

// proveByReset marks the address verified to which the code went, unless it has become another user's
// alias meanwhile.
func proveByReset(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, attribute string) error {
	if u.Verified(attribute) {
		return nil
	}
	flag := userpool.VerifiedFlag(attribute)
	u.Attributes.Set(flag, "true")
	holder, err := userpool.AliasHolder(ctx, tx, pool, u, attribute)
	if err == nil && holder != (userpool.UserKey{}) {
		u.Attributes.Set(flag, "false")
	}
	return err
}
