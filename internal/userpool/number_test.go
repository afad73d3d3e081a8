package userpool

import (
	"testing"
	"time"
)

// A clock that stands still gives no number twice, and a later time gives a larger number.
func TestNewNumber(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	seen := map[int64]bool{}
	for range 100_000 {
		n := NewNumber(now)
		if n <= 0 || seen[n] {
			t.Fatalf("the number %d: not positive, or given before", n)
		}
		seen[n] = true
	}
	if early, late := NewNumber(now), NewNumber(now.Add(time.Millisecond)); late>>22 <= early>>22 {
		t.Errorf("%d is not after %d", late, early)
	}
	for range 100 { // often enough to come round
		n := NewNumbers(now, 1<<16)
		if last := n + 1<<16 - 1; last>>22 != n>>22 || NewNumber(now) == last {
			t.Errorf("the numbers %d to %d", n, last)
		}
	}
}
