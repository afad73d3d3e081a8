package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	aliasOwner = newStatement("find the owner of an alias",
		`SELECT user_number FROM aliases WHERE pool_number = $1 AND attribute = $2 AND value = $3`)
	putAlias = newStatement("give an alias",
		`INSERT INTO aliases (pool_number, attribute, value, user_number) VALUES ($1, $2, $3, $4)
		ON CONFLICT (pool_number, attribute, value) DO UPDATE SET user_number = excluded.user_number
		WHERE aliases.user_number = excluded.user_number`)
	deleteAliases = newStatement("take aliases away",
		`DELETE FROM aliases WHERE pool_number = $1 AND user_number = $2 AND attribute = $3`)
)

// aliasBound is the longest alias that is stored as it is, in bytes: PostgreSQL takes about 2,700 in an entry of an index.
const aliasBound = 512

// aliasKey is what is stored of an alias. Of a long one it is the beginning and a hash, which together are longer than
// what is stored as it is.
func aliasKey(value string) string {
	if len(value) <= aliasBound {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return cutText(value, aliasBound) + hex.EncodeToString(sum[:])
}

// AliasOwner implements userpool.UserWriter.
func (t *tx) AliasOwner(ctx context.Context, pool int64, a userpool.Alias) (user int64, err error) {
	err = t.one(ctx, aliasOwner, []any{pool, a.Attribute, aliasKey(a.Value)}, &user)
	return user, err
}

// PutAlias implements userpool.UserWriter. ErrNotFound when the user is gone.
func (t *tx) PutAlias(ctx context.Context, key userpool.UserKey, a userpool.Alias) error {
	n, err := t.exec(ctx, putAlias, key.Pool, a.Attribute, aliasKey(a.Value), key.User)
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// DeleteAliases implements userpool.UserWriter.
func (t *tx) DeleteAliases(ctx context.Context, key userpool.UserKey, attribute string) error {
	_, err := t.exec(ctx, deleteAliases, key.Pool, key.User, attribute)
	return err
}
