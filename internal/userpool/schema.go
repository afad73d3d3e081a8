package userpool

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CheckSignUp checks the attributes of somebody who signs up against the schema and gives them as they
// are stored: blank ones left out, flags in lower case. Problems are collected, a line each.
func (p *Pool) CheckSignUp(given Attributes) (Attributes, error) {
	var f faults
	kept := p.conform(given, &f)
	for _, missing := range p.Missing(kept) {
		f.add(missing, "The attribute is required")
	}
	return kept, f.err("Attributes did not conform to the schema: ", "", "")
}

// CheckAdminCreate is CheckSignUp for users that an administrator creates: required attributes may be
// missing, since the user gives them at the first sign-in.
func (p *Pool) CheckAdminCreate(given Attributes) (Attributes, error) {
	var f faults
	for _, a := range given {
		switch {
		case a.Name == Sub || a.Name == Identities:
			f.add(a.Name, "Attribute cannot be updated.")
		case p.Attribute(a.Name) == nil:
			return nil, untyped(a.Name)
		}
	}
	kept := p.conform(given, &f)
	if err := f.err("Attributes did not conform to the schema: ", "", ""); err != nil {
		return nil, err
	}
	if err := CheckVerifiable(kept); err != nil {
		return nil, err
	}
	return kept, nil
}

// CheckVerifiable checks that an address is there where one is said to be verified.
func CheckVerifiable(a Attributes) error {
	switch {
	case a.Get(EmailVerified) == "true" && a.Get(Email) == "":
		return NewError(InvalidParameter, "Email is required to verify/un-verify an email")
	case a.Get(PhoneNumberVerified) == "true" && a.Get(PhoneNumber) == "":
		return NewError(InvalidParameter, "Phone Number is required to verify/un-verify a phone number")
	}
	return nil
}

// CheckUpdate checks the changes of a user's attributes; a blank value deletes. It gives the changes with
// flags in lower case, the last one where a name comes twice.
func (p *Pool) CheckUpdate(u *User, changes Attributes) (Attributes, error) {
	var f faults
	p.checkChanges(u, changes, &f)
	kept := p.conform(changes, &f)
	if err := f.err("", "user.", " "); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(kept))
	for _, a := range kept {
		values[a.Name] = a.Value
	}
	result := make(Attributes, 0, len(changes))
	for _, c := range changes { // the blank ones too, in the order in which they were given
		result = append(result, Attribute{Name: c.Name, Value: values[c.Name]})
	}
	return result, nil
}

// CheckDelete checks that a user's attributes may be deleted; their values are blank.
func (p *Pool) CheckDelete(u *User, blank Attributes) error {
	var f faults
	p.checkChanges(u, blank, &f)
	return f.err("Invalid user attributes: ", "user.", "")
}

// checkChanges checks what the schema says about changing an attribute, and that what is deleted is in it.
func (p *Pool) checkChanges(u *User, changes Attributes, f *faults) {
	for _, c := range changes {
		a := p.Attribute(c.Name)
		switch {
		case a == nil:
			if c.Value == "" {
				f.add(c.Name, "Attribute does not exist in the schema.")
			}
		case c.Name == Identities:
			f.add(c.Name, "Attribute cannot be updated.")
		case a.Mutable != nil && !*a.Mutable && c.Value != u.Attributes.Get(c.Name):
			f.add(c.Name, "Attribute cannot be updated.")
		case c.Value == "" && (c.Name == Sub || u.Attributes.Get(c.Name) != "") && (isTrue(a.Required) || p.UsernameAttribute(c.Name)):
			f.add(c.Name, "The attribute is required")
		}
	}
}

// Missing lists the required attributes that have no value, in the order of the schema.
func (p *Pool) Missing(have Attributes) []string {
	var missing []string
	for _, a := range p.Settings.SchemaAttributes {
		if isTrue(a.Required) && a.Name != Sub && have.Get(a.Name) == "" {
			missing = append(missing, a.Name)
		}
	}
	return missing
}

