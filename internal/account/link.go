package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/federation"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// linkQuota is how many identities can be linked to a user.
	linkQuota = 5
	// linkAttributeQuota is by how many attributes the identities of one provider can be linked.
	linkAttributeQuota = 5
	// longestIdentity is how long a subject or value can be, in characters: as an attribute's.
	longestIdentity = 2048
)

// Identity names a user by an identity provider of the pool, or by the pool itself.
type Identity struct {
	Provider  string
	Attribute string
	Value     string
}

// LinkIdentity lets an identity at an identity provider, the source, sign in a user who is there, the destination
// (AdminLinkProviderForUser). Errors: InvalidParameter (what does not name an identity, a provider that is not there,
// a user with attributes that cannot change, an identity that is the user's already), UserNotFound, AliasExists (the
// identity has another user), LimitExceeded.
func (s *Service) LinkIdentity(ctx context.Context, pool *userpool.Pool, destination, source Identity) error {
	if err := checkIdentity("DestinationUser", destination); err != nil {
		return err
	}
	if err := checkIdentity("SourceUser", source); err != nil {
		return err
	}
	if source.Provider == userpool.LocalProvider {
		return userpool.NewError(userpool.InvalidParameter, "SourceUser must be a user of an identity provider.")
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		provider, err := providerOf(ctx, tx, pool, source.Provider)
		if err != nil {
			return err
		}
		if err := checkLinkAttribute(pool, provider, source.Attribute); err != nil {
			return err
		}
		u, err := destinationOf(ctx, tx, pool, destination)
		if err != nil {
			return err
		}
		userpool.AuditFrom(ctx).Concerns(u.Sub)
		if err := linkable(ctx, tx, pool, u, source); err != nil {
			return err
		}
		l := &userpool.Link{
			User: u.Key, Provider: source.Provider, Attribute: source.Attribute, Value: source.Value,
			ProviderType: provider.Type, Created: now,
		}
		if provider.SAML != nil {
			l.Issuer = provider.SAML.EntityID
		}
		return userpool.PutLink(ctx, tx, u, l)
	})
}

// checkIdentity demands provider and value; member is where they stand.
func checkIdentity(member string, i Identity) error {
	switch {
	case i.Provider == "":
		return userpool.NewError(userpool.InvalidParameter, member+" has no ProviderName.")
	case i.Value == "":
		return userpool.NewError(userpool.InvalidParameter, member+" has no ProviderAttributeValue.")
	case strings.ContainsRune(i.Value, 0):
		return userpool.NewError(userpool.InvalidParameter, member+" has a ProviderAttributeValue with a character that cannot be stored.")
	case utf8.RuneCountInString(i.Value) > longestIdentity:
		return userpool.NewError(userpool.InvalidParameter, member+" has a ProviderAttributeValue that is too long.")
	}
	return nil
}

func providerOf(ctx context.Context, r userpool.Reader, pool *userpool.Pool, name string) (*federation.Provider, error) {
	d, err := r.Document(ctx, pool.Number, userpool.IdentityProviders, name)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchProvider(pool, name))
	}
	p := &federation.Provider{}
	if err := json.Unmarshal(d.Content, p); err != nil {
		return nil, fmt.Errorf("account: decode an identity provider: %w", err)
	}
	return p, nil
}

func noSuchProvider(pool *userpool.Pool, name string) *userpool.Error {
	return userpool.NewError(userpool.InvalidParameter, "The provider "+name+" does not exist for User Pool "+pool.ID+".")
}

// checkLinkAttribute says by what identities of a provider can be linked: the subject, and at OIDC and SAML
// providers also an attribute of the pool.
func checkLinkAttribute(pool *userpool.Pool, provider *federation.Provider, attribute string) error {
	if attribute == userpool.ProviderSubject {
		return nil
	}
	mappable := provider.Type == wire.IdentityProviderTypeTypeSaml || provider.Type == wire.IdentityProviderTypeTypeOidc
	if !mappable || attribute == userpool.Sub || attribute == userpool.Identities || pool.Attribute(attribute) == nil {
		return userpool.NewError(userpool.InvalidParameter,
			"The ProviderAttributeName of SourceUser must be "+userpool.ProviderSubject+", or, for OIDC and SAML providers, an attribute of the user pool.")
	}
	return nil
}

