package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateUserPoolDomain gives a pool a domain for its pages.
func (a *API) CreateUserPoolDomain(ctx context.Context, in *wire.CreateUserPoolDomainRequest) (*wire.CreateUserPoolDomainResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	d, err := a.Directory.CreateDomain(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserPoolDomainResponse{
		CloudFrontDomain: directory.CustomDomainTarget(d), ManagedLoginVersion: d.ManagedLoginVersion, Routing: d.Routing,
	}, nil
}

// UpdateUserPoolDomain changes a domain of a pool.
func (a *API) UpdateUserPoolDomain(ctx context.Context, in *wire.UpdateUserPoolDomainRequest) (*wire.UpdateUserPoolDomainResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	d, err := a.Directory.UpdateDomain(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolDomainResponse{
		CloudFrontDomain: directory.CustomDomainTarget(d), ManagedLoginVersion: d.ManagedLoginVersion, Routing: d.Routing,
	}, nil
}

// DescribeUserPoolDomain shows a domain; one that nobody has is empty.
func (a *API) DescribeUserPoolDomain(ctx context.Context, in *wire.DescribeUserPoolDomainRequest) (*wire.DescribeUserPoolDomainResponse, error) {
	d, err := a.Directory.Domain(ctx, userpool.CallerFrom(ctx).Region, in.Domain)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeUserPoolDomainResponse{DomainDescription: d}, nil
}

// DeleteUserPoolDomain takes a domain from a pool.
func (a *API) DeleteUserPoolDomain(ctx context.Context, in *wire.DeleteUserPoolDomainRequest) (*wire.DeleteUserPoolDomainResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolDomainResponse{}, a.Directory.DeleteDomain(ctx, pool, in.Domain)
}
