package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateUserPool makes a pool in the region of the caller's signature.
func (a *API) CreateUserPool(ctx context.Context, in *wire.CreateUserPoolRequest) (*wire.CreateUserPoolResponse, error) {
	pool, err := a.Directory.CreatePool(ctx, userpool.CallerFrom(ctx).Region, in, directory.PoolOptions{})
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserPoolResponse{UserPool: a.Directory.DescribeNewPool(pool)}, nil
}

// DescribeUserPool shows a pool with its settings.
func (a *API) DescribeUserPool(ctx context.Context, in *wire.DescribeUserPoolRequest) (*wire.DescribeUserPoolResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	described, err := a.Directory.DescribePool(ctx, pool)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeUserPoolResponse{UserPool: described}, nil
}

// UpdateUserPool changes the settings of a pool.
func (a *API) UpdateUserPool(ctx context.Context, in *wire.UpdateUserPoolRequest) (*wire.UpdateUserPoolResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Directory.UpdatePool(ctx, pool, in); err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolResponse{}, nil
}

// ListUserPools lists the pools in the region of the caller's signature.
func (a *API) ListUserPools(ctx context.Context, in *wire.ListUserPoolsRequest) (*wire.ListUserPoolsResponse, error) {
	pools, next, err := a.Directory.ListPools(ctx, userpool.CallerFrom(ctx).Region, int(in.MaxResults), in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.ListUserPoolsResponse{UserPools: pools, NextToken: next}, nil
}

// DeleteUserPool removes a pool with everything in it.
func (a *API) DeleteUserPool(ctx context.Context, in *wire.DeleteUserPoolRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeletePool(ctx, pool)
}
