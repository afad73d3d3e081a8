package userpool

import (
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Pool is one user pool. Its Settings are what DescribeUserPool shows, defaults filled in, without the
// members that are columns of their own (Id, Arn, Name, dates, EstimatedNumberOfUsers). A pool that was read is
// shared, with all that it points to, and never changed.
type Pool struct {
	Number   int64  // never used again, unlike ID
	ID       string // region_xxxxxxxxx
	Name     string
	Created  time.Time
	Modified time.Time
	Deleted  time.Time // zero while the pool lives
	Version  int64     // moves with every change; for compare-and-swap
	Settings *wire.UserPoolType
	Factors  Factors
	Sessions SessionTracking
	Replica  *Replica // nil for none

	Secondary bool // this is InReplica; never in the store
}

// Region is the part of the id before the underscore.
func (p *Pool) Region() string {
	region, _, _ := strings.Cut(p.ID, "_")
	return region
}

// SRPName is the part of the id after the underscore, which enters SRP hashes.
func (p *Pool) SRPName() string {
	_, name, _ := strings.Cut(p.ID, "_")
	return name
}

// CaseSensitive says whether user names and aliases differ by case (the default when nothing was set).
func (p *Pool) CaseSensitive() bool {
	return p.Settings.UsernameConfiguration == nil || p.Settings.UsernameConfiguration.CaseSensitive
}

// Fold gives the form in which a user name or alias value is stored for look-up and uniqueness.
func (p *Pool) Fold(value string) string {
	if p.CaseSensitive() {
		return value
	}
	return strings.ToLower(value)
}

// UsernameAttribute says whether attribute (email, phone_number) is what users sign up with.
func (p *Pool) UsernameAttribute(attribute string) bool {
	for _, a := range p.Settings.UsernameAttributes {
		if string(a) == attribute {
			return true
		}
	}
	return false
}

// HasUsernameAttributes says whether user names are email addresses or phone numbers, so that the
// stored user name is the sub.
func (p *Pool) HasUsernameAttributes() bool { return len(p.Settings.UsernameAttributes) > 0 }

// Alias says whether attribute (email, phone_number, preferred_username) can be signed in with beside
// the user name.
func (p *Pool) Alias(attribute string) bool {
	for _, a := range p.Settings.AliasAttributes {
		if string(a) == attribute {
			return true
		}
	}
	return false
}

// AutoVerified says whether attribute (email, phone_number) gets a code by itself.
func (p *Pool) AutoVerified(attribute string) bool {
	for _, a := range p.Settings.AutoVerifiedAttributes {
		if string(a) == attribute {
			return true
		}
	}
	return false
}

// VerifiesBeforeUpdate says whether a new value of attribute waits until it is verified.
func (p *Pool) VerifiesBeforeUpdate(attribute string) bool {
	if p.Settings.UserAttributeUpdateSettings == nil {
		return false
	}
	for _, a := range p.Settings.UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate {
		if string(a) == attribute {
			return true
		}
	}
	return false
}

// Attribute finds an attribute of the schema by its full name (email, custom:level), or nil.
func (p *Pool) Attribute(name string) *wire.SchemaAttributeType {
	for i := range p.Settings.SchemaAttributes {
		if a := &p.Settings.SchemaAttributes[i]; a.Name == name {
			return a
		}
	}
	return nil
}

// TemporaryPasswordLifetime is how long a temporary password can be used.
func (p *Pool) TemporaryPasswordLifetime() time.Duration {
	days := int32(7)
	if pol := p.PasswordPolicy(); pol.TemporaryPasswordValidityDays != nil && *pol.TemporaryPasswordValidityDays > 0 {
		days = *pol.TemporaryPasswordValidityDays
	}
	return time.Duration(days) * 24 * time.Hour
}

// PasswordPolicy is the policy in force, never nil.
func (p *Pool) PasswordPolicy() *wire.PasswordPolicyType {
	if p.Settings.Policies == nil || p.Settings.Policies.PasswordPolicy == nil {
		return &wire.PasswordPolicyType{}
	}
	return p.Settings.Policies.PasswordPolicy
}
