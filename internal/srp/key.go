package srp

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
)

// A Key is what both sides share after the exchange, and what the client's proof is made with.
type Key [16]byte

// Format hides the key from formatted output.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, "srp.Key") }

// newKey is HKDF-SHA-256 with u as the salt and S as the secret, cut to one block (RFC 5869).
func newKey(u, s *big.Int) Key {
	prk := hmacSHA256(Pad(u), Pad(s))
	return Key(hmacSHA256(prk, []byte("Caldera Derived Key\x01")))
}

// A Proof is the client's claim to know the password: the parameters of its answer to the challenge.
type Proof struct {
	PoolName  string // the part of the pool's id after the underscore; a device's group key
	UserID    string // USER_ID_FOR_SRP; a device's key
	Block     []byte // PASSWORD_CLAIM_SECRET_BLOCK, decoded
	Timestamp string // TIMESTAMP, byte for byte as received
	Signature []byte // PASSWORD_CLAIM_SIGNATURE, decoded
}

// Sign makes the signature of a proof, 32 bytes; the one that p holds is not looked at.
func (k Key) Sign(p Proof) []byte {
	mac := hmac.New(sha256.New, k[:])
	io.WriteString(mac, p.PoolName)
	io.WriteString(mac, p.UserID)
	mac.Write(p.Block)
	io.WriteString(mac, p.Timestamp)
	return mac.Sum(nil)
}

func hmacSHA256(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return mac.Sum(nil)
}
