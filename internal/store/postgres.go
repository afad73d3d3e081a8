package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	// statementTimeout bounds a statement at the server, and commitTimeout the wait for its answer.
	statementTimeout = 30 * time.Second
	commitTimeout    = 30 * time.Second

	// A unit of work that conflicts is run again so often, waiting up to twice as long each time. From the second
	// time on it has the turn among those of this process that run again, so that these do not hinder each other.
	maxRuns = 20
)

// PostgreSQL's condition names. Source: its manual, appendix A.
const (
	pgUniqueViolation      = "23505"
	pgForeignKeyViolation  = "23503"
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgDuplicateTable       = "42P07"
)

// postgresEngine is PostgreSQL, or a database that speaks its protocol.
type postgresEngine struct {
	db        *sql.DB
	again     chan struct{} // holds the turn
	commits   atomic.Int64
	conflicts atomic.Int64
	made      atomic.Int64 // users by imports
	counted   atomic.Int64 // as many of them when the tables were last analyzed
}

// postgresPlace names a database without user and password.
func postgresPlace(address string) string {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return "PostgreSQL"
	}
	host := c.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(c.Port)))
	}
	return "PostgreSQL " + host + "/" + c.Database
}

func openPostgres(ctx context.Context, c *Config) (_ engine, err error) {
	config, err := pgx.ParseConfig(c.PostgresURL)
	if err != nil {
		return nil, errors.New("store: the PostgreSQL address is not one: write postgres://user@host:5432/database")
	}
	for name, value := range map[string]string{
		"application_name":                    "poolhouse",
		"statement_timeout":                   strconv.FormatInt(statementTimeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": strconv.FormatInt(2*statementTimeout.Milliseconds(), 10),
	} {
		config.RuntimeParams[name] = cmp.Or(config.RuntimeParams[name], value)
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 10*time.Second)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(c.Connections)
	db.SetMaxIdleConns(c.Connections)
	db.SetConnMaxLifetime(time.Hour)
	db.SetConnMaxIdleTime(10 * time.Minute)
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if err := checkDurable(ctx, db, c); err != nil {
		return nil, err
	}
	if err := migratePostgres(ctx, db); err != nil {
		return nil, err
	}
	return &postgresEngine{db: db, again: make(chan struct{}, 1)}, nil
}

// checkDurable refuses a server that acknowledges what it may lose, where that is a setting of the database, and warns
// where it is one of the whole server, which an operator may want for tests.
func checkDurable(ctx context.Context, db *sql.DB, c *Config) error {
	var commits, syncs string
	err := db.QueryRowContext(ctx, `SELECT coalesce(current_setting('synchronous_commit', true), ''),
		coalesce(current_setting('fsync', true), '')`).Scan(&commits, &syncs)
	if err != nil {
		return fmt.Errorf("store: open %s: %w", c.place(), postgresError(err))
	}
	if commits == "off" {
		return fmt.Errorf("store: %s has synchronous_commit off and would lose what it has acknowledged; "+
			"run there: ALTER DATABASE … SET synchronous_commit = on", c.place())
	}
	if syncs == "off" {
		c.Log.Warn("PostgreSQL runs with fsync off and may lose everything when its machine fails")
	}
	return nil
}

// migratePostgres lets one node at a time migrate, by a lock in a table, which needs nothing that CockroachDB or
// YugabyteDB lack.
func migratePostgres(ctx context.Context, db *sql.DB) error {
	locker, err := lock.NewPostgresTableLocker(lock.WithTableName("migration_lock"),
		lock.WithTableLockTimeout(100*time.Millisecond, 3000))
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	for run := 1; ; run++ {
		err := migrate(ctx, db, "postgres", goose.WithLocker(locker))
		// Two nodes that make the first tables at the same moment: "if not exists" does not keep them apart.
		if err == nil || run == migrationRuns || !isCode(err, pgUniqueViolation, pgDuplicateTable, pgSerializationFailure, pgDeadlock) {
			return err
		}
		if err := pause(ctx, run); err != nil {
			return err
		}
	}
}

func (e *postgresEngine) reader() session { return postgresReader{e.db} }

// grown analyzes the tables of users when an import has made many of them. PostgreSQL keeps a plan that it made for an
// empty table, such as one that reads the whole pool to find a name, until it counts the rows; by itself it does so about
// once a minute.
func (e *postgresEngine) grown(ctx context.Context, users int) error {
	const first, factor = 1000, 8
	made, counted := e.made.Add(int64(users)), e.counted.Load()
	if made < max(first, factor*counted) || !e.counted.CompareAndSwap(counted, made) {
		return nil
	}
	for _, table := range []string{"users", "aliases", "search", "passwords"} { // CockroachDB takes one at a time
		if _, err := e.db.ExecContext(ctx, "ANALYZE "+table); err != nil {
			return fmt.Errorf("store: analyze %s: %w", table, postgresError(err))
		}
	}
	return nil
}

func (e *postgresEngine) stats() Stats {
	n, pool := e.commits.Load(), e.db.Stats()
	return Stats{Commits: n, Units: n, Again: e.conflicts.Load(), Readers: pool.OpenConnections, Busy: pool.InUse}
}

func (e *postgresEngine) close() error { return e.db.Close() }

// write runs fn in a serializable transaction, again when it conflicts with another.
func (e *postgresEngine) write(ctx context.Context, fn func(session) error) error {
	for run := 1; ; run++ {
		err := e.run(ctx, fn)
		if err == nil {
			e.commits.Add(1)
			return nil
		}
		if run == maxRuns || !isCode(err, pgSerializationFailure, pgDeadlock, pgUniqueViolation) {
			return err
		}
		e.conflicts.Add(1)
		if run == 1 {
			select {
			case e.again <- struct{}{}:
				defer func() { <-e.again }()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := pause(ctx, run); err != nil {
			return err
		}
	}
}

func (e *postgresEngine) run(ctx context.Context, fn func(session) error) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: connect: %w", postgresError(err))
	}
	defer conn.Close()
	// The transaction outlives the request's context, so that a commit is never in doubt because a caller hung up.
	lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout+2*statementTimeout)
	defer cancel()
	began, err := conn.BeginTx(lasting, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("store: begin: %w", postgresError(err))
	}
	s := &postgresSession{tx: began}
	defer func() {
		s.over = true
		began.Rollback() // does nothing after a commit; runs when fn panics too
	}()
	if err := fn(s); err != nil {
		// A conflict makes fn run again even when it answers with an error of its own: what it read is in doubt.
		if isCode(s.failed, pgSerializationFailure, pgDeadlock, pgUniqueViolation) {
			return s.failed
		}
		return err
	}
	if s.failed != nil {
		return s.failed
	}
	if err := began.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", postgresError(err))
	}
	return nil
}

