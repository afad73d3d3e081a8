package srp

import (
	"crypto/sha256"
	"math/big"
	"sync"
)

// VerifierSize is the size in bytes of a verifier, and of every other number below N at fixed width.
const VerifierSize = 384

// The group of RFC 5054 appendix A with 3072 bits (RFC 3526 group 15), with the generator 2.
var (
	n, _ = new(big.Int).SetString(""+
		"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"+
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"+
		"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"+
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"+
		"98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"+
		"9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"+
		"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"+
		"3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"+
		"A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"+
		"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"+
		"D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"+
		"08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF", 16)
	g = big.NewInt(2)
	k = hashInt(Pad(n), Pad(g))
)

// Pad encodes a non-negative integer for hashing: big-endian and minimal, with a zero byte in front when the top
// bit is set; zero is one zero byte. It is what Java's BigInteger.toByteArray gives.
func Pad(x *big.Int) []byte {
	b := make([]byte, x.BitLen()/8+1)
	return x.FillBytes(b)
}

// hashInt is SHA-256 over the parts, as an integer.
func hashInt(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// Exp is base^e mod N. A sign-in with SRP does two of them with an e of 256 bits, in Verify.
func Exp(base, e *big.Int) *big.Int {
	return new(big.Int).Exp(base, e, n)
}

const (
	windowBits  = 4
	windows     = 256 / windowBits
	windowWidth = 1 << windowBits
)

// generatorTable holds g^((d+1)·16^i) for every digit d and every position i of a 256-bit exponent, so that a
// power of g is a product of 64 entries without a squaring: 0.22 ms, where Exp takes 0.80 ms. Digits count from
// one, and row 0 takes back what that adds; so no factor is 1, and the work does not depend on the exponent.
// The table takes 0.5 MB and some 4 ms, at the first use.
var generatorTable = sync.OnceValue(func() *[windows][windowWidth]*big.Int {
	var (
		t        [windows][windowWidth]*big.Int
		m        multiplier
		base     = new(big.Int).Set(g)
		addition = new(big.Int) // the sum of 16^i
	)
	for i := range t {
		addition.SetBit(addition, i*windowBits, 1)
		t[i][0] = new(big.Int).Set(base)
		for d := 1; d < windowWidth; d++ {
			t[i][d] = new(big.Int).Set(t[i][d-1])
			m.mul(t[i][d], base)
		}
		base.Set(t[i][windowWidth-1])
	}
	back := new(big.Int).ModInverse(Exp(g, addition), n)
	for _, x := range t[0] {
		m.mul(x, back)
	}
	return &t
})

// GeneratorExp is g^e mod N. A sign-in does one with an e of 256 bits: with SRP in Start, with a password in
// Verifier.
func GeneratorExp(e *big.Int) *big.Int {
	if e.Sign() < 0 || e.BitLen() > windows*windowBits {
		return Exp(g, e)
	}
	var digits [windows * windowBits / 8]byte
	e.FillBytes(digits[:])
	var (
		t = generatorTable()
		m multiplier
		x = new(big.Int)
	)
	for i := range windows / 2 {
		d := digits[len(digits)-1-i]
		if low := t[2*i][d&0xf]; i == 0 {
			x.Set(low)
		} else {
			m.mul(x, low)
		}
		m.mul(x, t[2*i+1][d>>4])
	}
	return x
}

// multiplier multiplies modulo N in memory of its own.
type multiplier struct {
	product, quotient big.Int
}

// mul sets x to x·y mod N.
func (m *multiplier) mul(x, y *big.Int) {
	m.product.Mul(x, y)
	m.quotient.QuoRem(&m.product, n, x)
}
