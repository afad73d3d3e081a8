package srp

import (
	"errors"
	"strings"
	"time"
)

// Errors of a TIMESTAMP.
var (
	// ErrTimestampFormat means that the text is no date of this form at all.
	ErrTimestampFormat = errors.New("srp: the timestamp is not of the form EEE MMM d HH:mm:ss z yyyy")
	// ErrTimestamp means that the text has the form but is not what FormatTimestamp writes for any time: a zero
	// before the day, a weekday that is not the date's, another zone. It counts as a wrong password.
	ErrTimestamp = errors.New("srp: the timestamp is not in its canonical form")
)

const (
	timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"
	maxTimestamp    = 64 // bytes
)

// FormatTimestamp writes a time as TIMESTAMP, such as "Wed May 7 00:09:40 UTC 2025".
func FormatTimestamp(t time.Time) string {
	return t.UTC().Format(timestampLayout)
}

// ParseTimestamp reads a TIMESTAMP. The error is ErrTimestampFormat or ErrTimestamp.
func ParseTimestamp(s string) (time.Time, error) {
	if len(s) > maxTimestamp {
		return time.Time{}, ErrTimestampFormat
	}
	// time.Parse takes more than one spelling of a time and does not look at the weekday.
	if t, err := time.Parse(timestampLayout, s); err == nil && FormatTimestamp(t) == s {
		return t, nil
	}
	if looksLikeTimestamp(s) {
		return time.Time{}, ErrTimestamp
	}
	return time.Time{}, ErrTimestampFormat
}

// looksLikeTimestamp follows a lenient reader, which rolls numbers beyond their range over and takes any case,
// long names and other zones.
func looksLikeTimestamp(s string) bool {
	f := strings.Fields(s)
	return len(f) == 6 &&
		isName(f[0], func(i int) string { return time.Weekday(i).String() }, 0, 6) &&
		isName(f[1], func(i int) string { return time.Month(i).String() }, 1, 12) &&
		isNumber(f[2]) && isClock(f[3]) && isZone(f[4]) && isNumber(f[5])
}

// isName tells whether s is a name or its first three letters.
func isName(s string, name func(int) string, first, last int) bool {
	for i := first; i <= last; i++ {
		if full := name(i); strings.EqualFold(s, full) || strings.EqualFold(s, full[:3]) {
			return true
		}
	}
	return false
}

func isClock(s string) bool {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return false
	}
	for _, p := range parts {
		if !isNumber(p) {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 9 && strings.Trim(s, "0123456789") == ""
}

// isZone tells whether s is an abbreviation or an offset from GMT.
func isZone(s string) bool {
	if rest := strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"); len(rest) < len(s) {
		s = rest
		if s == "" {
			return true
		}
	}
	return len(s) > 1 && (s[0] == '+' || s[0] == '-') && strings.Trim(s[1:], "0123456789:") == ""
}
