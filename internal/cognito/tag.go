package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// TagResource adds tags to a pool.
func (a *API) TagResource(ctx context.Context, in *wire.TagResourceRequest) (*wire.TagResourceResponse, error) {
	pool, err := a.poolOfARN(ctx, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if err := a.Directory.TagPool(ctx, pool, in.Tags); err != nil {
		return nil, err
	}
	return &wire.TagResourceResponse{}, nil
}

// UntagResource takes tags from a pool.
func (a *API) UntagResource(ctx context.Context, in *wire.UntagResourceRequest) (*wire.UntagResourceResponse, error) {
	pool, err := a.poolOfARN(ctx, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if err := a.Directory.UntagPool(ctx, pool, in.TagKeys); err != nil {
		return nil, err
	}
	return &wire.UntagResourceResponse{}, nil
}

// ListTagsForResource shows the tags of a pool.
func (a *API) ListTagsForResource(ctx context.Context, in *wire.ListTagsForResourceRequest) (*wire.ListTagsForResourceResponse, error) {
	pool, err := a.poolOfARN(ctx, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &wire.ListTagsForResourceResponse{Tags: pool.Settings.UserPoolTags}, nil
}

// poolOfARN finds the pool that an ARN of the caller's region names.
func (a *API) poolOfARN(ctx context.Context, arn string) (*userpool.Pool, error) {
	region, id, err := a.Directory.PoolOfARN(arn)
	if err != nil {
		return nil, err
	}
	if region != userpool.CallerFrom(ctx).Region {
		return nil, userpool.NoSuchPool(id)
	}
	return a.pool(ctx, id)
}
