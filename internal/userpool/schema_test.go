package userpool

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// schemaPool has a required email, the usual others, and custom attributes of every type.
func schemaPool() *Pool {
	attribute := func(name, kind string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: wire.AttributeDataType(kind), Mutable: new(true), Required: new(false)}
	}
	length := func(a wire.SchemaAttributeType, low, high string) wire.SchemaAttributeType {
		a.StringAttributeConstraints = &wire.StringAttributeConstraintsType{MinLength: low, MaxLength: high}
		return a
	}
	sub := length(attribute(Sub, "String"), "1", "2048")
	sub.Mutable, sub.Required = new(false), new(true)
	email := length(attribute(Email, "String"), "0", "40")
	email.Required = new(true)
	level := attribute("custom:level", "Number")
	level.NumberAttributeConstraints = &wire.NumberAttributeConstraintsType{MinValue: "1", MaxValue: "9"}
	fixed := attribute("custom:fixed", "String")
	fixed.Mutable = new(false)
	return &Pool{Settings: &wire.UserPoolType{SchemaAttributes: []wire.SchemaAttributeType{
		sub, length(attribute("name", "String"), "0", "2048"), email, attribute(EmailVerified, "Boolean"),
		length(attribute("birthdate", "String"), "10", "10"), attribute(PhoneNumber, "String"),
		attribute(PhoneNumberVerified, "Boolean"), level, attribute("custom:flag", "Boolean"),
		attribute("custom:when", "DateTime"), fixed,
	}}}
}

