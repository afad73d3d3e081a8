package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ListUserSessions lists the sessions of the user of the token.
func (a *API) ListUserSessions(ctx context.Context, in *wire.ListUserSessionsRequest) (*wire.ListUserSessionsResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	sessions, err := a.Tokens.UserSessions(ctx, session.User.Key, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.ListUserSessionsResponse{Sessions: sessionTypes(sessions, session.Grant.ID)}, nil
}

// AdminListUserSessions lists the sessions of a user.
func (a *API) AdminListUserSessions(ctx context.Context, in *wire.AdminListUserSessionsRequest) (*wire.AdminListUserSessionsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return nil, err
	}
	sessions, err := a.Tokens.UserSessions(ctx, user.Key, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.AdminListUserSessionsResponse{Sessions: sessionTypes(sessions, "")}, nil
}

// RevokeUserSession ends another session of the user of the token. RevokeAssociatedSessions asks for nothing more as
// long as no session belongs to one of a browser.
func (a *API) RevokeUserSession(ctx context.Context, in *wire.RevokeUserSessionRequest) (*wire.RevokeUserSessionResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := a.Tokens.RevokeUserSession(ctx, session.User.Key, in.SessionID, session.Grant.ID); err != nil {
		return nil, err
	}
	return &wire.RevokeUserSessionResponse{}, nil
}

// AdminRevokeUserSession ends a session of a user.
func (a *API) AdminRevokeUserSession(ctx context.Context, in *wire.AdminRevokeUserSessionRequest) (*wire.AdminRevokeUserSessionResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return nil, err
	}
	if err := a.Tokens.RevokeUserSession(ctx, user.Key, in.SessionID, ""); err != nil {
		return nil, err
	}
	return &wire.AdminRevokeUserSessionResponse{}, nil
}

// sessionTypes shows sessions; current is the grant of the caller's own, if any. Where an address lies is not known.
func sessionTypes(sessions []userpool.UserSession, current string) []wire.SessionDescriptionType {
	out := make([]wire.SessionDescriptionType, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, wire.SessionDescriptionType{
			SessionID:        s.ID,
			SessionType:      wire.SessionTypeTypeToken,
			ClientID:         s.ClientID,
			CreateDate:       wire.NewTimestamp(s.Created),
			LastActiveDate:   wire.NewTimestamp(s.Active),
			DeviceType:       s.Device,
			LastIPAddress:    s.Address,
			LastLocation:     &wire.SessionLocationType{Country: "unknown"},
			IsCurrentSession: new(s.GrantID == current),
		})
	}
	return out
}
