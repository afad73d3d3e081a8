package srp

import (
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestParseA(t *testing.T) {
	minus := func(x int64) string { return new(big.Int).Sub(n, big.NewInt(x)).Text(16) }
	tests := []struct {
		name, in string
		want     string // in hexadecimal; empty when err is set
		err      error
	}{
		{name: "one digit", in: "5", want: "5"},
		{name: "odd number of digits", in: "abc", want: "abc"},
		{name: "upper case", in: "ABCDEF", want: "abcdef"},
		{name: "mixed case", in: "aBcDeF", want: "abcdef"},
		{name: "leading zeros", in: "0000abc", want: "abc"},
		{name: "sign byte", in: "00" + minus(1), want: minus(1)},
		{name: "as long as allowed", in: strings.Repeat("0", maxDigits-1) + "7", want: "7"},

		{name: "empty", in: "", err: ErrHex},
		{name: "too long", in: strings.Repeat("0", maxDigits) + "7", err: ErrHex},
		{name: "oversized", in: strings.Repeat("f", 1<<20), err: ErrHex},
		{name: "letters", in: "xyz", err: ErrHex},
		{name: "prefix", in: "0xabc", err: ErrHex},
		{name: "plus", in: "+abc", err: ErrHex},
		{name: "minus", in: "-abc", err: ErrHex},
		{name: "underscore", in: "ab_c", err: ErrHex},
		{name: "space", in: " abc", err: ErrHex},
		{name: "line end", in: "abc\n", err: ErrHex},
		{name: "NUL", in: "ab\x00c", err: ErrHex},
		{name: "other digits", in: "١٢", err: ErrHex},

		{name: "zero", in: "0", err: ErrRange},
		{name: "zeros", in: "000000", err: ErrRange},
		{name: "N", in: n.Text(16), err: ErrRange},
		{name: "N in upper case", in: strings.ToUpper(n.Text(16)), err: ErrRange},
		{name: "2N", in: new(big.Int).Lsh(n, 1).Text(16), err: ErrRange},
		{name: "N+1", in: minus(-1), err: ErrRange},
		{name: "all ones", in: strings.Repeat("f", maxDigits), err: ErrRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseA(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err == nil && got.Text(16) != tt.want {
				t.Errorf("got %x, want %s", got, tt.want)
			}
		})
	}
}

func TestHex(t *testing.T) {
	for in, want := range map[string]string{"": "0", "\x00": "0", "\x00\x0a": "a", "\x80\x00": "8000"} {
		if got := Hex([]byte(in)); got != want {
			t.Errorf("Hex(%x) = %s, want %s", in, got, want)
		}
	}
}

func FuzzParseA(f *testing.F) {
	for _, s := range []string{"", "0", "5", "aBc", "+1", "0x1", "00ff", n.Text(16), "1" + n.Text(16), strings.Repeat("f", 768)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseA(s)
		if err != nil {
			if a != nil || !errors.Is(err, ErrHex) && !errors.Is(err, ErrRange) {
				t.Fatalf("ParseA(%q) = %v, %v", s, a, err)
			}
			return
		}
		if !inRange(a) {
			t.Fatalf("ParseA(%q) = %x is out of range", s, a)
		}
		if got, want := a.Text(16), strings.ToLower(strings.TrimLeft(s, "0")); got != want {
			t.Fatalf("ParseA(%q) = %s", s, got)
		}
		if p := Pad(a); number(p).Cmp(a) != 0 || p[0]&0x80 != 0 || len(p) > 1 && p[0] == 0 && p[1]&0x80 == 0 {
			t.Fatalf("Pad = %x", p)
		}
	})
}
