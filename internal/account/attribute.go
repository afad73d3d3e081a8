package account

import (
	"context"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Update changes a user's own attributes (UpdateUserAttributes) and gives one delivery for each code that
// was sent. With an error of the sending the change stays.
func (s *Service) Update(ctx context.Context, client *userpool.Client, user *userpool.User, changes userpool.Attributes) ([]userpool.Delivery, error) {
	pool := client.Pool
	if err := client.CheckWrites(changes); err != nil {
		return nil, err
	}
	changes, err := pool.CheckUpdate(user, changes)
	if err != nil {
		return nil, err
	}
	for _, attribute := range newContacts(pool, user, changes) {
		if err := pool.InvokeFor(userpool.MediumOf(attribute)); err != nil {
			return nil, err
		}
	}
	letters := make(map[string]*letter, len(contacts))
	for _, attribute := range contacts {
		l := s.newLetter(pool, client.ID, userpool.VerifyAttribute, userpool.MessageUpdateAttribute)
		letters[attribute] = &l
	}
	now := s.now()
	var sent []string // the attributes of the codes that were stored
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, user.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		sent = newContacts(pool, u, changes)
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
			refused = err
		}
		deliveries = append(deliveries, *l.delivery())
	}
	if refused != nil {
		return nil, refused
	}
	return deliveries, nil
}

// newContacts lists the addresses among the changes that get a code: new values of attributes that the
// pool verifies.
func newContacts(pool *userpool.Pool, u *userpool.User, changes userpool.Attributes) []string {
	var attributes []string
	for _, c := range changes {
		if c.Value != "" && checkContact(c.Name) == nil && c.Value != u.Attributes.Get(c.Name) &&
			(pool.AutoVerified(c.Name) || pool.VerifiesBeforeUpdate(c.Name)) && !slices.Contains(attributes, c.Name) {
			attributes = append(attributes, c.Name)
		}
	}
	return attributes
}

// applyChanges stores the changes, with what hangs on them: pending values, verified flags, aliases, codes.
func applyChanges(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, changes userpool.Attributes, now time.Time) error {
	for _, c := range changes {
		if checkContact(c.Name) != nil {
			u.Attributes.Set(c.Name, c.Value)
			continue
		}
		if err := applyContact(ctx, tx, pool, u, c); err != nil {
			return err
		}
	}
	u.Modified = now
	if err := tx.UpdateUser(ctx, u); err != nil {
		return err
	}
	for _, c := range changes {
		if err := aliasOfChange(userpool.UpdateAliases(ctx, tx, pool, u, c.Name), pool, c.Name); err != nil {
			return err
		}
	}
	return nil
}

// applyContact changes an address in u.
func applyContact(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, c userpool.Attribute) error {
	flag := userpool.VerifiedFlag(c.Name)
	switch {
	case c.Value == "":
		u.Attributes.Set(c.Name, "")
		u.Attributes.Set(flag, "")
		u.Pending.Set(c.Name, "")
		return dropCodes(ctx, tx, u.Key, c.Name)
	case c.Value == u.Attributes.Get(c.Name): // the flag stays; a change that was pending is taken back
		if u.Pending.Get(c.Name) == "" {
			return nil
		}
		u.Pending.Set(c.Name, "")
		return tx.DeleteCodes(ctx, u.Key, userpool.VerifyAttribute, c.Name, "")
	case pool.VerifiesBeforeUpdate(c.Name):
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
