package store

import (
	"context"
	"errors"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	readPasswords = newStatement("read passwords",
		`SELECT salt, verifier, generation, set_at, temporary FROM passwords WHERE pool_number = $1 AND user_number = $2
		ORDER BY generation DESC LIMIT $3`)
	readGeneration = newStatement("read a password's generation",
		`SELECT generation FROM passwords WHERE pool_number = $1 AND user_number = $2 ORDER BY generation DESC LIMIT 1`)
	insertPassword = newStatement("store a password",
		`INSERT INTO passwords (pool_number, user_number, salt, verifier, generation, set_at, temporary)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	deletePasswords = newStatement("delete former passwords",
		`DELETE FROM passwords WHERE pool_number = $1 AND user_number = $2 AND generation <= $3`)
)

func verifierPlace(key userpool.UserKey, generation int64) seal.Place {
	row := strconv.FormatInt(key.User, 10) + ":" + strconv.FormatInt(generation, 10)
	return seal.Place{Table: "passwords", Column: "verifier", Pool: key.Pool, Row: row}
}

// Password implements userpool.UserReader.
func (r reads) Password(ctx context.Context, key userpool.UserKey) (*userpool.Password, error) {
	found, err := r.Passwords(ctx, key, 1)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, userpool.ErrNotFound
	}
	return &found[0], nil
}

// Passwords implements userpool.UserReader.
func (r reads) Passwords(ctx context.Context, key userpool.UserKey, limit int) ([]userpool.Password, error) {
	var found []userpool.Password
	err := r.list(ctx, readPasswords, []any{key.Pool, key.User, limit}, func(scan scanner) error {
		p := userpool.Password{User: key}
		var set, temporary int64
		if err := scan(&p.Salt, &p.Verifier, &p.Generation, &set, &temporary); err != nil {
			return err
		}
		p.Set, p.Temporary = fromMicros(set), temporary != 0
		found = append(found, p)
		return nil
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	data, err := r.dataKey(ctx, key.Pool)
	if err != nil {
		return nil, err
	}
	for i := range found {
		place := verifierPlace(key, found[i].Generation)
		if found[i].Verifier, err = data.Open(place, found[i].Verifier); err != nil {
			return nil, opening(place, err)
		}
	}
	return found, nil
}

// PutPassword implements userpool.UserWriter. ErrNotFound when the user is gone.
func (t *tx) PutPassword(ctx context.Context, p *userpool.Password, keep int) error {
	var present int64
	err := t.one(ctx, readGeneration, []any{p.User.Pool, p.User.User}, &present)
	if err != nil && !errors.Is(err, userpool.ErrNotFound) {
		return err
	}
	if p.Generation <= present {
		return userpool.ErrVersion
	}
	data, err := t.dataKey(ctx, p.User.Pool)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, insertPassword, p.User.Pool, p.User.User, p.Salt,
		data.Seal(verifierPlace(p.User, p.Generation), p.Verifier), p.Generation, micros(p.Set), flag(p.Temporary)); err != nil {
		return err
	}
	_, err = t.exec(ctx, deletePasswords, p.User.Pool, p.User.User, p.Generation-int64(max(keep, 1)))
	return err
}
