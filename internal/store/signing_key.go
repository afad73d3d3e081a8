package store

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const signingKeyColumns = `kid, pool_number, pool_id, key_use, public_key, private_key, created`

var (
	insertSigningKey = newStatement("store a signing key",
		`INSERT INTO signing_keys (`+signingKeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`)
	signingKeyByID = newStatement("read a signing key", `SELECT `+signingKeyColumns+` FROM signing_keys WHERE kid = $1`)
	signingKeys    = newStatement("list signing keys",
		`SELECT k.kid, k.pool_number, k.pool_id, k.key_use, k.public_key, k.private_key, k.created
		FROM signing_keys k JOIN pools p ON p.number = k.pool_number
		WHERE k.pool_number = $1 AND p.deleted = 0 ORDER BY k.created, k.kid`)
)

func signingKeyPlace(pool int64, kid string) seal.Place {
	return seal.Place{Table: "signing_keys", Column: "private_key", Pool: pool, Row: kid}
}

func (q *queries) signingKeys(ctx context.Context, st *statement, arg any) ([]userpool.SigningKey, error) {
	var keys []userpool.SigningKey
	err := q.list(ctx, st, []any{arg}, func(scan scanner) error {
		var k userpool.SigningKey
		var use string
		var created int64
		if err := scan(&k.KID, &k.Pool, &k.PoolID, &use, &k.Public, &k.Private, &created); err != nil {
			return err
		}
		k.Use, k.Created = userpool.KeyUse(use), fromMicros(created)
		keys = append(keys, k)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range keys {
		k := &keys[i]
		if len(k.Private) == 0 { // the pool is deleted
			k.Private = nil
			continue
		}
		key, err := q.dataKey(ctx, k.Pool)
		if err != nil {
			return nil, err
		}
		place := signingKeyPlace(k.Pool, k.KID)
		if k.Private, err = key.Open(place, k.Private); err != nil {
			return nil, opening(place, err)
		}
	}
	return keys, nil
}

// SigningKey implements userpool.PoolReader.
func (r reads) SigningKey(ctx context.Context, kid string) (*userpool.SigningKey, error) {
	keys, err := r.signingKeys(ctx, signingKeyByID, kid)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, userpool.ErrNotFound
	}
	return &keys[0], nil
}

// SigningKeys implements userpool.PoolReader.
func (r reads) SigningKeys(ctx context.Context, pool int64) ([]userpool.SigningKey, error) {
	return r.signingKeys(ctx, signingKeys, pool)
}
