package store

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const userColumns = `u.pool_number, u.number, u.username, u.sub, u.status, u.enabled, u.attributes, u.pending, u.mfa,
	u.created, u.modified, u.valid_after, u.version`

var (
	userByKey  = newStatement("read a user", `SELECT `+userColumns+` FROM users u WHERE u.pool_number = $1 AND u.number = $2`)
	userByName = newStatement("find a user by name",
		`SELECT `+userColumns+` FROM users u WHERE u.pool_number = $1 AND u.folded = $2`)
	userBySub = newStatement("find a user by sub",
		`SELECT `+userColumns+` FROM users u WHERE u.pool_number = $1 AND u.sub = $2`)
	userByAlias = newStatement("find a user by alias",
		`SELECT `+userColumns+` FROM aliases a JOIN users u ON u.pool_number = a.pool_number AND u.number = a.user_number
		WHERE a.pool_number = $1 AND a.attribute = $2 AND a.value = $3`)
	userVersion = newStatement("look for a user", `SELECT version FROM users WHERE pool_number = $1 AND number = $2`)
	insertUser  = newStatement("create a user",
		`INSERT INTO users (pool_number, number, username, folded, sub, status, enabled, attributes, pending, mfa,
			created, modified, valid_after, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) ON CONFLICT DO NOTHING`)
	updateUser = newStatement("change a user",
		`UPDATE users SET status = $1, enabled = $2, attributes = $3, pending = $4, mfa = $5, modified = $6,
			valid_after = $7, version = version + 1
		WHERE pool_number = $8 AND number = $9 AND version = $10`)
	userThere = newStatement("look whether a user is there",
		`SELECT 1 FROM users WHERE pool_number = $1 AND number = $2`)
	deleteUser = newStatement("delete a user", `DELETE FROM users WHERE pool_number = $1 AND number = $2`)
)

// userRow is a row of userColumns.
type userRow struct {
	user                          userpool.User
	status                        string
	enabled                       int64
	attributes, pending, mfa      []byte
	created, modified, validAfter int64
}

// fields are what a row is scanned into.
func (r *userRow) fields() []any {
	u := &r.user
	return []any{&u.Key.Pool, &u.Key.User, &u.Username, &u.Sub, &r.status, &r.enabled, &r.attributes, &r.pending, &r.mfa,
		&r.created, &r.modified, &r.validAfter, &u.Version}
}

func (r *userRow) open() (*userpool.User, error) {
	u := &r.user
	u.Status, u.Enabled = wire.UserStatusType(r.status), r.enabled != 0
	u.Created, u.Modified, u.ValidAfter = fromMicros(r.created), fromMicros(r.modified), fromMicros(r.validAfter)
	var err error
	if u.Attributes, err = decodeAttributes(r.attributes); err != nil {
		return nil, err
	}
	if u.Pending, err = decodeAttributes(r.pending); err != nil {
		return nil, err
	}
	return u, decodeMFA(r.mfa, &u.MFA)
}

// decodeMFA reads what a user has chosen; nothing is stored for a user who has not.
func decodeMFA(text []byte, mfa *userpool.MFA) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, mfa); err != nil {
		return fmt.Errorf("store: decode the MFA preference: %w", err)
	}
	return nil
}

// encodeAttributes writes [["name","value"], …], which keeps the order.
func encodeAttributes(a userpool.Attributes) (string, error) {
	if len(a) == 0 {
		return "[]", nil
	}
	pairs := make([][2]string, len(a))
	for i, at := range a {
		pairs[i] = [2]string{at.Name, at.Value}
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		return "", fmt.Errorf("store: encode attributes: %w", errNotText)
	}
	return string(text), nil
}

func decodeAttributes(text []byte) (userpool.Attributes, error) {
	if string(text) == "[]" {
		return nil, nil
	}
	var pairs [][2]string
	if err := json.Unmarshal(text, &pairs); err != nil {
		return nil, fmt.Errorf("store: decode attributes: %w", err)
	}
	a := make(userpool.Attributes, len(pairs))
	for i, p := range pairs {
		a[i] = userpool.Attribute{Name: p[0], Value: p[1]}
	}
	return a, nil
}

func (q *queries) user(ctx context.Context, st *statement, args ...any) (*userpool.User, error) {
	var row userRow
	if err := q.one(ctx, st, args, row.fields()...); err != nil {
		return nil, err
	}
	return row.open()
}

// User implements userpool.UserReader.
func (r reads) User(ctx context.Context, key userpool.UserKey) (*userpool.User, error) {
	return r.user(ctx, userByKey, key.Pool, key.User)
}

