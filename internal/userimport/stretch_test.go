package userimport_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// bench is a store with the pools and jobs that a test makes in it.
type bench struct {
	*testing.T
	db   *store.Store
	raw  *sql.DB // past the store
	path string  // of SQLite's file
	pool *userpool.Pool
}

func onBothEngines(t *testing.T, test func(b *bench)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(newBench(t, engine))
		})
	}
}

func newBench(t *testing.T, engine string) *bench {
	t.Helper()
	key := seal.NewKey()
	c := store.Config{Kind: store.Serve, Key: func(bool) (*seal.Key, error) { return key, nil }, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	b := &bench{T: t}
	driver, address := "pgx", ""
	if engine == "postgres" {
		c.PostgresURL = postgrestest.Start(t)
		address = c.PostgresURL
	} else {
		b.path = filepath.Join(t.TempDir(), "poolhouse.db")
		c.SQLitePath = b.path
		driver, address = "sqlite", b.path
	}
	var err error
	if b.db, err = store.Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.db.Close() })
	if b.raw, err = sql.Open(driver, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.raw.Close() })
	return b
}

// newPool makes the pool that later calls are about.
func (b *bench) newPool(id string) {
	b.Helper()
	b.pool = &userpool.Pool{Number: userpool.NewNumber(time.Now()), ID: "us-east-1_" + id, Name: id, Created: time.Now(), Modified: time.Now(),
		Settings: &wire.UserPoolType{AutoVerifiedAttributes: []wire.VerifiedAttributeType{"email"},
			AliasAttributes: []wire.AliasAttributeType{"email", "preferred_username"}}}
	for _, name := range userimport.Header(b.pool) {
		b.pool.Settings.SchemaAttributes = append(b.pool.Settings.SchemaAttributes, wire.SchemaAttributeType{Name: name, AttributeDataType: "String"})
	}
	b.write(func(tx userpool.Tx) error { return tx.CreatePool(b.Context(), b.pool, nil) })
}

