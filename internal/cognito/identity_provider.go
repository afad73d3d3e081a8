package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateIdentityProvider makes an identity provider in a pool.
func (a *API) CreateIdentityProvider(ctx context.Context, in *wire.CreateIdentityProviderRequest) (*wire.CreateIdentityProviderResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	provider, err := a.Directory.CreateIdentityProvider(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateIdentityProviderResponse{IdentityProvider: provider}, nil
}

// DescribeIdentityProvider shows an identity provider.
func (a *API) DescribeIdentityProvider(ctx context.Context, in *wire.DescribeIdentityProviderRequest) (*wire.DescribeIdentityProviderResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	provider, err := a.Directory.IdentityProvider(ctx, pool, in.ProviderName)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeIdentityProviderResponse{IdentityProvider: provider}, nil
}

// GetIdentityProviderByIdentifier shows the identity provider that has an identifier.
func (a *API) GetIdentityProviderByIdentifier(ctx context.Context, in *wire.GetIdentityProviderByIdentifierRequest) (*wire.GetIdentityProviderByIdentifierResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	provider, err := a.Directory.IdentityProviderByIdentifier(ctx, pool, in.IDPIdentifier)
	if err != nil {
		return nil, err
	}
	return &wire.GetIdentityProviderByIdentifierResponse{IdentityProvider: provider}, nil
}

// UpdateIdentityProvider replaces members of an identity provider.
func (a *API) UpdateIdentityProvider(ctx context.Context, in *wire.UpdateIdentityProviderRequest) (*wire.UpdateIdentityProviderResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	provider, err := a.Directory.UpdateIdentityProvider(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateIdentityProviderResponse{IdentityProvider: provider}, nil
}

// DeleteIdentityProvider removes an identity provider.
func (a *API) DeleteIdentityProvider(ctx context.Context, in *wire.DeleteIdentityProviderRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteIdentityProvider(ctx, pool, in.ProviderName)
}

// ListIdentityProviders lists the identity providers of a pool.
func (a *API) ListIdentityProviders(ctx context.Context, in *wire.ListIdentityProvidersRequest) (*wire.ListIdentityProvidersResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	providers, next, err := a.Directory.ListIdentityProviders(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.ListIdentityProvidersResponse{Providers: providers, NextToken: next}, nil
}
