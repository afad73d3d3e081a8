package userpool

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// aliasable are the attributes by whose value a user can be found, in the order of the search.
var aliasable = []string{Email, PhoneNumber, PreferredUsername}

// Lookup says how to find the user whose name was typed: by the stored user name, by the aliases that
// the text can be in this pool, and by sub.
func (p *Pool) Lookup(typed string) Lookup {
	by := Lookup{Username: p.Fold(typed)}
	for _, attribute := range aliasable {
		if p.findsBy(attribute) && canBe(attribute, typed) {
			by.Aliases = append(by.Aliases, Alias{Attribute: attribute, Value: p.Fold(typed)})
		}
	}
	if len(typed) == 36 { // a UUID
		by.Sub = typed
	}
	return by
}

// findsBy says whether users can be found by that attribute at all.
func (p *Pool) findsBy(attribute string) bool {
	return p.UsernameAttribute(attribute) || p.Alias(attribute)
}

// canBe spares a look-up that cannot succeed.
func canBe(attribute, typed string) bool {
	switch attribute {
	case Email:
		return strings.Contains(typed, "@")
	case PhoneNumber:
		return strings.HasPrefix(typed, "+")
	}
	return true
}

// AliasOf gives the alias that the user's attribute makes, if any: where user names are addresses, at
// once; an alias email or phone_number when it is verified; an alias preferred_username when the user
// has confirmed.
func (p *Pool) AliasOf(u *User, attribute string) (Alias, bool) {
	a := Alias{Attribute: attribute, Value: p.Fold(u.Attributes.Get(attribute))}
	switch {
	case a.Value == "":
		return a, false
	case p.UsernameAttribute(attribute):
		return a, true
	case !p.Alias(attribute):
		return a, false
	case attribute == PreferredUsername:
		return a, u.Status != Unconfirmed
	}
	return a, u.Verified(attribute)
}

// AliasesOf gives every alias that the user's attributes make, in the order of the search.
func (p *Pool) AliasesOf(u *User) []Alias {
	var aliases []Alias
	for _, attribute := range aliasable {
		if a, ok := p.AliasOf(u, attribute); ok {
			aliases = append(aliases, a)
		}
	}
	return aliases
}

// AliasHolder finds another user who can be found by what the user's attribute makes an alias; the zero
// key when there is none.
func AliasHolder(ctx context.Context, tx Tx, p *Pool, u *User, attribute string) (UserKey, error) {
	a, ok := p.AliasOf(u, attribute)
	if !ok {
		return UserKey{}, nil
	}
	holder, err := p.holder(ctx, tx, u.Key, a)
	if holder == u.Key {
		holder = UserKey{}
	}
	return holder, err
}

// holder finds who has the alias, the user of that key included. A preferred_username must not be another
// user's name or sub either.
func (p *Pool) holder(ctx context.Context, tx Tx, key UserKey, a Alias) (UserKey, error) {
	if a.Attribute == PreferredUsername {
		named, err := tx.FindUser(ctx, p.Number, Lookup{Username: a.Value, Sub: p.Lookup(a.Value).Sub})
		if err == nil && named.Key != key {
			return named.Key, nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return UserKey{}, err
		}
	}
	owner, err := tx.AliasOwner(ctx, p.Number, a)
	switch {
	case errors.Is(err, ErrNotFound):
		return UserKey{}, nil
	case err != nil:
		return UserKey{}, err
	}
	return UserKey{Pool: p.Number, User: owner}, nil
}

// UpdateAliases makes the user's aliases of those attributes (all, if none is named) what the user's
// attributes say. It answers AliasTaken when another user has one.
func UpdateAliases(ctx context.Context, tx Tx, p *Pool, u *User, attributes ...string) error {
	for _, attribute := range aliasable {
		if !p.findsBy(attribute) || len(attributes) > 0 && !slices.Contains(attributes, attribute) {
			continue
		}
		if err := p.updateAlias(ctx, tx, u, attribute); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pool) updateAlias(ctx context.Context, tx Tx, u *User, attribute string) error {
	a, wanted := p.AliasOf(u, attribute)
	if wanted {
		switch holder, err := p.holder(ctx, tx, u.Key, a); {
		case err != nil:
			return err
		case holder == u.Key:
			return nil // a user has one alias of an attribute
		case holder != (UserKey{}):
			return AliasTaken(attribute)
		}
	}
	if err := tx.DeleteAliases(ctx, u.Key, attribute); err != nil || !wanted {
		return err
	}
	err := tx.PutAlias(ctx, u.Key, a)
	if errors.Is(err, ErrExists) {
		return AliasTaken(attribute)
	}
	return err
}
