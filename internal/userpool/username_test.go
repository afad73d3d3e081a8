package userpool

import (
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestIsEmail(t *testing.T) {
	tests := map[string]bool{
		"jane@example.com":         true,
		"jane@localhost":           true,
		"jane.doe+x@mail.example":  true,
		"żółw@example.com":         true,
		"":                         false,
		"jane":                     false,
		"@example.com":             false,
		"jane@":                    false,
		"jane@@example.com":        false,
		"jane doe@example.com":     false,
		"Jane <jane@example.com>":  false,
		"jane@example.com,b@x.com": false,
		"jane@example.com\r\nBcc:": false,
		"jane@exa\x00mple.com":     false,
		"jane\x01@example.com":     false,
		`"jane"@example.com`:       false,
		strings.Repeat("j", 2048) + "@example.com": false,
	}
	for value, want := range tests {
		if got := IsEmail(value); got != want {
			t.Errorf("IsEmail(%q) = %t, want %t", value, got, want)
		}
	}
}

func TestIsPhoneNumber(t *testing.T) {
	tests := map[string]bool{
		"+12065551234":      true,
		"+15555551212":      true,
		"+48123456789":      true,
		"+441134960000":     true,
		"":                  false,
		"+":                 false,
		"12065551234":       false,
		"+1206555123":       false,
		"+120655512345":     false,
		"+10065551234":      false,
		"+12061551234":      false,
		"+0123456789":       false,
		"+48 123 456 789":   false,
		"+1234567890123456": false,
		"+48１23456789":      false,
	}
	for value, want := range tests {
		if got := IsPhoneNumber(value); got != want {
			t.Errorf("IsPhoneNumber(%q) = %t, want %t", value, got, want)
		}
	}
}

func TestCheckUsername(t *testing.T) {
	byEmail := &wire.UserPoolType{UsernameAttributes: []wire.UsernameAttributeType{"email"}}
	byPhone := &wire.UserPoolType{UsernameAttributes: []wire.UsernameAttributeType{"phone_number"}}
	byBoth := &wire.UserPoolType{UsernameAttributes: []wire.UsernameAttributeType{"email", "phone_number"}}
	alias := &wire.UserPoolType{AliasAttributes: []wire.AliasAttributeType{"email", "phone_number"}}
	tests := []struct {
		name      string
		settings  *wire.UserPoolType
		username  string
		attribute string
		want      string
	}{
		{name: "free", settings: &wire.UserPoolType{}, username: "jane@example.com"},
		{name: "email", settings: byEmail, username: "jane@example.com", attribute: Email},
		{name: "no email", settings: byEmail, username: "jane", want: "Username should be an email."},
		{name: "phone", settings: byPhone, username: "+12065551234", attribute: PhoneNumber},
		{name: "no phone", settings: byPhone, username: "jane@example.com", want: "Username should be a phone number."},
		{name: "either, email", settings: byBoth, username: "jane@example.com", attribute: Email},
		{name: "either, phone", settings: byBoth, username: "+12065551234", attribute: PhoneNumber},
		{name: "neither", settings: byBoth, username: "jane", want: "Username should be either an email or a phone number."},
		{name: "alias pool", settings: alias, username: "jane"},
		{
			name: "email in alias pool", settings: alias, username: "jane@example.com",
			want: "Username cannot be of email format, since user pool is configured for email alias.",
		},
		{
			name: "phone in alias pool", settings: alias, username: "+12065551234",
			want: "Username cannot be of phone number format, since user pool is configured for phone number alias.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			attribute, err := (&Pool{Settings: tt.settings}).CheckUsername(tt.username)
			if got := text(t, err, InvalidParameter); got != tt.want || attribute != tt.attribute {
				t.Errorf("got %q, %q, want %q, %q", attribute, got, tt.attribute, tt.want)
			}
		})
	}
}

// text gives the message of an error, which must be of that code.
func text(t *testing.T, err error, code ErrorCode) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if !IsCode(err, code) {
		t.Fatalf("got %v, want the code %s", err, code)
	}
	return strings.TrimPrefix(err.Error(), string(code)+": ")
}
