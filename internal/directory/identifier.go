package directory

import (
	"crypto/rand"
	"math/big"
	"regexp"
)

// poolIDForm is that of a pool's id in full, clientIDForm what the API takes for an app client's.
var (
	poolIDForm   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}_[0-9A-Za-z]{1,32}$`)
	clientIDForm = regexp.MustCompile(`^[\w+]{1,128}$`)
)

const poolIDAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newPoolID draws an id: region, underscore and nine characters.
func newPoolID(region string) string {
	name := make([]byte, 9)
	for i := range name {
		name[i] = poolIDAlphabet[below(big.NewInt(int64(len(poolIDAlphabet)))).Int64()]
	}
	return region + "_" + string(name)
}

// newClientID draws 25 or 26 characters 0-9 and a-v: a number of 128 bits.
func newClientID() string { return base32Number(128, 25) }

// newClientSecret draws 51 or 52 characters 0-9 and a-v: a number of 256 bits.
func newClientSecret() string { return base32Number(256, 51) }

// base32Number draws a number of that many bits that is at least so many digits long in base 32.
func base32Number(bits uint, digits int) string {
	limit := new(big.Int).Lsh(big.NewInt(1), bits)
	for {
		if text := below(limit).Text(32); len(text) >= digits {
			return text
		}
	}
}

func below(limit *big.Int) *big.Int {
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		panic(err) // crypto/rand does not fail on the systems that Go supports
	}
	return n
}
