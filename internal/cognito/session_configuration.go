package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetUserPoolSessionConfiguration says whether a pool keeps sessions of its users, and how many.
func (a *API) SetUserPoolSessionConfiguration(ctx context.Context, in *wire.SetUserPoolSessionConfigurationRequest) (*wire.SetUserPoolSessionConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return a.Directory.SetSessions(ctx, pool, in)
}

// GetUserPoolSessionConfiguration shows the same.
func (a *API) GetUserPoolSessionConfiguration(ctx context.Context, in *wire.GetUserPoolSessionConfigurationRequest) (*wire.GetUserPoolSessionConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return directory.DescribeSessions(pool), nil
}

// SetUserPoolClientSessionConfiguration says how long an app client lets a browser's session be used again.
func (a *API) SetUserPoolClientSessionConfiguration(ctx context.Context, in *wire.SetUserPoolClientSessionConfigurationRequest) (*wire.SetUserPoolClientSessionConfigurationResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	return a.Directory.SetClientSessions(ctx, client, in)
}

// GetUserPoolClientSessionConfiguration shows the same.
func (a *API) GetUserPoolClientSessionConfiguration(ctx context.Context, in *wire.GetUserPoolClientSessionConfigurationRequest) (*wire.GetUserPoolClientSessionConfigurationResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	return directory.DescribeClientSessions(client), nil
}
