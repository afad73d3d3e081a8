package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// createUsers runs so many units of work at once and gives their errors.
func createUsers(s *Store, pool int64, prefix string, n, size int) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			u := newTestUser(pool, fmt.Sprintf("%s-%d", prefix, i))
			u.Attributes.Set("name", strings.Repeat("x", size))
			errs[i] = s.Write(context.Background(), func(tx userpool.Tx) error {
				return tx.CreateUser(context.Background(), u, u.Username)
			})
		})
	}
	wg.Wait()
	return errs
}

func expectOutcomes(t *testing.T, s *Store, pool int64, prefix string, errs []error) (kept int) {
	t.Helper()
	for i, err := range errs {
		_, found := s.FindUser(t.Context(), pool, userpool.Lookup{Username: fmt.Sprintf("%s-%d", prefix, i)})
		if (err == nil) != (found == nil) {
			t.Errorf("unit %d ended with %v, and its user is: %v", i, err, found)
		}
		if err == nil {
			kept++
		}
	}
	return kept
}

func TestUnitsShareCommits(t *testing.T) {
	s := openStore(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())})
	p := poolOf(t, s, "us-east-1_one")
	before := s.Stats()

	// Units that come while one is at work are together in the next batch at the latest.
	working, enough := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		first <- s.Write(context.Background(), func(tx userpool.Tx) error {
			close(working)
			<-enough
			return tx.Spend(context.Background(), p.Number, "first", s.now())
		})
	}()
	<-working
	w := s.engine.(*sqliteEngine).writer
	const units = 64
	results := make(chan []error)
	go func() { results <- createUsers(s, p.Number, "user", units, 10) }()
	for len(w.queue) < units {
		// Each enters the queue as soon as its goroutine runs.
		s.FindUser(t.Context(), p.Number, userpool.Lookup{Username: "nobody"})
	}
	close(enough)
	if err := errors.Join(append(<-results, <-first)...); err != nil {
		t.Fatal(err)
	}
	after := s.Stats()
	if commits, kept := after.Commits-before.Commits, after.Units-before.Units; commits > 2 || kept != units+1 {
		t.Errorf("%d units of work took %d commits, want %d in at most 2", kept, commits, units+1)
	}
}

// TestUndoneUnits has batches in which some units are undone, the first one of many among them.
func TestUndoneUnits(t *testing.T) {
	s := openStore(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())})
	p := poolOf(t, s, "us-east-1_one")
	w := s.engine.(*sqliteEngine).writer
	refused := errors.New("refused")
	const units = 6
	for undone := range 1 << units { // a bit for each unit
		working, enough := make(chan struct{}), make(chan struct{})
		before := make(chan error)
		go func() {
			before <- s.Write(context.Background(), func(userpool.Tx) error {
				close(working)
				<-enough
				return refused
			})
		}()
		<-working
		errs := make([]error, units)
		var wg sync.WaitGroup
		for i := range units {
			wg.Go(func() {
				u := newTestUser(p.Number, fmt.Sprintf("%d-%d", undone, i))
				errs[i] = s.Write(context.Background(), func(tx userpool.Tx) error {
					err := tx.CreateUser(context.Background(), u, u.Username)
					if undone>>i&1 == 1 {
						return errors.Join(err, refused)
					}
					return err
				})
			})
			for len(w.queue) <= i { // so that they run in order
				runtime.Gosched()
			}
		}
		close(enough)
		if err := <-before; !errors.Is(err, refused) {
			t.Fatal(err)
		}
		wg.Wait()
		for i, err := range errs {
			if (undone>>i&1 == 1) != errors.Is(err, refused) {
				t.Errorf("units %b undone: unit %d ended with %v", undone, i, err)
			}
		}
		expectOutcomes(t, s, p.Number, fmt.Sprint(undone), errs)
	}
}

// TestFullDisk lets the database reach its bound: SQLite then ends the whole transaction. What was acknowledged is
// there, what was not is not, and the store goes on when there is room again.
func TestFullDisk(t *testing.T) {
	s := openStore(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())})
	p := poolOf(t, s, "us-east-1_one")
	w := s.engine.(*sqliteEngine).writer
	bound := func(pages int) {
		t.Helper()
		if _, err := w.conn.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	var pages int
	if err := w.conn.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	bound(pages + 40)
	for round := range 3 {
		prefix := fmt.Sprintf("round-%d", round)
		errs := createUsers(s, p.Number, prefix, 32, 20_000)
		if kept := expectOutcomes(t, s, p.Number, prefix, errs); kept == len(errs) {
			t.Fatal("the disk was not full")
		}
	}
	bound(1 << 30)
	if err := errors.Join(createUsers(s, p.Number, "after", 32, 20_000)...); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestBrokenCommit takes the transaction away under a batch.
func TestBrokenCommit(t *testing.T) {
	s := openStore(t, Config{Memory: true})
	p := poolOf(t, s, "us-east-1_one")
	w := s.engine.(*sqliteEngine).writer
	err := s.Write(t.Context(), func(tx userpool.Tx) error {
		u := newTestUser(p.Number, "lost")
		if err := tx.CreateUser(t.Context(), u, "lost"); err != nil {
			return err
		}
		_, err := w.conn.conn.ExecContext(t.Context(), "ROLLBACK")
		return err
	})
	if err == nil {
		t.Error("a unit whose transaction is gone was acknowledged")
	}
	if _, err := s.FindUser(t.Context(), p.Number, userpool.Lookup{Username: "lost"}); !errors.Is(err, userpool.ErrNotFound) {
		t.Errorf("its user: %v", err)
	}
	if err := errors.Join(createUsers(s, p.Number, "after", 8, 10)...); err != nil {
		t.Errorf("the next units: %v", err)
	}
}

func TestCloseLetsUnitsEnd(t *testing.T) {
	c := Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())}
	s := openStore(t, c)
	p := poolOf(t, s, "us-east-1_one")
	results := make(chan []error)
	go func() { results <- createUsers(s, p.Number, "user", 64, 10) }()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	errs := <-results
	if err := s.Write(t.Context(), func(userpool.Tx) error { return nil }); err == nil {
		t.Error("a closed store writes")
	}
	if _, err := s.Pool(t.Context(), p.ID); err == nil {
		t.Error("a closed store reads")
	}
	again := openStore(t, c)
	expectOutcomes(t, again, p.Number, "user", errs)
}