func (b *bench) write(fn func(tx userpool.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) service(in userpool.Store) *userimport.Service {
	return &userimport.Service{Store: in, Sealer: b.db, Now: time.Now, Log: slog.New(slog.DiscardHandler), Node: "one", Uploads: "/", Sweep: b.db.SweepUploads}
}

// uploaded makes a job that has its file and can be started.
func (b *bench) uploaded(file string) *userpool.ImportJob {
	b.Helper()
	s := b.service(b.db)
	job, err := s.Create(b.Context(), userimport.Creation{Pool: b.pool, Name: "test", Role: role})
	if err != nil {
		b.Fatal(err)
	}
	address, err := s.UploadURL(b.Context(), job)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Upload(b.Context(), addressOf(b.T, address), strings.NewReader(file)); err != nil {
		b.Fatal(err)
	}
	return job
}

// user makes a user under a number.
func (b *bench) user(number int64, name string) {
	b.Helper()
	u := &userpool.User{Key: userpool.UserKey{Pool: b.pool.Number, User: number}, Username: name, Sub: name, Status: userpool.Confirmed,
		Attributes: userpool.Attributes{{Name: "name", Value: "Not Imported"}}, Created: time.Now(), Modified: time.Now()}
	b.write(func(tx userpool.Tx) error { return tx.CreateUser(b.Context(), u, name) })
}

func (b *bench) count(query string) (n int) {
	b.Helper()
	if err := b.raw.QueryRowContext(b.Context(), query, b.pool.Number).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// mixedUsers is how many users mixedFile has, beside three rows that are no users.
const mixedUsers = 24

// mixedFile has rows in no order, among them two that have the name or the address of another and one that is broken.
func mixedFile(pool *userpool.Pool) string {
	file := strings.TrimSuffix(userFile(userimport.Header(pool), 0, mixedUsers, mixedUsers, true), "\n")
	lines := strings.Split(file, "\n")
	again := lines[10]
	lines = slices.Insert(lines, 16, again)
	lines = slices.Insert(lines, 20, strings.Replace(lines[12], "false,u", "false,v", 1)) // only the user name is another
	lines = slices.Insert(lines, 24, "broken")
	return strings.Join(lines, "\n")
}

// userFile writes a file with some of that many users, in the order of their names or in none; every attribute then has
// an order of its own.
func userFile(header []string, from, to, users int, shuffled bool) string {
	var file strings.Builder
	file.WriteString(strings.Join(header, ",") + "\n")
	for i := from; i < to; i++ {
		at := func(stride int) int {
			if !shuffled {
				stride = 1
			}
			return i * stride % users
		}
		values := map[string]string{
			"cognito:username": fmt.Sprintf("u%07d", at(7_368_787)), "cognito:mfa_enabled": "false",
			"email": fmt.Sprintf("u%07d@example.com", at(7_368_787)), "email_verified": "true",
			"phone_number": fmt.Sprintf("+4930%07d", at(5_368_789)), "phone_number_verified": "false",
			"name":               fmt.Sprintf("Name%07d of User", at(3_368_773)),
			"given_name":         fmt.Sprintf("Given%07d", at(6_368_779)),
			"family_name":        fmt.Sprintf("Family%07d", at(4_368_793)),
			"preferred_username": fmt.Sprintf("p%07d", at(2_368_771)),
		}
		for i, column := range header {
			if i > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[column])
		}
		file.WriteByte('\n')
	}
	return file.String()
}

// expect looks at a job that has ended, and at what is in the pool: each row that was done was done once, and nobody
// but users can be found.
func (b *bench) expect(job *userpool.ImportJob, others int) {
	b.Helper()
	if n := b.count("SELECT count(*) FROM users WHERE pool_number = $1"); n != int(job.Imported)+others {
		b.Errorf("there are %d users of %d imported and %d others", n, job.Imported, others)
	}
	if n := b.count("SELECT count(*) FROM search WHERE pool_number = $1"); n != 6*int(job.Imported)+others {
		b.Errorf("there are %d search entries for %d imported users and %d others", n, job.Imported, others)
	}
	if n := b.count(`SELECT count(*) FROM search s WHERE s.pool_number = $1 AND NOT EXISTS
		(SELECT 1 FROM users u WHERE u.pool_number = s.pool_number AND u.number = s.user_number)`); n != 0 {
		b.Errorf("%d search entries have no user", n)
	}
	var log strings.Builder
	if err := userimport.WriteLog(b.Context(), b.db, &log, b.pool.ID, job.ID); err != nil {
		b.Fatal(err)
	}
	results := map[string]int64{}
	last := 0
	for entry := range strings.Lines(log.String()) {
		var result string
		line := 0
		if _, err := fmt.Sscanf(entry, "[%s Line Number %d -", &result, &line); err != nil || line <= last {
			b.Errorf("the log has %q after line %d (%v)", entry, last, err)
		}
		results[strings.TrimSuffix(result, "]")]++
		last = line
	}
	if results["SUCCEEDED"] != job.Imported || results["SKIPPED"] != job.Skipped || results["FAILED"] != job.Failed {
		b.Errorf("the log has %v, the job %d, %d and %d", results, job.Imported, job.Skipped, job.Failed)
	}
}

func (b *bench) expectAll(job *userpool.ImportJob, skipped, others int) {
	b.Helper()
	if job.Status != userpool.ImportSucceeded || job.Imported != int64(mixedUsers-skipped) || job.Skipped != int64(1+skipped) || job.Failed != 2 {
		b.Errorf("the job ended as %s (%s): %d imported, %d skipped, %d failed", job.Status, job.Message, job.Imported, job.Skipped, job.Failed)
	}
	b.expect(job, others)
}

// ended waits for the end of a job.
func (b *bench) ended(id string) *userpool.ImportJob {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		job, err := b.db.ImportJob(b.Context(), b.pool.Number, id)
		if err != nil {
			b.Fatal(err)
		}
		if !job.Active() {
			return job
		}
		<-time.After(time.Millisecond)
	}
	b.Fatal("the job does not end")
	return nil
}

// disturbed is a store in which something happens before a unit of work: the one with that number, counted from 1.
type disturbed struct {
	userpool.Store
	at     int64
	writes atomic.Int64
	what   func()
}

func (d *disturbed) Write(ctx context.Context, fn func(tx userpool.Tx) error) error {
	if d.writes.Add(1) == d.at {
		d.what()
	}
	return d.Store.Write(ctx, fn)
}

