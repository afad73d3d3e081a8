package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateResourceServer makes a resource server with its scopes.
func (a *API) CreateResourceServer(ctx context.Context, in *wire.CreateResourceServerRequest) (*wire.CreateResourceServerResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	server, err := a.Directory.CreateResourceServer(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateResourceServerResponse{ResourceServer: server}, nil
}

// DescribeResourceServer shows a resource server.
func (a *API) DescribeResourceServer(ctx context.Context, in *wire.DescribeResourceServerRequest) (*wire.DescribeResourceServerResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	server, err := a.Directory.ResourceServer(ctx, pool, in.Identifier)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeResourceServerResponse{ResourceServer: server}, nil
}

// UpdateResourceServer replaces name and scopes of a resource server.
func (a *API) UpdateResourceServer(ctx context.Context, in *wire.UpdateResourceServerRequest) (*wire.UpdateResourceServerResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	server, err := a.Directory.UpdateResourceServer(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateResourceServerResponse{ResourceServer: server}, nil
}

// ListResourceServers lists the resource servers of a pool.
func (a *API) ListResourceServers(ctx context.Context, in *wire.ListResourceServersRequest) (*wire.ListResourceServersResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	servers, next, err := a.Directory.ListResourceServers(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.ListResourceServersResponse{ResourceServers: servers, NextToken: next}, nil
}

// DeleteResourceServer removes a resource server.
func (a *API) DeleteResourceServer(ctx context.Context, in *wire.DeleteResourceServerRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteResourceServer(ctx, pool, in.Identifier)
}
