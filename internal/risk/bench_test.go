package risk_test

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// BenchmarkSignIn is what a sign-in costs more where threat protection is on, before it is recorded: to read and compare
// what is remembered of the user.
func BenchmarkSignIn(b *testing.B) {
	w := newWorld(b)
	for range 100 {
		w.remember(w.jane.Key)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := risk.NewSignIn(b.Context(), w.Store, w.pool, w.jane.Key, userpool.NewEventID(), w.clock); err != nil {
			b.Fatal(err)
		}
	}
}
