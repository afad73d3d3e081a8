package srp

import (
	"errors"
	"math/big"
	"strings"
)

// maxDigits bounds the hexadecimal text of a number: N has 768 digits, the rest is room for leading zeros.
const maxDigits = 1024

// Errors of numbers that the other side sent.
var (
	// ErrHex means that a number is empty, longer than 1,024 digits or not hexadecimal.
	ErrHex = errors.New("srp: a number is not hexadecimal")
	// ErrRange means that a public key is 0 or not below N, or that the two hash to u = 0.
	ErrRange = errors.New("srp: a public key is out of range")
)

// ParseA reads SRP_A, the client's public key: hexadecimal, of any case, with an odd number of digits or with
// leading zeros. The error is ErrHex or ErrRange.
func ParseA(hex string) (*big.Int, error) {
	return parsePublicKey(hex)
}

func parsePublicKey(hex string) (*big.Int, error) {
	x, err := parseHex(hex)
	if err != nil {
		return nil, err
	}
	if !inRange(x) {
		return nil, ErrRange
	}
	return x, nil
}

// inRange tells whether 0 < x < N.
func inRange(x *big.Int) bool {
	return x.Sign() > 0 && x.Cmp(n) < 0
}

// parseHex reads a non-negative number. big.Int's own parser would take a sign.
func parseHex(hex string) (*big.Int, error) {
	if hex == "" || len(hex) > maxDigits || strings.Trim(hex, "0123456789abcdefABCDEF") != "" {
		return nil, ErrHex
	}
	x, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		return nil, ErrHex
	}
	return x, nil
}

// Hex writes big-endian bytes as the protocol's numbers are written, SALT among them: lower case, without
// leading zeros, so perhaps with an odd number of digits.
func Hex(b []byte) string {
	return new(big.Int).SetBytes(b).Text(16)
}
