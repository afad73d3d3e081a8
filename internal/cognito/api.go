package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// API has one method per operation. A method takes the request apart, asks the core and puts the answer
// together; it holds no rules. Operations without a method answer that they are not available.
type API struct {
	wire.Unimplemented

	Store     userpool.Store
	Directory *directory.Service
	Accounts  *account.Service
	SignIn    *signin.Service
	Tokens    *token.Service
	Imports   *userimport.Service
	Risk      *risk.Service

	// Region is where this server is, for unsigned operations on pools with a replica there; "" for everywhere.
	Region string
}

// pool finds the pool that a signed operation names, as the caller's region sees it. A region that has neither the pool
// nor its replica does not know it.
func (a *API) pool(ctx context.Context, id string) (*userpool.Pool, error) {
	noteOf(ctx).pool = id
	p, err := a.Store.Pool(ctx, id)
	if err == nil {
		p, err = a.seen(ctx, p)
	}
	return p, userpool.OrNotFound(err, userpool.NoSuchPool(id))
}

// client finds the app client that a public operation names.
func (a *API) client(ctx context.Context, id string) (*userpool.Client, error) {
	c, err := a.Store.Client(ctx, id)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchClient(id))
	}
	n := noteOf(ctx)
	n.pool, n.client = c.Pool.ID, c.ID
	pool, err := a.seen(ctx, c.Pool)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchClient(id))
	}
	return in(pool, c), nil
}

// publicClient finds the client and checks the secret hash that is made over username.
func (a *API) publicClient(ctx context.Context, id, hash, username string) (*userpool.Client, error) {
	c, err := a.client(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, c.CheckSecretHash(hash, username)
}

// clientWithSecret finds the client and checks the secret itself.
func (a *API) clientWithSecret(ctx context.Context, id, secret string) (*userpool.Client, error) {
	c, err := a.client(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, c.CheckSecret(secret)
}

// clientOf finds the app client that a signed operation names with its pool.
func (a *API) clientOf(ctx context.Context, pool, id string) (*userpool.Client, error) {
	p, err := a.pool(ctx, pool)
	if err != nil {
		return nil, err
	}
	c, err := a.Directory.Client(ctx, p, id)
	if err != nil {
		return nil, err
	}
	noteOf(ctx).client = c.ID
	return in(p, c), nil
}

// session tells whose access token it is.
func (a *API) session(ctx context.Context, accessToken string) (*token.Session, error) {
	s, err := a.Tokens.Authorize(ctx, accessToken)
	if err != nil {
		return nil, err
	}
	n := noteOf(ctx)
	n.pool, n.client, n.sub = s.Pool.ID, s.Client.ID, s.User.Sub
	if s.Pool, err = a.seen(ctx, s.Pool); err != nil {
		return nil, err
	}
	s.Client = in(s.Pool, s.Client)
	return s, nil
}

// in gives the client with the pool as it is seen.
func in(pool *userpool.Pool, c *userpool.Client) *userpool.Client {
	if !pool.Secondary {
		return c
	}
	view := *c
	view.Pool = pool
	return &view
}
