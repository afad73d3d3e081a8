package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// GlobalSignOut revokes all tokens of the user who shows an access token.
func (a *API) GlobalSignOut(ctx context.Context, in *wire.GlobalSignOutRequest) (*wire.GlobalSignOutResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := a.Tokens.SignOut(ctx, session.User.Key); err != nil {
		return nil, err
	}
	return &wire.GlobalSignOutResponse{}, nil
}

// AdminUserGlobalSignOut revokes all tokens of a user.
func (a *API) AdminUserGlobalSignOut(ctx context.Context, in *wire.AdminUserGlobalSignOutRequest) (*wire.AdminUserGlobalSignOutResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return nil, err
	}
	if err := a.Tokens.SignOut(ctx, user.Key); err != nil {
		return nil, err
	}
	return &wire.AdminUserGlobalSignOutResponse{}, nil
}

// RevokeToken revokes a refresh token with the access and ID tokens that came from it.
// RevokeAssociatedSessions asks for nothing more as long as no session belongs to one of a browser.
func (a *API) RevokeToken(ctx context.Context, in *wire.RevokeTokenRequest) (*wire.RevokeTokenResponse, error) {
	if err := a.Tokens.Revoke(ctx, in.ClientID, in.ClientSecret, in.Token); err != nil {
		return nil, err
	}
	noteOf(ctx).client = in.ClientID
	return &wire.RevokeTokenResponse{}, nil
}

// GetTokensFromRefreshToken makes new tokens from a refresh token, which is replaced where the client says so.
func (a *API) GetTokensFromRefreshToken(ctx context.Context, in *wire.GetTokensFromRefreshTokenRequest) (*wire.GetTokensFromRefreshTokenResponse, error) {
	client, err := a.clientWithSecret(ctx, in.ClientID, in.ClientSecret)
	if err != nil {
		return nil, err
	}
	issued, err := a.SignIn.Exchange(ctx, client, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	return &wire.GetTokensFromRefreshTokenResponse{AuthenticationResult: authenticationResult(issued)}, nil
}

// GetClientToken makes an access token for an app client that acts for itself.
func (a *API) GetClientToken(ctx context.Context, in *wire.GetClientTokenRequest) (*wire.GetClientTokenResponse, error) {
	client, err := a.clientWithSecret(ctx, in.ClientID, in.Secret)
	if err != nil {
		return nil, err
	}
	scopes, err := a.Directory.ClientScopes(ctx, client, in.Scopes)
	if err != nil {
		return nil, err
	}
	issued, err := a.Tokens.IssueToClient(ctx, client, scopes)
	if err != nil {
		return nil, err
	}
	return &wire.GetClientTokenResponse{ClientAuthenticationResult: &wire.ClientAuthenticationResultType{
		AccessToken: issued.AccessToken, ExpiresIn: new(issued.ExpiresIn), TokenType: "Bearer",
	}}, nil
}
