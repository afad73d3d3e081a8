package store

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	sessionsOfUser = newStatement("list the sessions of a user",
		`SELECT s.id, s.grant_id, coalesce(c.id, ''), s.device, s.address, g.created, s.active,
			CASE WHEN g.revoked = 0 AND g.created > u.valid_after AND g.expires > $1 AND u.enabled <> 0 AND c.id IS NOT NULL
				THEN 0 ELSE 1 END
		FROM user_sessions s
		JOIN grants g ON g.pool_number = s.pool_number AND g.user_number = s.user_number AND g.id = s.grant_id
		JOIN users u ON u.pool_number = s.pool_number AND u.number = s.user_number
		LEFT JOIN clients c ON c.number = g.client_number AND c.deleted = 0
		WHERE s.pool_number = $2 AND s.user_number = $3 ORDER BY s.active, s.id`)
	insertSession = newStatement("store a session of a user",
		`INSERT INTO user_sessions (pool_number, user_number, grant_id, id, device, address, active)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`)
	touchSession = newStatement("note the use of a session of a user",
		`UPDATE user_sessions SET device = $1, address = $2, active = $3
		WHERE pool_number = $4 AND user_number = $5 AND grant_id = $6 AND active <= $3`)
	deleteSession = newStatement("remove a session of a user",
		`DELETE FROM user_sessions WHERE pool_number = $1 AND user_number = $2 AND grant_id = $3`)
)

// UserSessions implements userpool.UserSessionReader.
func (r reads) UserSessions(ctx context.Context, key userpool.UserKey) (sessions []userpool.UserSession, err error) {
	err = r.list(ctx, sessionsOfUser, []any{micros(r.now()), key.Pool, key.User}, func(scan scanner) error {
		s := userpool.UserSession{User: key}
		var created, active, ended int64
		err := scan(&s.ID, &s.GrantID, &s.ClientID, &s.Device, &s.Address, &created, &active, &ended)
		s.Created, s.Active, s.Ended = fromMicros(created), fromMicros(active), ended != 0
		sessions = append(sessions, s)
		return err
	})
	return sessions, err
}

// PutUserSession implements userpool.UserSessionWriter. ErrNotFound when there is no such grant, ErrExists when it has
// a session.
func (t *tx) PutUserSession(ctx context.Context, s *userpool.UserSession) error {
	n, err := t.exec(ctx, insertSession, s.User.Pool, s.User.User, s.GrantID, s.ID, s.Device, s.Address, micros(s.Active))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// TouchUserSession implements userpool.UserSessionWriter. The latest use counts.
func (t *tx) TouchUserSession(ctx context.Context, s *userpool.UserSession) error {
	_, err := t.exec(ctx, touchSession, s.Device, s.Address, micros(s.Active), s.User.Pool, s.User.User, s.GrantID)
	return err
}

// DeleteUserSession implements userpool.UserSessionWriter.
func (t *tx) DeleteUserSession(ctx context.Context, s *userpool.UserSession) error {
	_, err := t.exec(ctx, deleteSession, s.User.Pool, s.User.User, s.GrantID)
	return err
}
