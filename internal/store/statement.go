package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// A statement is SQL that both engines accept. Every one is made when the program starts, so that a connection
// can keep it prepared under its index, and a test can have each explained.
type statement struct {
	index   int
	purpose string // what it does, for errors
	text    string
	aside   bool // what it writes is not what anybody changes
}

var statements []*statement

func newStatement(purpose, text string) *statement {
	st := &statement{index: len(statements), purpose: purpose, text: text}
	statements = append(statements, st)
	return st
}

// beside marks a statement that writes what is no change of the directory, such as a counted attempt: a unit of work
// that writes nothing else has no entry in the audit log.
func (st *statement) beside() *statement {
	st.aside = true
	return st
}

// A session runs statements: each on committed data, or all inside one unit of work. After a statement has failed,
// a unit's session refuses more, because an engine may have ended the transaction.
type session interface {
	exec(ctx context.Context, st *statement, args ...any) (affected int64, err error)
	// query calls each for every row; each runs no statement.
	query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error
	// awaited says whether other units of work wait for the end of this one.
	awaited() bool
}

type scanner func(dest ...any) error

// An engine is SQLite or PostgreSQL.
type engine interface {
	// reader gives the session of committed data.
	reader() session
	// write runs fn as a unit of work. It returns fn's error unchanged.
	write(ctx context.Context, fn func(session) error) error
	// grown tells that so many users were made at once.
	grown(ctx context.Context, users int) error
	stats() Stats
	close() error
}

var (
	errNotText   = errors.New("a text holds a zero byte or is not UTF-8")
	errForeign   = errors.New("the row that it belongs to is gone")
	errUnitOver  = errors.New("store: the unit of work is over")
	errClosed    = errors.New("store: closed")
	errDuplicate = errors.New("a unique value is there already")
)

// storable reports whether both engines can hold the texts among args.
func storable(args []any) bool {
	for _, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			return false
		}
	}
	return true
}

// exec runs a statement and tells how many rows it touched. A row that it refers to and that is gone is
// ErrNotFound.
func (q *queries) exec(ctx context.Context, st *statement, args ...any) (int64, error) {
	if !storable(args) {
		return 0, fmt.Errorf("store: %s: %w", st.purpose, errNotText)
	}
	n, err := q.session.exec(ctx, st, args...)
	switch {
	case errors.Is(err, errForeign):
		return 0, userpool.ErrNotFound
	case err != nil:
		return 0, fmt.Errorf("store: %s: %w", st.purpose, err)
	}
	q.changed = q.changed || n > 0 && !st.aside
	return n, nil
}

// list calls each for every row. No row matches a text that cannot be stored.
func (q *queries) list(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	if !storable(args) {
		return nil
	}
	if err := q.session.query(ctx, st, args, each); err != nil {
		return fmt.Errorf("store: %s: %w", st.purpose, err)
	}
	return nil
}

// one scans the only row into dest, or answers ErrNotFound.
func (q *queries) one(ctx context.Context, st *statement, args []any, dest ...any) error {
	found := false
	err := q.list(ctx, st, args, func(scan scanner) error {
		found = true
		return scan(dest...)
	})
	if err == nil && !found {
		return userpool.ErrNotFound
	}
	return err
}

// micros is how a time is stored: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func isNotFound(err error) bool { return errors.Is(err, userpool.ErrNotFound) }
