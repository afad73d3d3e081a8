package server_test

import (
	"path/filepath"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// onBothEngines runs a test against a server on SQLite and one on PostgreSQL.
func onBothEngines(t *testing.T, test func(*testing.T, *poolhousetest.Server)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, poolhousetest.NewServer(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, poolhousetest.Start(t, poolhousetest.Config{
			PostgresURL: postgrestest.Start(t), MasterKeyFile: filepath.Join(t.TempDir(), "master.key"),
		}))
	})
}
