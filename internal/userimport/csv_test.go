package userimport

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	for text, want := range map[string][]string{
		"":               {""},
		"a,b":            {"a", "b"},
		` a b , c	`:      {"a b", "c"},
		`a\,b,c`:         {"a,b", "c"},
		`"a,b"`:          {`"a`, `b"`},
		`a\b,c\`:         {`a\b`, `c\`},
		`\,,\,\,`:        {",", ",,"},
		"é\u00A0,\u2003": {"é", ""},
	} {
		if got := fields(text); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// pieces gives a text so many bytes at a time.
func pieces(text []byte, size int) func() ([]byte, error) {
	return func() ([]byte, error) {
		n := min(size, len(text))
		piece := text[:n]
		text = text[n:]
		return piece, nil
	}
}

func TestRows(t *testing.T) {
	long := strings.Repeat("x", maxRowBytes+1)
	text := "one\r\n\n" + long + "\nlast"
	for _, size := range []int{1, 3, 1000, 1 << 20} {
		r := &rows{more: pieces([]byte(text), size)}
		for i, want := range []row{{text: []byte("one"), end: 5}, {end: 6}, {long: true, end: int64(len(text) - 4)}, {text: []byte("last"), end: int64(len(text))}} {
			got, ok, err := r.next()
			if !ok || err != nil || string(got.text) != string(want.text) || got.long != want.long || got.end != want.end || got.line != int64(i+1) {
				t.Errorf("in pieces of %d row %d is %q %v %d, line %d (%v)", size, i, got.text, got.long, got.end, got.line, err)
			}
		}
		if _, ok, _ := r.next(); ok {
			t.Errorf("in pieces of %d there is a row behind the last", size)
		}
	}
}

// Whatever a file holds, its rows put together are the file, and each can be gone on from.
func FuzzRows(f *testing.F) {
	f.Add([]byte("a,b\r\nc\\,d\n\n"), 3)
	f.Add([]byte("\xef\xbb\xbfname\n\xff"), 1)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = max(1, size%(1<<16))
		r := &rows{more: pieces(text, size)}
		var position int64
		for {
			got, ok, err := r.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if got.end <= position || got.end > int64(len(text)) {
				t.Fatalf("a row ends at %d after %d", got.end, position)
			}
			raw := text[position:got.end]
			if !got.long && !bytes.Equal(got.text, bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))) {
				t.Fatalf("%q was read as %q", raw, got.text)
			}
			position = got.end
			for _, value := range fields(string(got.text)) {
				if strings.TrimSpace(value) != value {
					t.Fatalf("%q has blanks around it", value)
				}
			}
		}
		if position != int64(len(text)) {
			t.Fatalf("%d of %d bytes were read", position, len(text))
		}
	})
}

func TestLogPieces(t *testing.T) {
	piece, err := pack([]outcome{{failed, 5, "why"}, {succeeded, 8, ""}, {failed, 6, "why"}, {succeeded, 2, ""}, {succeeded, 3, ""}, {skipped, 7, existsAlready}}, true)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, first, err := unpack(piece)
	if err != nil || !first {
		t.Fatal(first, err)
	}
	var b strings.Builder
	if err := writeStretch(&b, outcomes); err != nil {
		t.Fatal(err)
	}
	const want = `[SUCCEEDED] Line Number 2 - The import succeeded.
[SUCCEEDED] Line Number 3 - The import succeeded.
[FAILED] Line Number 5 - why
[FAILED] Line Number 6 - why
[SKIPPED] Line Number 7 - The user already exists.
[SUCCEEDED] Line Number 8 - The import succeeded.
`
	if b.String() != want {
		t.Errorf("the log is\n%swant\n%s", b.String(), want)
	}
}
