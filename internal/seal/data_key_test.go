package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

var home = Place{Table: "passwords", Column: "verifier", Pool: 7, Row: "42"}

func newPoolKey(t testing.TB, pool int64) *DataKey {
	t.Helper()
	box := NewBox(NewKey())
	wrapped, err := box.NewDataKey(pool)
	if err != nil {
		t.Fatal(err)
	}
	d, err := box.DataKey(pool, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSealOpen(t *testing.T) {
	d := newPoolKey(t, 7)
	for _, plaintext := range [][]byte{nil, {0}, []byte("secret"), bytes.Repeat([]byte("x"), 5000)} {
		sealed := d.Seal(home, plaintext)
		if len(sealed) != len(plaintext)+Overhead {
			t.Errorf("%d bytes were sealed as %d", len(plaintext), len(sealed))
		}
		if len(plaintext) > 3 && bytes.Contains(sealed, plaintext) {
			t.Error("the seal shows what it seals")
		}
		got, err := d.Open(home, sealed)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("Open = %q, %v", got, err)
		}
		if bytes.Equal(sealed, d.Seal(home, plaintext)) {
			t.Error("sealing twice gives the same value")
		}
	}
}

// What a caller appends to a seal must not run over memory that the seal shares.
func TestResultsHaveNoSpareCapacity(t *testing.T) {
	d := newPoolKey(t, 7)
	sealed := d.Seal(home, []byte("secret"))
	plaintext, err := d.Open(home, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if cap(sealed) != len(sealed) || cap(plaintext) != len(plaintext) {
		t.Errorf("capacities %d and %d, lengths %d and %d", cap(sealed), cap(plaintext), len(sealed), len(plaintext))
	}
}

func TestMovedSealDoesNotOpen(t *testing.T) {
	d := newPoolKey(t, 7)
	sealed := d.Seal(home, []byte("secret"))
	for name, p := range map[string]Place{
		"other table":     {Table: "devices", Column: "verifier", Pool: 7, Row: "42"},
		"other column":    {Table: "passwords", Column: "salt", Pool: 7, Row: "42"},
		"other pool":      {Table: "passwords", Column: "verifier", Pool: 8, Row: "42"},
		"other row":       {Table: "passwords", Column: "verifier", Pool: 7, Row: "43"},
		"no row":          {Table: "passwords", Column: "verifier", Pool: 7},
		"boundary moved":  {Table: "passwordsv", Column: "erifier", Pool: 7, Row: "42"},
		"names exchanged": {Table: "verifier", Column: "passwords", Pool: 7, Row: "42"},
		"zero byte added": {Table: "passwords", Column: "verifier", Pool: 7, Row: "42\x00"},
		"everything else": {},
	} {
		if got, err := d.Open(p, sealed); !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("%s: Open = %q, %v", name, got, err)
		}
	}
}

func TestDamagedSealDoesNotOpen(t *testing.T) {
	d := newPoolKey(t, 7)
	sealed := d.Seal(home, []byte("secret"))
	for i := range sealed {
		if got, err := d.Open(home, sealed[:i]); !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("cut to %d bytes: Open = %q, %v", i, got, err)
		}
		for bit := range 8 {
			damaged := bytes.Clone(sealed)
			damaged[i] ^= 1 << bit
			if got, err := d.Open(home, damaged); !errors.Is(err, ErrOpen) || got != nil {
				t.Errorf("bit %d of byte %d: Open = %q, %v", bit, i, got, err)
			}
		}
	}
	if _, err := d.Open(home, append(bytes.Clone(sealed), 0)); !errors.Is(err, ErrOpen) {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestOtherKeyDoesNotOpen(t *testing.T) {
	box := NewBox(NewKey())
	open := func(box *Box, pool int64, wrapped []byte) *DataKey {
		d, err := box.DataKey(pool, wrapped)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	wrapped, _ := box.NewDataKey(7)
	other, _ := box.NewDataKey(7)
	d := open(box, 7, wrapped)
	sealed := d.Seal(home, []byte("secret"))
	if got, err := open(box, 7, wrapped).Open(home, sealed); err != nil || string(got) != "secret" {
		t.Errorf("the key opened again: %q, %v", got, err)
	}
	for name, d := range map[string]*DataKey{
		"another data key": open(box, 7, other), "the server's key": box.ServerKey(),
	} {
		if _, err := d.Open(home, sealed); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The ids of two keys may be equal by chance: the cipher decides.
	twin := open(box, 7, other)
	twin.id = d.id
	if _, err := twin.Open(home, sealed); !errors.Is(err, ErrOpen) {
		t.Errorf("another data key with the same id: %v", err)
	}
}

func TestMAC(t *testing.T) {
	box := NewBox(NewKey())
	wrapped, err := box.NewDataKey(7)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := box.DataKey(7, wrapped)
	again, _ := box.DataKey(7, wrapped)
	if d.MAC("code", "a", "bc") != again.MAC("code", "a", "bc") {
		t.Error("the same parts give another hash")
	}
	seen := map[[32]byte]string{}
	for name, sum := range map[string][32]byte{
		"a bc":      d.MAC("code", "a", "bc"),
		"ab c":      d.MAC("code", "ab", "c"),
		"abc":       d.MAC("code", "abc"),
		"abc empty": d.MAC("code", "abc", ""),
		"none":      d.MAC("code"),
		"one empty": d.MAC("code", ""),
		"label":     d.MAC("codea", "bc"),
		"other key": newPoolKey(t, 7).MAC("code", "a", "bc"),
		"server":    box.ServerKey().MAC("code", "a", "bc"),
	} {
		if twin, ok := seen[sum]; ok {
			t.Errorf("%s and %s have the same hash", name, twin)
		}
		seen[sum] = name
	}
}

func TestKeysStayOutOfOutput(t *testing.T) {
	k := NewKey()
	box := NewBox(k)
	d := box.ServerKey()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		got := fmt.Sprintf(strings.Join([]string{verb, verb, verb, verb}, "|"), k, box, d, k.LogValue())
		want := fmt.Sprintf("master key %s|box of master key %s|data key of pool 0", k.ID(), k.ID())
		if !strings.HasPrefix(got, want) || strings.Contains(got, fmt.Sprintf("%x", k.secret)) {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func FuzzOpen(f *testing.F) {
	box := NewBox(&Key{secret: [keySize]byte{1, 2, 3}})
	d := box.ServerKey()
	sealed := d.Seal(home, []byte("secret"))
	wrapped, err := box.NewDataKey(7)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("passwords", "verifier", int64(7), "42", sealed)
	f.Add("passwords", "verifier", int64(8), "42", sealed)
	f.Add("", "", int64(7), "", wrapped)
	f.Add("", "", int64(0), "", box.Check())
	f.Add("", "", int64(-1), "", []byte{})
	f.Fuzz(func(t *testing.T, table, column string, pool int64, row string, sealed []byte) {
		p := Place{Table: table, Column: column, Pool: pool, Row: row}
		if got, err := d.Open(p, sealed); err == nil && (p != home || string(got) != "secret") {
			t.Fatalf("%q opened at %+v", got, p)
		}
		if _, err := box.DataKey(pool, sealed); err == nil && pool != 7 {
			t.Fatalf("a data key opened for pool %d", pool)
		}
		if err := box.VerifyCheck(sealed); err != nil && !errors.Is(err, ErrOpen) && !errors.Is(err, ErrOtherKey) {
			t.Fatal(err)
		}
		again, err := d.Open(p, d.Seal(p, sealed))
		if err != nil || !bytes.Equal(again, sealed) {
			t.Fatalf("Open = %x, %v; want %x", again, err, sealed)
		}
	})
}

func BenchmarkSeal400(b *testing.B) {
	d, plaintext := newPoolKey(b, 7), make([]byte, 400)
	b.ReportAllocs()
	for b.Loop() {
		d.Seal(home, plaintext)
	}
}

func BenchmarkOpen400(b *testing.B) {
	d := newPoolKey(b, 7)
	sealed := d.Seal(home, make([]byte, 400))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Open(home, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMAC(b *testing.B) {
	d := newPoolKey(b, 7)
	b.ReportAllocs()
	for b.Loop() {
		d.MAC("code", "alice", "123456")
	}
}
