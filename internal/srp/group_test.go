package srp

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"testing"
)

func TestGroup(t *testing.T) {
	if got := n.BitLen(); got != VerifierSize*8 {
		t.Errorf("N has %d bits", got)
	}
	q := new(big.Int).Rsh(n, 1)
	if !n.ProbablyPrime(1) || !q.ProbablyPrime(1) {
		t.Error("N is no safe prime")
	}
	if Exp(g, q).Cmp(big.NewInt(1)) != 0 {
		t.Error("g does not generate the subgroup of order (N-1)/2")
	}
}

func TestPad(t *testing.T) {
	for in, want := range map[string]string{
		"0": "00", "1": "01", "7f": "7f", "80": "0080", "ff": "00ff", "100": "0100", "7fff": "7fff", "8000": "008000",
	} {
		x, _ := new(big.Int).SetString(in, 16)
		if got := hex.EncodeToString(Pad(x)); got != want {
			t.Errorf("Pad(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestGeneratorExp(t *testing.T) {
	one := big.NewInt(1)
	all := new(big.Int).Sub(new(big.Int).Lsh(one, 256), one)
	exponents := []*big.Int{
		new(big.Int), one, g, big.NewInt(15), big.NewInt(16), all, new(big.Int).Lsh(one, 255),
		new(big.Int).Add(all, one), new(big.Int).Lsh(all, 700), big.NewInt(-1),
	}
	for range 20 {
		b := make([]byte, 32)
		rand.Read(b)
		exponents = append(exponents, number(b))
	}
	for _, e := range exponents {
		if got, want := GeneratorExp(e), Exp(g, e); got.Cmp(want) != 0 {
			t.Errorf("g^%x = %x, want %x", e, got, want)
		}
	}
}

func BenchmarkExp(b *testing.B) {
	base, e := GeneratorExp(number(bytes.Repeat([]byte{0xa5}, 32))), number(bytes.Repeat([]byte{0xc3}, 32))
	for b.Loop() {
		Exp(base, e)
	}
}

func BenchmarkGeneratorExp(b *testing.B) {
	e := number(bytes.Repeat([]byte{0xc3}, 32))
	GeneratorExp(e)
	for b.Loop() {
		GeneratorExp(e)
	}
}

func BenchmarkGeneratorExpWithoutTable(b *testing.B) {
	e := number(bytes.Repeat([]byte{0xc3}, 32))
	for b.Loop() {
		Exp(g, e)
	}
}
