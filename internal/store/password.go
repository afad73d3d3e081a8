package store

import (
	"context"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	readPassword = newStatement("read a password",
		`SELECT salt, verifier, generation, set_at, temporary FROM passwords WHERE pool_number = $1 AND user_number = $2`)
	putPassword = newStatement("store a password",
		`INSERT INTO passwords (pool_number, user_number, salt, verifier, generation, set_at, temporary)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (pool_number, user_number) DO UPDATE SET salt = excluded.salt, verifier = excluded.verifier,
			generation = excluded.generation, set_at = excluded.set_at, temporary = excluded.temporary
		WHERE passwords.generation < excluded.generation`)
)

func verifierPlace(key userpool.UserKey) seal.Place {
	return seal.Place{Table: "passwords", Column: "verifier", Pool: key.Pool, Row: strconv.FormatInt(key.User, 10)}
}

// Password implements userpool.UserReader.
func (r reads) Password(ctx context.Context, key userpool.UserKey) (*userpool.Password, error) {
	p := userpool.Password{User: key}
	var set, temporary int64
	if err := r.one(ctx, readPassword, []any{key.Pool, key.User}, &p.Salt, &p.Verifier, &p.Generation, &set, &temporary); err != nil {
		return nil, err
	}
	data, err := r.dataKey(ctx, key.Pool)
	if err != nil {
		return nil, err
	}
	if p.Verifier, err = data.Open(verifierPlace(key), p.Verifier); err != nil {
		return nil, opening(verifierPlace(key), err)
	}
	p.Set, p.Temporary = fromMicros(set), temporary != 0
	return &p, nil
}

// PutPassword implements userpool.UserWriter. ErrVersion when the generation is not higher than the stored one,
// ErrNotFound when the user is gone.
func (t *tx) PutPassword(ctx context.Context, p *userpool.Password) error {
	data, err := t.dataKey(ctx, p.User.Pool)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, putPassword, p.User.Pool, p.User.User, p.Salt, data.Seal(verifierPlace(p.User), p.Verifier),
		p.Generation, micros(p.Set), flag(p.Temporary))
	if err == nil && n == 0 {
		err = userpool.ErrVersion
	}
	return err
}
