package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// sqliteEngine is SQLite in WAL mode: a writer and a few readers beside it.
type sqliteEngine struct {
	db      *sql.DB
	writer  *sqliteWriter
	readers *sqliteReaders
	remove  string // directory to remove when it is closed; "" keeps it
}

// writerCache is how much the writer keeps in memory at most, in KiB: what imported users touch in every index.
const writerCache = "cache_size(-65536)"

// statementJournal keeps what undoes a statement in memory: a statement that inserts many rows would write it to a file.
const statementJournal = "temp_store(memory)"

// busyTimeout is how long the writer waits for the command line, which may write to the same file.
const busyTimeout = "busy_timeout(10000)"

// checkpointEvery is after how many pages of the log they are written into the database, a page that changed several times
// once. The log takes 64 MB by it.
const checkpointEvery = "wal_autocheckpoint(16384)"

func openSQLite(ctx context.Context, c *Config) (_ engine, err error) {
	e := &sqliteEngine{}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	path, synchronous := c.SQLitePath, c.synchronous
	if c.Memory {
		// A file that nobody waits for has the same semantics as one on disk; SQLite's own memory databases have not.
		if e.remove, err = os.MkdirTemp("", "poolhouse-"); err != nil {
			return nil, fmt.Errorf("store: make a place for a database in memory: %w", err)
		}
		path, synchronous = filepath.Join(e.remove, "poolhouse.db"), "OFF"
	}
	if path, err = prepareFile(path); err != nil {
		return nil, err
	}
	if e.db, err = sql.Open("sqlite", sqliteAddress(path,
		busyTimeout, writerCache, checkpointEvery, statementJournal, "journal_mode(wal)", "synchronous("+synchronous+")", "foreign_keys(1)")); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	conn, err := connect(ctx, e.db)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	if err := checkSQLite(ctx, conn, path); err != nil {
		conn.Close()
		return nil, err
	}
	conn.Close()
	e.db.SetMaxIdleConns(1) // the migrations' connection becomes the writer's
	if err := migrateSQLite(ctx, e.db); err != nil {
		return nil, err
	}
	if conn, err = connect(ctx, e.db); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	e.writer = startSQLiteWriter(&sqliteConn{conn: conn})
	if e.readers, err = openSQLiteReaders(ctx, path, readerCount()); err != nil {
		return nil, err
	}
	if c.Memory && runtime.GOOS != "windows" {
		// Every connection has its files open by now. Without names they are gone with the process, however it ends.
		if err := os.RemoveAll(e.remove); err != nil {
			return nil, fmt.Errorf("store: hide the database in memory: %w", err)
		}
	}
	return e, nil
}

// connect opens a connection, again while another process opens or closes the file: SQLite waits for others, but not to
// make the log or to remove it.
func connect(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	for run := 1; ; run++ {
		conn, err := db.Conn(ctx)
		var e *sqlite.Error
		if err == nil || run == connectRuns || !errors.As(err, &e) || e.Code()&0xff != sqlitelib.SQLITE_BUSY {
			return conn, err
		}
		if err := pause(ctx, run); err != nil {
			return nil, err
		}
	}
}

// connectRuns is how often a connection is tried, for some seconds.
const connectRuns = 30

// prepareFile makes the file, which only its owner may read; SQLite gives its other files the same mode.
func prepareFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("store: open the database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("store: make the directory of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("store: open the database: %w", err)
	}
	return path, f.Close()
}

