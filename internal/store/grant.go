package store

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Columns of rows that may be missing beside the one that was asked for: number 0 or an empty id says so.
const (
	userColumnsOrNone = `coalesce(u.pool_number, 0), coalesce(u.number, 0), coalesce(u.username, ''), coalesce(u.sub, ''),
	coalesce(u.status, ''), coalesce(u.enabled, 0), coalesce(u.attributes, '[]'), coalesce(u.pending, '[]'), coalesce(u.mfa, ''),
	coalesce(u.created, 0), coalesce(u.modified, 0), coalesce(u.valid_after, 0), coalesce(u.version, 0)`
	grantColumnsOrNone = `coalesce(g.id, ''), coalesce(g.user_number, 0), coalesce(g.scopes, '[]'), coalesce(g.event_id, ''),
	coalesce(g.auth_time, 0), coalesce(g.created, 0), coalesce(g.expires, 0), coalesce(g.revoked, 0)`
)

var (
	tokenState = newStatement("read the state of a token",
		`SELECT p.number, p.stamp, coalesce(c.number, 0), coalesce(c.stamp, 0), `+grantColumnsOrNone+`, `+userColumnsOrNone+`
		FROM pools p
		LEFT JOIN clients c ON c.id = $1 AND c.deleted = 0 AND c.pool_number = p.number
		LEFT JOIN users u ON u.pool_number = p.number AND u.sub = $2
		LEFT JOIN grants g ON g.pool_number = p.number AND g.id = $3 AND g.user_number = u.number AND g.client_number = c.number
		WHERE p.number = $4`)
	refreshState = newStatement("read the state of a refresh token",
		`SELECT r.issued, r.expires, r.replaced,
			p.number, p.stamp, coalesce(c.number, 0), coalesce(c.stamp, 0), `+grantColumnsOrNone+`, `+userColumnsOrNone+`
		FROM refresh_tokens r
		JOIN grants g ON g.pool_number = r.pool_number AND g.user_number = r.user_number AND g.id = r.grant_id
		JOIN pools p ON p.number = g.pool_number
		LEFT JOIN clients c ON c.number = g.client_number AND c.deleted = 0
		LEFT JOIN users u ON u.pool_number = g.pool_number AND u.number = g.user_number
		WHERE r.grant_id = $1 AND r.hash = $2`)
	clientNumber = newStatement("number an app client",
		`SELECT number FROM clients WHERE id = $1 AND pool_number = $2 AND deleted = 0`)
	insertGrant = newStatement("store a grant",
		`INSERT INTO grants (pool_number, id, user_number, client_number, scopes, event_id, auth_time, created, expires, revoked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`)
	insertRefreshToken = newStatement("store a refresh token",
		`INSERT INTO refresh_tokens (grant_id, hash, pool_number, user_number, issued, expires, replaced)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`)
	replaceRefreshToken = newStatement("replace a refresh token",
		`UPDATE refresh_tokens SET replaced = $1 WHERE grant_id = $2 AND hash = $3 AND replaced = 0`)
	deleteReplaced = newStatement("remove refresh tokens that were replaced long ago",
		`DELETE FROM refresh_tokens WHERE grant_id = $1 AND replaced > 0 AND replaced < $2`)
	deleteSurplus = newStatement("remove refresh tokens of a grant that are too many",
		`DELETE FROM refresh_tokens WHERE grant_id = $1 AND hash IN (SELECT hash FROM refresh_tokens
		WHERE grant_id = $1 AND replaced = 0 ORDER BY issued DESC, hash LIMIT 100 OFFSET $2)`)
	revokeGrant = newStatement("revoke a grant",
		`UPDATE grants SET revoked = $1 WHERE pool_number = $2 AND user_number = $3 AND id = $4 AND revoked = 0`)
	insertSpent = newStatement("spend a challenge",
		`INSERT INTO spent (pool_number, id, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`)
)

// stateRow is what tokenState and refreshState have in common.
type stateRow struct {
	pool, poolStamp, client, clientStamp  int64
	grant                                 userpool.Grant
	scopes                                []byte
	authTime, created, expires, revokedAt int64
	user                                  userRow
}

func (r *stateRow) fields() []any {
	g := &r.grant
	return append([]any{&r.pool, &r.poolStamp, &r.client, &r.clientStamp,
		&g.ID, &g.User, &r.scopes, &g.EventID, &r.authTime, &r.created, &r.expires, &r.revokedAt}, r.user.fields()...)
}

