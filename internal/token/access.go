package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	maxToken  = 96 << 10 // characters of an access token: a hundred groups with the longest names fit
	maxHeader = 256      // characters of its first part; ours has 98, so no key or certificate fits
)

// What Authorize answers about the token itself. Source: the service's recorded answers.
var (
	errInvalidAccess   = userpool.NewError(userpool.NotAuthorized, "Invalid Access Token")
	errAccessSignature = userpool.NewError(userpool.NotAuthorized, "Could not verify signature for Access Token")
	errAccessExpired   = userpool.NewError(userpool.NotAuthorized, "Access Token has expired")
	errAccessScope     = userpool.NewError(userpool.NotAuthorized, "Access Token does not have required scopes")
	errAccessRevoked   = userpool.NewError(userpool.NotAuthorized, "Access Token has been revoked")
)

// Session is a signed-in user who showed an access token: what the store knows (Pool, Client, User and
// Grant are there, Refresh is not) and what the token says.
type Session struct {
	*userpool.TokenState
	Claims Claims
}

// Authorize tells who an access token is. In this order:
//
//	NotAuthorized        not a token of ours, an ID token, a wrong signature
//	ResourceNotFound     pool or app client of the token are gone
//	NotAuthorized        expired, without the scope aws.cognito.signin.user.admin
//	UserNotFound         the user is gone; UserNotConfirmed when the name was taken again and waits for its code
//	NotAuthorized        user disabled, token revoked
//	PasswordResetRequired, UserNotConfirmed
//
// Expired tokens reach the store, as valid ones do; forged ones do not.
func (s *Service) Authorize(ctx context.Context, accessToken string) (*Session, error) {
	claims, key, err := s.verify(ctx, accessToken)
	if err != nil {
		return nil, err
	}
	state, err := s.Store.TokenState(ctx, key.pool, claims.ClientID, claims.Subject, claims.grant())
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil, userpool.NoSuchClient(claims.ClientID)
	case err != nil:
		return nil, fmt.Errorf("token: read state of access token: %w", err)
	case state.Pool == nil || !state.Pool.Deleted.IsZero() || state.Client == nil:
		return nil, userpool.NoSuchClient(claims.ClientID)
	case !s.Now().Before(time.Unix(claims.Expires, 0)):
		return nil, errAccessExpired
	case !claims.HasScope(AdminScope):
		return nil, errAccessScope
	case state.User == nil:
		return nil, s.departed(ctx, state.Pool, claims.Username)
	}
	if err := admit(state, errAccessRevoked); err != nil {
		return nil, err
	}
	return &Session{state, *claims}, nil
}

// admit judges the user and then the grant; access and refresh tokens differ in how they are called
// revoked. Operations that do not ask for the user's status get their own entrance here.
func admit(state *userpool.TokenState, revoked *userpool.Error) error {
	user, grant := state.User, state.Grant
	switch {
	case !user.Enabled:
		return userpool.UserDisabled()
	case grant == nil || !grant.Revoked.IsZero() || !grant.Created.After(user.ValidAfter):
		return revoked
	case user.Status == userpool.RequireReset:
		return userpool.ResetRequired()
	case user.Status == userpool.Unconfirmed:
		return userpool.NotConfirmed()
	}
	return nil
}

// departed is the answer when the token's user is gone: somebody may have signed up under the name.
func (s *Service) departed(ctx context.Context, pool *userpool.Pool, username string) error {
	heir, err := s.Store.FindUser(ctx, pool.Number, userpool.Lookup{Username: pool.Fold(username)})
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return userpool.NoSuchUser()
	case err != nil:
		return fmt.Errorf("token: find user of access token: %w", err)
	case heir.Status == userpool.Unconfirmed:
		return userpool.NotConfirmed()
	}
	return userpool.NoSuchUser()
}

// verify checks what the token alone can tell, and that its claims are those of the key that signed it.
// It does not look at the time.
func (s *Service) verify(ctx context.Context, token string) (*Claims, *verifier, error) {
	jws, kid, ok := parse(token)
	if !ok {
		return nil, nil, errInvalidAccess
	}
	key, err := s.verifier(ctx, kid)
	if err != nil {
		return nil, nil, userpool.OrNotFound(err, errInvalidAccess)
	}
	payload, err := jws.Verify(key.public)
	if err != nil {
		return nil, nil, errAccessSignature
	}
	claims := &Claims{}
	if json.Unmarshal(payload, claims) != nil || claims.TokenUse != useAccess || key.use != userpool.SignsAccess {
		return nil, nil, errInvalidAccess
	}
	if issuer := s.Issuer(key.poolID); claims.Issuer != issuer {
		s.Log.WarnContext(ctx, "access token of another issuer: was the public URL or the issuer's template changed?",
			"pool", key.poolID, "issuer", issuer, "token_issuer", claims.Issuer)
		return nil, nil, errInvalidAccess
	}
	return claims, key, nil
}

// parse takes a token apart, without verifying anything, if it has the one form that Issue gives: a JWS in
// compact serialization with the algorithm RS256, a kid and no other header parameter.
func parse(token string) (jws *jose.JSONWebSignature, kid string, ok bool) {
	if len(token) > maxToken || strings.IndexByte(token, '.') > maxHeader {
		return nil, "", false
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(jws.Signatures) != 1 {
		return nil, "", false
	}
	header := jws.Signatures[0].Protected
	if header.JSONWebKey != nil || header.Nonce != "" || len(header.ExtraHeaders) > 0 || !wellFormedKID(header.KeyID) {
		return nil, "", false
	}
	return jws, header.KeyID, true
}
