package token

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// What Refresh answers about the token itself. Source: the service's recorded answers.
var (
	errInvalidRefresh = userpool.NewError(userpool.NotAuthorized, "Invalid Refresh Token.")
	errRefreshExpired = userpool.NewError(userpool.NotAuthorized, "Refresh Token has expired")
	errRefreshRevoked = userpool.NewError(userpool.NotAuthorized, "Refresh Token has been revoked")
)

// Refresh makes a new access and ID token for the grant of a refresh token (REFRESH_TOKEN_AUTH): claims of the user as
// they are now, with the grant's auth_time, origin_jti, event_id and scopes. It writes nothing but the use of a session
// that is tracked. secretHash is over the user's real name.
//
// Errors, in this order: NotAuthorized for an unknown token, that of another client, a token whose user is gone, a missing
// or wrong secret hash, an expired token, a disabled user, a revoked token; PasswordResetRequired, UserNotConfirmed;
// NotAuthorized for a token that was replaced; TooManyRequests.
func (s *Service) Refresh(ctx context.Context, client *userpool.Client, refreshToken, secretHash string) (*Issued, error) {
	state, err := s.stateFor(ctx, client, refreshToken)
	if err != nil {
		return nil, err
	}
	if err := checkRefreshHash(client, secretHash, state.User.Username); err != nil {
		return nil, err
	}
	now := s.now()
	if err := refreshable(state, now); err != nil {
		return nil, err
	}
	if !state.Refresh.Replaced.IsZero() {
		return nil, errRefreshRevoked
	}
	issued, err := s.sign(ctx, client, state.User, state.Grant, now)
	if err != nil {
		return nil, err
	}
	return issued, s.touch(ctx, client.Pool, state.Grant, now)
}

// stateFor reads the state of a refresh token that the client shows.
func (s *Service) stateFor(ctx context.Context, client *userpool.Client, refreshToken string) (*userpool.TokenState, error) {
	state, err := s.refreshState(ctx, refreshToken)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil, errInvalidRefresh
	case err != nil:
		return nil, err
	case state.Grant == nil || !grantedTo(state.Grant, client):
		return nil, errInvalidRefresh
	case state.User == nil:
		return nil, errRefreshRevoked
	}
	return state, nil
}

// refreshable says why a refresh token is good for nothing, if so, apart from its rotation.
func refreshable(state *userpool.TokenState, now time.Time) error {
	if !now.Before(state.Refresh.Expires) {
		return errRefreshExpired
	}
	return admit(state, errRefreshRevoked)
}

// refreshState reads a refresh token; ErrNotFound for anything that is none, or is not known.
func (s *Service) refreshState(ctx context.Context, refreshToken string) (*userpool.TokenState, error) {
	grant, ok := grantOf(refreshToken)
	if !ok {
		return nil, userpool.ErrNotFound
	}
	state, err := s.Store.RefreshState(ctx, grant, sha256.Sum256([]byte(refreshToken)))
	if err != nil {
		return nil, fmt.Errorf("token: read state of refresh token: %w", err)
	}
	return state, nil
}

// grantedTo says whether a grant is of this very client: a pool's number is never used again, a client's
// id may be.
func grantedTo(g *userpool.Grant, client *userpool.Client) bool {
	return g.ClientID == client.ID && g.Pool == client.Pool.Number
}

// checkRefreshHash is Client.CheckSecretHash with this flow's text for a wrong hash.
func checkRefreshHash(client *userpool.Client, hash, username string) error {
	if hash == "" || client.SecretHashMatches(hash, username) {
		return client.CheckSecretHash(hash, username)
	}
	return userpool.NewError(userpool.NotAuthorized, "SecretHash does not match for the client: "+client.ID)
}
