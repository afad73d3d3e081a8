package srp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

const (
	pool     = "AbCdEf123"
	userID   = "alice"
	password = "Correct-Horse7!"
	sentAt   = "Wed May 7 00:09:40 UTC 2025"
)

// signIn runs a whole exchange and gives the server's side and the client's proof.
func signIn(t testing.TB, salt, verifier []byte, password string) (*Exchange, Proof) {
	t.Helper()
	client := NewClient(pool)
	a, err := ParseA(client.SRPA())
	if err != nil {
		t.Fatal(err)
	}
	e, b, err := Start(verifier, a)
	if err != nil {
		t.Fatal(err)
	}
	p := Proof{PoolName: pool, UserID: userID, Block: []byte("sealed block"), Timestamp: sentAt}
	if p.Signature, err = client.Respond(userID, password, Hex(salt), b, p.Block, p.Timestamp); err != nil {
		t.Fatal(err)
	}
	if e, err = Resume(e.State()); err != nil {
		t.Fatal(err)
	}
	return e, p
}

func TestVerify(t *testing.T) {
	salt, verifier := NewVerifier(pool, userID, password)
	e, right := signIn(t, salt, verifier, password)
	tests := []struct {
		name   string
		change func(*Proof)
		want   bool
	}{
		{name: "right", change: func(*Proof) {}, want: true},
		{name: "other block", change: func(p *Proof) { p.Block = []byte("sealed blocK") }},
		{name: "other user", change: func(p *Proof) { p.UserID = "alicf" }},
		{name: "other pool", change: func(p *Proof) { p.PoolName = "AbCdEf124" }},
		{name: "other timestamp", change: func(p *Proof) { p.Timestamp = "Wed May 7 00:09:41 UTC 2025" }},
		{name: "no signature", change: func(p *Proof) { p.Signature = nil }},
		{name: "short signature", change: func(p *Proof) { p.Signature = p.Signature[:31] }},
		{name: "long signature", change: func(p *Proof) { p.Signature = append(bytes.Clone(p.Signature), 0) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := right
			tt.change(&p)
			if ok, err := e.Verify(verifier, p); ok != tt.want || err != nil {
				t.Errorf("Verify = %t, %v; want %t", ok, err, tt.want)
			}
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		e, p := signIn(t, salt, verifier, password+"!")
		if ok, err := e.Verify(verifier, p); ok || err != nil {
			t.Errorf("Verify = %t, %v; want false", ok, err)
		}
	})
	t.Run("verifier of a newer password", func(t *testing.T) {
		if ok, err := e.Verify(Verifier(salt, pool, userID, "another"), right); ok || err != nil {
			t.Errorf("Verify = %t, %v; want false", ok, err)
		}
	})
}

func TestMatches(t *testing.T) {
	salt, verifier := NewVerifier(pool, userID, password)
	if len(salt) != SaltSize || len(verifier) != VerifierSize {
		t.Fatalf("got %d and %d bytes", len(salt), len(verifier))
	}
	if !Matches(verifier, salt, pool, userID, password) {
		t.Error("the right password does not match")
	}
	if Matches(verifier, salt, pool, userID, password+" ") || Matches(verifier, salt, pool, "Alice", password) ||
		Matches(verifier, salt, "AbCdEf12", userID, password) || Matches(nil, salt, pool, userID, password) {
		t.Error("a wrong password, user, pool or verifier matches")
	}
	if !bytes.Equal(Verifier([]byte{0, 7}, pool, userID, password), Verifier([]byte{7}, pool, userID, password)) {
		t.Error("a zero byte before the salt makes a difference")
	}
}

func TestDecoy(t *testing.T) {
	seed := sha256.Sum256([]byte("a keyed hash"))
	salt, verifier := Decoy(seed[:])
	if len(salt) != SaltSize || len(verifier) != VerifierSize {
		t.Fatalf("got %d and %d bytes", len(salt), len(verifier))
	}
	salt2, verifier2 := Decoy(seed[:])
	if !bytes.Equal(salt, salt2) || !bytes.Equal(verifier, verifier2) {
		t.Error("the same seed gives another pair")
	}
	seed[0]++
	salt3, verifier3 := Decoy(seed[:])
	if bytes.Equal(salt, salt3) || bytes.Equal(verifier, verifier3) {
		t.Error("another seed gives the same pair")
	}
	if big.Jacobi(number(verifier), n) != 1 {
		t.Error("the verifier lies outside of the subgroup where real ones lie")
	}
	e, p := signIn(t, salt, verifier, password)
	if ok, err := e.Verify(verifier, p); ok || err != nil {
		t.Errorf("Verify = %t, %v; want false", ok, err)
	}
}

func TestStartRefuses(t *testing.T) {
	_, verifier := NewVerifier(pool, userID, password)
	tests := []struct {
		name     string
		verifier []byte
		a        *big.Int
		want     error
	}{
		{name: "A = 0", verifier: verifier, a: new(big.Int), want: ErrRange},
		{name: "A = N", verifier: verifier, a: n, want: ErrRange},
		{name: "A = 2N", verifier: verifier, a: new(big.Int).Lsh(n, 1), want: ErrRange},
		{name: "A < 0", verifier: verifier, a: big.NewInt(-1), want: ErrRange},
		{name: "no verifier", a: g, want: ErrVerifier},
		{name: "short verifier", verifier: verifier[1:], a: g, want: ErrVerifier},
		{name: "verifier 0", verifier: make([]byte, VerifierSize), a: g, want: ErrVerifier},
		{name: "verifier N", verifier: n.Bytes(), a: g, want: ErrVerifier},
	}
	for _, tt := range tests {
		if _, _, err := Start(tt.verifier, tt.a); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
	// v = -1/k with b = 0 gives B = 0.
	v := new(big.Int).ModInverse(k, n)
	v.Sub(n, v)
	if _, _, err := start(v.FillBytes(make([]byte, VerifierSize)), g, new(big.Int)); !errors.Is(err, errDrawAgain) {
		t.Errorf("B = 0: error %v", err)
	}
}

func TestResumeRefuses(t *testing.T) {
	_, verifier := NewVerifier(pool, userID, password)
	e, _, err := Start(verifier, g)
	if err != nil {
		t.Fatal(err)
	}
	whole := e.State()
	without := func(from, to int) []byte {
		s := bytes.Clone(whole)
		clear(s[from:to])
		return s
	}
	for name, state := range map[string][]byte{
		"empty": nil, "short": whole[1:], "long": append(bytes.Clone(whole), 0),
		"A = 0": without(0, VerifierSize), "u = 0": without(VerifierSize+secretSize, StateSize),
		"A = N": append(n.Bytes(), whole[VerifierSize:]...),
	} {
		if _, err := Resume(state); !errors.Is(err, ErrState) {
			t.Errorf("%s: error %v, want %v", name, err, ErrState)
		}
	}
	if _, err := e.Verify(nil, Proof{}); !errors.Is(err, ErrVerifier) {
		t.Errorf("error %v, want %v", err, ErrVerifier)
	}
}

func TestClientRefuses(t *testing.T) {
	client := NewClient(pool)
	for _, tt := range []struct {
		name, salt, b string
		want          error
	}{
		{name: "B = 0", salt: "1", b: "0", want: ErrRange},
		{name: "B = N", salt: "1", b: n.Text(16), want: ErrRange},
		{name: "B no hexadecimal", salt: "1", b: "g", want: ErrHex},
		{name: "no salt", salt: "", b: "5", want: ErrHex},
		{name: "salt no hexadecimal", salt: "-1", b: "5", want: ErrHex},
	} {
		if _, err := client.Respond(userID, password, tt.salt, tt.b, nil, sentAt); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestSecretsStayOutOfOutput(t *testing.T) {
	_, verifier := NewVerifier(pool, userID, password)
	client := NewClient(pool)
	e, _, err := Start(verifier, g)
	if err != nil {
		t.Fatal(err)
	}
	key, err := e.Key(verifier)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		got := fmt.Sprintf(verb+" "+verb+" "+verb, client, e, key)
		if want := "srp.Client srp.Exchange srp.Key"; got != want {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// FuzzServer feeds the server a public key, a proof and a state from outside.
func FuzzServer(f *testing.F) {
	salt, verifier := NewVerifier(pool, userID, password)
	e, p := signIn(f, salt, verifier, password)
	for _, a := range []string{"0", "1", "2", n.Text(16), new(big.Int).Lsh(n, 1).Text(16), strings.Repeat("f", 4096), "xyz", "-1", ""} {
		f.Add(a, p.Block, p.Timestamp, p.Signature, e.State())
	}
	f.Add(NewClient(pool).SRPA(), []byte{}, "", []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, srpA string, block []byte, timestamp string, signature, state []byte) {
		proof := Proof{PoolName: pool, UserID: userID, Block: block, Timestamp: timestamp, Signature: signature}
		if a, err := ParseA(srpA); err == nil {
			e, b, err := Start(verifier, a)
			if err != nil {
				t.Fatalf("SRP_A %q: %v", srpA, err)
			}
			if x, err := parsePublicKey(b); err != nil || x.Text(16) != b {
				t.Fatalf("SRP_B %q: %v", b, err)
			}
			if ok, err := e.Verify(verifier, proof); ok || err != nil {
				t.Fatalf("a proof without the password: %t, %v", ok, err)
			}
		}
		resumed, err := Resume(state)
		if err != nil {
			return
		}
		if !bytes.Equal(resumed.State(), state) {
			t.Fatalf("a state changed on its way")
		}
		if ok, err := resumed.Verify(verifier, proof); err != nil || ok && !bytes.Equal(state, e.State()) {
			t.Fatalf("a proof over a foreign state: %t, %v", ok, err)
		}
	})
}

func BenchmarkStart(b *testing.B) {
	_, verifier := NewVerifier(pool, userID, password)
	a := NewClient(pool).publicA
	for b.Loop() {
		if _, _, err := Start(verifier, a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	salt, verifier := NewVerifier(pool, userID, password)
	e, p := signIn(b, salt, verifier, password)
	for b.Loop() {
		if ok, err := e.Verify(verifier, p); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	salt, verifier := NewVerifier(pool, userID, password)
	for b.Loop() {
		Matches(verifier, salt, pool, userID, password)
	}
}

func BenchmarkDecoy(b *testing.B) {
	seed := sha256.Sum256(nil)
	for b.Loop() {
		Decoy(seed[:])
	}
}