func sqliteAddress(path string, pragmas ...string) string {
	query := url.Values{"_pragma": pragmas, "_dqs": {"0"}}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// checkSQLite makes sure of the journal: on a file system without shared memory SQLite falls back to another one.
func checkSQLite(ctx context.Context, conn *sql.Conn, path string) error {
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	if mode != "wal" {
		return fmt.Errorf("store: the file system of %s cannot hold a write-ahead log; put the database on a local disk", path)
	}
	return nil
}

// migrateSQLite tries again, because two processes that make the first tables at the same moment fail but for one.
func migrateSQLite(ctx context.Context, db *sql.DB) error {
	for run := 1; ; run++ {
		err := migrate(ctx, db, "sqlite")
		var e *sqlite.Error
		if err == nil || run == migrationRuns || !errors.As(err, &e) {
			return err
		}
		if err := pause(ctx, run); err != nil {
			return err
		}
	}
}

// readerCount is enough for readers that hardly ever wait: their pages are in memory.
func readerCount() int { return max(4, min(16, runtime.GOMAXPROCS(0))) }

func (e *sqliteEngine) reader() session { return e.readers }

func (e *sqliteEngine) write(ctx context.Context, fn func(session) error) error {
	return e.writer.write(ctx, fn)
}

// grown does nothing: SQLite takes the index that fits a statement best, however many rows there are.
func (e *sqliteEngine) grown(context.Context, int) error { return nil }

func (e *sqliteEngine) stats() Stats {
	return Stats{
		Commits: e.writer.commits.Load(), Units: e.writer.kept.Load(), Waiting: len(e.writer.queue),
		Readers: e.readers.size, Busy: max(0, e.readers.size-len(e.readers.free)),
	}
}

func (e *sqliteEngine) close() error {
	var errs []error
	if e.readers != nil {
		errs = append(errs, e.readers.close())
	}
	if e.writer != nil {
		errs = append(errs, e.writer.close())
	}
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.remove != "" {
		errs = append(errs, os.RemoveAll(e.remove))
	}
	return errors.Join(errs...)
}

// A sqliteConn is a connection with its prepared statements.
type sqliteConn struct {
	conn     *sql.Conn
	prepared []*sql.Stmt // by statement.index
}

func (c *sqliteConn) prepare(st *statement) (*sql.Stmt, error) {
	if c.prepared == nil {
		c.prepared = make([]*sql.Stmt, len(statements))
	}
	if p := c.prepared[st.index]; p != nil {
		return p, nil
	}
	p, err := c.conn.PrepareContext(context.Background(), withoutNames(st.text))
	if err == nil {
		c.prepared[st.index] = p
	}
	return p, err
}

var parameterName = regexp.MustCompile(`\$\d+`)

// withoutNames writes ? for the parameters of a statement in which each comes once and in order: SQLite walks through
// the list of names at every use of a parameter that has one, which tells with the rows of an import.
func withoutNames(text string) string {
	for i, name := range parameterName.FindAllString(text, -1) {
		if name != "$"+strconv.Itoa(i+1) {
			return text
		}
	}
	return parameterName.ReplaceAllString(text, "?")
}

// exec and query run a statement to its end, whatever becomes of the request: interrupting a change would undo the
// whole transaction, with the units of work of others, and watching a context costs more than a look-up does.
func (c *sqliteConn) exec(st *statement, args []any) (int64, error) {
	p, err := c.prepare(st)
	if err != nil {
		return 0, sqliteError(err)
	}
	result, err := p.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, sqliteError(err)
	}
	return result.RowsAffected()
}

func (c *sqliteConn) query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	p, err := c.prepare(st)
	if err != nil {
		return sqliteError(err)
	}
	rows, err := p.QueryContext(ctx, args...)
	if err != nil {
		return sqliteError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return sqliteError(rows.Err())
}

func (c *sqliteConn) close() error {
	for _, p := range c.prepared {
		if p != nil {
			p.Close()
		}
	}
	return c.conn.Close()
}

// sqliteError tells what kind of error it is by SQLite's extended result code.
func sqliteError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlitelib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return errForeign
	case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return errDuplicate
	}
	return err
}

// sqliteReaders is the session of committed data: connections that may not write.
type sqliteReaders struct {
	db   *sql.DB
	free chan *sqliteConn
	size int
}

func openSQLiteReaders(ctx context.Context, path string, size int) (*sqliteReaders, error) {
	db, err := sql.Open("sqlite", sqliteAddress(path, busyTimeout, "query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	r := &sqliteReaders{db: db, free: make(chan *sqliteConn, size), size: size}
	for range size {
		conn, err := connect(ctx, db)
		if err != nil {
			db.Close()
			return nil, fmt.Errorf("store: open %s: %w", path, err)
		}
		r.free <- &sqliteConn{conn: conn}
		var version int64 // the first read opens the log
		if err := conn.QueryRowContext(ctx, "SELECT max(version) FROM migrations").Scan(&version); err != nil {
			return nil, errors.Join(fmt.Errorf("store: open %s: %w", path, err), db.Close())
		}
	}
	return r, nil
}

func (r *sqliteReaders) exec(context.Context, *statement, ...any) (int64, error) {
	return 0, errors.New("a reader does not write")
}

func (r *sqliteReaders) awaited() bool { return false }

func (r *sqliteReaders) query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c, ok := <-r.free:
		if !ok {
			return errClosed
		}
		defer func() { r.free <- c }()
		if st != countUsers { // the one statement that takes long enough to be interrupted
			ctx = context.Background()
		}
		return c.query(ctx, st, args, each)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for reads that have begun.
func (r *sqliteReaders) close() error {
	var errs []error
	for range r.size {
		errs = append(errs, (<-r.free).close())
	}
	close(r.free)
	return errors.Join(append(errs, r.db.Close())...)
}
