package srp

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"math/big"
)

// SaltSize is the size in bytes of a salt.
const SaltSize = 16

// ErrVerifier means that a verifier is not VerifierSize bytes of a number between 1 and N-1.
var ErrVerifier = errors.New("srp: the verifier is not one")

// NewVerifier draws a salt of SaltSize bytes and computes the password's verifier with it.
func NewVerifier(poolName, userID, password string) (salt, verifier []byte) {
	salt = make([]byte, SaltSize)
	rand.Read(salt)
	return salt, Verifier(salt, poolName, userID, password)
}

// Verifier computes g^x mod N as VerifierSize bytes, big-endian, at the price of one GeneratorExp. The salt is
// an integer: leading zero bytes in it make no difference. poolName is the part of the pool's id after the
// underscore, userID the USER_ID_FOR_SRP.
func Verifier(salt []byte, poolName, userID, password string) []byte {
	x := privateKey(new(big.Int).SetBytes(salt), poolName, userID, password)
	return GeneratorExp(x).FillBytes(make([]byte, VerifierSize))
}

// Matches tells whether the verifier is the password's, in constant time but for the exponentiation.
func Matches(verifier, salt []byte, poolName, userID, password string) bool {
	return subtle.ConstantTimeCompare(verifier, Verifier(salt, poolName, userID, password)) == 1
}

// privateKey is x = SHA-256(pad(salt) ‖ SHA-256(pool ‖ user ‖ ":" ‖ password)).
func privateKey(salt *big.Int, poolName, userID, password string) *big.Int {
	inner := sha256.Sum256([]byte(poolName + userID + ":" + password))
	return hashInt(Pad(salt), inner[:])
}

// parseVerifier reads a stored verifier.
func parseVerifier(verifier []byte) (*big.Int, error) {
	v := new(big.Int).SetBytes(verifier)
	if len(verifier) != VerifierSize || v.Sign() == 0 || v.Cmp(n) >= 0 {
		return nil, ErrVerifier
	}
	return v, nil
}

// Decoy makes a salt and a verifier for a user who is not there (RFC 5054, section 2.5.1.3). The same seed
// gives the same pair; who does not know the seed cannot tell them from a user's. No password fits. The seed is a
// keyed hash of pool and user name, 32 bytes.
func Decoy(seed []byte) (salt, verifier []byte) {
	// Sixteen bytes beyond the modulus leave no bias; the square lies in the subgroup of g, as g^x does.
	size := VerifierSize + 16
	stream, err := hkdf.Expand(sha256.New, seed, "poolhouse srp decoy", SaltSize+size)
	if err != nil {
		panic(err) // the length is constant
	}
	v := new(big.Int).SetBytes(stream[SaltSize:])
	v.Mul(v, v).Mod(v, n)
	return stream[:SaltSize], v.FillBytes(make([]byte, VerifierSize))
}
