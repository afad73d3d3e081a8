package ledger

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// newWorldWith is newWorld with a pool that was filled where calls would take too long: the server makes the pool
// and ends, fill writes into its database, and a server starts again on what is there then.
func newWorldWith(t *testing.T, fill func(context.Context, userpool.Tx, *userpool.Pool) error) (w *world, pool string) {
	t.Helper()
	t.Parallel()
	config := poolhousetest.Config{DataDir: t.TempDir()}
	t.Run("before", func(t *testing.T) {
		srv := poolhousetest.Start(t, config)
		pool = (&world{t, srv, srv.Region}).pool(nil)
	})
	s, err := store.Open(t.Context(), store.Config{
		SQLitePath: filepath.Join(config.DataDir, "poolhouse.db"),
		Key:        func(bool) (*seal.Key, error) { return seal.OpenKeyFile(filepath.Join(config.DataDir, "master.key")) },
		Log:        slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	filled := s.Write(t.Context(), func(tx userpool.Tx) error {
		p, err := tx.Pool(t.Context(), pool)
		if err != nil {
			return err
		}
		return fill(t.Context(), tx, p)
	})
	if err := s.Close(); err != nil || filled != nil {
		t.Fatal(filled, err)
	}
	srv := poolhousetest.Start(t, config)
	return &world{t, srv, srv.Region}, pool
}
