package directory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/federation"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// ownProvider is how app clients name the pool itself among identity providers.
	ownProvider = "COGNITO"
	// providerQuota is how many identity providers a pool can have.
	providerQuota = 300
)

// CreateIdentityProvider makes an identity provider (operation CreateIdentityProvider). It may call the provider's
// addresses, before its unit of work.
func (s *Service) CreateIdentityProvider(ctx context.Context, seen *userpool.Pool, in *wire.CreateIdentityProviderRequest) (*wire.IdentityProviderType, error) {
	if err := checkProviderName(in.ProviderName, in.ProviderType); err != nil {
		return nil, err
	}
	if err := checkMapping(seen, in.AttributeMapping); err != nil {
		return nil, err
	}
	draft, err := s.draftProvider(ctx, seen, in.ProviderType, in.ProviderDetails, nil)
	if err != nil {
		return nil, err
	}
	if err := setProviderMembers(&draft.Provider, in.AttributeMapping, in.ACRMapping, in.IDPIdentifiers); err != nil {
		return nil, err
	}
	var made *userpool.Document
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if made, err = s.newDocument(pool, userpool.IdentityProviders, in.ProviderName, draft.Provider); err != nil {
			return err
		}
		made.Names, made.Secrets = providerNames(in.ProviderName, in.IDPIdentifiers), draft.secrets
		if err := providersLeft(ctx, tx, pool, made); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, made)
	})
	if errors.Is(err, userpool.ErrExists) { // made in between
		err = userpool.NewError(userpool.DuplicateProvider, "The name or an identifier of the provider is taken in the user pool.")
	}
	if err != nil {
		return nil, err
	}
	return describeProvider(seen, made)
}

// providerNames are the names that no two providers of a pool share, whatever their case: the identifiers and, marked by
// what no identifier holds, the provider's own.
func providerNames(name string, identifiers []string) []string {
	names := []string{":" + strings.ToLower(name)}
	for _, identifier := range identifiers {
		names = append(names, strings.ToLower(identifier))
	}
	return distinct(names)
}

// providersLeft refuses a provider whose name or identifiers are taken, and one too many.
func providersLeft(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, d *userpool.Document) error {
	_, err := tx.NamedDocument(ctx, d.Pool, d.Kind, d.Names[0])
	if !errors.Is(err, userpool.ErrNotFound) {
		return orTaken(err, userpool.DuplicateProvider, "A provider with the name "+d.ID+" exists already in the user pool.")
	}
	if err := identifiersFree(ctx, tx, d, userpool.DuplicateProvider); err != nil {
		return err
	}
	return documentsLeft(ctx, tx, pool, d.Kind, providerQuota, "Identity provider")
}

// identifiersFree refuses identifiers of which another provider of the pool has one.
func identifiersFree(ctx context.Context, tx userpool.Tx, d *userpool.Document, code userpool.ErrorCode) error {
	for _, identifier := range d.Names {
		other, err := tx.NamedDocument(ctx, d.Pool, d.Kind, identifier)
		if errors.Is(err, userpool.ErrNotFound) || err == nil && other.ID == d.ID {
			continue
		}
		return orTaken(err, code, "The identifier "+identifier+" belongs to another provider of the user pool.")
	}
	return nil
}

// orTaken is the refusal of what was found, or the error of looking for it.
func orTaken(err error, code userpool.ErrorCode, message string) error {
	if err != nil {
		return err
	}
	return userpool.NewError(code, message)
}

// IdentityProvider shows an identity provider with its secrets, Apple's key apart (operation
// DescribeIdentityProvider).
func (s *Service) IdentityProvider(ctx context.Context, pool *userpool.Pool, name string) (*wire.IdentityProviderType, error) {
	d, err := s.Store.Document(ctx, pool.Number, userpool.IdentityProviders, name)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchProvider(name))
	}
	return describeProvider(pool, d)
}

// IdentityProviderByIdentifier is IdentityProvider by one of the identifiers (operation
// GetIdentityProviderByIdentifier).
func (s *Service) IdentityProviderByIdentifier(ctx context.Context, pool *userpool.Pool, identifier string) (*wire.IdentityProviderType, error) {
	d, err := s.Store.NamedDocument(ctx, pool.Number, userpool.IdentityProviders, strings.ToLower(identifier))
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NewError(userpool.ResourceNotFound,
			"Identity provider with identifier "+identifier+" does not exist."))
	}
	return describeProvider(pool, d)
}

