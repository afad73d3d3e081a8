package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Store is an open database. It implements userpool.Store and userpool.Sealer and may be used by several
// goroutines.
type Store struct {
	reads
	shared
	engine   engine
	log      *slog.Logger
	auditFor time.Duration
	stop     context.CancelFunc
	sweeper  sync.WaitGroup
	swept    atomic.Int64 // rows
	close    func() error
}

var (
	_ userpool.Store  = (*Store)(nil)
	_ userpool.Sealer = (*Store)(nil)
	_ userpool.Tx     = (*tx)(nil)
)

// shared is what all sessions of a store have in common.
type shared struct {
	now     func() time.Time
	box     *seal.Box
	keys    *cache[int64, *seal.DataKey]
	pools   *cache[int64, cachedPool]
	clients *cache[int64, cachedClient]
	counts  *cache[int64, userCount]
}

// queries runs statements in a session.
type queries struct {
	*shared
	session session
	// fresh holds the data keys that this unit of work made or read. They enter the cache after the commit,
	// because a unit that is undone leaves a pool without them. Nil outside of units.
	fresh   map[int64]*seal.DataKey
	changed bool // by this unit of work
	made    made
	users   int // that this unit of work makes at once
}

// reads implements userpool.Reader, and tx userpool.Tx. A Store has only the former.
type reads struct{ *queries }

type tx struct{ reads }

// Stats tells what a store has done since Open, and what it does at the moment.
type Stats struct {
	Commits int64 // on SQLite each is one fsync
	Units   int64 // of work that were kept
	Again   int64 // times that a unit of work ran again because of a conflict
	Waiting int   // units of work that wait for their turn to write
	Swept   int64 // rows
	Readers int   // connections that read; on PostgreSQL all that are open
	Busy    int   // those in use
}

// Bounds of the caches, in entries.
const (
	cachedPools   = 1024
	cachedClients = 4096
	cachedKeys    = 4096
	cachedCounts  = 1024
)

// Open opens the database and brings it to the newest schema. The caller closes it.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	var e engine
	var err error
	if c.PostgresURL != "" {
		e, err = openPostgres(ctx, &c)
	} else {
		e, err = openSQLite(ctx, &c)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{
		shared: shared{
			now:     c.Now,
			keys:    newCache[int64, *seal.DataKey](cachedKeys),
			pools:   newCache[int64, cachedPool](cachedPools),
			clients: newCache[int64, cachedClient](cachedClients),
			counts:  newCache[int64, userCount](cachedCounts),
		},
		engine:   e,
		log:      c.Log,
		auditFor: c.AuditFor,
	}
	s.reads = reads{&queries{shared: &s.shared, session: e.reader()}}
	if s.box, err = s.unlock(ctx, &c); err != nil {
		e.close()
		return nil, err
	}
	sweeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.sweeper.Go(func() { s.sweepOften(sweeping) })
	s.close = sync.OnceValue(func() error {
		stop()
		s.sweeper.Wait()
		return e.close()
	})
	return s, nil
}

// Close waits for the units of work that have begun and for the sweeper. Later calls do nothing.
func (s *Store) Close() error { return s.close() }

// Stats gives the present figures.
func (s *Store) Stats() Stats {
	now := s.engine.stats()
	now.Swept = s.swept.Load()
	return now
}

// Write runs fn as one unit of work. See userpool.Store.
func (s *Store) Write(ctx context.Context, fn func(tx userpool.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) write(ctx context.Context, fn func(t *tx) error) error {
	var fresh map[int64]*seal.DataKey
	audit, entered, users := userpool.AuditFrom(ctx), false, 0
	err := s.engine.write(ctx, func(in session) (err error) {
		fresh = map[int64]*seal.DataKey{}
		t := &tx{reads{&queries{shared: &s.shared, session: in, fresh: fresh}}}
		if err := fn(t); err != nil {
			return err
		}
		users = t.users
		entered, err = t.enter(ctx, audit)
		return err
	})
	if err != nil {
		return err
	}
	if entered {
		audit.Entered()
	}
	for pool, key := range fresh {
		s.keys.put(pool, key)
	}
	if users > 0 {
		if err := s.engine.grown(ctx, users); err != nil {
			s.log.Warn("the tables are not analyzed, so PostgreSQL may be slow at first", slog.Any("error", err))
		}
	}
	return nil
}
