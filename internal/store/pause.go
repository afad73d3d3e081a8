package store

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = 2 * time.Millisecond
	maxWait   = 200 * time.Millisecond
)

// pause waits at random, up to twice as long with each run.
func pause(ctx context.Context, run int) error {
	wait := rand.N(min(firstWait<<min(run, 20), maxWait))
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
