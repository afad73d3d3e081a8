package srp

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseTimestamp(t *testing.T) {
	tests := []struct {
		in   string
		want time.Time
		err  error
	}{
		{in: "Wed May 7 00:09:40 UTC 2025", want: time.Date(2025, 5, 7, 0, 9, 40, 0, time.UTC)},
		{in: "Sat Feb 29 12:00:00 UTC 2020", want: time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)},
		{in: "Thu Dec 31 23:59:59 UTC 2026", want: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)},

		{in: "Wed May 07 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: "Tue May 7 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: "Wed May  7 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: " Wed May 7 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: "wed may 7 00:09:40 utc 2025", err: ErrTimestamp},
		{in: "Wednesday May 7 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: "Wed May 7 0:9:40 UTC 2025", err: ErrTimestamp},
		{in: "Wed May 7 00:09:40.5 UTC 2025", err: ErrTimestampFormat},
		{in: "Wed May 32 00:09:40 UTC 2025", err: ErrTimestamp},
		{in: "Wed May 7 24:09:40 UTC 2025", err: ErrTimestamp},
		{in: "Wed May 7 00:09:40 GMT 2025", err: ErrTimestamp},
		{in: "Wed May 7 00:09:40 GMT+01:00 2025", err: ErrTimestamp},
		{in: "Wed May 7 00:09:40 +0000 2025", err: ErrTimestamp},
		{in: "Wed May 7 00:09:40 UTC 25", err: ErrTimestamp},
		{in: "Sat Feb 29 12:00:00 UTC 2021", err: ErrTimestamp},

		{in: "", err: ErrTimestampFormat},
		{in: "2025-05-07T00:09:40Z", err: ErrTimestampFormat},
		{in: "1746576580", err: ErrTimestampFormat},
		{in: "Wed May 7 00:09:40 2025", err: ErrTimestampFormat},
		{in: "Wed May 7 00:09 UTC 2025", err: ErrTimestampFormat},
		{in: "Wed May 7 00::40 UTC 2025", err: ErrTimestampFormat},
		{in: "Wed May -7 00:09:40 UTC 2025", err: ErrTimestampFormat},
		{in: "Wed May 7 00:09:40 + 2025", err: ErrTimestampFormat},
		{in: "Mi Mai 7 00:09:40 UTC 2025", err: ErrTimestampFormat},
		{in: "Wed May 7 00:09:40 UTC 2025 AD", err: ErrTimestampFormat},
		{in: "Wed May 7 00:09:40 UTC 2025" + strings.Repeat(" ", 64), err: ErrTimestampFormat},
	}
	for _, tt := range tests {
		got, err := ParseTimestamp(tt.in)
		if !errors.Is(err, tt.err) || !got.Equal(tt.want) {
			t.Errorf("ParseTimestamp(%q) = %v, %v; want %v, %v", tt.in, got, err, tt.want, tt.err)
		}
		if err == nil && FormatTimestamp(got) != tt.in {
			t.Errorf("FormatTimestamp = %q, want %q", FormatTimestamp(got), tt.in)
		}
	}
}

func TestFormatTimestampUsesUTC(t *testing.T) {
	at := time.Date(2025, 5, 7, 2, 9, 40, 999, time.FixedZone("CEST", 2*60*60))
	if got, want := FormatTimestamp(at), "Wed May 7 00:09:40 UTC 2025"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{
		"Wed May 7 00:09:40 UTC 2025", "Wed May 07 00:09:40 UTC 2025", "Tue May 7 00:09:40 UTC 2025",
		"Wed May 7 00:09:40 GMT+01:00 2025", "2025-05-07T00:09:40Z", "", "Sat Feb 29 12:00:00 UTC 0000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTimestamp(s)
		switch {
		case err == nil:
			if FormatTimestamp(got) != s {
				t.Fatalf("%q was read as %v", s, got)
			}
		case !errors.Is(err, ErrTimestamp) && !errors.Is(err, ErrTimestampFormat):
			t.Fatalf("%q: %v", s, err)
		case !got.IsZero():
			t.Fatalf("%q: an error and %v", s, got)
		}
	})
}
