package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/caller"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// AccessKeys manages access keys in the database itself, beside a running server or before the first start.
type AccessKeys struct {
	store *store.Store
	now   *Clock
}

const maxDescription = 256 // bytes

// OpenAccessKeys opens the database that the configuration names. With create it may be a new one, which is
// made as the first start of a server makes it.
func OpenAccessKeys(ctx context.Context, cfg Config, create bool) (*AccessKeys, error) {
	db, cfg, err := openBeside(ctx, cfg, create)
	if err != nil {
		return nil, err
	}
	return &AccessKeys{store: db, now: cfg.Clock}, nil
}

// openBeside opens the database beside a running server or without one.
func openBeside(ctx context.Context, cfg Config, create bool) (*store.Store, Config, error) {
	if err := errors.Join(cfg.placeFaults()...); err != nil {
		return nil, cfg, err
	}
	cfg = cfg.withDefaults()
	kind := store.Serve
	if !create {
		kind = "" // makes nothing
		if path := cfg.sqlitePath(); path != "" {
			if _, err := os.Stat(path); err != nil {
				return nil, cfg, fmt.Errorf("there is no database in %s: %w", cfg.DataDir, err)
			}
		}
	}
	cfg.AuditDays = 0 // how long entries are kept is the server's to know
	db, err := openStore(ctx, cfg, kind)
	return db, cfg, err
}

// Close closes the database.
func (k *AccessKeys) Close() error { return k.store.Close() }

// Create makes a key and gives it with its secret, which is not shown again.
func (k *AccessKeys) Create(ctx context.Context, description string) (*userpool.AccessKey, error) {
	if len(description) > maxDescription {
		return nil, fmt.Errorf("the description is longer than %d bytes", maxDescription)
	}
	key := caller.NewAccessKey(k.now.Now())
	key.Description = description
	ctx = k.audited(ctx, "access-key create", key.ID)
	err := k.store.Write(ctx, func(tx userpool.Tx) error { return tx.CreateAccessKey(ctx, &key) })
	if err != nil {
		return nil, err
	}
	return &key, nil
}

// List gives all keys without their secrets.
func (k *AccessKeys) List(ctx context.Context) ([]userpool.AccessKey, error) {
	return k.store.AccessKeys(ctx)
}

// Delete deletes a key.
func (k *AccessKeys) Delete(ctx context.Context, id string) error {
	ctx = k.audited(ctx, "access-key delete", id)
	err := k.store.Write(ctx, func(tx userpool.Tx) error { return tx.DeleteAccessKey(ctx, id) })
	if errors.Is(err, userpool.ErrNotFound) {
		return fmt.Errorf("there is no access key %s", id)
	}
	return err
}

// audited makes a change to a key one that the audit log tells.
func (k *AccessKeys) audited(ctx context.Context, operation, id string) context.Context {
	entry := userpool.AuditEntry{
		Time: k.now.Now(), Request: uuid.NewString(), Who: userpool.CommandLine, Operation: operation,
		Resource: map[string]string{"AccessKeyId": id},
	}
	return userpool.WithAudit(ctx, userpool.NewAudit(func() userpool.AuditEntry { return entry }))
}
