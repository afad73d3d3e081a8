package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const (
	keySize   = 32
	keyIDSize = 8
	keyPrefix = "poolhouse-master-key-v1:"

	// maxKeyText bounds the text of a key file: one line of 85 bytes, and remarks.
	maxKeyText = 4096
)

// A Key is a master key: 256 random bits that open every data key of a database. It prints as its id alone.
type Key struct {
	secret [keySize]byte
}

// NewKey draws a master key that is in no file.
func NewKey() *Key {
	k := new(Key)
	rand.Read(k.secret[:])
	return k
}

// ParseKey reads the text of a key file. Empty lines and lines that begin with # are remarks; one line is
//
//	poolhouse-master-key-v1:<id, 16 hexadecimal digits>:<key, base64 of 32 bytes>
//
// The id is derived from the key, so that a damaged line is noticed. No error holds anything of the text.
func ParseKey(text []byte) (*Key, error) {
	if len(text) > maxKeyText {
		return nil, fmt.Errorf("seal: a master key is longer than %d bytes; give the file that poolhouse made", maxKeyText)
	}
	var k *Key
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if k != nil {
			return nil, errors.New("seal: a master key has more than one line; keep one key in a file")
		}
		var err error
		if k, err = parseKeyLine(string(line)); err != nil {
			return nil, err
		}
	}
	if k == nil {
		return nil, errors.New("seal: a master key is empty; restore the file from a copy")
	}
	return k, nil
}

func parseKeyLine(line string) (*Key, error) {
	rest, ok := strings.CutPrefix(line, keyPrefix)
	if !ok {
		return nil, fmt.Errorf("seal: a master key does not begin with %q; give the file that poolhouse made", keyPrefix)
	}
	id, encoded, ok := strings.Cut(rest, ":")
	if !ok || len(encoded) != base64.StdEncoding.EncodedLen(keySize) {
		return nil, errors.New("seal: a master key has the wrong length; restore the file from a copy")
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(secret) != keySize {
		return nil, errors.New("seal: a master key is not base64 of 32 bytes; restore the file from a copy")
	}
	k := &Key{secret: [keySize]byte(secret)}
	if k.ID() != id {
		return nil, errors.New("seal: a master key does not fit the id before it; restore the file from a copy")
	}
	return k, nil
}

// text is the content of a key file.
func (k *Key) text() []byte {
	return fmt.Appendf(nil, "# The master key of a Poolhouse database. Who has both can read every secret in it; without this\n"+
		"# file the database is useless. Keep a copy, away from the copies of the database.\n%s%s:%s\n",
		keyPrefix, k.ID(), base64.StdEncoding.EncodeToString(k.secret[:]))
}

// ID names the key, in 16 hexadecimal digits, and gives nothing of it away.
func (k *Key) ID() string {
	id := k.id()
	return hex.EncodeToString(id[:])
}

func (k *Key) id() [keyIDSize]byte {
	return [keyIDSize]byte(derive(k.secret[:], "master key id", keyIDSize))
}

// Format prints the key's id, whatever the verb.
func (k *Key) Format(s fmt.State, _ rune) { io.WriteString(s, "master key "+k.ID()) }

// LogValue logs the key's id.
func (k *Key) LogValue() slog.Value { return slog.StringValue("master key " + k.ID()) }

// derive draws a key of size bytes for one use out of a uniformly random secret.
func derive(secret []byte, use string, size int) []byte {
	key, err := hkdf.Expand(sha256.New, secret, "poolhouse seal v1: "+use, size)
	if err != nil {
		panic(err) // sizes are constant
	}
	return key
}
