package store_test

import (
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/store/storetest"
)

// open opens a store for a test, which closes it when it ends.
func open(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// sameKey gives one key for ever.
func sameKey() func(bool) (*seal.Key, error) {
	key := seal.NewKey()
	return func(bool) (*seal.Key, error) { return key, nil }
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, now func() time.Time) storetest.Store {
		return open(t, store.Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: store.Serve, Key: sameKey(), Now: now, AuditFor: storetest.AuditFor})
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, now func() time.Time) storetest.Store {
		return open(t, store.Config{Memory: true, Now: now, AuditFor: storetest.AuditFor})
	})
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, now func() time.Time) storetest.Store {
		return open(t, store.Config{PostgresURL: postgrestest.Start(t), Kind: store.Serve, Key: sameKey(), Now: now, AuditFor: storetest.AuditFor})
	})
}