func TestCheckSignUp(t *testing.T) {
	const prefix = "Attributes did not conform to the schema: "
	mail := Attribute{Email, "jane@example.com"}
	tests := []struct {
		name  string
		given Attributes
		want  string
	}{
		{"right", Attributes{mail, {"birthdate", "1990-01-01"}, {"custom:level", "3"}, {"custom:flag", "1"}}, ""},
		{"required", Attributes{{"name", "Jane"}}, prefix + "email: The attribute is required\n"},
		{"required but blank", Attributes{{Email, ""}}, prefix + "email: The attribute is required\n"},
		{"unknown", Attributes{mail, {"custom:x", "1"}}, prefix + "custom:x: Attribute does not exist in the schema.\n"},
		{
			"collected", Attributes{{"birthdate", "1990"}, {"custom:x", "1"}},
			prefix + "birthdate: String must be no shorter than 10 characters\ncustom:x: Attribute does not exist in the schema.\nemail: The attribute is required\n",
		},
		{"too long", Attributes{mail, {"birthdate", "1990-01-011"}}, prefix + "birthdate: String must be no longer than 10 characters\n"},
		{"too long address", Attributes{{Email, strings.Repeat("j", 40) + "@example.com"}}, prefix + "email: String must be no longer than 40 characters\n"},
		{"too long by default", Attributes{mail, {"custom:fixed", strings.Repeat("x", 2049)}}, prefix + "custom:fixed: String must be no longer than 2048 characters\n"},
		{"counted in UTF-16", Attributes{mail, {"birthdate", "😀😀😀😀😀"}}, ""},
		{"too small", Attributes{mail, {"custom:level", "0"}}, prefix + "custom:level: Number must be no smaller than 1\n"},
		{"too great", Attributes{mail, {"custom:level", "10"}}, prefix + "custom:level: Number must be no greater than 9\n"},
		{"no number", Attributes{mail, {"custom:level", "many"}}, "Type for attribute {custom:level} could not be determined"},
		{"no flag", Attributes{mail, {"custom:flag", "perhaps"}}, "Type for attribute {custom:flag} could not be determined"},
		{"date", Attributes{mail, {"custom:when", "2026-03-01T12:00:00Z"}}, ""},
		{"epoch", Attributes{mail, {"custom:when", "1772366400"}}, ""},
		{"no date", Attributes{mail, {"custom:when", "tomorrow"}}, "Type for attribute {custom:when} could not be determined"},
		{"no email", Attributes{{Email, "jane"}}, "Invalid email address format."},
		{"no phone number", Attributes{mail, {PhoneNumber, "0123"}}, "Invalid phone number format."},
		{"immutable at creation", Attributes{mail, {"custom:fixed", "x"}}, ""},
		{"unstorable", Attributes{mail, {"name", "a\x00b"}}, prefix + "name: Value contains a character that cannot be stored.\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := schemaPool().CheckSignUp(tt.given)
			if got := text(t, err, InvalidParameter); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestCheckAdminCreate(t *testing.T) {
	tests := []struct {
		name  string
		given Attributes
		want  string
	}{
		{"nothing required", Attributes{{"name", "Jane"}}, ""},
		{"unknown", Attributes{{"custom:userId", "1"}}, "Type for attribute {custom:userId} could not be determined"},
		{"sub", Attributes{{Sub, "x"}}, "Attributes did not conform to the schema: sub: Attribute cannot be updated.\n"},
		{"verified", Attributes{{Email, "j@x.org"}, {EmailVerified, "True"}}, ""},
		{"verified nothing", Attributes{{EmailVerified, "true"}}, "Email is required to verify/un-verify an email"},
		{"verified no number", Attributes{{PhoneNumberVerified, "true"}}, "Phone Number is required to verify/un-verify a phone number"},
		{"unverified nothing", Attributes{{EmailVerified, "false"}}, ""},
		{"odd flag", Attributes{{Email, "j@x.org"}, {EmailVerified, "1"}}, "Type for attribute {email_verified} could not be determined"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, err := schemaPool().CheckAdminCreate(tt.given)
			if got := text(t, err, InvalidParameter); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if err == nil && tt.given.Get(EmailVerified) == "True" && kept.Get(EmailVerified) != "true" {
				t.Errorf("the flag is kept as %q", kept.Get(EmailVerified))
			}
		})
	}
}

func TestIsDateTime(t *testing.T) {
	for _, good := range []string{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00+01:00", "0", "-1", "1772366400", "1772366400.25"} {
		if !isDateTime(good) {
			t.Errorf("%s is none", good)
		}
	}
	for _, bad := range []string{"", "NaN", "Inf", "0x1p-2", "1_0", "1e9", "2026-03-01", "1."} {
		if isDateTime(bad) {
			t.Errorf("%s is one", bad)
		}
	}
}

// However many attributes are wrong, the answer is short and soon there.
func TestManyFaults(t *testing.T) {
	var given Attributes
	for i := range 50_000 {
		given = append(given, Attribute{"custom:" + strconv.Itoa(i), "x"})
	}
	began := time.Now()
	_, err := schemaPool().CheckSignUp(given)
	if lines := strings.Count(err.Error(), "\n"); lines != faultsShown {
		t.Errorf("%d lines", lines)
	}
	if took := time.Since(began); took > 2*time.Second { // a hundred times what it takes
		t.Errorf("it took %v", took)
	}
}

func TestCheckUpdate(t *testing.T) {
	u := &User{Attributes: Attributes{{Email, "j@x.org"}, {"custom:fixed", "x"}, {"name", "Jane"}}}
	tests := []struct {
		name    string
		changes Attributes
		want    string
	}{
		{"right", Attributes{{"name", "Joan"}, {"custom:level", "2"}}, ""},
		{"deleted", Attributes{{"name", ""}}, ""},
		{"immutable", Attributes{{"custom:fixed", "y"}}, "user.custom:fixed: Attribute cannot be updated.\n "},
		{"immutable, the same", Attributes{{"custom:fixed", "x"}}, ""},
		{"immutable, deleted", Attributes{{"custom:fixed", ""}}, "user.custom:fixed: Attribute cannot be updated.\n "},
		{"required, deleted", Attributes{{Email, ""}}, "user.email: The attribute is required\n "},
		{
			"collected", Attributes{{"custom:x", "1"}, {"birthdate", "x"}},
			"user.custom:x: Attribute does not exist in the schema.\nuser.birthdate: String must be no shorter than 10 characters\n ",
		},
		{"unknown, deleted", Attributes{{"custom:x", ""}}, "user.custom:x: Attribute does not exist in the schema.\n "},
		{"no email", Attributes{{Email, "j"}}, "Invalid email address format."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, err := schemaPool().CheckUpdate(u, tt.changes)
			if got := text(t, err, InvalidParameter); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if err == nil && !slices.Equal(kept, tt.changes) {
				t.Errorf("kept %v of %v", kept, tt.changes)
			}
		})
	}
}
