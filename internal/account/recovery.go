package account

import (
	"context"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ForgotPassword sends a code with which a new password can be set. The old one stays good meanwhile.
func (s *Service) ForgotPassword(ctx context.Context, client *userpool.Client, name string) (*userpool.Delivery, error) {
	pool := client.Pool
	ways := recoveryWays(pool)
	if len(ways) == 0 {
		return nil, adminOnly()
	}
	d, err := s.sendToPerson(ctx, client, name, errand{
		purpose:  userpool.ResetPassword,
		occasion: userpool.MessageForgotPassword,
		counters: []userpool.AttemptKind{userpool.AttemptForgot, userpool.AttemptReset},
		possible: ways,
		channel:  recoveryChannel,
		event:    wire.EventTypeForgotPassword,
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

// factorOf is the second factor that goes to an address. One way must not be both: who has the telephone would need
// nothing else.
var factorOf = map[string]string{userpool.PhoneNumber: userpool.SMSMFA, userpool.Email: userpool.EmailMFA}

// recoveryChannel is the attribute that the code goes to: the first way for which the user has a verified
// address that is not their second factor.
func recoveryChannel(pool *userpool.Pool, u *userpool.User) (attribute string, hide bool, err error) {
	switch {
	case !u.Enabled:
		return "", true, userpool.UserDisabled()
	case u.Status == userpool.ForceChangePassword || u.Status == userpool.ExternalProvider:
		return "", false, irresettable()
	}
	for _, attribute := range recoveryWays(pool) {
		if u.Verified(attribute) && u.Attributes.Get(attribute) != "" && !slices.Contains(pool.MFA(u), factorOf[attribute]) {
			return attribute, false, nil
		}
	}
	return "", true, userpool.NewError(userpool.InvalidParameter,
		"Cannot reset password for the user as there is no registered/verified email or phone_number")
}

// ResetByAdmin makes a user set another password, with the code that is sent (AdminResetUserPassword). With an error of
// the sending the user must still do so.
func (s *Service) ResetByAdmin(ctx context.Context, pool *userpool.Pool, name string) error {
	found, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	attribute, err := resetChannel(pool, found)
	if err != nil {
		return err
	}
	if err := s.canSend(pool, userpool.MediumOf(attribute), userpool.MessageForgotPassword); err != nil {
		return unsentByAdmin(userpool.MediumOf(attribute), err)
	}
	l := s.newLetter(pool, "", userpool.ResetPassword, userpool.MessageForgotPassword)
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, found.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		attribute, err := resetChannel(pool, u)
		if err != nil {
			return err
		}
		u.Status, u.Modified = userpool.RequireReset, l.code.Created
		if err := tx.UpdateUser(ctx, u); err != nil {
			return err
		}
		l.to(u, attribute, u.Attributes.Get(attribute))
		return tx.PutCode(ctx, &l.code)
	})
	if err != nil {
		return err
	}
	if err := s.deliver(ctx, l); err != nil {
		return unsentByAdmin(l.message.Medium, err)
	}
	return nil
}

// resetChannel is recoveryChannel for an administrator, who resets no password that nobody has set yet.
func resetChannel(pool *userpool.Pool, u *userpool.User) (attribute string, err error) {
	switch {
	case !u.Enabled:
		return "", userpool.NewError(userpool.NotAuthorized, "User is disabled")
	case u.Status == userpool.Unconfirmed:
		return "", irresettable()
	case len(recoveryWays(pool)) == 0:
		return "", adminOnly()
	}
	attribute, _, err = recoveryChannel(pool, u)
	return attribute, err
}

// adminOnly is the answer where users cannot recover by themselves.
func adminOnly() error {
	return userpool.NewError(userpool.NotAuthorized, "Contact administrator to reset password.")
}

// irresettable is the answer for a user without a password of their own.
func irresettable() error {
	return userpool.NewError(userpool.NotAuthorized, "User password cannot be reset in the current state.")
}

// ConfirmForgotPassword sets a new password with the code that ForgotPassword sent. Everything that costs
// time is done whether or not the user is there and the code is right.
func (s *Service) ConfirmForgotPassword(ctx context.Context, client *userpool.Client, name, code, text string) error {
	pool := client.Pool
	if err := pool.CheckPassword(text); err != nil {
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
	for _, counter := range p.counters(userpool.AttemptReset) {
		if _, err := s.checkLimit(ctx, s.Store, now, counter); err != nil { // spares the arithmetic
			return err
		}
	}
	fresh, err := s.Passwords.NewChange(ctx, pool, p.key(), p.srpName(), text, false)
	if err != nil {
		return err
	}
	event := p.newEvent(ctx, wire.EventTypePasswordChange, now)
	return s.decide(ctx, func(tx userpool.Tx) (told, err error) {
		if told, err = s.reset(ctx, tx, p, code, fresh, now); err != nil {
			return nil, err
		}
		return told, event.Record(ctx, tx, endOf(told))
	})
}

// reset judges the code and sets the password.
func (s *Service) reset(ctx context.Context, tx userpool.Tx, p person, code string, fresh *password.Change, now time.Time) (told, err error) {
	u, err := p.again(ctx, tx)
	if err != nil {
		return nil, err
	}
	counters := p.counters(userpool.AttemptReset)
	if err := s.count(ctx, tx, now, counters...); err != nil {
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
	if u == nil || sent == nil || !u.HasPassword() || u.Status == userpool.ForceChangePassword {
		return p.wrong(ctx, tx, userpool.ResetPassword, now, live)
	}
	if fresh.Used {
		return userpool.UsedPassword(), nil // the code stays good
	}
	if err := fresh.Put(ctx, tx, u.Key); err != nil {
		return nil, err
	}
	if err := s.clear(ctx, tx, counters...); err != nil {
		return nil, err
	}
	if u.Status == userpool.RequireReset || u.Status == userpool.Unconfirmed {
		u.Status = userpool.Confirmed
	}
	pool := p.client.Pool
	if err := proveByReset(ctx, tx, pool, u, sent.Attribute); err != nil {
		return nil, err
	}
	return nil, advance(ctx, tx, pool, u, now)
}

// endOf says how an event ends by what its user is told.
func endOf(told error) wire.EventResponseType {
	if told != nil {
		return wire.EventResponseTypeFail
	}
	return wire.EventResponseTypePass
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
