package token

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Revoke ends the grant of a refresh token, with all its tokens (RevokeToken). Nothing happens for a
// token that is unknown, expired or revoked already.
//
// Errors, in this order: Unauthorized (client unknown, secret missing or wrong), UnsupportedOperation
// (revocation is off for the client), UnsupportedTokenType (access or ID token), InvalidParameter (not a
// token), Unauthorized (the token of another client).
func (s *Service) Revoke(ctx context.Context, clientID, clientSecret, token string) error {
	client, err := s.Store.Client(ctx, clientID)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return errWrongClient
	case err != nil:
		return fmt.Errorf("token: find app client: %w", err)
	case client.Public() && clientSecret != "", !client.Public() && !client.SecretMatches(clientSecret):
		return errWrongClient
	case !client.Revocable():
		return userpool.NewError(userpool.UnsupportedOperation, "Token revocation is not enabled for this client.")
	case looksLikeJWT(token):
		return userpool.NewError(userpool.UnsupportedTokenType, "Only refresh tokens can be revoked.")
	}
	if _, ok := grantOf(token); !ok {
		return userpool.NewError(userpool.InvalidParameter, "Invalid refresh token.")
	}
	state, err := s.refreshState(ctx, token)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil
	case err != nil:
		return err
	case state.Grant == nil:
		return nil
	case !grantedTo(state.Grant, client):
		return errForeignToken
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		return tx.RevokeGrant(ctx, state.Grant, now)
	})
}

// The service's texts for these are not recorded.
var (
	errWrongClient  = userpool.NewError(userpool.Unauthorized, "Invalid client id or client secret.")
	errForeignToken = userpool.NewError(userpool.Unauthorized, "The token was not issued to this client.")
)

// looksLikeJWT says whether token is a JWT by its form (RFC 7519, section 3), whoever made it.
func looksLikeJWT(token string) bool {
	header, _, dotted := strings.Cut(token, ".")
	if !dotted || strings.Count(token, ".") != 2 || len(header) > maxToken {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		return false
	}
	var jose struct {
		Alg string `json:"alg"`
	}
	return json.Unmarshal(raw, &jose) == nil && jose.Alg != ""
}

// SignOut revokes every token of the user that was granted until now, at all clients (global sign-out).
// Error: UserNotFound.
func (s *Service) SignOut(ctx context.Context, key userpool.UserKey) error {
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		user, err := tx.User(ctx, key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		user.RevokeTokens(now)
		return tx.UpdateUser(ctx, user)
	})
}
