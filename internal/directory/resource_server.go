package directory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// resourceServerQuota is how many resource servers a pool can have.
	resourceServerQuota = 25
	// resourceServerPage is the page of a list whose request names none.
	resourceServerPage = 50
	// reservedServer begins the identifiers of servers that the service makes.
	reservedServer = "aws.cognito"
)

// CreateResourceServer makes a resource server (operation CreateResourceServer).
func (s *Service) CreateResourceServer(ctx context.Context, seen *userpool.Pool, in *wire.CreateResourceServerRequest) (*wire.ResourceServerType, error) {
	if in.Identifier == reservedServer || strings.HasPrefix(in.Identifier, reservedServer+"/") ||
		strings.HasPrefix(in.Identifier, reservedServer+".") {
		return nil, invalid("Resource server identifiers that begin with " + reservedServer + " are reserved.")
	}
	server, err := newResourceServer(seen, in.Identifier, in.Name, in.Scopes)
	if err != nil {
		return nil, err
	}
	d, err := s.newDocument(seen, userpool.ResourceServers, in.Identifier, server)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := samePool(ctx, tx, seen); err != nil {
			return err
		}
		_, err := tx.Document(ctx, seen.Number, userpool.ResourceServers, in.Identifier)
		switch {
		case err == nil:
			return invalid(in.Identifier + " already exists in user pool " + seen.ID + ".")
		case !errors.Is(err, userpool.ErrNotFound):
			return err
		}
		if err := documentsLeft(ctx, tx, seen, userpool.ResourceServers, resourceServerQuota, "Resource server"); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return server, nil
}

// newResourceServer is the document of a resource server; its scopes are sorted by name.
func newResourceServer(pool *userpool.Pool, identifier, name string, scopes []wire.ResourceServerScopeType) (*wire.ResourceServerType, error) {
	scopes = slices.SortedFunc(slices.Values(scopes), func(a, b wire.ResourceServerScopeType) int {
		return cmp.Compare(a.ScopeName, b.ScopeName)
	})
	for i := range scopes {
		if i > 0 && scopes[i].ScopeName == scopes[i-1].ScopeName {
			return nil, invalid("The scope " + scopes[i].ScopeName + " is given more than once.")
		}
	}
	return &wire.ResourceServerType{UserPoolID: pool.ID, Identifier: identifier, Name: name, Scopes: scopes}, nil
}

// ResourceServer gives a resource server of the pool (operation DescribeResourceServer).
func (s *Service) ResourceServer(ctx context.Context, pool *userpool.Pool, identifier string) (*wire.ResourceServerType, error) {
	d, err := s.Store.Document(ctx, pool.Number, userpool.ResourceServers, identifier)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchResourceServer(identifier))
	}
	return contentOf[wire.ResourceServerType](d)
}

// UpdateResourceServer replaces name and scopes (operation UpdateResourceServer). Clients keep scopes that go; they
// are no longer issued.
func (s *Service) UpdateResourceServer(ctx context.Context, seen *userpool.Pool, in *wire.UpdateResourceServerRequest) (*wire.ResourceServerType, error) {
	server, err := newResourceServer(seen, in.Identifier, in.Name, in.Scopes)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := samePool(ctx, tx, seen); err != nil {
			return err
		}
		d, err := tx.Document(ctx, seen.Number, userpool.ResourceServers, in.Identifier)
		if err != nil {
			return userpool.OrNotFound(err, noSuchResourceServer(in.Identifier))
		}
		d.Modified = s.now()
		if err := setContent(d, server); err != nil {
			return err
		}
		return tx.UpdateDocument(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return server, nil
}

// DeleteResourceServer removes a resource server, also one that clients use (operation DeleteResourceServer).
func (s *Service) DeleteResourceServer(ctx context.Context, seen *userpool.Pool, identifier string) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := samePool(ctx, tx, seen); err != nil {
			return err
		}
		err := tx.DeleteDocument(ctx, seen.Number, userpool.ResourceServers, identifier)
		return userpool.OrNotFound(err, noSuchResourceServer(identifier))
	})
}

// ListResourceServers gives one page of a pool's resource servers by identifier, with the next page's token, which is
// "" on the last one (operation ListResourceServers).
func (s *Service) ListResourceServers(ctx context.Context, pool *userpool.Pool, in *wire.ListResourceServersRequest) ([]wire.ResourceServerType, string, error) {
	scope := []string{"ListResourceServers", pool.ID, strconv.FormatInt(pool.Number, 10)}
	after, err := userpool.ReadToken(in.NextToken, scope...)
	if err != nil {
		return nil, "", err
	}
	page := userpool.Page{After: after, Limit: resourceServerPage}
	if in.MaxResults != nil {
		page.Limit = int(*in.MaxResults)
	}
	documents, next, err := s.Store.Documents(ctx, pool.Number, userpool.ResourceServers, page)
	if err != nil {
		return nil, "", err
	}
	list := make([]wire.ResourceServerType, len(documents))
	for i, d := range documents {
		server, err := contentOf[wire.ResourceServerType](d)
		if err != nil {
			return nil, "", err
		}
		list[i] = *server
	}
	return list, userpool.NextToken(next, scope...), nil
}

func noSuchResourceServer(identifier string) *userpool.Error {
	return userpool.NewError(userpool.ResourceNotFound, "Resource server "+identifier+" does not exist.")
}
