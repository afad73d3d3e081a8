package limits

import (
	"container/list"
	"context"
	"errors"
	"runtime"
	"sync"
)

// ErrOverload means that a queue is full. The caller answers at once that it is busy.
var ErrOverload = errors.New("limits: too much work is waiting")

// DefaultDepth is how many calls wait in a queue unless told otherwise: at 2 ms a call and two workers, half a
// second's work.
const DefaultDepth = 512

// A Queue lets a few calls do expensive arithmetic at the same time and some more wait in the order in which
// they came, and turns the rest away. It may be used by several goroutines.
//
// Arithmetic that holds every P starves requests that need microseconds, because the Go scheduler looks at the
// network only when a P has nothing to run, or after 10 ms. So a queue leaves one P alone unless told otherwise.
// A process that raises GOMAXPROCS one above the number of its cores loses no throughput by that: the operating
// system shares the cores among the Ps.
type Queue struct {
	workers, depth int

	mu      sync.Mutex
	running int
	waiting list.List // of chan struct{}; closing one hands a running call's place over
	done    uint64
	refused uint64
}

// NewQueue makes a queue in which at most workers calls run (0 stands for one less than GOMAXPROCS, and at
// least one) and at most depth calls wait (0 stands for DefaultDepth; a negative depth lets none wait).
func NewQueue(workers, depth int) *Queue {
	if workers <= 0 {
		workers = max(runtime.GOMAXPROCS(0)-1, 1)
	}
	if depth == 0 {
		depth = DefaultDepth
	}
	return &Queue{workers: workers, depth: max(depth, 0)}
}

// Do runs f on the caller's goroutine as soon as its turn comes, and returns nil. f should take milliseconds
// and wait for nothing. Without running f, it returns ErrOverload at once when the queue is full, or ctx's error
// when ctx ends before the turn comes. A panic in f reaches the caller, and frees its place.
func (q *Queue) Do(ctx context.Context, f func()) error {
	if err := q.enter(ctx); err != nil {
		return err
	}
	defer q.leave()
	f()
	return nil
}

func (q *Queue) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.running < q.workers { // then nobody waits
		q.running++
		q.mu.Unlock()
		return nil
	}
	if q.waiting.Len() >= q.depth {
		q.refused++
		q.mu.Unlock()
		return ErrOverload
	}
	turn := make(chan struct{})
	place := q.waiting.PushBack(turn)
	q.mu.Unlock()

	select {
	case <-turn:
		// Who hands a place over makes the next call the next to run on its P. Without going behind what else is
		// ready, calls that hand a P from one to the other keep requests waiting for hundreds of milliseconds.
		runtime.Gosched()
		if err := ctx.Err(); err != nil {
			q.pass() // nobody is there for the result any more
			return err
		}
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	select {
	case <-turn: // both happened; the place has to go on
		q.mu.Unlock()
		q.pass()
	default:
		q.waiting.Remove(place)
		q.mu.Unlock()
	}
	return ctx.Err()
}

// leave ends a call that ran.
func (q *Queue) leave() {
	q.mu.Lock()
	q.done++
	q.mu.Unlock()
	q.pass()
}

// pass gives a running call's place to the one that has waited longest, or frees it.
func (q *Queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if first := q.waiting.Front(); first != nil {
		close(q.waiting.Remove(first).(chan struct{}))
		return
	}
	q.running--
}

// Stats is what a queue holds at one moment, and what it has done.
type Stats struct {
	Workers int // how many calls may run
	Depth   int // how many may wait
	Running int
	Waiting int
	Done    uint64 // calls that ran
	Refused uint64 // calls turned away with ErrOverload
}

// Stats gives the present figures.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{
		Workers: q.workers, Depth: q.depth,
		Running: q.running, Waiting: q.waiting.Len(),
		Done: q.done, Refused: q.refused,
	}
}
