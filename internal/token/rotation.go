package token

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var errRefreshReused = userpool.NewError(userpool.RefreshTokenReuse, "Refresh token has already been used.")

// Exchange makes new tokens for the grant of a refresh token (GetTokensFromRefreshToken), as Refresh does. Where the
// client rotates refresh tokens there is a new one among them, which ends when the old one would have ended; the old one
// is good for the client's grace period, and each use within it gives another.
//
// Errors, in this order: NotAuthorized for an unknown token, that of another client, a token whose user is gone, an expired
// token, a disabled user, a revoked token, a user who must set another password or is not confirmed; RefreshTokenReuse;
// TooManyRequests.
func (s *Service) Exchange(ctx context.Context, client *userpool.Client, refreshToken string) (*Issued, error) {
	state, err := s.stateFor(ctx, client, refreshToken)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if err := exchangeable(client, state, now); err != nil {
		return nil, err
	}
	issued, err := s.sign(ctx, client, state.User, state.Grant, now)
	if err != nil {
		return nil, err
	}
	if !client.Rotates() {
		return issued, s.touch(ctx, client.Pool, state.Grant, now)
	}
	issued.RefreshToken = newRefreshToken(state.Grant.ID)
	issued.Refresh = &userpool.RefreshToken{
		Hash: sha256.Sum256([]byte(issued.RefreshToken)), Pool: state.Grant.Pool, GrantID: state.Grant.ID,
		Issued: now, Expires: state.Refresh.Expires,
	}
	session := newUserSession(ctx, state.Grant, now)
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		// Of two who use it at the same moment, one finds it replaced.
		state, err := tx.RefreshState(ctx, state.Grant.ID, state.Refresh.Hash)
		if err != nil {
			return userpool.OrNotFound(err, errRefreshRevoked)
		}
		if state.User == nil || state.Grant == nil {
			return errRefreshRevoked
		}
		if err := exchangeable(client, state, now); err != nil {
			return err
		}
		if client.Pool.Sessions.Enabled {
			if err := tx.TouchUserSession(ctx, session); err != nil {
				return err
			}
		}
		return tx.ReplaceRefreshToken(ctx, state.Grant, state.Refresh, issued.Refresh)
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}

// exchangeable is refreshable with rotation. The operation has no exceptions of its own for a user's status.
func exchangeable(client *userpool.Client, state *userpool.TokenState, now time.Time) error {
	err := refreshable(state, now)
	if userpool.IsCode(err, userpool.PasswordResetRequired) || userpool.IsCode(err, userpool.UserNotConfirmed) {
		return errRefreshRevoked
	}
	if err != nil {
		return err
	}
	replaced, grace := state.Refresh.Replaced, client.RetryGracePeriod()
	// Who replaced it may have begun later than this request.
	if !replaced.IsZero() && (grace == 0 || !now.Before(replaced.Add(grace))) {
		return errRefreshReused
	}
	return nil
}
