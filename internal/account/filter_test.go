package account

import (
	"slices"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestParseFilter(t *testing.T) {
	const syntax = "InvalidParameter: Error while parsing filter."
	type search = userpool.UserSearch
	tests := []struct {
		filter string
		want   search
		err    string
	}{
		{filter: ``},
		{filter: `family_name = "Reddy"`, want: search{By: "family_name", Value: "Reddy"}},
		{filter: `given_name ^= "Jon"`, want: search{By: "given_name", Value: "Jon", Prefix: true}},
		{filter: `"email"^="testuser"`, want: search{By: "email", Value: "testuser", Prefix: true}},
		{filter: `email="a"`, want: search{By: "email", Value: "a"}},
		{filter: "\t email\n=\r\"a\" ", want: search{By: "email", Value: "a"}},
		{filter: `"cognito:user_status"="CONFIRMED"`, want: search{By: "cognito:user_status", Value: "CONFIRMED"}},
		{filter: `cognito:user_status = "Confirmed"`, want: search{By: "cognito:user_status", Value: "Confirmed"}},
		{filter: `status = "Enabled"`, want: search{By: "status", Value: "Enabled"}},
		{filter: `username = "jane"`, want: search{By: "username", Value: "jane"}},
		{filter: `sub ^= "34c8"`, want: search{By: "sub", Value: "34c8", Prefix: true}},
		{filter: `phone_number ^= "+1206"`, want: search{By: "phone_number", Value: "+1206", Prefix: true}},
		{filter: `preferred_username=""`, want: search{By: "preferred_username"}},
		{filter: `name ^= ""`, want: search{By: "name", Prefix: true}},
		{filter: `name = "a \"b\" \\c"`, want: search{By: "name", Value: `a "b" \c`}},
		{filter: `name = "="`, want: search{By: "name", Value: "="}},
		{filter: `name = " Zoë "`, want: search{By: "name", Value: " Zoë "}},

		{filter: `custom:foo = "x"`, err: "InvalidParameter: Invalid search attribute: custom:foo"},
		{filter: `"custom:foo" = "x"`, err: "InvalidParameter: Invalid search attribute: custom:foo"},
		{filter: `Email = "x"`, err: "InvalidParameter: Invalid search attribute: Email"},
		{filter: `"email " = "x"`, err: "InvalidParameter: Invalid search attribute: email "},
		{filter: `address = "x"`, err: "InvalidParameter: Invalid search attribute: address"},

		{filter: ` `, err: syntax},
		{filter: `email`, err: syntax},
		{filter: `email =`, err: syntax},
		{filter: `email = x`, err: syntax},
		{filter: `email = 'x'`, err: syntax},
		{filter: `email = "x`, err: syntax},
		{filter: `email = x"`, err: syntax},
		{filter: `email = "x\"`, err: syntax},
		{filter: `email = "x\n"`, err: syntax},
		{filter: `email = "x" and name = "y"`, err: syntax},
		{filter: `email = "x" "y"`, err: syntax},
		{filter: `email != "x"`, err: syntax},
		{filter: `email == "x"`, err: syntax},
		{filter: `email ^ = "x"`, err: syntax},
		{filter: `email ^ "x"`, err: syntax},
		{filter: `email ~ "x"`, err: syntax},
		{filter: `email "x"`, err: syntax},
		{filter: `= "x"`, err: syntax},
		{filter: `"" = "x"`, err: syntax},
		{filter: `"email = "x"`, err: syntax},
		{filter: `email" = "x"`, err: syntax},
		{filter: `em ail = "x"`, err: syntax},
		{filter: `custom:foo`, err: syntax},
		{filter: "email\u00a0= \"x\"", err: "InvalidParameter: Invalid search attribute: email\u00a0"},
	}
	for _, tt := range tests {
		got, err := parseFilter(tt.filter)
		told := ""
		if err != nil {
			told = err.Error()
		}
		if told != tt.err || err == nil && got != tt.want {
			t.Errorf("%s: got %+v, %q, want %+v, %q", tt.filter, got, told, tt.want, tt.err)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{``, `email = "x"`, `"email"^="x"`, `name = "a \"b\" \\c"`, `email = "x\`, `"`, "a\x00=\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		got, err := parseFilter(filter)
		if err != nil || filter == "" {
			return
		}
		if !slices.Contains(searched, got.By) {
			t.Errorf("%q searches by %q", filter, got.By)
		}
		// The same filter, written plainly, is read alike.
		operator := "="
		if got.Prefix {
			operator = "^="
		}
		plain := got.By + operator + `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(got.Value) + `"`
		if again, err := parseFilter(plain); err != nil || again != got {
			t.Errorf("%q is %+v, but %q is %+v, %v", filter, got, plain, again, err)
		}
	})
}
