package token

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// BenchmarkVerify is what Authorize does before it asks the store.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	issued := w.signIn(w.client)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := w.verify(b.Context(), issued.AccessToken); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAuthorize is the whole, with an embedded database in memory.
func BenchmarkAuthorize(b *testing.B) {
	w := newWorld(b)
	issued := w.signIn(w.client)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Authorize(b.Context(), issued.AccessToken); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSign is one signature alone.
func BenchmarkSign(b *testing.B) {
	w := newWorld(b)
	ring, err := w.keyring(b.Context(), w.a.Number)
	if err != nil {
		b.Fatal(err)
	}
	payload := make([]byte, 500)
	for b.Loop() {
		if _, err := ring.access.sign(payload); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIssue is two signatures and the rest of a sign-in's tokens.
func BenchmarkIssue(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Issue(b.Context(), w.client, w.user, userpool.NewEventID()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefresh(b *testing.B) {
	w := newWorld(b)
	issued := w.signIn(w.client)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Refresh(b.Context(), w.client, issued.RefreshToken, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuse is garbage of a megabyte.
func BenchmarkRefuse(b *testing.B) {
	w := newWorld(b)
	garbage := string(make([]byte, 1<<20))
	for b.Loop() {
		if _, err := w.Authorize(b.Context(), garbage); err == nil {
			b.Fatal("accepted")
		}
	}
}
