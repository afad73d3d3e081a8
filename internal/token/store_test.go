package token

import (
	"log/slog"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// openStore opens an empty database in memory.
func openStore(t testing.TB, now func() time.Time) userpool.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Memory: true, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
