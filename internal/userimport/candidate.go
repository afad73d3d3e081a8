package userimport

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// maxUsername is how long a user name can be, in characters.
const maxUsername = 128

// A candidate is what a row would make: a user, unless somebody is in the way.
type candidate struct {
	line   int64
	fault  string // why the row makes no user; "" if it can
	user   userpool.ImportedUser
	typed  string // the user name in its folded form
	signIn string // the attribute that the user name is, where names are addresses
	number int64  // for the user
	// prepared says that the search entries of a user with that number are there, or may be.
	prepared bool
}

// newCandidate judges a row by itself.
func newCandidate(pool *userpool.Pool, job *userpool.ImportJob, h *header, r row, now time.Time) candidate {
	c := candidate{line: r.line}
	if !r.readable() {
		c.fault = "The row is not UTF-8, or is longer than 16000 characters."
		return c
	}
	values := fields(string(r.text))
	if len(values) != len(h.columns) {
		c.fault = "The number of values in the row is not the number of columns in the header."
		return c
	}
	c.fault = c.fill(pool, job, h, values, now)
	return c
}

// fill makes the user of the values, or says what is wrong with them.
func (c *candidate) fill(pool *userpool.Pool, job *userpool.ImportJob, h *header, values []string, now time.Time) (fault string) {
	name := values[h.username]
	switch {
	case name == "":
		return "The User Record does not have a value for cognito:username."
	case len(utf16.Encode([]rune(name))) > maxUsername:
		return "The user name is longer than 128 characters."
	case strings.ContainsFunc(name, unicode.IsSpace):
		return "The user name must not contain spaces or tabs."
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P) }):
		return "The user name must consist of letters, marks, symbols, numbers and punctuation."
	}
	attribute, err := pool.CheckUsername(name)
	if err != nil {
		return sentence(err)
	}
	if fault := mfaFault(pool, values[h.mfa]); fault != "" {
		return fault
	}
	given, fault := attributesOf(pool, h, values)
	if fault != "" {
		return fault
	}
	if attribute != "" {
		if present := given.Get(attribute); present != "" && present != name {
			return "The attribute " + attribute + " must be the same as the user name."
		}
		given.Set(attribute, name)
	}
	attributes, err := pool.CheckSignUp(given)
	if err != nil {
		return sentence(err)
	}
	if fault := verifiedFault(pool, attributes); fault != "" {
		return fault
	}
	u := &userpool.User{
		Key: userpool.UserKey{Pool: pool.Number}, Username: name, Sub: newSub(), Status: userpool.RequireReset,
		Enabled: true, Attributes: attributes, Created: now, Modified: now,
	}
	if pool.HasUsernameAttributes() {
		u.Username = u.Sub
	}
	if h.hash >= 0 && values[h.hash] != "" {
		if password.CheckHash(string(job.Algorithm), values[h.hash]) != nil {
			return "The password hash is not one of " + string(job.Algorithm) + " that can be checked."
		}
		u.Status, c.user.Hash = userpool.Confirmed, values[h.hash]
	}
	if strings.EqualFold(values[h.mfa], "true") {
		switch {
		case attributes.Get(userpool.PhoneNumber) != "":
			u.MFA = userpool.MFA{Enabled: []string{userpool.SMSMFA}, Preferred: userpool.SMSMFA}
		case pool.Settings.MFAConfiguration == wire.UserPoolMFATypeOptional: // where it is required, the pool asks
			return "The User Record sets cognito:mfa_enabled to true and has no phone_number."
		}
	}
	c.typed, c.signIn = pool.Fold(name), attribute
	c.user.User, c.user.Folded, c.user.Aliases = u, pool.Fold(u.Username), pool.AliasesOf(u)
	return ""
}

// newSub draws a UUID that grows with time (version 7, RFC 9562, section 5.7): the subs of an import lie at the end of
// their index, where random ones would lie all over it.
func newSub() string { return uuid.Must(uuid.NewV7()).String() }

// attributesOf gives the values of the columns that are attributes.
func attributesOf(pool *userpool.Pool, h *header, values []string) (given userpool.Attributes, fault string) {
	for i, value := range values {
		if value == "" || i == h.username || i == h.mfa || i == h.hash {
			continue
		}
		name := h.columns[i]
		switch name {
		case "birthdate":
			day, err := time.Parse("01/02/2006", value)
			if err != nil {
				return nil, "The birthdate must be of the form mm/dd/yyyy."
			}
			value = day.Format(time.DateOnly)
		case userpool.EmailVerified, userpool.PhoneNumberVerified:
			value = strings.ToLower(value)
		}
		given = append(given, userpool.Attribute{Name: name, Value: value})
	}
	return given, ""
}

// mfaFault judges cognito:mfa_enabled by the pool's setting.
func mfaFault(pool *userpool.Pool, value string) string {
	value = strings.ToLower(value)
	switch pool.Settings.MFAConfiguration {
	case wire.UserPoolMFATypeOn:
		if value != "true" {
			return "cognito:mfa_enabled must be true, because MFA is required in the user pool."
		}
	case wire.UserPoolMFATypeOptional:
		if value != "" && value != "true" && value != "false" {
			return "cognito:mfa_enabled must be true or false."
		}
	default:
		if value != "false" {
			return "cognito:mfa_enabled must be false, because MFA is off in the user pool."
		}
	}
	return ""
}

// verifiedFault makes sure that the user can recover the account: an attribute that the pool verifies is verified.
func verifiedFault(pool *userpool.Pool, attributes userpool.Attributes) string {
	verified := false
	for _, attribute := range []string{userpool.Email, userpool.PhoneNumber} {
		if attributes.Get(userpool.VerifiedFlag(attribute)) != "true" {
			continue
		}
		if attributes.Get(attribute) == "" {
			return "The User Record sets " + userpool.VerifiedFlag(attribute) + " to true and has no " + attribute + "."
		}
		verified = verified || pool.AutoVerified(attribute)
	}
	if !verified {
		return "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true)."
	}
	return ""
}

// sentence is what an error tells, in one line.
func sentence(err error) string {
	var told *userpool.Error
	if !errors.As(err, &told) {
		return "The row cannot be read."
	}
	return strings.Join(strings.FieldsFunc(told.Message, func(r rune) bool { return r == '\n' }), " ")
}
