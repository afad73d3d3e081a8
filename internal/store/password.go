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
		`SELECT salt, verifier, generation, set_at, temporary, hash FROM passwords WHERE pool_number = $1 AND user_number = $2
		ORDER BY generation DESC LIMIT $3`)
	readGeneration = newStatement("read a password's generation",
		`SELECT generation FROM passwords WHERE pool_number = $1 AND user_number = $2 ORDER BY generation DESC LIMIT 1`)
	insertPassword = newStatement("store a password",
		`INSERT INTO passwords (pool_number, user_number, salt, verifier, generation, set_at, temporary, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	deletePasswords = newStatement("delete former passwords",
		`DELETE FROM passwords WHERE pool_number = $1 AND user_number = $2 AND generation <= $3`)
)

func verifierPlace(key userpool.UserKey, generation int64) seal.Place {
	return passwordPlace("verifier", key, generation)
}

func hashPlace(key userpool.UserKey, generation int64) seal.Place {
	return passwordPlace("hash", key, generation)
}

func passwordPlace(column string, key userpool.UserKey, generation int64) seal.Place {
	row := strconv.FormatInt(key.User, 10) + ":" + strconv.FormatInt(generation, 10)
	return seal.Place{Table: "passwords", Column: column, Pool: key.Pool, Row: row}
}

// sealPassword gives the columns verifier and hash: a password has one of them.
func sealPassword(data *seal.DataKey, p *userpool.Password) (verifier, hash []byte) {
	if p.Hash != "" {
		return []byte{}, data.Seal(hashPlace(p.User, p.Generation), []byte(p.Hash))
	}
	return data.Seal(verifierPlace(p.User, p.Generation), p.Verifier), nil
}

// openPassword opens what sealPassword sealed.
func openPassword(data *seal.DataKey, p *userpool.Password, hash []byte) (err error) {
	place := verifierPlace(p.User, p.Generation)
	if hash == nil {
		p.Verifier, err = data.Open(place, p.Verifier)
		return opening(place, err)
	}
	place = hashPlace(p.User, p.Generation)
	plain, err := data.Open(place, hash)
	p.Verifier, p.Hash = nil, string(plain)
	return opening(place, err)
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
	var hashes [][]byte
	err := r.list(ctx, readPasswords, []any{key.Pool, key.User, limit}, func(scan scanner) error {
		p := userpool.Password{User: key}
		var set, temporary int64
		var hash []byte
		if err := scan(&p.Salt, &p.Verifier, &p.Generation, &set, &temporary, &hash); err != nil {
			return err
		}
		p.Set, p.Temporary = fromMicros(set), temporary != 0
		found, hashes = append(found, p), append(hashes, hash)
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
		if err := openPassword(data, &found[i], hashes[i]); err != nil {
			return nil, err
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
	verifier, hash := sealPassword(data, p)
	if _, err := t.exec(ctx, insertPassword, p.User.Pool, p.User.User, notNull(p.Salt), verifier, p.Generation, micros(p.Set),
		flag(p.Temporary), hash); err != nil {
		return err
	}
	_, err = t.exec(ctx, deletePasswords, p.User.Pool, p.User.User, p.Generation-int64(max(keep, 1)))
	return err
}

// notNull is a column that is never null: some passwords have no salt of their own.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