// FindUser implements userpool.UserReader.
func (r reads) FindUser(ctx context.Context, pool int64, by userpool.Lookup) (*userpool.User, error) {
	if by.Username != "" {
		if u, err := r.user(ctx, userByName, pool, by.Username); !isNotFound(err) {
			return u, err
		}
	}
	for _, a := range by.Aliases {
		if u, err := r.user(ctx, userByAlias, pool, a.Attribute, aliasKey(a.Value)); !isNotFound(err) {
			return u, err
		}
	}
	if by.Sub != "" {
		return r.user(ctx, userBySub, pool, by.Sub)
	}
	return nil, userpool.ErrNotFound
}

// CreateUser implements userpool.UserWriter. ErrNotFound when the pool is gone.
func (t *tx) CreateUser(ctx context.Context, u *userpool.User, folded string) error {
	if err := t.needPool(ctx, u.Key.Pool); err != nil {
		return err
	}
	attributes, pending, mfa, err := encodeUser(u)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, insertUser, u.Key.Pool, u.Key.User, u.Username, folded, u.Sub, string(u.Status), flag(u.Enabled),
		attributes, pending, mfa, micros(u.Created), micros(u.Modified), micros(u.ValidAfter))
	if err != nil {
		return err
	}
	if n == 0 {
		return userpool.ErrExists
	}
	t.made.sub = u.Sub
	u.Version = 1
	return t.updateSearch(ctx, u.Key, nil, u.Attributes)
}

func encodeUser(u *userpool.User) (attributes, pending, mfa string, err error) {
	if attributes, err = encodeAttributes(u.Attributes); err != nil {
		return "", "", "", err
	}
	if pending, err = encodeAttributes(u.Pending); err != nil || len(u.MFA.Enabled) == 0 {
		return attributes, pending, "", err
	}
	text, err := json.Marshal(u.MFA)
	return attributes, pending, string(text), err
}

// UpdateUser implements userpool.UserWriter.
func (t *tx) UpdateUser(ctx context.Context, u *userpool.User) error {
	attributes, pending, mfa, err := encodeUser(u)
	if err != nil {
		return err
	}
	old, err := t.storedAttributes(ctx, u.Key)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, updateUser, string(u.Status), flag(u.Enabled), attributes, pending, mfa, micros(u.Modified),
		micros(u.ValidAfter), u.Key.Pool, u.Key.User, u.Version)
	switch {
	case err != nil:
		return err
	case n == 0:
		return t.changedOrGone(ctx, userVersion, u.Key.Pool, u.Key.User)
	}
	u.Version++
	return t.updateSearch(ctx, u.Key, old, u.Attributes)
}

var readStanding = newStatement("read a user's standing",
	`SELECT u.status, u.enabled, u.mfa, coalesce((SELECT max(p.generation) FROM passwords p
		WHERE p.pool_number = u.pool_number AND p.user_number = u.number), 0)
	FROM users u WHERE u.pool_number = $1 AND u.number = $2`)

// Standing implements userpool.UserReader.
func (r reads) Standing(ctx context.Context, key userpool.UserKey) (userpool.Standing, error) {
	var s userpool.Standing
	var enabled int64
	var mfa []byte
	err := r.one(ctx, readStanding, []any{key.Pool, key.User}, &s.Status, &enabled, &mfa, &s.Generation)
	if err != nil {
		return s, err
	}
	s.Enabled = enabled != 0
	return s, decodeMFA(mfa, &s.MFA)
}

// userThere answers ErrNotFound for a user who is gone. What is kept of stand-ins is kept of nobody; the same is done for
// them.
func (t *tx) userThere(ctx context.Context, key userpool.UserKey) error {
	var there int64
	err := t.one(ctx, userThere, []any{key.Pool, key.User}, &there)
	if isNotFound(err) && key.IsStandIn() {
		return nil
	}
	return err
}

// DeleteUser implements userpool.UserWriter. The user's password, aliases, codes, grants and refresh tokens go with
// the row. A user who is gone already is ErrNotFound.
func (t *tx) DeleteUser(ctx context.Context, key userpool.UserKey) error {
	old, err := t.storedAttributes(ctx, key)
	if err != nil {
		return err
	}
	if err := t.updateSearch(ctx, key, old, nil); err != nil {
		return err
	}
	if _, err := t.exec(ctx, deleteUser, key.Pool, key.User); err != nil {
		return err
	}
	for _, st := range []*statement{deleteCodesOfUser, deleteAuthEventsOfUser} {
		if _, err := t.exec(ctx, st, key.Pool, key.User); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, deleteAttemptsOfSubject, key.Pool, key.Counter("").Subject)
	return err
}