// everywhere imports the mixed file again and again, each time into a new pool, and disturbs it at each of its units of
// work. Then it looks at what came of it.
func (b *bench) everywhere(what func(job *userpool.ImportJob), expect func(job *userpool.ImportJob)) {
	b.Helper()
	for at := int64(2); ; at++ { // the first one starts the job
		b.newPool(fmt.Sprint("pool", at))
		job := b.uploaded(mixedFile(b.pool))
		d := &disturbed{Store: b.db, at: at, what: func() { what(job) }}
		s := b.service(d)
		userimport.Small(s)
		s.Begin(b.Context())
		if _, err := s.Start(b.Context(), b.pool, job.ID); err != nil {
			b.Fatal(err)
		}
		job = b.ended(job.ID)
		s.Close()
		expect(job)
		if b.Failed() {
			b.Fatalf("this was disturbed at unit of work %d", at)
		}
		if d.writes.Load() < at {
			if at < 12 {
				b.Errorf("an import took only %d units of work", at)
			}
			return
		}
	}
}

// A job that is stopped leaves nothing of the rows that are not done.
func TestStopEverywhere(t *testing.T) {
	onBothEngines(t, func(b *bench) {
		b.everywhere(func(job *userpool.ImportJob) {
			if _, err := b.service(b.db).Stop(b.Context(), b.pool, job.ID); err != nil && !errors.As(err, new(*userpool.Error)) {
				b.Error(err)
			}
		}, func(job *userpool.ImportJob) { b.expect(job, 0) })
	})
}

// Somebody takes the name of a row that is prepared, or its user's number.
func TestTakenMeanwhile(t *testing.T) {
	onBothEngines(t, func(b *bench) {
		others, skipped := 0, 0
		b.everywhere(func(job *userpool.ImportJob) {
			const name = "u0000007"
			if found, err := b.db.TakenNames(b.Context(), b.pool.Number, []string{name}); err != nil {
				b.Error(err)
			} else if !found[name] {
				b.user(userpool.NewNumber(time.Now()), name)
				others, skipped = others+1, skipped+1
			}
			job, err := b.db.ImportJob(b.Context(), b.pool.Number, job.ID)
			if err != nil {
				b.Error(err)
			}
			// The last of the stretch, if it has one and it is not done.
			number := job.Number + 13
			if _, err := b.db.User(b.Context(), userpool.UserKey{Pool: b.pool.Number, User: number}); job.Number > 0 && errors.Is(err, userpool.ErrNotFound) {
				b.user(number, "other")
				others++
			}
		}, func(job *userpool.ImportJob) {
			b.expectAll(job, skipped, others)
			others, skipped = 0, 0
		})
	})
}

// A process that ends at any unit of work, before or after its commit, is followed by another that does the rest.
func TestCrashEverywhere(t *testing.T) {
	crash := errors.New("crash")
	onBothEngines(t, func(b *bench) {
		for at := int64(2); ; at++ {
			for _, committed := range []bool{false, true} {
				b.newPool(fmt.Sprint("pool", at, committed))
				job := b.uploaded(mixedFile(b.pool))
				c := &crashing{Store: b.db, at: at, committed: committed, crash: crash, crashed: make(chan struct{})}
				s := b.service(c)
				userimport.Small(s)
				s.Begin(b.Context())
				if _, err := s.Start(b.Context(), b.pool, job.ID); err != nil {
					b.Fatal(err)
				}
				ended := make(chan struct{})
				go func() {
					b.ended(job.ID)
					close(ended)
				}()
				select {
				case <-c.crashed:
				case <-ended:
				}
				s.Close()
				s = b.service(b.db)
				userimport.Small(s)
				s.Begin(b.Context())
				job = b.ended(job.ID)
				s.Close()
				<-ended
				b.expectAll(job, 0, 0)
				if b.Failed() {
					b.Fatalf("this was a crash at unit of work %d, committed: %v", at, committed)
				}
				if c.writes.Load() < at {
					return
				}
			}
		}
	})
}

// crashing is a store in which no unit of work succeeds from one on, which may still be committed.
type crashing struct {
	userpool.Store
	at        int64
	committed bool
	crash     error
	crashed   chan struct{}
	writes    atomic.Int64
}

func (c *crashing) Write(ctx context.Context, fn func(tx userpool.Tx) error) error {
	n := c.writes.Add(1)
	if n < c.at || n == c.at && c.committed {
		if err := c.Store.Write(ctx, fn); n < c.at || err != nil {
			return err
		}
	}
	if n == c.at {
		close(c.crashed)
	}
	return c.crash
}