// UpdateIdentityProvider replaces the members that are given (operation UpdateIdentityProvider); a change in
// between is ConcurrentModification. Like the creation it may call the provider's addresses.
func (s *Service) UpdateIdentityProvider(ctx context.Context, pool *userpool.Pool, in *wire.UpdateIdentityProviderRequest) (*wire.IdentityProviderType, error) {
	seen, err := s.providerToChange(ctx, s.Store, pool, in.ProviderName)
	if err != nil {
		return nil, err
	}
	draft, err := s.redraftProvider(ctx, pool, seen, in)
	if err != nil {
		return nil, err
	}
	var changed userpool.Document
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, pool)
		if err != nil {
			return err
		}
		now, err := s.providerToChange(ctx, tx, pool, in.ProviderName)
		if err != nil {
			return err
		}
		if now.Version != seen.Version || !now.Created.Equal(seen.Created) {
			return changedInBetween()
		}
		changed = *now
		changed.Modified = s.now()
		changed.Names, changed.Secrets = providerNames(in.ProviderName, draft.Identifiers), draft.secrets
		if err := setContent(&changed, draft.Provider); err != nil {
			return err
		}
		if err := identifiersFree(ctx, tx, &changed, userpool.InvalidParameter); err != nil {
			return err
		}
		return lostRace(tx.UpdateDocument(ctx, &changed), noSuchProvider(in.ProviderName))
	})
	if errors.Is(err, userpool.ErrExists) { // an identifier was given to another in between
		err = changedInBetween()
	}
	if err != nil {
		return nil, err
	}
	return describeProvider(pool, &changed)
}

// redraftProvider is the provider that the caller has seen, with the members that an update gives.
func (s *Service) redraftProvider(ctx context.Context, pool *userpool.Pool, seen *userpool.Document, in *wire.UpdateIdentityProviderRequest) (*providerDraft, error) {
	p, err := contentOf[federation.Provider](seen)
	if err != nil {
		return nil, err
	}
	draft := &providerDraft{Provider: *p, secrets: seen.Secrets}
	mapping, levels, identifiers := p.AttributeMapping, p.ACRMapping, p.Identifiers
	if in.AttributeMapping != nil {
		mapping = in.AttributeMapping
	}
	if in.ACRMapping != nil {
		levels = in.ACRMapping
	}
	if in.IDPIdentifiers != nil {
		identifiers = in.IDPIdentifiers
	}
	if err := checkMapping(pool, in.AttributeMapping); err != nil {
		return nil, err
	}
	if in.ProviderDetails != nil {
		if draft, err = s.draftProvider(ctx, pool, p.Type, in.ProviderDetails, draft); err != nil {
			return nil, err
		}
	}
	return draft, setProviderMembers(&draft.Provider, mapping, levels, identifiers)
}

// DeleteIdentityProvider removes an identity provider (operation DeleteIdentityProvider). App clients that name it
// keep its name, which means nothing then.
func (s *Service) DeleteIdentityProvider(ctx context.Context, seen *userpool.Pool, name string) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if _, err := s.providerToChange(ctx, tx, pool, name); err != nil {
			return err
		}
		return userpool.OrNotFound(tx.DeleteDocument(ctx, pool.Number, userpool.IdentityProviders, name), noSuchProvider(name))
	})
}

// ListIdentityProviders gives one page of a pool's providers by name, with the next page's token (operation
// ListIdentityProviders).
func (s *Service) ListIdentityProviders(ctx context.Context, pool *userpool.Pool, in *wire.ListIdentityProvidersRequest) ([]wire.ProviderDescription, string, error) {
	scope := []string{"ListIdentityProviders", pool.ID, strconv.FormatInt(pool.Number, 10)}
	after, err := userpool.ReadToken(in.NextToken, scope...)
	if err != nil {
		return nil, "", err
	}
	page := userpool.Page{After: after, Limit: pageSize}
	if positive(in.MaxResults) {
		page.Limit = int(*in.MaxResults)
	}
	documents, next, err := s.Store.Documents(ctx, pool.Number, userpool.IdentityProviders, page)
	if err != nil {
		return nil, "", err
	}
	list := make([]wire.ProviderDescription, 0, len(documents))
	for _, d := range documents {
		p, err := contentOf[federation.Provider](d)
		if err != nil {
			return nil, "", err
		}
		list = append(list, wire.ProviderDescription{
			ProviderName:     d.ID,
			ProviderType:     p.Type,
			CreationDate:     wire.NewTimestamp(d.Created),
			LastModifiedDate: wire.NewTimestamp(d.Modified),
		})
	}
	return list, userpool.NextToken(next, scope...), nil
}

// describeProvider gives what DescribeIdentityProvider shows.
func describeProvider(pool *userpool.Pool, d *userpool.Document) (*wire.IdentityProviderType, error) {
	p, err := contentOf[federation.Provider](d)
	if err != nil {
		return nil, err
	}
	details := maps.Clone(p.Details)
	if secret, ok := d.Secrets[federation.ClientSecret]; ok {
		details[federation.ClientSecret] = secret
	}
	return &wire.IdentityProviderType{
		UserPoolID:       pool.ID,
		ProviderName:     d.ID,
		ProviderType:     p.Type,
		ProviderDetails:  details,
		AttributeMapping: p.AttributeMapping,
		ACRMapping:       p.ACRMapping,
		IDPIdentifiers:   p.Identifiers,
		CreationDate:     wire.NewTimestamp(d.Created),
		LastModifiedDate: wire.NewTimestamp(d.Modified),
	}, nil
}

