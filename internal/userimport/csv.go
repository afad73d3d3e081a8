package userimport

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Bounds of a file.
const (
	maxRow      = 16_000            // characters
	maxRowBytes = maxRow*4 + 1      // and a carriage return
	maxUsers    = 500_000           // rows below the header
	MaxFile     = 100 * 1000 * 1000 // bytes
)

// A row is one line of a file. Its text is not written over when the next ones are read.
type row struct {
	text []byte // without its end
	line int64  // the header is line 1
	end  int64  // offset of what follows
	long bool   // it has more bytes than any row may have; text is then empty
}

// rows reads a file line by line. Lines end with a line feed, perhaps after a carriage return.
type rows struct {
	more   func() ([]byte, error) // the next piece of the file; none at its end
	buffer []byte
	offset int64 // of buffer in the file
	line   int64 // lines that were read
	over   bool
}

// next gives the next row, or false at the end.
func (r *rows) next() (row, bool, error) {
	long := false
	for {
		if i := bytes.IndexByte(r.buffer, '\n'); i >= 0 {
			return r.take(i, i+1, long), true, nil
		}
		if r.over {
			if len(r.buffer) == 0 && !long {
				return row{}, false, nil
			}
			return r.take(len(r.buffer), len(r.buffer), long), true, nil
		}
		if len(r.buffer) > maxRowBytes {
			long = true
			r.offset += int64(len(r.buffer))
			r.buffer = r.buffer[:0]
		}
		piece, err := r.more()
		if err != nil {
			return row{}, false, err
		}
		r.over = len(piece) == 0
		r.buffer = append(r.buffer[:len(r.buffer):len(r.buffer)], piece...)
	}
}

func (r *rows) take(length, consumed int, long bool) row {
	text := bytes.TrimSuffix(r.buffer[:length], []byte("\r"))
	r.buffer = r.buffer[consumed:]
	r.offset += int64(consumed)
	r.line++
	if long = long || len(text) > maxRowBytes; long {
		text = nil
	}
	return row{text: text, line: r.line, end: r.offset, long: long}
}

// blank says whether there is nothing in the row.
func (r row) blank() bool { return !r.long && len(bytes.TrimSpace(r.text)) == 0 }

// readable says whether the row is text, and not too long.
func (r row) readable() bool {
	return !r.long && utf8.Valid(r.text) && utf8.RuneCount(r.text) <= maxRow
}

// fields takes a row apart. Nothing is quoted: a comma inside a value follows a backslash. Blanks around a value go.
func fields(text string) []string {
	var found []string
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ',':
			value.WriteByte(',')
			i++
		case text[i] == ',':
			found = append(found, strings.TrimSpace(value.String()))
			value.Reset()
		default:
			value.WriteByte(text[i])
		}
	}
	return append(found, strings.TrimSpace(value.String()))
}
