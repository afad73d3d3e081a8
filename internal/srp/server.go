package srp

import (
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// StateSize is the size in bytes of an exchange's state: A, b and u.
const StateSize = VerifierSize + secretSize + hashSize

const (
	secretSize = 32
	hashSize   = 32
)

// ErrState means that a state is not one that State made.
var ErrState = errors.New("srp: the state of an exchange is damaged")

// An Exchange is the server's side of one sign-in, between its two steps.
type Exchange struct {
	a *big.Int // the client's public key
	b *big.Int // the server's secret exponent
	u *big.Int // the hash of both public keys
}

// Start answers the client's public key a, which ParseA checked. publicKey is SRP_B, in hexadecimal. The error
// is ErrVerifier, or ErrRange for an a that ParseA refuses.
func Start(verifier []byte, a *big.Int) (e *Exchange, publicKey string, err error) {
	for {
		secret := make([]byte, secretSize)
		rand.Read(secret)
		e, b, err := start(verifier, a, new(big.Int).SetBytes(secret))
		if errors.Is(err, errDrawAgain) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		return e, b.Text(16), nil
	}
}

// errDrawAgain means that the secret exponent gives B = 0 or u = 0, which no client accepts.
var errDrawAgain = errors.New("srp: an unlucky secret exponent")

// start is Start with the secret exponent given.
func start(verifier []byte, a, secret *big.Int) (e *Exchange, publicKey *big.Int, err error) {
	if !inRange(a) {
		return nil, nil, ErrRange
	}
	v, err := parseVerifier(verifier)
	if err != nil {
		return nil, nil, err
	}
	b := new(big.Int).Mul(k, v)
	b.Add(b, GeneratorExp(secret)).Mod(b, n)
	u := hashInt(Pad(a), Pad(b))
	if b.Sign() == 0 || u.Sign() == 0 {
		return nil, nil, errDrawAgain
	}
	return &Exchange{a: a, b: secret, u: u}, b, nil
}

// Format hides the exchange from formatted output.
func (*Exchange) Format(s fmt.State, _ rune) { io.WriteString(s, "srp.Exchange") }

// State gives what Resume needs, StateSize bytes. It is secret: together with the verifier it makes the key.
func (e *Exchange) State() []byte {
	s := make([]byte, StateSize)
	e.a.FillBytes(s[:VerifierSize])
	e.b.FillBytes(s[VerifierSize : VerifierSize+secretSize])
	e.u.FillBytes(s[VerifierSize+secretSize:])
	return s
}

// Resume gives the exchange that State was called on. The error is ErrState.
func Resume(state []byte) (*Exchange, error) {
	if len(state) != StateSize {
		return nil, ErrState
	}
	e := &Exchange{
		a: new(big.Int).SetBytes(state[:VerifierSize]),
		b: new(big.Int).SetBytes(state[VerifierSize : VerifierSize+secretSize]),
		u: new(big.Int).SetBytes(state[VerifierSize+secretSize:]),
	}
	if !inRange(e.a) || e.u.Sign() == 0 {
		return nil, ErrState
	}
	return e, nil
}

// Key computes the key that a client with the right password computes too, at the price of two Exp. The
// verifier is the one that Start was given. The error is ErrVerifier.
func (e *Exchange) Key(verifier []byte) (Key, error) {
	v, err := parseVerifier(verifier)
	if err != nil {
		return Key{}, err
	}
	return newKey(e.u, e.secret(v)), nil
}

// secret is S = (A · v^u)^b mod N.
func (e *Exchange) secret(v *big.Int) *big.Int {
	base := Exp(v, e.u)
	base.Mul(base, e.a).Mod(base, n)
	return Exp(base, e.b)
}

// Verify tells whether the proof was made by somebody who knows the password, at the price of Key. It does not
// judge the timestamp: see ParseTimestamp. The error is ErrVerifier.
func (e *Exchange) Verify(verifier []byte, p Proof) (bool, error) {
	key, err := e.Key(verifier)
	if err != nil {
		return false, err
	}
	return hmac.Equal(key.Sign(p), p.Signature), nil
}
