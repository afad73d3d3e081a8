package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetUserPoolMfaConfig replaces the factors of a pool.
func (a *API) SetUserPoolMfaConfig(ctx context.Context, in *wire.SetUserPoolMFAConfigRequest) (*wire.SetUserPoolMFAConfigResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return a.Directory.SetMFA(ctx, pool, in)
}

// GetUserPoolMfaConfig shows the factors of a pool.
func (a *API) GetUserPoolMfaConfig(ctx context.Context, in *wire.GetUserPoolMFAConfigRequest) (*wire.GetUserPoolMFAConfigResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return directory.DescribeMFA(pool), nil
}
