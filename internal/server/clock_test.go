package server

import (
	"math"
	"sync"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.FixedZone("", 3600))
	c := NewClock(func() time.Time { return start })
	want := time.Date(2026, 3, 14, 14, 9, 26, 535897000, time.UTC)
	if got := c.Now(); got != want {
		t.Errorf("now %v, want %v", got, want)
	}
	if got := c.Advance(25 * time.Hour); got != want.Add(25*time.Hour) || c.Now() != got {
		t.Errorf("after 25 hours %v", got)
	}
	if got := c.Advance(-time.Hour); got != want.Add(25*time.Hour) {
		t.Errorf("the clock went back to %v", got)
	}
	var travellers sync.WaitGroup
	for range 8 {
		travellers.Go(func() {
			for range 100 {
				c.Advance(time.Second)
			}
		})
	}
	travellers.Wait()
	if got := c.Now(); got != want.Add(25*time.Hour+800*time.Second) {
		t.Errorf("after 800 seconds more %v", got)
	}
	last := c.Advance(math.MaxInt64)
	if again := c.Advance(math.MaxInt64); again != last || last.Year() != 2318 {
		t.Errorf("at the end of time %v, then %v", last, again)
	}
	if got := NewClock(nil).Now(); time.Since(got).Abs() > time.Minute {
		t.Errorf("the machine's time is not %v", got)
	}
}
