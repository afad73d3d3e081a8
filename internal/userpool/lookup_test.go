package userpool

import (
	"slices"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestLookup(t *testing.T) {
	const sub = "34c84488-e0e1-40ae-92ee-991ad1a898c8"
	plain := &wire.UserPoolType{}
	folding := &wire.UserPoolType{
		AliasAttributes:       []wire.AliasAttributeType{"email", "preferred_username"},
		UsernameConfiguration: &wire.UsernameConfigurationType{CaseSensitive: false},
	}
	addresses := &wire.UserPoolType{UsernameAttributes: []wire.UsernameAttributeType{"email", "phone_number"}}
	tests := []struct {
		name     string
		settings *wire.UserPoolType
		typed    string
		want     Lookup
	}{
		{"plain", plain, "Jane@Example.com", Lookup{Username: "Jane@Example.com"}},
		{"sub", plain, sub, Lookup{Username: sub, Sub: sub}},
		{"alias", folding, "Jane@Example.com", Lookup{Username: "jane@example.com", Aliases: []Alias{
			{Email, "jane@example.com"}, {PreferredUsername, "jane@example.com"},
		}}},
		{"no address", folding, "Jane", Lookup{Username: "jane", Aliases: []Alias{{PreferredUsername, "jane"}}}},
		{"email as name", addresses, "Jane@Example.com", Lookup{Username: "Jane@Example.com", Aliases: []Alias{{Email, "Jane@Example.com"}}}},
		{"number as name", addresses, "+12065551234", Lookup{Username: "+12065551234", Aliases: []Alias{{PhoneNumber, "+12065551234"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := (&Pool{Settings: tt.settings}).Lookup(tt.typed)
			if got.Username != tt.want.Username || got.Sub != tt.want.Sub || !slices.Equal(got.Aliases, tt.want.Aliases) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAliasOf(t *testing.T) {
	aliases := &wire.UserPoolType{AliasAttributes: []wire.AliasAttributeType{"email", "preferred_username"}}
	addresses := &wire.UserPoolType{UsernameAttributes: []wire.UsernameAttributeType{"email"}}
	tests := []struct {
		name       string
		settings   *wire.UserPoolType
		status     wire.UserStatusType
		attributes Attributes
		attribute  string
		want       bool
	}{
		{"unverified", aliases, Confirmed, Attributes{{Email, "j@x.org"}, {EmailVerified, "false"}}, Email, false},
		{"verified", aliases, Confirmed, Attributes{{Email, "j@x.org"}, {EmailVerified, "true"}}, Email, true},
		{"not an alias here", aliases, Confirmed, Attributes{{PhoneNumber, "+48123456789"}, {PhoneNumberVerified, "true"}}, PhoneNumber, false},
		{"preferred, unconfirmed", aliases, Unconfirmed, Attributes{{PreferredUsername, "j"}}, PreferredUsername, false},
		{"preferred, confirmed", aliases, Confirmed, Attributes{{PreferredUsername, "j"}}, PreferredUsername, true},
		{"name, unverified", addresses, Unconfirmed, Attributes{{Email, "j@x.org"}}, Email, true},
		{"nothing", addresses, Confirmed, nil, Email, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := &User{Status: tt.status, Attributes: tt.attributes}
			a, got := (&Pool{Settings: tt.settings}).AliasOf(u, tt.attribute)
			if got != tt.want || got && (a.Attribute != tt.attribute || a.Value != tt.attributes.Get(tt.attribute)) {
				t.Errorf("got %v, %t, want %t", a, got, tt.want)
			}
		})
	}
}