// postgresReader is the session of committed data.
type postgresReader struct{ db *sql.DB }

func (postgresReader) exec(context.Context, *statement, ...any) (int64, error) {
	return 0, errors.New("a reader does not write")
}

func (postgresReader) awaited() bool { return false }

func (r postgresReader) query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	rows, err := r.db.QueryContext(ctx, st.text, args...)
	return eachRow(rows, err, each)
}

func eachRow(rows *sql.Rows, err error, each func(scan scanner) error) error {
	if err != nil {
		return postgresError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return postgresError(rows.Err())
}

// A postgresSession runs the statements of one unit of work.
type postgresSession struct {
	tx     *sql.Tx
	failed error
	over   bool
}

func (s *postgresSession) ready(ctx context.Context) error {
	if s.over {
		return errUnitOver
	}
	if s.failed == nil {
		s.failed = ctx.Err()
	}
	return s.failed
}

func (s *postgresSession) exec(ctx context.Context, st *statement, args ...any) (n int64, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	result, err := s.tx.ExecContext(ctx, st.text, args...)
	if err == nil {
		n, err = result.RowsAffected()
	}
	s.failed = postgresError(err)
	return n, s.failed
}

// awaited is never true: units of work run beside each other.
func (s *postgresSession) awaited() bool { return false }

func (s *postgresSession) query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	rows, err := s.tx.QueryContext(ctx, st.text, args...)
	s.failed = eachRow(rows, err, each)
	return s.failed
}

// A conditionError is an error of the server without the values that its text may hold.
type conditionError struct {
	code string // SQLSTATE
	text string
}

func (e *conditionError) Error() string { return e.text }

func postgresError(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case pgForeignKeyViolation:
		return errForeign
	}
	// Data exceptions and violations quote what was sent.
	text := e.Message
	if class := e.Code[:min(2, len(e.Code))]; class == "22" || class == "23" {
		text = "refused data"
	}
	return &conditionError{e.Code, fmt.Sprintf("%s (SQLSTATE %s) %s", text, e.Code, e.ConstraintName)}
}

func isCode(err error, codes ...string) bool {
	var e *conditionError
	var raw *pgconn.PgError
	var code string
	switch {
	case errors.As(err, &e):
		code = e.code
	case errors.As(err, &raw):
		code = raw.Code
	default:
		return false
	}
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}
