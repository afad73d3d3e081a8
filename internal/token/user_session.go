package token

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	tokenSession  = "tkn" // begins the id of a session
	sessionsShown = 125   // of a user, at most
)

// Keep writes what a completed sign-in leaves, in the unit of work that completes it: grant and refresh token and,
// where the pool tracks them, the user's session. One session too many ends the least recently used.
func (s *Service) Keep(ctx context.Context, tx userpool.Tx, client *userpool.Client, issued *Issued) error {
	if err := tx.PutGrant(ctx, issued.Grant, issued.Refresh); err != nil {
		return err
	}
	tracking := client.Pool.Sessions
	if !tracking.Enabled {
		return nil
	}
	session := newUserSession(ctx, issued.Grant, issued.Grant.Created)
	if err := s.makeRoom(ctx, tx, session.User, int(tracking.Limit())-1, session.Active); err != nil {
		return err
	}
	return tx.PutUserSession(ctx, session)
}

// makeRoom ends sessions until no more than most are left, and removes what is left of those that have ended.
func (s *Service) makeRoom(ctx context.Context, tx userpool.Tx, key userpool.UserKey, most int, now time.Time) error {
	sessions, err := tx.UserSessions(ctx, key)
	if err != nil {
		return err
	}
	excess := len(active(sessions)) - most
	for i := range sessions {
		session := &sessions[i]
		switch {
		case session.Ended:
			if err := tx.DeleteUserSession(ctx, session); err != nil {
				return err
			}
		case excess > 0:
			excess--
			if err := endSession(ctx, tx, session, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func active(sessions []userpool.UserSession) []userpool.UserSession {
	return slices.DeleteFunc(slices.Clone(sessions), func(s userpool.UserSession) bool { return s.Ended })
}

func endSession(ctx context.Context, tx userpool.Tx, session *userpool.UserSession, now time.Time) error {
	if err := tx.RevokeGrant(ctx, &userpool.Grant{Pool: session.User.Pool, User: session.User.User, ID: session.GrantID}, now); err != nil {
		return err
	}
	return tx.DeleteUserSession(ctx, session)
}

// touch notes the use of a grant's session, where the pool tracks them.
func (s *Service) touch(ctx context.Context, pool *userpool.Pool, grant *userpool.Grant, now time.Time) error {
	if !pool.Sessions.Enabled {
		return nil
	}
	session := newUserSession(ctx, grant, now)
	return s.Store.Write(ctx, func(tx userpool.Tx) error { return tx.TouchUserSession(ctx, session) })
}

// newUserSession is a session of the grant that is used in this request.
func newUserSession(ctx context.Context, grant *userpool.Grant, now time.Time) *userpool.UserSession {
	from := userpool.ClientContextFrom(ctx)
	return &userpool.UserSession{
		ID: newSessionID(), User: userpool.UserKey{Pool: grant.Pool, User: grant.User}, GrantID: grant.ID, ClientID: grant.ClientID,
		Device: device(from), Address: from.Address, Active: now,
	}
}

// newSessionID draws 25 letters and digits.
func newSessionID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	id := []byte(tokenSession)
	for len(id) < len(tokenSession)+25 {
		var b [32]byte
		rand.Read(b[:])
		for _, c := range b {
			if limit := 256 / len(alphabet) * len(alphabet); int(c) < limit && len(id) < len(tokenSession)+25 {
				id = append(id, alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return string(id)
}

// device is what is known of program and system: "Chrome 125 / macOS 15.0".
func device(c userpool.ClientContext) string {
	switch {
	case c.Program == "" && c.System == "":
		return "unknown"
	case c.Program == "" || c.System == "":
		return c.Program + c.System
	}
	return c.Program + " / " + c.System
}

// UserSessions lists the sessions of a user that go on, the last used first (ListUserSessions, AdminListUserSessions).
// They are one page, so that there is no token of a next one to show.
func (s *Service) UserSessions(ctx context.Context, key userpool.UserKey, nextToken string) ([]userpool.UserSession, error) {
	if _, err := userpool.ReadToken(nextToken, "ListUserSessions", strconv.FormatInt(key.User, 10)); err != nil {
		return nil, err
	}
	sessions, err := s.Store.UserSessions(ctx, key)
	if err != nil {
		return nil, err
	}
	sessions = active(sessions)
	slices.Reverse(sessions)
	return sessions[:min(len(sessions), sessionsShown)], nil
}

// RevokeUserSession ends a session of a user with all its tokens; current is the grant of the caller's own, "" for an
// administrator (RevokeUserSession, AdminRevokeUserSession). Errors: ResourceNotFound, InvalidParameter for the
// caller's own.
func (s *Service) RevokeUserSession(ctx context.Context, key userpool.UserKey, id, current string) error {
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		sessions, err := tx.UserSessions(ctx, key)
		if err != nil {
			return err
		}
		sessions = active(sessions)
		i := slices.IndexFunc(sessions, func(s userpool.UserSession) bool { return s.ID == id })
		switch {
		case i < 0:
			return userpool.NewError(userpool.ResourceNotFound, "Session does not exist.")
		case current != "" && sessions[i].GrantID == current:
			return userpool.NewError(userpool.InvalidParameter, "The session of the access token cannot be revoked with it.")
		}
		return endSession(ctx, tx, &sessions[i], now)
	})
}
