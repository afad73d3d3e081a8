package wire

import (
	"errors"
	"strconv"
	"time"
)

// A Timestamp is a point in time of the service's precision. Its JSON form is
// a number: seconds since the epoch with up to three decimals.
type Timestamp struct{ time.Time }

// NewTimestamp returns t in UTC, cut to milliseconds.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp{time.UnixMilli(t.UnixMilli()).UTC()}
}

// MarshalJSON writes the seconds since the epoch.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	milli := t.UnixMilli()
	if milli%1000 == 0 {
		return strconv.AppendInt(nil, milli/1000, 10), nil
	}
	return strconv.AppendFloat(nil, float64(milli)/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads any JSON number, exponents included.
func (t *Timestamp) UnmarshalJSON(b []byte) error {
	parsed, ok := parseTimestamp(b)
	if !ok {
		return errors.New("wire: a timestamp must be a number of seconds since the epoch")
	}
	*t = parsed
	return nil
}

// maxTimestamp is the last second of the year 9999.
const maxTimestamp = 253402300799

func parseTimestamp(number []byte) (Timestamp, bool) {
	seconds, err := strconv.ParseFloat(string(number), 64)
	if err != nil || seconds < -maxTimestamp || seconds > maxTimestamp {
		return Timestamp{}, false
	}
	milli := int64(seconds*1000 + 0.5)
	if seconds < 0 {
		milli = int64(seconds*1000 - 0.5)
	}
	return Timestamp{time.UnixMilli(milli).UTC()}, true
}