// open gives the state of a row, with the configuration documents from the cache or, where they have moved, from
// the database.
func (q *queries) openState(ctx context.Context, r *stateRow) (*userpool.TokenState, error) {
	var s userpool.TokenState
	var err error
	if s.Pool, err = q.pool(ctx, r.pool, r.poolStamp); err != nil {
		return nil, err
	}
	if r.client != 0 && s.Pool.Deleted.IsZero() {
		if s.Client, err = q.client(ctx, r.client, r.clientStamp, s.Pool); err != nil && !isNotFound(err) {
			return nil, err
		}
	}
	if r.user.user.Version != 0 {
		if s.User, err = r.user.open(); err != nil {
			return nil, err
		}
	}
	if r.grant.ID != "" {
		s.Grant = &r.grant
		s.Grant.Pool = r.pool
		if s.Client != nil {
			s.Grant.ClientID = s.Client.ID
		}
		if err := json.Unmarshal(r.scopes, &s.Grant.Scopes); err != nil {
			return nil, fmt.Errorf("store: decode scopes: %w", err)
		}
		s.Grant.AuthTime, s.Grant.Created = fromMicros(r.authTime), fromMicros(r.created)
		s.Grant.Expires, s.Grant.Revoked = fromMicros(r.expires), fromMicros(r.revokedAt)
	}
	return &s, nil
}

// TokenState implements userpool.TokenReader. The client must live in the pool; the grant must be the client's and
// the user's. ErrNotFound when the pool is gone for so long that its row is.
func (r reads) TokenState(ctx context.Context, pool int64, clientID, sub, grant string) (*userpool.TokenState, error) {
	var row stateRow
	if err := r.one(ctx, tokenState, []any{clientID, sub, grant, pool}, row.fields()...); err != nil {
		return nil, err
	}
	return r.openState(ctx, &row)
}

// RefreshState implements userpool.TokenReader. The grant's ClientID is "" when the client is gone.
func (r reads) RefreshState(ctx context.Context, grant string, hash [32]byte) (*userpool.TokenState, error) {
	var row stateRow
	var issued, expires, replaced int64
	if err := r.one(ctx, refreshState, []any{grant, hash[:]}, append([]any{&issued, &expires, &replaced}, row.fields()...)...); err != nil {
		return nil, err
	}
	s, err := r.openState(ctx, &row)
	if err != nil {
		return nil, err
	}
	s.Refresh = &userpool.RefreshToken{Hash: hash, Pool: row.pool, GrantID: row.grant.ID,
		Issued: fromMicros(issued), Expires: fromMicros(expires), Replaced: fromMicros(replaced)}
	return s, nil
}

// PutGrant implements userpool.TokenWriter. ErrNotFound when the client or the user is gone, ErrExists when the
// grant's id or the token is taken. A nil token stores the grant alone.
func (t *tx) PutGrant(ctx context.Context, g *userpool.Grant, token *userpool.RefreshToken) error {
	var client int64
	if err := t.one(ctx, clientNumber, []any{g.ClientID, g.Pool}, &client); err != nil {
		return err
	}
	scopes, err := encodeScopes(g.Scopes)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, insertGrant, g.Pool, g.ID, g.User, client, scopes, g.EventID, micros(g.AuthTime),
		micros(g.Created), micros(g.Expires), micros(g.Revoked))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	if err != nil || token == nil {
		return err
	}
	return t.insertRefreshToken(ctx, g, token)
}

func (t *tx) insertRefreshToken(ctx context.Context, g *userpool.Grant, token *userpool.RefreshToken) error {
	n, err := t.exec(ctx, insertRefreshToken, g.ID, token.Hash[:], g.Pool, g.User, micros(token.Issued), micros(token.Expires), micros(token.Replaced))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// ReplaceRefreshToken implements userpool.TokenWriter.
func (t *tx) ReplaceRefreshToken(ctx context.Context, g *userpool.Grant, old, next *userpool.RefreshToken) error {
	if _, err := t.exec(ctx, replaceRefreshToken, micros(next.Issued), g.ID, old.Hash[:]); err != nil {
		return err
	}
	if _, err := t.exec(ctx, deleteReplaced, g.ID, micros(next.Issued.Add(-afterlife))); err != nil {
		return err
	}
	if err := t.insertRefreshToken(ctx, g, next); err != nil || old.Replaced.IsZero() {
		return err
	}
	_, err := t.exec(ctx, deleteSurplus, g.ID, siblings)
	return err
}

// siblings is how many refresh tokens of one grant are good at a time: one, and more where one was replaced more than once.
const siblings = 20

func encodeScopes(scopes []string) (string, error) {
	if len(scopes) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(scopes)
	if err != nil {
		return "", fmt.Errorf("store: encode scopes: %w", errNotText)
	}
	return string(text), nil
}

// RevokeGrant implements userpool.TokenWriter.
func (t *tx) RevokeGrant(ctx context.Context, g *userpool.Grant, at time.Time) error {
	_, err := t.exec(ctx, revokeGrant, micros(at), g.Pool, g.User, g.ID)
	return err
}

// Spend implements userpool.TokenWriter.
func (t *tx) Spend(ctx context.Context, pool int64, id string, expires time.Time) error {
	n, err := t.exec(ctx, insertSpent, pool, id, micros(expires))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}
