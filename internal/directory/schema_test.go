package directory

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// TestSchema names one attribute and looks at it in the pool's schema.
func TestSchema(t *testing.T) {
	type attribute = wire.SchemaAttributeType
	length := func(min, max string) *wire.StringAttributeConstraintsType {
		return &wire.StringAttributeConstraintsType{MinLength: min, MaxLength: max}
	}
	between := func(min, max string) *wire.NumberAttributeConstraintsType {
		return &wire.NumberAttributeConstraintsType{MinValue: min, MaxValue: max}
	}
	const notChangeable = "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
	tests := []struct {
		name    string
		item    attribute
		want    string // the attribute called full
		full    string
		message string
	}{
		{name: "required standard attribute", item: attribute{Name: "email", Required: new(true)}, full: "email",
			want: `{"Name":"email","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":true,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}}`},
		{name: "immutable standard attribute", item: attribute{Name: "phone_number", Mutable: new(false)}, full: "phone_number",
			want: `{"Name":"phone_number","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}}`},
		{name: "constraints of a standard attribute with its type", item: attribute{Name: "name", AttributeDataType: "String", StringAttributeConstraints: length("3", "")}, full: "name",
			want: `{"Name":"name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"3"}}`},
		{name: "constraints of a standard attribute without its type", item: attribute{Name: "name", StringAttributeConstraints: length("3", "x")}, full: "name",
			want: `{"Name":"name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}}`},
		{name: "type without constraints", item: attribute{Name: "birthdate", AttributeDataType: "String", StringAttributeConstraints: length("", "")}, full: "birthdate",
			want: `{"Name":"birthdate","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"10","MaxLength":"10"}}`},
		{name: "number constraints of a standard attribute", item: attribute{Name: "updated_at", AttributeDataType: "Number", NumberAttributeConstraints: between("1", "9")}, full: "updated_at",
			want: `{"Name":"updated_at","AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"NumberAttributeConstraints":{"MinValue":"1","MaxValue":"9"}}`},
		{name: "sub as it is", item: attribute{Name: "sub", AttributeDataType: "String", Required: new(true), Mutable: new(false), StringAttributeConstraints: length("1", "2048")}, full: "sub",
			want: `{"Name":"sub","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Required":true,"StringAttributeConstraints":{"MinLength":"1","MaxLength":"2048"}}`},
		{name: "sub mutable", item: attribute{Name: "sub", Mutable: new(true)}, message: "You can not change Required or Mutable for standard schema attribute sub"},
		{name: "another type of a standard attribute", item: attribute{Name: "email", AttributeDataType: "Number"}, message: notChangeable + "email"},
		{name: "standard attribute for developers", item: attribute{Name: "email", DeveloperOnlyAttribute: new(true)}, message: notChangeable + "email"},

		{name: "custom text", item: attribute{Name: "level", AttributeDataType: "String"}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{}}`},
		{name: "custom number", item: attribute{Name: "level", AttributeDataType: "Number", Mutable: new(false), Required: new(false)}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":false,"Required":false,"NumberAttributeConstraints":{}}`},
		{name: "custom flag", item: attribute{Name: "level", AttributeDataType: "Boolean"}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false}`},
		{name: "custom date", item: attribute{Name: "level", AttributeDataType: "DateTime", StringAttributeConstraints: length("", "")}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"DateTime","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false}`},
		{name: "custom for developers", item: attribute{Name: "level", AttributeDataType: "String", DeveloperOnlyAttribute: new(true)}, full: "dev:custom:level",
			want: `{"Name":"dev:custom:level","AttributeDataType":"String","DeveloperOnlyAttribute":true,"Mutable":true,"Required":false,"StringAttributeConstraints":{}}`},
		{name: "constraints partly given", item: attribute{Name: "level", AttributeDataType: "String", StringAttributeConstraints: length("", "9")}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MaxLength":"9"}}`},
		{name: "negative numbers", item: attribute{Name: "level", AttributeDataType: "Number", NumberAttributeConstraints: between("-5", "-1")}, full: "custom:level",
			want: `{"Name":"custom:level","AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"NumberAttributeConstraints":{"MinValue":"-5","MaxValue":"-1"}}`},
		{name: "verified flag is no standard name here", item: attribute{Name: "email_verified", AttributeDataType: "Boolean"}, full: "custom:email_verified",
			want: `{"Name":"custom:email_verified","AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false}`},

		{name: "no name", item: attribute{AttributeDataType: "String"}, message: "Attribute name must not be empty."},
		{name: "name with its prefix", item: attribute{Name: "custom:level", AttributeDataType: "String"}, message: "Attribute name custom:level must be given without its prefix."},
		{name: "no type", item: attribute{Name: "level"}, message: "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."},
		{name: "unknown type", item: attribute{Name: "level", AttributeDataType: "Banana"}, message: "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."},
		{name: "required", item: attribute{Name: "level", AttributeDataType: "String", Required: new(true)}, message: "Required custom attributes are not supported currently."},
		{name: "length without digits", item: attribute{Name: "level", AttributeDataType: "String", StringAttributeConstraints: length("one", "")}, message: "Invalid StringAttributeConstraints for schema attribute custom:level"},
		{name: "negative length", item: attribute{Name: "level", AttributeDataType: "String", StringAttributeConstraints: length("-1", "")}, message: "Invalid StringAttributeConstraints for schema attribute custom:level"},
		{name: "lengths of a number", item: attribute{Name: "level", AttributeDataType: "Number", StringAttributeConstraints: length("1", "")}, message: "Invalid StringAttributeConstraints for schema attribute custom:level"},
		{name: "too long", item: attribute{Name: "level", AttributeDataType: "String", StringAttributeConstraints: length("", "2049")}, message: "user.custom:level: String attributes cannot have a length of more than 2048"},
		{name: "lengths crossed", item: attribute{Name: "level", AttributeDataType: "String", StringAttributeConstraints: length("9", "1")}, message: "user.custom:level: Max length cannot be less than min length."},
		{name: "value without digits", item: attribute{Name: "level", AttributeDataType: "Number", NumberAttributeConstraints: between("", "1e3")}, message: "Invalid NumberAttributeConstraints for schema attribute custom:level"},
		{name: "range of a text", item: attribute{Name: "level", AttributeDataType: "String", NumberAttributeConstraints: between("1", "")}, message: "Invalid NumberAttributeConstraints for schema attribute custom:level"},
		{name: "values crossed", item: attribute{Name: "level", AttributeDataType: "Number", NumberAttributeConstraints: between("10", "9")}, message: "user.custom:level: Max value cannot be less than min value."},
		{name: "lengths of a standard attribute crossed", item: attribute{Name: "name", AttributeDataType: "String", StringAttributeConstraints: length("9", "1")}, message: "user.name: Max length cannot be less than min length."},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			_, err := w.tryPool(func(in *wire.CreateUserPoolRequest) { in.Schema = []attribute{tt.item} })
			if tt.message != "" {
				wantError(t, err, userpool.InvalidParameter, tt.message)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p := w.stored()
			wantJSON(t, p.Attribute(tt.full), []byte(tt.want))
			want := len(standardSchema())
			if tt.item.Name != tt.full {
				want++
			}
			if got := len(p.Settings.SchemaAttributes); got != want {
				t.Errorf("the schema has %d attributes, want %d", got, want)
			}
		})
	}
}

func TestSchemaNamesAreUnique(t *testing.T) {
	custom := func(name string, developer bool) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: "String", DeveloperOnlyAttribute: new(developer)}
	}
	tests := []struct {
		name    string
		items   []wire.SchemaAttributeType
		message string
	}{
		{"custom twice", []wire.SchemaAttributeType{custom("banana", false), custom("banana", false)}, "custom:banana: Existing attribute already has name custom:banana."},
		{"developers' twice", []wire.SchemaAttributeType{custom("banana", true), custom("banana", true)}, "custom:banana: Existing attribute already has name dev:custom:banana."},
		{"standard twice", []wire.SchemaAttributeType{{Name: "email"}, {Name: "email"}}, "email: Existing attribute already has name email."},
		{"by prefix", []wire.SchemaAttributeType{custom("banana", false), custom("banana", true)}, ""},
		{"by case", []wire.SchemaAttributeType{custom("banana", false), custom("Banana", false)}, ""},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.row(t).tryPool(func(in *wire.CreateUserPoolRequest) { in.Schema = tt.items })
			code := userpool.InvalidParameter
			if tt.message == "" {
				code = ""
			}
			wantError(t, err, code, tt.message)
		})
	}
}
