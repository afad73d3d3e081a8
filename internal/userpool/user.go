package userpool

import (
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Names of attributes that have rules of their own.
const (
	Sub                 = "sub"
	Email               = "email"
	EmailVerified       = "email_verified"
	PhoneNumber         = "phone_number"
	PhoneNumberVerified = "phone_number_verified"
	PreferredUsername   = "preferred_username"
)

// VerifiedFlag is the name of the flag that belongs to a contact attribute.
func VerifiedFlag(attribute string) string { return attribute + "_verified" }

// UserKey names a user inside the store.
type UserKey struct {
	Pool int64
	User int64
}

// Statuses in use. Source: UserStatusType of the API.
const (
	Unconfirmed         wire.UserStatusType = "UNCONFIRMED"
	Confirmed           wire.UserStatusType = "CONFIRMED"
	ForceChangePassword wire.UserStatusType = "FORCE_CHANGE_PASSWORD"
	RequireReset        wire.UserStatusType = "RESET_REQUIRED"
	ExternalProvider    wire.UserStatusType = "EXTERNAL_PROVIDER"
)

// User is one user of a pool.
type User struct {
	Key        UserKey
	Username   string // as given at creation; the sub in pools whose user names are addresses
	Sub        string // UUID, never used again
	Status     wire.UserStatusType
	Enabled    bool
	Attributes Attributes // without sub
	Pending    Attributes // new contact values that wait for their code
	MFA        MFA
	Created    time.Time
	Modified   time.Time
	ValidAfter time.Time // tokens of earlier grants are revoked (global sign-out); zero if never
	Version    int64     // for compare-and-swap inside a unit of work
}

// Verified says whether the contact attribute (email, phone_number) is verified.
func (u *User) Verified(attribute string) bool {
	return u.Attributes.Get(VerifiedFlag(attribute)) == "true"
}

// RevokeTokens makes every token worthless that was granted until now.
func (u *User) RevokeTokens(now time.Time) {
	if !now.After(u.ValidAfter) { // clocks of nodes differ
		now = u.ValidAfter.Add(time.Microsecond)
	}
	u.ValidAfter = now
}

// HasPassword says whether a password can sign the user in at all: not one whom only identity providers sign in.
func (u *User) HasPassword() bool { return u.Status != ExternalProvider }

// Attributes are a user's attributes in the order in which they were set.
type Attributes []Attribute

// Attribute is one name and its value. All values are text.
type Attribute struct {
	Name  string
	Value string
}

// Get gives the value, or "" when there is none (no attribute is stored with a blank value).
func (a Attributes) Get(name string) string {
	for _, at := range a {
		if at.Name == name {
			return at.Value
		}
	}
	return ""
}

// Find gives the value, blank or not, and says whether the attribute is there.
func (a Attributes) Find(name string) (value string, ok bool) {
	for _, at := range a {
		if at.Name == name {
			return at.Value, true
		}
	}
	return "", false
}

// Set replaces or appends; a blank value deletes.
func (a *Attributes) Set(name, value string) {
	i := slices.IndexFunc(*a, func(at Attribute) bool { return at.Name == name })
	switch {
	case value == "" && i >= 0:
		*a = slices.Delete(*a, i, i+1)
	case value == "":
	case i >= 0:
		(*a)[i].Value = value
	default:
		*a = append(*a, Attribute{name, value})
	}
}

// Password is what the store keeps of a password: the SRP verifier, or the hash that an import brought, until the
// password is first shown.
type Password struct {
	User       UserKey
	Salt       []byte // 16 bytes
	Verifier   []byte // 384 bytes, big-endian; sealed in the database. Empty for an imported hash
	Hash       string // as it was imported; sealed in the database. "" once there is a verifier
	Generation int64  // moves with every change, so that challenges of an older password fail
	Set        time.Time
	Temporary  bool
}

// Standing is what a sign-in relies on while it is under way.
type Standing struct {
	Status     wire.UserStatusType
	Enabled    bool
	Generation int64 // of the password in force; zero without one
	MFA        MFA
}

// Alias is a value by which a user can be found beside the user name: a verified alias attribute, or a
// user-name attribute. Value is folded by Pool.Fold.
type Alias struct {
	Attribute string // email, phone_number, preferred_username
	Value     string
}

// Lookup says how to find a user: by the first of user name, aliases (in order) and sub that matches.
type Lookup struct {
	Username string  // folded; "" to leave out
	Aliases  []Alias // folded
	Sub      string  // "" to leave out
}
