package limits

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// A job is a call of Do that runs until it is told to end.
type job struct {
	started chan struct{}
	end     chan struct{}
	err     chan error
}

func begin(ctx context.Context, q *Queue) *job {
	j := &job{started: make(chan struct{}), end: make(chan struct{}), err: make(chan error, 1)}
	go func() {
		j.err <- q.Do(ctx, func() {
			close(j.started)
			<-j.end
		})
	}()
	synctest.Wait() // until it runs, waits or is refused
	return j
}

func (j *job) finish(t *testing.T) {
	t.Helper()
	<-j.started
	close(j.end)
	if err := <-j.err; err != nil {
		t.Error(err)
	}
}

func (j *job) running() bool {
	select {
	case <-j.started:
		return true
	default:
		return false
	}
}

func checkStats(t *testing.T, q *Queue, running, waiting int, done, refused uint64) {
	t.Helper()
	want := Stats{Workers: q.workers, Depth: q.depth, Running: running, Waiting: waiting, Done: done, Refused: refused}
	if got := q.Stats(); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}

func TestQueueKeepsOrderAndBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ctx := NewQueue(2, 3), t.Context()
		var jobs []*job
		for range 5 {
			jobs = append(jobs, begin(ctx, q))
		}
		checkStats(t, q, 2, 3, 0, 0)
		refused := begin(ctx, q)
		if err := <-refused.err; !errors.Is(err, ErrOverload) || refused.running() {
			t.Errorf("the sixth call: %v", err)
		}
		checkStats(t, q, 2, 3, 0, 1)
		for i := range jobs {
			for k, j := range jobs {
				if want := k < i+2; j.running() != want {
					t.Errorf("after %d calls: call %d runs: %t, want %t", i, k, j.running(), want)
				}
			}
			jobs[i].finish(t)
			synctest.Wait()
		}
		checkStats(t, q, 0, 0, 5, 1)
	})
}

func TestQueueWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ctx := NewQueue(1, -1), t.Context()
		first := begin(ctx, q)
		if err := q.Do(ctx, func() { t.Error("ran beside the first") }); !errors.Is(err, ErrOverload) {
			t.Errorf("the second call: %v", err)
		}
		first.finish(t)
		if err := q.Do(ctx, func() {}); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		checkStats(t, q, 0, 0, 2, 1)
	})
}

func TestQueueCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 8)
		cause, cancel := context.WithCancel(t.Context())
		first := begin(t.Context(), q)
		before, given, after := begin(t.Context(), q), begin(cause, q), begin(t.Context(), q)
		checkStats(t, q, 1, 3, 0, 0)
		cancel()
		if err := <-given.err; !errors.Is(err, context.Canceled) || given.running() {
			t.Errorf("the cancelled call: %v", err)
		}
		checkStats(t, q, 1, 2, 0, 0)
		if err := q.Do(cause, func() { t.Error("ran") }); !errors.Is(err, context.Canceled) {
			t.Errorf("a call with an ended context: %v", err)
		}
		for _, j := range []*job{first, before, after} {
			j.finish(t)
		}
		checkStats(t, q, 0, 0, 3, 0)
	})
}

func TestQueueDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 8)
		first := begin(t.Context(), q)
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		if err := q.Do(ctx, func() { t.Error("ran") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		first.finish(t)
	})
}

// Cancelling a call at the moment when its turn comes loses no place.
func TestQueueCancelledAtItsTurn(t *testing.T) {
	q := NewQueue(1, 64)
	for range 500 {
		var group sync.WaitGroup
		for range 4 {
			ctx, cancel := context.WithCancel(t.Context())
			group.Go(func() {
				if err := q.Do(ctx, func() {}); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
			group.Go(cancel)
		}
		group.Wait()
	}
	if got := q.Stats(); got.Running != 0 || got.Waiting != 0 {
		t.Errorf("Stats = %+v", got)
	}
	if err := q.Do(t.Context(), func() {}); err != nil {
		t.Error(err)
	}
}

func TestQueuePanic(t *testing.T) {
	q := NewQueue(1, -1)
	func() {
		defer func() {
			if got := recover(); got != "broken" {
				t.Errorf("recovered %v", got)
			}
		}()
		q.Do(t.Context(), func() { panic("broken") })
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		q.Do(t.Context(), func() { runtime.Goexit() })
	}()
	<-ended
	if err := q.Do(t.Context(), func() {}); err != nil {
		t.Errorf("the place was not freed: %v", err)
	}
	checkStats(t, q, 0, 0, 3, 0)
}

func TestQueueDefaults(t *testing.T) {
	want := max(runtime.GOMAXPROCS(0)-1, 1)
	if got := NewQueue(0, 0).Stats(); got.Workers != want || got.Depth != DefaultDepth {
		t.Errorf("Stats = %+v, want %d workers and depth %d", got, want, DefaultDepth)
	}
	if got := NewQueue(-1, -1).Stats(); got.Workers != want || got.Depth != 0 {
		t.Errorf("Stats = %+v, want %d workers and depth 0", got, want)
	}
}

func TestQueueUnderLoad(t *testing.T) {
	const workers, callers, calls = 3, 32, 200
	q := NewQueue(workers, callers/2)
	var (
		group                          sync.WaitGroup
		running, most, ran, turnedAway atomic.Int64
	)
	for range callers {
		group.Go(func() {
			for range calls {
				err := q.Do(t.Context(), func() {
					now := running.Add(1)
					for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
					}
					runtime.Gosched()
					running.Add(-1)
					ran.Add(1)
				})
				if errors.Is(err, ErrOverload) {
					turnedAway.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if most.Load() > workers {
		t.Errorf("%d calls ran at the same time", most.Load())
	}
	if ran.Load()+turnedAway.Load() != callers*calls {
		t.Errorf("%d calls ran and %d were refused, of %d", ran.Load(), turnedAway.Load(), callers*calls)
	}
	checkStats(t, q, 0, 0, uint64(ran.Load()), uint64(turnedAway.Load()))
}

// Places are handed on in the order of arrival, whoever gives up in between.
func TestQueueOrderAroundGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 16)
		first := begin(t.Context(), q)
		var (
			mu    sync.Mutex
			order []int
			group sync.WaitGroup
		)
		var cancels []context.CancelFunc
		for i := range 9 {
			ctx, cancel := context.WithCancel(t.Context())
			cancels = append(cancels, cancel)
			group.Go(func() {
				q.Do(ctx, func() {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				})
			})
			synctest.Wait()
		}
		for _, i := range []int{0, 4, 8} {
			cancels[i]()
		}
		synctest.Wait()
		first.finish(t)
		group.Wait()
		if want := []int{1, 2, 3, 5, 6, 7}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		for _, cancel := range cancels {
			cancel()
		}
	})
}

func BenchmarkQueueUncontended(b *testing.B) {
	q, ctx := NewQueue(1, 0), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := q.Do(ctx, func() {}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQueueContended(b *testing.B) {
	q, ctx := NewQueue(1, 1<<20), b.Context()
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := q.Do(ctx, func() {}); err != nil {
				b.Error(err)
			}
		}
	})
}
