package userpool

import (
	"crypto/rand"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Classes of characters that a policy can demand.
const (
	uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
	symbols   = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"
)

// CheckPassword checks a password that a user chose against the pool's policy and reports the first rule
// that it breaks. Source: the service's answers to SignUp, ChangePassword, ConfirmForgotPassword and
// NEW_PASSWORD_REQUIRED.
func (p *Pool) CheckPassword(password string) error {
	return p.checkPassword("Password did not conform with policy: ", password)
}

// CheckPasswordOfAdmin is CheckPassword with the words of AdminCreateUser and AdminSetUserPassword.
func (p *Pool) CheckPasswordOfAdmin(password string) error {
	return p.checkPassword("Password did not conform with password policy: ", password)
}

func (p *Pool) checkPassword(prefix, password string) error {
	if reason := p.passwordFault(password); reason != "" {
		return NewError(InvalidPassword, prefix+reason)
	}
	return nil
}

// passwordFault gives the first of the five reasons, or "".
func (p *Pool) passwordFault(password string) string {
	policy := p.PasswordPolicy()
	lacks := func(required *bool, class string) bool {
		return required != nil && *required && !strings.ContainsAny(password, class)
	}
	switch {
	case utf8.RuneCountInString(password) < minimumLength(policy):
		return "Password not long enough"
	case lacks(policy.RequireUppercase, uppercase):
		return "Password must have uppercase characters"
	case lacks(policy.RequireLowercase, lowercase):
		return "Password must have lowercase characters"
	case lacks(policy.RequireNumbers, digits):
		return "Password must have numeric characters"
	case lacks(policy.RequireSymbols, symbols):
		return "Password must have symbol characters"
	}
	return ""
}

func minimumLength(policy *wire.PasswordPolicyType) int {
	if policy.MinimumLength == nil {
		return 8
	}
	return int(*policy.MinimumLength)
}

// PasswordHistory is how many of a user's last passwords may not be used again; the present one counts.
func (p *Pool) PasswordHistory() int {
	if n := p.PasswordPolicy().PasswordHistorySize; n != nil {
		return int(*n)
	}
	return 0
}

// UsedPassword is the answer to a password that the history refuses.
func UsedPassword() *Error {
	return NewError(PasswordHistoryPolicyViolation, "Password has previously been used")
}

// Passwordless says whether users can sign in without a password, so that none is demanded of new ones
// (SignInPolicy with a one-time code or a passkey).
func (p *Pool) Passwordless() bool {
	if p.Settings.Policies == nil || p.Settings.Policies.SignInPolicy == nil {
		return false
	}
	for _, f := range p.Settings.Policies.SignInPolicy.AllowedFirstAuthFactors {
		if f != "PASSWORD" {
			return true
		}
	}
	return false
}

// NewTemporaryPassword draws a password that satisfies the policy: twelve characters, or as many as the
// policy demands, of all four classes, without those that are easily taken for others.
func (p *Pool) NewTemporaryPassword() string {
	const (
		upper   = "ABCDEFGHJKLMNPQRSTUVWXYZ"
		lower   = "abcdefghijkmnpqrstuvwxyz"
		numbers = "23456789"
		signs   = "!#$%*+-=?@^_"
	)
	password := []byte{draw(upper), draw(lower), draw(numbers), draw(signs)}
	for length := max(12, minimumLength(p.PasswordPolicy())); len(password) < length; {
		password = append(password, draw(upper+lower+numbers+signs))
	}
	for i := len(password) - 1; i > 0; i-- {
		j := below(i + 1)
		password[i], password[j] = password[j], password[i]
	}
	return string(password)
}

func draw(from string) byte { return from[below(len(from))] }

// below draws a number from 0 to n-1.
func below(n int) int {
	x, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail on the systems that Go supports
	}
	return int(x.Int64())
}
