package store

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/go-json-experiment/json"
)

// documentFormat is the number that goes with documents as they are written now. A change of the shapes that old
// documents do not fit moves it.
const documentFormat = 1

func encodeDocument(v any) (string, error) {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("store: encode a document: %w", err)
	}
	return string(text), nil
}

func checkFormat(format int64) error {
	if format != documentFormat {
		return fmt.Errorf("store: a document has the format %d, this version of Poolhouse knows %d; run the version that wrote it", format, documentFormat)
	}
	return nil
}

func decodeDocument(format int64, text []byte, v any) error {
	if err := checkFormat(format); err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("store: decode a document: %w", err)
	}
	return nil
}

// newStamp marks one state of a document, in one row, for ever: what a cache holds under a stamp is what the row
// holds as long as it shows the stamp.
func newStamp() int64 {
	var b [8]byte
	rand.Read(b[:])
	return int64(binary.BigEndian.Uint64(b[:]) >> 1)
}
