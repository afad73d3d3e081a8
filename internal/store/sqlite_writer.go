package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Bounds of the writer: how many units of work wait before callers do, and how many share a commit.
const (
	writerQueue = 1024
	writerBatch = 256
)

var (
	beginBatch    = newStatement("begin", `BEGIN IMMEDIATE`)
	commitBatch   = newStatement("commit", `COMMIT`)
	rollbackBatch = newStatement("roll back", `ROLLBACK`)
	beginUnit     = newStatement("begin a unit of work", `SAVEPOINT unit`)
	keepUnit      = newStatement("keep a unit of work", `RELEASE unit`)
	undoUnit      = newStatement("undo a unit of work", `ROLLBACK TO unit`)
)

// A sqliteWriter commits the units of work of concurrent requests together. Its goroutine owns the connection: it
// begins a batch, gives each waiting unit its turn inside a savepoint, and commits. A unit's function runs on the
// goroutine of its caller, so a panic or runtime.Goexit there ends that unit and no other. While a commit waits for
// the disk the next batch gathers.
type sqliteWriter struct {
	conn    *sqliteConn
	queue   chan *sqliteUnit
	mu      sync.RWMutex // guards closed, so that no unit enters the queue after its end
	closed  bool
	done    chan struct{}
	commits atomic.Int64
	kept    atomic.Int64
}

// States of a unit: the writer and a caller who gives up race from waiting.
const (
	unitWaiting = iota
	unitRunning
	unitAbandoned
)

type sqliteUnit struct {
	state  atomic.Int32
	turn   chan turn  // the caller may run its function now
	over   chan bool  // it has run, and is to be kept or not
	result chan error // of the commit
}

// A turn is a session for one unit, or why there is none.
type turn struct {
	session *sqliteSession
	err     error
}

func startSQLiteWriter(conn *sqliteConn) *sqliteWriter {
	w := &sqliteWriter{conn: conn, queue: make(chan *sqliteUnit, writerQueue), done: make(chan struct{})}
	go w.run()
	return w
}

// close lets the units that wait run, and ends.
func (w *sqliteWriter) close() error {
	w.mu.Lock()
	already := w.closed
	w.closed = true
	w.mu.Unlock()
	if already {
		return nil
	}
	close(w.queue)
	<-w.done
	return w.conn.close()
}

func (w *sqliteWriter) enqueue(ctx context.Context, u *sqliteUnit) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- u:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write runs fn when its turn comes, and returns after the commit. A context that is cancelled takes the unit out of
// the queue, or makes its next statement fail; once fn has returned nil the outcome is waited for.
func (w *sqliteWriter) write(ctx context.Context, fn func(session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &sqliteUnit{turn: make(chan turn, 1), over: make(chan bool, 1), result: make(chan error, 1)}
	if err := w.enqueue(ctx, u); err != nil {
		return err
	}
	var now turn
	select {
	case now = <-u.turn:
	case <-ctx.Done():
		if u.state.CompareAndSwap(unitWaiting, unitAbandoned) {
			return ctx.Err()
		}
		now = <-u.turn
	}
	if now.err != nil {
		return now.err
	}
	if err := u.run(now.session, fn); err != nil {
		return err
	}
	return <-u.result
}

func (u *sqliteUnit) run(s *sqliteSession, fn func(session) error) (err error) {
	keep := false
	defer func() {
		s.over = true
		u.over <- keep
	}()
	if err = fn(s); err == nil {
		err = s.failed
	}
	keep = err == nil
	return err
}

func (w *sqliteWriter) run() {
	defer close(w.done)
	for u := range w.queue {
		w.batch(u)
	}
}

func (w *sqliteWriter) do(st *statement) error {
	if _, err := w.conn.exec(st, nil); err != nil {
		return fmt.Errorf("store: %s: %w", st.purpose, err)
	}
	return nil
}

// batch runs first and what waits behind it in one transaction.
func (w *sqliteWriter) batch(first *sqliteUnit) {
	if err := w.do(beginBatch); err != nil {
		if first.state.CompareAndSwap(unitWaiting, unitRunning) {
			first.turn <- turn{err: err}
		}
		return
	}
	var kept []*sqliteUnit
	var broken error
	for u, n := first, 1; u != nil; n++ {
		if u.state.CompareAndSwap(unitWaiting, unitRunning) {
			var keep bool
			if keep, broken = w.unit(u, len(kept) > 0); keep {
				kept = append(kept, u)
			}
			if broken != nil {
				break // the others stay in the queue
			}
		}
		u = w.next(n)
	}
	err := broken
	if err == nil && len(kept) > 0 {
		err = w.do(commitBatch)
	}
	if err != nil || len(kept) == 0 {
		// Fails when SQLite has ended the transaction by itself, as after a full disk.
		if undone := w.do(rollbackBatch); err == nil {
			err = undone
		}
	}
	if err == nil && len(kept) > 0 {
		w.commits.Add(1)
		w.kept.Add(int64(len(kept)))
	}
	for _, u := range kept {
		u.result <- err
	}
}

// unit gives u its turn. broken says that the transaction around it is gone or in doubt, with all units in it. A unit
// that comes first in its transaction, as a large one mostly does, is undone with it: a savepoint would copy each page
// before its first change.
func (w *sqliteWriter) unit(u *sqliteUnit, others bool) (keep bool, broken error) {
	if !others {
		u.turn <- turn{session: &sqliteSession{writer: w}}
		if keep = <-u.over; !keep {
			broken = errors.Join(w.do(rollbackBatch), w.do(beginBatch))
		}
		return keep, broken
	}
	if broken = w.do(beginUnit); broken != nil {
		u.turn <- turn{err: broken}
		return false, broken
	}
	u.turn <- turn{session: &sqliteSession{writer: w}}
	if keep = <-u.over; keep {
		return true, w.do(keepUnit)
	}
	return false, errors.Join(w.do(undoUnit), w.do(keepUnit))
}

// next gives the unit that waits, or nil when none does. Before the commit it lets goroutines that are ready to run
// come forward with theirs; it waits for nothing.
func (w *sqliteWriter) next(n int) *sqliteUnit {
	if n >= writerBatch {
		return nil
	}
	select {
	case u := <-w.queue:
		return u // nil at the end
	default:
	}
	runtime.Gosched()
	select {
	case u := <-w.queue:
		return u
	default:
		return nil
	}
}

// A sqliteSession runs the statements of one unit of work on the writer's connection.
type sqliteSession struct {
	writer *sqliteWriter
	failed error
	over   bool
}

func (s *sqliteSession) awaited() bool { return len(s.writer.queue) > 0 }

func (s *sqliteSession) ready(ctx context.Context) error {
	if s.over {
		return errUnitOver
	}
	if s.failed == nil {
		s.failed = ctx.Err()
	}
	return s.failed
}

func (s *sqliteSession) exec(ctx context.Context, st *statement, args ...any) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	n, err := s.writer.conn.exec(st, args)
	s.failed = err
	return n, err
}

func (s *sqliteSession) query(ctx context.Context, st *statement, args []any, each func(scan scanner) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	err := s.writer.conn.query(context.Background(), st, args, each)
	s.failed = err
	return err
}