// providerToChange finds a provider; the pool itself is none.
func (s *Service) providerToChange(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, name string) (*userpool.Document, error) {
	if name == ownProvider {
		return nil, userpool.NewError(userpool.UnsupportedIdentityProvider, "The provider "+name+" is the user pool itself and cannot be changed.")
	}
	d, err := r.Document(ctx, pool.Number, userpool.IdentityProviders, name)
	return d, userpool.OrNotFound(err, noSuchProvider(name))
}

func noSuchProvider(name string) *userpool.Error {
	return userpool.NewError(userpool.ResourceNotFound, "Identity provider "+name+" does not exist.")
}

// checkProviders refuses an app client that names a provider which its pool does not have.
func checkProviders(ctx context.Context, r userpool.DocumentReader, c *userpool.Client) error {
	for _, name := range c.Settings.SupportedIdentityProviders {
		if name == ownProvider {
			continue
		}
		if _, err := r.Document(ctx, c.Pool.Number, userpool.IdentityProviders, name); err != nil {
			return userpool.OrNotFound(err, userpool.NewError(userpool.InvalidParameter,
				"The provider "+name+" does not exist for User Pool "+c.Pool.ID+"."))
		}
	}
	return nil
}

// checkProviderName judges a new provider's name: social providers are named by their type, others not so.
func checkProviderName(name string, t wire.IdentityProviderTypeType) error {
	_, byName := federation.SocialByType(wire.IdentityProviderTypeType(name))
	_, byType := federation.SocialByType(t)
	switch {
	case strings.EqualFold(name, ownProvider):
		return invalid("The provider name " + name + " is reserved.")
	case (byName || byType) && name != string(t):
		return invalid("Provider " + name + " cannot be of type " + string(t) + ".")
	}
	return nil
}

// checkMapping wants attributes of the pool that a sign-in may set. The subject has the key username. Attributes
// of a pool never vanish, so this holds for good.
func checkMapping(pool *userpool.Pool, mapping map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(mapping)) {
		a := pool.Attribute(key)
		switch {
		case key == "username":
		case a == nil:
			return invalid(key + ": Attribute does not exist in the schema.")
		case key == userpool.Sub, key == "identities":
			return invalid(key + ": Attribute cannot be updated.")
		}
	}
	return nil
}

// setProviderMembers sets what is not a detail, the subject's mapping filled in.
func setProviderMembers(p *federation.Provider, mapping, levels map[string]string, identifiers []string) error {
	if err := checkLevelMapping(p.Type, levels); err != nil {
		return err
	}
	mapping, err := withSubject(p.Type, mapping)
	p.AttributeMapping, p.ACRMapping, p.Identifiers = mapping, levels, distinct(identifiers)
	return err
}

// withSubject maps the subject of a social provider always, and of an OIDC provider unless something else is mapped.
func withSubject(t wire.IdentityProviderTypeType, mapping map[string]string) (map[string]string, error) {
	social, ok := federation.SocialByType(t)
	switch given := mapping["username"]; {
	case ok && given != "" && given != social.Subject:
		return nil, invalid("The attribute mapping of username cannot be changed for the provider type " + string(t) + ".")
	case ok:
		return mapped(mapping, social.Subject), nil
	case t == wire.IdentityProviderTypeTypeOidc && given == "":
		return mapped(mapping, "sub"), nil
	}
	return mapping, nil
}

// mapped is the mapping with the provider's name of the subject.
func mapped(mapping map[string]string, subject string) map[string]string {
	with := map[string]string{"username": subject}
	for attribute, claim := range mapping {
		if attribute != "username" {
			with[attribute] = claim
		}
	}
	return with
}

// acrLimit bounds the name that a provider has for a level.
const acrLimit = 2048

func checkLevelMapping(t wire.IdentityProviderTypeType, levels map[string]string) error {
	if len(levels) > 0 && t != wire.IdentityProviderTypeTypeOidc {
		return invalid("AcrMapping can be given for providers of type OIDC only.")
	}
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		switch level {
		case "Level1", "Level2", "Level3", "Level4":
		default:
			return invalid("AcrMapping can have the levels Level1, Level2, Level3, Level4 only.")
		}
		if v := levels[level]; v == "" || len(v) > acrLimit {
			return invalid("AcrMapping of " + level + " must have 1 to " + strconv.Itoa(acrLimit) + " characters.")
		}
	}
	return nil
}
