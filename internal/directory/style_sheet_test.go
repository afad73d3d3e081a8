package directory

import (
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestStyleSheets(t *testing.T) {
	const refused = true
	tests := []struct {
		name, css string
		refused   bool
	}{
		{name: "none"},
		{name: "blank", css: " \n"},
		{name: "what the classes may have", css: `/* ours */
			.logo-customizable { max-width: 60%; max-height: 30%; }
			.banner-customizable { padding: 25px 0px 25px 0px; background-color: lightgray; }
			.label-customizable { font-weight: 400 !important; }
			.submitButton-customizable:hover { color: #fff; background-color: rgba(0, 10, 20, .5); }
			.errorMessage-customizable { border: 2px solid #D64958 !important; box-sizing: border-box; }
			.textDescription-customizable, .idpDescription-customizable { padding-top: 10px; display: block; font-size: 16px }`},
		{"a class that there is not", `.modal { color: red; }`, refused},
		{"an element", `body { color: red; }`, refused},
		{"inside of a class", `.logo-customizable img { max-width: 1px; }`, refused},
		{"a state of another class", `.logo-customizable:hover { max-width: 1px; }`, refused},
		{"all", `* { color: red; }`, refused},
		{"a property of another class", `.logo-customizable { color: red; }`, refused},
		{"a property that only one of two has", `.background-customizable, .redirect-customizable { color: red; }`, refused},
		{"a property of its own", `.legalText-customizable { --colour: red; }`, refused},
		{"import", `@import url("https://example.com/a.css");`, refused},
		{"supports", `@supports (color: red) { .legalText-customizable { color: red; } }`, refused},
		{"page", `@page { margin: 1cm; }`, refused},
		{"media", `@media print { .legalText-customizable { color: red; } }`, refused},
		{"font face", `@font-face { font-family: x; }`, refused},
		{"address", `.errorMessage-customizable { background: url(https://example.com/a.png); }`, refused},
		{"quoted address", `.errorMessage-customizable { background: url("javascript:alert(1)"); }`, refused},
		{"expression", `.errorMessage-customizable { width: expression(alert(1)); }`, refused},
		{"escape", `.errorMessage-customizable { background: \75rl(a); }`, refused},
		{"text", `.errorMessage-customizable { background: "x"; }`, refused},
		{"end of the page's own style", `</style><script>alert(1)</script>`, refused},
		{"the same in a value", `.legalText-customizable { color: red</style>; }`, refused},
		{"no value", `.legalText-customizable { color: ; }`, refused},
		{"weight", `.label-customizable { font-weight: 1000; }`, refused},
		{"display", `.textDescription-customizable { display: none; }`, refused},
		{"outside of a rule", `color: red;`, refused},
		{"nested", `.legalText-customizable { .x { color: red } }`, refused},
		{"braces", `}}}`, refused},
		{"too long", strings.Repeat(" ", styleSheetLimit+1), refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := userpool.InvalidParameter
			if !tt.refused {
				want = ""
			}
			wantError(t, checkStyleSheet(tt.css), want, "")
		})
	}
}

// What is accepted holds nothing that ends the style element or loads anything.
func FuzzStyleSheet(f *testing.F) {
	f.Add(`.label-customizable { font-weight: 400; }`)
	f.Add(`.label-customizable { font-weight: 400; } /* </style> */`)
	f.Add(`@media print { .legalText-customizable { color: red; } }`)
	f.Fuzz(func(t *testing.T, sheet string) {
		if checkStyleSheet(sheet) != nil {
			return
		}
		if strings.ContainsAny(sheet, `<\`) || !strings.Contains(sheet, "/*") && strings.ContainsAny(sheet, `@"'`) {
			t.Errorf("%q is accepted", sheet)
		}
	})
}
