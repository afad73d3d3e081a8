package userpool

import (
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func strictPool(length int32) *Pool {
	return &Pool{Settings: &wire.UserPoolType{Policies: &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{
		MinimumLength: new(length), RequireUppercase: new(true), RequireLowercase: new(true),
		RequireNumbers: new(true), RequireSymbols: new(true),
	}}}}
}

func TestCheckPassword(t *testing.T) {
	strict, lax := strictPool(8), &Pool{Settings: &wire.UserPoolType{}}
	tests := []struct {
		pool     *Pool
		password string
		want     string
	}{
		{strict, "Passw0rd!", ""},
		{strict, "P0!a", "Password not long enough"},
		{strict, "passwo!d", "Password must have uppercase characters"},
		{strict, "PASSWORD", "Password must have lowercase characters"},
		{strict, "Password", "Password must have numeric characters"},
		{strict, "Passw0rd", "Password must have symbol characters"},
		{strict, "Passw0rdé", "Password must have symbol characters"},
		{strict, "ÄÖÜäöü12", "Password must have uppercase characters"},
		{lax, "aaaaaaaa", ""},
		{lax, "aaaaaaa", "Password not long enough"},
		{lax, "äöüäöüäö", ""}, // characters are counted, not bytes
		{lax, "äöüä", "Password not long enough"},
	}
	for _, tt := range tests {
		want := func(prefix string) string {
			if tt.want == "" {
				return ""
			}
			return prefix + tt.want
		}
		if got := text(t, tt.pool.CheckPassword(tt.password), InvalidPassword); got != want("Password did not conform with policy: ") {
			t.Errorf("CheckPassword(%q) = %q, want %q", tt.password, got, tt.want)
		}
		if got := text(t, tt.pool.CheckPasswordOfAdmin(tt.password), InvalidPassword); got != want("Password did not conform with password policy: ") {
			t.Errorf("CheckPasswordOfAdmin(%q) = %q, want %q", tt.password, got, tt.want)
		}
	}
	for _, symbol := range "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-" {
		if err := strict.CheckPassword("Passw0rd" + string(symbol)); err != nil {
			t.Errorf("%c is not taken for a symbol", symbol)
		}
	}
}

func TestNewTemporaryPassword(t *testing.T) {
	for _, length := range []int32{6, 8, 12, 99} {
		pool := strictPool(length)
		seen := map[string]bool{}
		for range 200 {
			password := pool.NewTemporaryPassword()
			if err := pool.CheckPassword(password); err != nil {
				t.Fatalf("%q: %v", password, err)
			}
			if len(password) != int(max(12, length)) || strings.ContainsAny(password, "<>&\"' 0O1Il") {
				t.Fatalf("%q is too long or hard to read", password)
			}
			if seen[password] {
				t.Fatalf("%q was drawn twice", password)
			}
			seen[password] = true
		}
	}
}

func TestPasswordless(t *testing.T) {
	tests := []struct {
		factors []wire.AuthFactorType
		want    bool
	}{
		{nil, false},
		{[]wire.AuthFactorType{"PASSWORD"}, false},
		{[]wire.AuthFactorType{"PASSWORD", "EMAIL_OTP"}, true},
		{[]wire.AuthFactorType{"WEB_AUTHN"}, true},
	}
	for _, tt := range tests {
		pool := &Pool{Settings: &wire.UserPoolType{Policies: &wire.UserPoolPolicyType{
			SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: tt.factors},
		}}}
		if got := pool.Passwordless(); got != tt.want {
			t.Errorf("%v: got %t, want %t", tt.factors, got, tt.want)
		}
	}
	if (&Pool{Settings: &wire.UserPoolType{}}).Passwordless() {
		t.Error("a pool without policies is passwordless")
	}
}
