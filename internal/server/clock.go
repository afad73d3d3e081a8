package server

import (
	"math"
	"sync/atomic"
	"time"
)

// Clock is the one clock of a server. It runs with the machine's and can be moved forward, which tests and
// dev mode do to see codes, sessions and tokens expire.
type Clock struct {
	base   func() time.Time // nil: the machine's
	offset atomic.Int64     // nanoseconds
}

// NewClock makes a clock that starts at base; nil means the machine's time.
func NewClock(base func() time.Time) *Clock { return &Clock{base: base} }

// Now is the time in UTC at the precision that the store keeps, microseconds.
func (c *Clock) Now() time.Time {
	now := time.Now
	if c.base != nil {
		now = c.base
	}
	return now().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// Advance moves the clock forward and gives the new time. Time never goes back; the clock stops some 292 years
// ahead of the machine's, at the longest time.Duration.
func (c *Clock) Advance(d time.Duration) time.Time {
	for d > 0 {
		before := c.offset.Load()
		after := before + int64(d)
		if after < before {
			after = math.MaxInt64
		}
		if c.offset.CompareAndSwap(before, after) {
			break
		}
	}
	return c.Now()
}