// destinationOf finds the user to whom an identity is to be linked: by user name, or by another identity.
func destinationOf(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, i Identity) (*userpool.User, error) {
	if i.Provider == userpool.LocalProvider {
		u, err := tx.FindUser(ctx, pool.Number, pool.Lookup(i.Value))
		return u, userpool.OrNotFound(err, userpool.NoSuchUser())
	}
	if _, err := providerOf(ctx, tx, pool, i.Provider); err != nil {
		return nil, err
	}
	l, err := tx.Link(ctx, pool.Number, i.Provider, userpool.ProviderSubject, i.Value)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchUser())
	}
	u, err := tx.User(ctx, l.User)
	return u, userpool.OrNotFound(err, userpool.NoSuchUser())
}

// linkable says whether the identity can be linked to the user.
func linkable(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, u *userpool.User, source Identity) error {
	there, err := tx.Link(ctx, pool.Number, source.Provider, source.Attribute, source.Value)
	switch {
	case err == nil && there.User == u.Key && !there.Profile:
		return userpool.NewError(userpool.InvalidParameter, "SourceUser is already linked to DestinationUser")
	case err == nil:
		return userpool.NewError(userpool.AliasExists, "SourceUser has a profile or is linked to another user.")
	case !errors.Is(err, userpool.ErrNotFound):
		return err
	}
	for _, a := range u.Attributes {
		if defined := pool.Attribute(a.Name); a.Name != userpool.Identities && defined != nil && defined.Mutable != nil && !*defined.Mutable {
			return userpool.NewError(userpool.InvalidParameter, "DestinationUser has the attribute "+a.Name+", which cannot be changed.")
		}
	}
	links, err := tx.LinksOf(ctx, u.Key)
	if err != nil {
		return err
	}
	linked := slices.DeleteFunc(links, func(l userpool.Link) bool { return l.Profile })
	if len(linked) >= linkQuota {
		return userpool.NewError(userpool.LimitExceeded, "Linked identity limit exceeded.")
	}
	attributes, err := tx.LinkAttributes(ctx, pool.Number, source.Provider, linkAttributeQuota)
	if err == nil && len(attributes) >= linkAttributeQuota && !slices.Contains(attributes, source.Attribute) {
		err = userpool.NewError(userpool.LimitExceeded, "Linked attribute limit exceeded.")
	}
	return err
}

// DisableIdentity takes a linked identity away from its user, or, for the pool itself, the password from a user
// (AdminDisableProviderForUser). Errors: InvalidParameter, UserNotFound.
func (s *Service) DisableIdentity(ctx context.Context, pool *userpool.Pool, i Identity) error {
	if err := checkIdentity("User", i); err != nil {
		return err
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		if i.Provider == userpool.LocalProvider {
			return disablePassword(ctx, tx, pool, i, now)
		}
		l, err := tx.Link(ctx, pool.Number, i.Provider, i.Attribute, i.Value)
		switch {
		case errors.Is(err, userpool.ErrNotFound):
			if _, err := providerOf(ctx, tx, pool, i.Provider); err != nil {
				return err
			}
			return userpool.NoSuchUser()
		case err != nil:
			return err
		case l.Profile:
			return userpool.NewError(userpool.InvalidParameter, "The identity is linked to no user.")
		}
		return userpool.OrNotFound(userpool.DeleteLink(ctx, tx, l, now), userpool.NoSuchUser())
	})
}

// disablePassword makes the user one whom only identity providers sign in: the password is good for nothing from then
// on, and no code gives another.
func disablePassword(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, i Identity, now time.Time) error {
	if i.Attribute != userpool.ProviderSubject {
		return userpool.NewError(userpool.InvalidParameter, "The ProviderAttributeName of User must be "+userpool.ProviderSubject+".")
	}
	u, err := tx.FindUser(ctx, pool.Number, pool.Lookup(i.Value))
	if err != nil {
		return userpool.OrNotFound(err, userpool.NoSuchUser())
	}
	userpool.AuditFrom(ctx).Concerns(u.Sub)
	if err := tx.DeleteCodes(ctx, u.Key, userpool.ResetPassword, "", ""); err != nil {
		return err
	}
	u.Status = userpool.ExternalProvider
	return advance(ctx, tx, pool, u, now)
}
