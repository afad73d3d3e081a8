package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Overhead is by how many bytes a seal is longer than what it seals.
const Overhead = dataHeaderSize + nonceSize + tagSize

const (
	dataKeyIDSize  = 4
	dataHeaderSize = 1 + dataKeyIDSize // version, id of the data key
)

// A Place is where a sealed value lives, and the only place where it opens.
type Place struct {
	Table, Column string
	Pool          int64  // 0 for what belongs to no pool
	Row           string // the row's key
}

// appendTo writes the place so that no two places look alike.
func (p Place) appendTo(b []byte) []byte {
	b = appendText(b, p.Table)
	b = appendText(b, p.Column)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Pool))
	return appendText(b, p.Row)
}

func (p Place) size() int {
	return 3*4 + 8 + len(p.Table) + len(p.Column) + len(p.Row)
}

// appendText writes a length of four bytes and the text.
func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// A DataKey seals the secrets of one pool. It may be used by several goroutines.
type DataKey struct {
	pool int64
	id   [dataKeyIDSize]byte
	aead cipher.AEAD
	mac  []byte // key of MAC
}

func newDataKey(pool int64, secret []byte) *DataKey {
	return &DataKey{
		pool: pool,
		id:   [dataKeyIDSize]byte(derive(secret, "data key id", dataKeyIDSize)),
		aead: newAEAD(derive(secret, "seals", keySize)),
		mac:  derive(secret, "keyed hashes", keySize),
	}
}

// Format prints the pool's number, whatever the verb.
func (d *DataKey) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "data key of pool %d", d.pool) }

// Seal gives plaintext sealed for p: version ‖ data key's id ‖ nonce ‖ ciphertext and tag, Overhead bytes more
// than plaintext. Sealing the same twice gives different values.
func (d *DataKey) Seal(p Place, plaintext []byte) []byte {
	// One allocation holds the seal and, behind it, the place that it is bound to.
	size := Overhead + len(plaintext)
	buf := make([]byte, size, size+dataHeaderSize+p.size())
	buf[0] = version
	copy(buf[1:], d.id[:])
	nonce := buf[dataHeaderSize : dataHeaderSize+nonceSize]
	rand.Read(nonce)
	bound := p.appendTo(append(buf[size:], buf[:dataHeaderSize]...))
	d.aead.Seal(buf[:dataHeaderSize+nonceSize], nonce, plaintext, bound)
	return buf[:size:size]
}

// Open gives what was sealed for p. The error is ErrOpen, whatever the reason.
func (d *DataKey) Open(p Place, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != version || [dataKeyIDSize]byte(sealed[1:dataHeaderSize]) != d.id {
		return nil, ErrOpen
	}
	header, rest := sealed[:dataHeaderSize], sealed[dataHeaderSize:]
	size := len(sealed) - Overhead
	buf := make([]byte, size, size+dataHeaderSize+p.size())
	bound := p.appendTo(append(buf[size:], header...))
	plaintext, err := d.aead.Open(buf[:0:size], rest[:nonceSize], rest[nonceSize:], bound)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// MAC is a keyed hash (HMAC-SHA-256) of the parts, for looking secrets up and for simulating what is not there.
// Without the key nobody can compute it; ("a", "bc") and ("ab", "c") differ, as do labels. It is bound to this
// data key, and so to the pool.
func (d *DataKey) MAC(label string, parts ...string) [32]byte {
	size := 4 + len(label)
	for _, p := range parts {
		size += 4 + len(p)
	}
	message := appendText(make([]byte, 0, size), label)
	for _, p := range parts {
		message = appendText(message, p)
	}
	mac := hmac.New(sha256.New, d.mac)
	mac.Write(message)
	var sum [32]byte
	mac.Sum(sum[:0])
	return sum
}
