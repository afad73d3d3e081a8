package store

import (
	"context"
	"crypto/sha256"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const linkColumns = `pool_number, user_number, provider, attribute, value, provider_type, issuer, profile, created`

var (
	linkOfIdentity = newStatement("find the user of an identity",
		`SELECT `+linkColumns+` FROM links WHERE pool_number = $1 AND provider = $2 AND attribute = $3 AND digest = $4`)
	linksOfUser = newStatement("list the identities of a user",
		`SELECT `+linkColumns+` FROM links WHERE pool_number = $1 AND user_number = $2 ORDER BY created`)
	nextLinkAttribute = newStatement("find an attribute by which identities are linked",
		`SELECT attribute FROM links WHERE pool_number = $1 AND provider = $2 AND attribute > $3 ORDER BY attribute LIMIT 1`)
	insertLink = newStatement("link an identity",
		`INSERT INTO links (`+linkColumns+`, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`)
	deleteLink = newStatement("take an identity away",
		`DELETE FROM links WHERE pool_number = $1 AND provider = $2 AND attribute = $3 AND digest = $4`)
)

func linkDigest(value string) []byte {
	sum := sha256.Sum256([]byte(value))
	return sum[:]
}

func (q *queries) links(ctx context.Context, st *statement, args ...any) (links []userpool.Link, err error) {
	err = q.list(ctx, st, args, func(scan scanner) error {
		var l userpool.Link
		var providerType string
		var profile, created int64
		err := scan(&l.User.Pool, &l.User.User, &l.Provider, &l.Attribute, &l.Value, &providerType, &l.Issuer, &profile, &created)
		l.ProviderType, l.Profile, l.Created = wire.IdentityProviderTypeType(providerType), profile != 0, fromMicros(created)
		links = append(links, l)
		return err
	})
	return links, err
}

// Link implements userpool.LinkReader.
func (r reads) Link(ctx context.Context, pool int64, provider, attribute, value string) (*userpool.Link, error) {
	links, err := r.links(ctx, linkOfIdentity, pool, provider, attribute, linkDigest(value))
	if err == nil && len(links) == 0 {
		err = userpool.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &links[0], nil
}

// LinksOf implements userpool.LinkReader.
func (r reads) LinksOf(ctx context.Context, key userpool.UserKey) ([]userpool.Link, error) {
	return r.links(ctx, linksOfUser, key.Pool, key.User)
}

// LinkAttributes implements userpool.LinkReader. Each is a look-up of its own: a provider has few, and many links.
func (r reads) LinkAttributes(ctx context.Context, pool int64, provider string, most int) ([]string, error) {
	var attributes []string
	last := ""
	for len(attributes) < most {
		switch err := r.one(ctx, nextLinkAttribute, []any{pool, provider, last}, &last); {
		case isNotFound(err):
			return attributes, nil
		case err != nil:
			return nil, err
		}
		attributes = append(attributes, last)
	}
	return attributes, nil
}

// PutLink implements userpool.LinkWriter.
func (t *tx) PutLink(ctx context.Context, l *userpool.Link) error {
	n, err := t.exec(ctx, insertLink, l.User.Pool, l.User.User, l.Provider, l.Attribute, l.Value, string(l.ProviderType),
		l.Issuer, flag(l.Profile), micros(l.Created), linkDigest(l.Value))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// DeleteLink implements userpool.LinkWriter.
func (t *tx) DeleteLink(ctx context.Context, l *userpool.Link) error {
	_, err := t.exec(ctx, deleteLink, l.User.Pool, l.Provider, l.Attribute, linkDigest(l.Value))
	return err
}
