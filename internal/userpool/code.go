package userpool

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"time"
)

// CodePurpose is what a code is good for. A code of one purpose is worthless for another.
type CodePurpose string

const (
	ConfirmSignUp   CodePurpose = "confirm-sign-up"
	VerifyAttribute CodePurpose = "verify-attribute"
	ResetPassword   CodePurpose = "reset-password"
)

// Lifetime of a code of this purpose.
func (p CodePurpose) Lifetime() time.Duration {
	if p == ResetPassword {
		return time.Hour
	}
	return 24 * time.Hour
}

// Code is one code that was drawn for a user. Several of one purpose live together only while a newer
// one is on its way.
type Code struct {
	User        UserKey
	ID          string // UUID
	Purpose     CodePurpose
	Attribute   string // email, phone_number: what it verifies, or the channel it went to
	Destination string // the address it is tied to
	Value       string // six digits; sealed in the database
	Created     time.Time
	Expires     time.Time
}

// NewCodeValue draws six digits.
func NewCodeValue() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail on the systems that Go supports
	}
	return fmt.Sprintf("%06d", n)
}
