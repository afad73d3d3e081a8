package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Update changes a user's own attributes (UpdateUserAttributes) and gives one delivery for each code that
// was sent. With an error of the sending the change stays.
func (s *Service) Update(ctx context.Context, client *userpool.Client, user *userpool.User, changes userpool.Attributes) ([]userpool.Delivery, error) {
	if err := client.CheckWrites(changes); err != nil {
		return nil, err
	}
	changes, err := client.Pool.CheckUpdate(user, changes)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, client.Pool, client.ID, user.Key, changes, nil)
}

// UpdateByAdmin changes attributes of a user, verified flags among them (AdminUpdateUserAttributes). With an error of
// the sending the change stays.
func (s *Service) UpdateByAdmin(ctx context.Context, pool *userpool.Pool, name string, changes userpool.Attributes) error {
	user, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	if changes, err = pool.CheckUpdate(user, changes); err != nil {
		return err
	}
	_, err = s.change(ctx, pool, "", user.Key, changes, unsentByAdmin)
	return err
}

// DeleteAttributes removes a user's own attributes (DeleteUserAttributes).
func (s *Service) DeleteAttributes(ctx context.Context, client *userpool.Client, user *userpool.User, names []string) error {
	changes := blank(names)
	if err := client.CheckWrites(changes); err != nil {
		return err
	}
	return s.deleteAttributes(ctx, client.Pool, user, changes)
}

// DeleteAttributesByAdmin removes attributes of a user (AdminDeleteUserAttributes).
func (s *Service) DeleteAttributesByAdmin(ctx context.Context, pool *userpool.Pool, name string, names []string) error {
	user, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	return s.deleteAttributes(ctx, pool, user, blank(names))
}

func (s *Service) deleteAttributes(ctx context.Context, pool *userpool.Pool, user *userpool.User, changes userpool.Attributes) error {
	if err := pool.CheckDelete(user, changes); err != nil {
		return err
	}
	_, err := s.change(ctx, pool, "", user.Key, changes, nil)
	return err
}

// blank makes the changes that delete attributes.
func blank(names []string) userpool.Attributes {
	var changes userpool.Attributes
	for _, name := range names {
		changes = append(changes, userpool.Attribute{Name: name})
	}
	return changes
}

// unsentByAdmin is the answer of administrators' operations to a message that could not be sent: they do not declare
// CodeDeliveryFailure, so the medium's own failure has its place.
func unsentByAdmin(medium userpool.Medium, err error) error {
	told, ok := errors.AsType[*userpool.Error](err)
	switch {
	case !ok || told.Code != userpool.CodeDeliveryFailure:
		return err
	case medium == userpool.BySMS:
		return userpool.NewError(userpool.InvalidSMSRoleAccessPolicy, told.Message)
	}
	return userpool.NewError(userpool.InvalidEmailRoleAccessPolicy, told.Message)
}

