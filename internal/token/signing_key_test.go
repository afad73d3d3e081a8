package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestNewSigningKeys(t *testing.T) {
	w := newWorld(t)
	keys, err := w.NewSigningKeys(t.Context(), 7, poolA)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 2 || keys[0].Use != userpool.SignsAccess || keys[1].Use != userpool.SignsID || keys[0].KID == keys[1].KID {
		t.Fatalf("%d keys", len(keys))
	}
	for _, k := range keys {
		if !wellFormedKID(k.KID) || len(k.KID) != 44 || !strings.HasSuffix(k.KID, "=") {
			t.Errorf("kid %q", k.KID)
		}
		if k.Pool != 7 || k.PoolID != poolA || !k.Created.Equal(w.now()) {
			t.Errorf("made for %d %s at %v", k.Pool, k.PoolID, k.Created)
		}
		public, err := x509.ParsePKCS1PublicKey(k.Public)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.ParsePKCS8PrivateKey(k.Private)
		if err != nil {
			t.Fatal(err)
		}
		if public.N.BitLen() != 2048 || public.E != 65537 || !public.Equal(private.(*rsa.PrivateKey).Public()) {
			t.Errorf("key of %d bits", public.N.BitLen())
		}
	}
}

func TestNewSigningKeysFailures(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &Service{Now: time.Now, NewKey: testKey}
	if _, err := s.NewSigningKeys(ctx, 7, poolA); !errors.Is(err, context.Canceled) {
		t.Errorf("hung up: %v", err)
	}
	broken := errors.New("broken")
	s.NewKey = func() (*rsa.PrivateKey, error) { return nil, broken }
	if _, err := s.NewSigningKeys(t.Context(), 7, poolA); !errors.Is(err, broken) {
		t.Errorf("no key: %v", err)
	}
}

func TestKeySet(t *testing.T) {
	w := newWorld(t)
	set, err := w.KeySet(t.Context(), poolA)
	if err != nil {
		t.Fatal(err)
	}
	issued := w.signIn(w.client)
	for use, token := range map[userpool.KeyUse]string{userpool.SignsAccess: issued.AccessToken, userpool.SignsID: issued.IDToken} {
		kid, _ := w.key(w.a, use)
		found := set.Key(kid)
		if len(found) != 1 {
			t.Fatalf("%d keys with the kid of %s tokens", len(found), use)
		}
		claimsOf(t, token, found[0].Key.(*rsa.PublicKey))
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var members struct{ Keys []map[string]any }
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	if len(members.Keys) != 2 {
		t.Fatalf("%d keys", len(members.Keys))
	}
	for _, k := range members.Keys {
		delete(k, "kid")
		delete(k, "n")
		if diff := cmp.Diff(map[string]any{"alg": "RS256", "e": "AQAB", "kty": "RSA", "use": "sig"}, k); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
	}

	if _, err := w.KeySet(t.Context(), "us-east-1_CCCCCCCCC"); !userpool.IsCode(err, userpool.ResourceNotFound) {
		t.Errorf("unknown pool: %v", err)
	}
	w.write(func(tx userpool.Tx) error { return tx.DeletePool(t.Context(), w.a.Number, w.clock) })
	if _, err := w.KeySet(t.Context(), poolA); !userpool.IsCode(err, userpool.ResourceNotFound) {
		t.Errorf("deleted pool: %v", err)
	}
	w.clock = w.clock.Add(time.Millisecond)
	w.newPool(poolA)
	again, err := w.KeySet(t.Context(), poolA)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range again.Keys {
		if len(set.Key(k.KeyID)) > 0 {
			t.Error("a pool made again has a key of the one before")
		}
	}
}

// TestKeyringAge reads the keys anew after a minute and parses none twice.
func TestKeyringAge(t *testing.T) {
	w := newWorld(t)
	first, err := w.keyring(t.Context(), w.a.Number)
	if err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(cacheAge - time.Second)
	if same, err := w.keyring(t.Context(), w.a.Number); err != nil || same != first {
		t.Errorf("within a minute: read again, %v", err)
	}
	w.clock = w.clock.Add(time.Second)
	second, err := w.keyring(t.Context(), w.a.Number)
	if err != nil {
		t.Fatal(err)
	}
	if second == first || second.access != first.access || second.id != first.id {
		t.Error("after a minute: not read again, or parsed again")
	}
}

// TestUnreadableKey shows that an error about a private key does not quote it.
func TestUnreadableKey(t *testing.T) {
	_, err := newSigner(&userpool.SigningKey{KID: "kid", PoolID: poolA, Private: []byte("planted secret")})
	if err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("got %v", err)
	}
}

func TestCache(t *testing.T) {
	var c cache[int, int]
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 2 * cacheSize {
		c.put(i, i, start)
	}
	if len(c.entries) != cacheSize {
		t.Errorf("%d entries", len(c.entries))
	}
	last := 2*cacheSize - 1
	for _, tt := range []struct {
		key   int
		age   time.Duration
		fresh bool
	}{
		{last, 0, true},
		{last, cacheAge - 1, true},
		{last, cacheAge, false},
		{last, -1, false}, // read before the clock was set back
		{-1, 0, false},
	} {
		if _, fresh := c.get(tt.key, start.Add(tt.age)); fresh != tt.fresh {
			t.Errorf("key %d, age %v: fresh %t", tt.key, tt.age, fresh)
		}
	}
}

func TestKeyStock(t *testing.T) {
	stock := NewKeyStock(1)
	first, err := stock.Take()
	if err != nil {
		t.Fatal(err)
	}
	stock.Close()
	stock.Close()
	second, err := stock.Take() // also after Close, made on the spot or ready
	if err != nil {
		t.Fatal(err)
	}
	if first.N.BitLen() != keyBits || first.Equal(second) {
		t.Error("not a key of its own")
	}
}

// BenchmarkNewKey is what one key of a pool costs.
func BenchmarkNewKey(b *testing.B) {
	for b.Loop() {
		if _, err := rsa.GenerateKey(rand.Reader, keyBits); err != nil {
			b.Fatal(err)
		}
	}
}