// conform checks each value by its type and constraints and gives what is stored.
func (p *Pool) conform(given Attributes, f *faults) Attributes {
	kept := lastOfEach(given)
	for i := range kept {
		name, value := kept[i].Name, kept[i].Value
		if strings.ContainsRune(value, 0) {
			f.add(name, "Value contains a character that cannot be stored.")
			continue
		}
		a := p.Attribute(name)
		switch {
		case a == nil:
			f.add(name, "Attribute does not exist in the schema.")
		case name == Email && !IsEmail(value):
			f.refuse(NewError(InvalidParameter, "Invalid email address format."))
		case name == PhoneNumber && !IsPhoneNumber(value):
			f.refuse(NewError(InvalidParameter, "Invalid phone number format."))
		case a.AttributeDataType == "Boolean":
			kept[i].Value = strings.ToLower(value)
			if !isBoolean(name, kept[i].Value) {
				f.refuse(untyped(name))
			}
		case a.AttributeDataType == "DateTime":
			if !isDateTime(value) {
				f.refuse(untyped(name))
			}
		case a.AttributeDataType == "Number":
			f.number(name, value, a.NumberAttributeConstraints)
		default: // String, valid addresses too
			f.text(name, value, a.StringAttributeConstraints)
		}
	}
	return kept
}

// lastOfEach gives the last value of each name, without blank ones.
func lastOfEach(given Attributes) Attributes {
	last := make(map[string]int, len(given))
	for i, g := range given {
		last[g.Name] = i
	}
	var kept Attributes
	for i, g := range given {
		if last[g.Name] == i && g.Value != "" {
			kept = append(kept, g)
		}
	}
	return kept
}

func isBoolean(name, value string) bool {
	standard := name == EmailVerified || name == PhoneNumberVerified
	return value == "true" || value == "false" || !standard && (value == "0" || value == "1")
}

// isDateTime takes RFC 3339 and epoch numbers.
func isDateTime(value string) bool {
	if _, err := time.Parse(time.RFC3339, value); err == nil {
		return true
	}
	return epoch.MatchString(value)
}

// epoch is a number of seconds.
var epoch = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,9})?$`)

func untyped(name string) *Error {
	return NewError(InvalidParameter, "Type for attribute {"+name+"} could not be determined")
}

func isTrue(b *bool) bool { return b != nil && *b }

// faults collects what is wrong with attributes: lines, and the first problem that has a text of its own.
type faults struct {
	names, problems []string
	refusal         *Error
}

// faultsShown bounds the lines of an answer.
const faultsShown = 100

func (f *faults) add(name, problem string) {
	if len(f.names) == faultsShown {
		return
	}
	f.names, f.problems = append(f.names, name), append(f.problems, problem)
}

func (f *faults) refuse(e *Error) {
	if f.refusal == nil {
		f.refusal = e
	}
}

// err puts the lines together, each ended by a line feed; lines come before a problem with its own text.
func (f *faults) err(begin, prefix, end string) error {
	if len(f.names) == 0 {
		if f.refusal != nil {
			return f.refusal
		}
		return nil
	}
	var b strings.Builder
	b.WriteString(begin)
	for i, name := range f.names {
		b.WriteString(prefix + name + ": " + f.problems[i] + "\n")
	}
	b.WriteString(end)
	return NewError(InvalidParameter, b.String())
}

// text checks a length, which the service counts in UTF-16 units.
func (f *faults) text(name, value string, c *wire.StringAttributeConstraintsType) {
	const most = 2048
	length := int64(len(utf16.Encode([]rune(value))))
	low, high := int64(0), int64(most)
	if c != nil {
		low, high = bound(c.MinLength, low), bound(c.MaxLength, high)
	}
	switch {
	case length < low:
		f.add(name, "String must be no shorter than "+strconv.FormatInt(low, 10)+" characters")
	case length > high:
		f.add(name, "String must be no longer than "+strconv.FormatInt(high, 10)+" characters")
	}
}

func (f *faults) number(name, value string, c *wire.NumberAttributeConstraintsType) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		f.refuse(untyped(name))
		return
	}
	if c == nil {
		return
	}
	switch {
	case c.MinValue != "" && n < bound(c.MinValue, n):
		f.add(name, "Number must be no smaller than "+c.MinValue)
	case c.MaxValue != "" && n > bound(c.MaxValue, n):
		f.add(name, "Number must be no greater than "+c.MaxValue)
	}
}

// bound reads a limit of the schema; other is for one that is not set.
func bound(limit string, other int64) int64 {
	if n, err := strconv.ParseInt(limit, 10, 64); err == nil {
		return n
	}
	return other
}
