package store

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// onBothEngines runs a test on an empty database of each engine.
func onBothEngines(t *testing.T, test func(t *testing.T, c Config)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, Config{PostgresURL: postgrestest.Start(t), Kind: Serve, Key: oneKey(seal.NewKey())})
	})
}

func oneKey(k *seal.Key) func(bool) (*seal.Key, error) {
	return func(bool) (*seal.Key, error) { return k, nil }
}

func openStore(t testing.TB, c Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// rawExec runs SQL past the store.
func rawExec(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	if _, err := rawDB(s).ExecContext(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func rawDB(s *Store) *sql.DB {
	if e, ok := s.engine.(*sqliteEngine); ok {
		return e.db
	}
	return s.engine.(*postgresEngine).db
}

// poolOf makes a pool with two keys.
func poolOf(t testing.TB, s *Store, id string) *userpool.Pool {
	t.Helper()
	now := time.Now()
	p := &userpool.Pool{Number: userpool.NewNumber(now), ID: id, Name: id, Created: now, Modified: now, Settings: &wire.UserPoolType{}}
	keys := []userpool.SigningKey{
		{KID: id + "-1", Use: userpool.SignsAccess, Public: []byte("1"), Private: []byte("private 1"), Created: now},
		{KID: id + "-2", Use: userpool.SignsID, Public: []byte("2"), Private: []byte("private 2"), Created: now},
	}
	if err := s.Write(t.Context(), func(tx userpool.Tx) error { return tx.CreatePool(t.Context(), p, keys) }); err != nil {
		t.Fatal(err)
	}
	return p
}

// userNumbers numbers the users of tests: numbers that are drawn meet now and then when many are drawn at once.
var userNumbers atomic.Int64

func newTestUser(pool int64, name string) *userpool.User {
	now := time.Now()
	return &userpool.User{Key: userpool.UserKey{Pool: pool, User: userNumbers.Add(1)}, Username: name, Sub: "sub-" + name,
		Status: userpool.Confirmed, Enabled: true, Created: now, Modified: now}
}
