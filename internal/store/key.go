package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// What meta holds.
const (
	metaKind     = "kind"
	metaKeyCheck = "key check"
)

var (
	readMeta   = newStatement("read about the database", `SELECT value FROM meta WHERE name = $1`)
	insertMeta = newStatement("write about the database",
		`INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`)

	readDataKey = newStatement("read a pool's data key", `SELECT data_key FROM pools WHERE number = $1`)
)

// unlock gives the box of the database's master key. An empty database learns here whose it is; two nodes that
// start on it at once agree, because both read what the first one wrote.
func (s *Store) unlock(ctx context.Context, c *Config) (*seal.Box, error) {
	var check []byte
	err := s.one(ctx, readMeta, []any{metaKeyCheck}, &check)
	empty := errors.Is(err, userpool.ErrNotFound)
	switch {
	case empty && c.Kind == "":
		return nil, fmt.Errorf("%s: %w", c.place(), ErrEmpty)
	case err != nil && !empty:
		return nil, err
	}
	if !empty {
		if err := s.checkKind(ctx, c); err != nil {
			return nil, err
		}
	}
	key, err := c.Key(empty)
	switch {
	case err != nil && empty:
		return nil, fmt.Errorf("store: no master key for the new database %s: %w", c.place(), err)
	case err != nil:
		return nil, &keyError{fmt.Sprintf(
			"the database %s does not open without its master key (%v); put the key file back where it was, or give its path",
			c.place(), err), err}
	}
	box := seal.NewBox(key)
	if empty {
		err := s.write(ctx, func(t *tx) error {
			for name, value := range map[string][]byte{metaKeyCheck: box.Check(), metaKind: []byte(c.Kind)} {
				if _, err := t.exec(ctx, insertMeta, name, value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if err := s.one(ctx, readMeta, []any{metaKeyCheck}, &check); err != nil {
			return nil, err
		}
		if err := s.checkKind(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := box.VerifyCheck(check); err != nil {
		return nil, &keyError{fmt.Sprintf("the database %s does not open with this master key: %v", c.place(), err), err}
	}
	return box, nil
}

func (s *Store) checkKind(ctx context.Context, c *Config) error {
	var made []byte
	if err := s.one(ctx, readMeta, []any{metaKind}, &made); err != nil {
		return err
	}
	if c.Kind != "" && c.Kind != string(made) {
		return &KindError{Place: c.place(), Made: string(made), Kind: c.Kind}
	}
	return nil
}

// dataKey gives the key that seals a pool's secrets. A deleted pool has none: ErrNotFound.
func (q *queries) dataKey(ctx context.Context, pool int64) (*seal.DataKey, error) {
	if key, ok := q.fresh[pool]; ok {
		return key, nil
	}
	if key, ok := q.keys.get(pool); ok {
		return key, nil
	}
	var wrapped []byte
	if err := q.one(ctx, readDataKey, []any{pool}, &wrapped); err != nil {
		return nil, err
	}
	if len(wrapped) == 0 {
		return nil, userpool.ErrNotFound
	}
	key, err := q.box.DataKey(pool, wrapped)
	if err != nil {
		return nil, fmt.Errorf("store: open a pool's data key: %w", err)
	}
	if q.fresh != nil {
		q.fresh[pool] = key
	} else {
		q.keys.put(pool, key)
	}
	return key, nil
}

// newDataKey draws the key of a pool that this unit of work makes, and gives it wrapped.
func (q *queries) newDataKey(pool int64) (*seal.DataKey, []byte, error) {
	wrapped, err := q.box.NewDataKey(pool)
	if err != nil {
		return nil, nil, fmt.Errorf("store: draw a pool's data key: %w", err)
	}
	key, err := q.box.DataKey(pool, wrapped)
	if err != nil {
		return nil, nil, fmt.Errorf("store: open a new data key: %w", err)
	}
	return key, wrapped, nil
}

func opening(place seal.Place, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: open %s.%s: %w", place.Table, place.Column, err)
}

// outside is where what leaves the server has its place: no table has an empty name.
func outside(pool int64, purpose string) seal.Place { return seal.Place{Column: purpose, Pool: pool} }

// Seal implements userpool.Sealer. A pool that is not there, or is deleted, is ErrNotFound.
func (s *Store) Seal(ctx context.Context, pool int64, purpose string, plaintext []byte) ([]byte, error) {
	key, err := s.dataKey(ctx, pool)
	if err != nil {
		return nil, err
	}
	return key.Seal(outside(pool, purpose), plaintext), nil
}

// Open implements userpool.Sealer.
func (s *Store) Open(ctx context.Context, pool int64, purpose string, sealed []byte) ([]byte, error) {
	key, err := s.dataKey(ctx, pool)
	if err != nil {
		return nil, err
	}
	plaintext, err := key.Open(outside(pool, purpose), sealed)
	if err != nil {
		return nil, userpool.ErrNotFound
	}
	return plaintext, nil
}

// MAC implements userpool.Sealer.
func (s *Store) MAC(ctx context.Context, pool int64, purpose string, parts ...string) ([32]byte, error) {
	key, err := s.dataKey(ctx, pool)
	if err != nil {
		return [32]byte{}, err
	}
	return key.MAC(purpose, parts...), nil
}
