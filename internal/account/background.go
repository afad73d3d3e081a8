package account

import (
	"context"
	"sync"
	"time"
)

// backgroundLimit bounds the deliveries that go on after their answers, and the requests that may still
// start one.
const backgroundLimit = 256

// afterAnswer is how long an answer has to go out.
const afterAnswer = 20 * time.Millisecond

// background owns the goroutines that deliver messages after the answer was given.
type background struct {
	mu      sync.Mutex
	running int
	closed  bool
	idle    chan struct{} // closed when running comes to zero; nil while nobody waits for it
}

// reserve takes a place, if there is one. An operation takes it before it knows whether it will send
// anything, so that a full house says nothing about users.
func (b *background) reserve() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running >= backgroundLimit || b.closed {
		return false
	}
	b.running++
	return true
}

func (b *background) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if b.running == 0 && b.idle != nil {
		close(b.idle)
		b.idle = nil
	}
}

// run does the work on a reserved place, which it gives back, when the answer has gone out: what went on beside it would
// make it later than one that nothing follows.
func (b *background) run(work func()) {
	time.AfterFunc(afterAnswer, func() {
		defer b.release()
		work()
	})
}

// busy is how many are there.
func (b *background) busy() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running
}

// close lets no more in and waits for those that are there.
func (b *background) close(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.wait(ctx)
}

// wait returns when nobody is there, or ctx ends.
func (b *background) wait(ctx context.Context) error {
	b.mu.Lock()
	if b.running == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.idle == nil {
		b.idle = make(chan struct{})
	}
	idle := b.idle
	b.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
