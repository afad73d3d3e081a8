package postgrestest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

// count connects and counts the rows of a table, which it makes at first.
func count(t *testing.T, url string) (n int) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS rows (n INT); INSERT INTO rows VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM rows").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStartGivesEmptyDatabases(t *testing.T) {
	for range 2 {
		if n := count(t, postgrestest.Start(t)); n != 1 {
			t.Errorf("a new database holds %d rows", n-1)
		}
	}
}

func TestServerSurvivesCrash(t *testing.T) {
	s := postgrestest.NewServer(t)
	count(t, s.URL)
	s.Crash(t)
	s.Restart(t)
	if n := count(t, s.URL); n != 2 {
		t.Errorf("after a crash there are %d rows, want 2", n)
	}
}