// change stores checked changes of a user's attributes and sends the codes that they ask for. unsent, if not nil, says
// what is answered to a code that could not be sent.
func (s *Service) change(ctx context.Context, pool *userpool.Pool, clientID string, key userpool.UserKey, changes userpool.Attributes,
	unsent func(userpool.Medium, error) error) ([]userpool.Delivery, error) {
	letters := make(map[string]*letter, len(contacts))
	for _, attribute := range contacts {
		l := s.newLetter(pool, clientID, userpool.VerifyAttribute, userpool.MessageUpdateAttribute)
		letters[attribute] = &l
	}
	now := s.now()
	var sent []string // the attributes of the codes that were stored
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		sent = newContacts(pool, u, changes)
		for _, attribute := range sent {
			if err := pool.InvokeFor(userpool.MediumOf(attribute)); err != nil {
				return err
			}
		}
		if err := applyChanges(ctx, tx, pool, u, changes, now); err != nil {
			return err
		}
		for _, attribute := range sent {
			address, err := contactOf(u, attribute)
			if err != nil {
				return err
			}
			letters[attribute].to(u, attribute, address)
			if err := tx.PutCode(ctx, &letters[attribute].code); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var deliveries []userpool.Delivery
	var refused error
	for _, attribute := range sent {
		l := letters[attribute]
		if err := s.deliver(ctx, *l); err != nil && refused == nil {
			if refused = err; unsent != nil {
				refused = unsent(l.message.Medium, err)
			}
		}
		deliveries = append(deliveries, *l.delivery())
	}
	if refused != nil {
		return nil, refused
	}
	return deliveries, nil
}

// newContacts lists the addresses among the changes that get a code: new values of attributes that the
// pool verifies, unless they are given as verified.
func newContacts(pool *userpool.Pool, u *userpool.User, changes userpool.Attributes) []string {
	var attributes []string
	for _, c := range changes {
		if c.Value != "" && checkContact(c.Name) == nil && c.Value != u.Attributes.Get(c.Name) &&
			changes.Get(userpool.VerifiedFlag(c.Name)) != "true" &&
			(pool.AutoVerified(c.Name) || pool.VerifiesBeforeUpdate(c.Name)) && !slices.Contains(attributes, c.Name) {
			attributes = append(attributes, c.Name)
		}
	}
	return attributes
}

// applyChanges stores the changes, with what hangs on them: pending values, verified flags, aliases, codes.
func applyChanges(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, changes userpool.Attributes, now time.Time) error {
	if changes.Get(userpool.PreferredUsername) != "" && pool.Alias(userpool.PreferredUsername) && u.Status == userpool.Unconfirmed {
		return earlyPreferredUsername()
	}
	var touched []string // what can make an alias
	if _, given := changes.Find(userpool.PreferredUsername); given {
		touched = append(touched, userpool.PreferredUsername)
	}
	for _, c := range changes {
		if checkContact(c.Name) != nil && !isFlag(c.Name) {
			u.Attributes.Set(c.Name, c.Value)
		}
	}
	for _, attribute := range contacts {
		changed, err := applyContact(ctx, tx, pool, u, attribute, changes)
		if err != nil {
			return err
		}
		if changed {
			touched = append(touched, attribute)
		}
	}
	u.Modified = now
	if err := tx.UpdateUser(ctx, u); err != nil {
		return err
	}
	for _, attribute := range touched {
		if err := aliasOfChange(userpool.UpdateAliases(ctx, tx, pool, u, attribute), pool, attribute); err != nil {
			return err
		}
	}
	return nil
}

func isFlag(attribute string) bool {
	return attribute == userpool.EmailVerified || attribute == userpool.PhoneNumberVerified
}

// applyContact changes an address and its flag in u, if the changes name one of them.
func applyContact(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, attribute string, changes userpool.Attributes) (changed bool, err error) {
	flag := userpool.VerifiedFlag(attribute)
	value, given := changes.Find(attribute)
	verified, flagged := changes.Find(flag)
	if !given && !flagged {
		return false, nil
	}
	if given {
		if err := applyAddress(ctx, tx, pool, u, userpool.Attribute{Name: attribute, Value: value}, verified == "true"); err != nil {
			return false, err
		}
	}
	switch present := u.Attributes.Get(attribute); {
	case !flagged || given && value != present: // the flag of a value that waits is not to be had
	case present == "" && verified == "true":
		return false, unverifiable(attribute)
	case present != "":
		u.Attributes.Set(flag, verified)
	}
	return true, nil
}

// unverifiable is the answer to a verified flag without an address.
func unverifiable(attribute string) error {
	return userpool.CheckVerifiable(userpool.Attributes{{Name: userpool.VerifiedFlag(attribute), Value: "true"}})
}

// applyAddress changes an address in u. A new one counts as unverified, and if the pool says so it waits for its code,
// unless it is given as verified.
func applyAddress(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, c userpool.Attribute, verified bool) error {
	flag := userpool.VerifiedFlag(c.Name)
	switch {
	case c.Value == "":
		u.Attributes.Set(c.Name, "")
		u.Attributes.Set(flag, "")
		u.Pending.Set(c.Name, "")
		u.MFA.Drop(factorOf[c.Name])
		return dropCodes(ctx, tx, u.Key, c.Name)
	case c.Value == u.Attributes.Get(c.Name): // the flag stays; a change that was pending is taken back
		if u.Pending.Get(c.Name) == "" {
			return nil
		}
		u.Pending.Set(c.Name, "")
		return tx.DeleteCodes(ctx, u.Key, userpool.VerifyAttribute, c.Name, "")
	case pool.VerifiesBeforeUpdate(c.Name) && !verified:
		if pool.UsernameAttribute(c.Name) { // the value will be a name to sign in with, and those are unique at once
			next := *u
			next.Attributes = userpool.Attributes{c}
			holder, err := userpool.AliasHolder(ctx, tx, pool, &next, c.Name)
			if err != nil {
				return err
			}
			if holder != (userpool.UserKey{}) {
				return aliasOfChange(userpool.AliasTaken(c.Name), pool, c.Name)
			}
		}
		u.Pending.Set(c.Name, c.Value)
		return tx.DeleteCodes(ctx, u.Key, userpool.VerifyAttribute, c.Name, "")
	}
	u.Attributes.Set(c.Name, c.Value)
	u.Attributes.Set(flag, "false")
	u.Pending.Set(c.Name, "")
	return dropCodes(ctx, tx, u.Key, c.Name)
}

// aliasOfChange gives the conflict of a user-name attribute its own words.
func aliasOfChange(err error, pool *userpool.Pool, attribute string) error {
	if userpool.IsCode(err, userpool.AliasExists) && pool.UsernameAttribute(attribute) {
		return userpool.NewError(userpool.AliasExists, "An account with the given "+attribute+" already exists.")
	}
	return err
}
