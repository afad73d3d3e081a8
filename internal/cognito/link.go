package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// AdminLinkProviderForUser lets an identity at an identity provider sign in a user who is there.
func (a *API) AdminLinkProviderForUser(ctx context.Context, in *wire.AdminLinkProviderForUserRequest) (*wire.AdminLinkProviderForUserResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.LinkIdentity(ctx, pool, identityOf(in.DestinationUser), identityOf(in.SourceUser)); err != nil {
		return nil, err
	}
	return &wire.AdminLinkProviderForUserResponse{}, nil
}

// AdminDisableProviderForUser takes a linked identity, or the password, away from a user.
func (a *API) AdminDisableProviderForUser(ctx context.Context, in *wire.AdminDisableProviderForUserRequest) (*wire.AdminDisableProviderForUserResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.DisableIdentity(ctx, pool, identityOf(in.User)); err != nil {
		return nil, err
	}
	return &wire.AdminDisableProviderForUserResponse{}, nil
}

func identityOf(in *wire.ProviderUserIdentifierType) account.Identity {
	return account.Identity{Provider: in.ProviderName, Attribute: in.ProviderAttributeName, Value: in.ProviderAttributeValue}
}
