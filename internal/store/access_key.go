package store

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	readAccessKey = newStatement("read an access key",
		`SELECT id, secret, description, created FROM access_keys WHERE id = $1`)
	listAccessKeys = newStatement("list access keys",
		`SELECT id, description, created FROM access_keys WHERE id > '' ORDER BY id`)
	insertAccessKey = newStatement("create an access key",
		`INSERT INTO access_keys (id, secret, description, created) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`)
	deleteAccessKey = newStatement("delete an access key", `DELETE FROM access_keys WHERE id = $1`)
)

func accessKeyPlace(id string) seal.Place {
	return seal.Place{Table: "access_keys", Column: "secret", Row: id}
}

// AccessKey implements userpool.AccessKeyReader.
func (r reads) AccessKey(ctx context.Context, id string) (*userpool.AccessKey, error) {
	var k userpool.AccessKey
	var sealed []byte
	var created int64
	if err := r.one(ctx, readAccessKey, []any{id}, &k.ID, &sealed, &k.Description, &created); err != nil {
		return nil, err
	}
	secret, err := r.box.ServerKey().Open(accessKeyPlace(id), sealed)
	if err != nil {
		return nil, opening(accessKeyPlace(id), err)
	}
	k.Secret, k.Created = string(secret), fromMicros(created)
	return &k, nil
}

// AccessKeys implements userpool.AccessKeyReader.
func (r reads) AccessKeys(ctx context.Context) ([]userpool.AccessKey, error) {
	var keys []userpool.AccessKey
	err := r.list(ctx, listAccessKeys, nil, func(scan scanner) error {
		var k userpool.AccessKey
		var created int64
		err := scan(&k.ID, &k.Description, &created)
		k.Created = fromMicros(created)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// CreateAccessKey implements userpool.AccessKeyWriter.
func (t *tx) CreateAccessKey(ctx context.Context, k *userpool.AccessKey) error {
	sealed := t.box.ServerKey().Seal(accessKeyPlace(k.ID), []byte(k.Secret))
	n, err := t.exec(ctx, insertAccessKey, k.ID, sealed, k.Description, micros(k.Created))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// DeleteAccessKey implements userpool.AccessKeyWriter. A key that is not there is ErrNotFound.
func (t *tx) DeleteAccessKey(ctx context.Context, id string) error {
	n, err := t.exec(ctx, deleteAccessKey, id)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}
