package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Errors of opening. ErrOpen says no more than that: a seal that was moved, damaged, cut or made with another
// key looks the same.
var (
	ErrOpen = errors.New("seal: a sealed value does not open")
	// ErrOtherKey means that a database was sealed with another master key.
	ErrOtherKey = errors.New("seal: another master key")
)

const (
	version   = 1
	nonceSize = chacha20poly1305.NonceSizeX
	tagSize   = chacha20poly1305.Overhead

	boxHeaderSize = 1 + keyIDSize // version, id of the master key
)

// A Box seals and opens data keys with a master key. It may be used by several goroutines.
type Box struct {
	id     [keyIDSize]byte
	keys   cipher.AEAD // wraps data keys
	checks cipher.AEAD
	server *DataKey
}

// NewBox makes the box of a master key.
func NewBox(k *Key) *Box {
	return &Box{
		id:     k.id(),
		keys:   newAEAD(derive(k.secret[:], "data keys", keySize)),
		checks: newAEAD(derive(k.secret[:], "check", keySize)),
		server: newDataKey(0, derive(k.secret[:], "server key", keySize)),
	}
}

// Format prints the id of the box's master key, whatever the verb.
func (b *Box) Format(s fmt.State, _ rune) {
	io.WriteString(s, "box of master key "+hex.EncodeToString(b.id[:]))
}

// NewDataKey draws the data key of a pool, numbered from 1, and gives it wrapped: 81 bytes to be stored, which
// DataKey opens.
func (b *Box) NewDataKey(pool int64) (wrapped []byte, err error) {
	if pool <= 0 {
		return nil, fmt.Errorf("seal: no pool has the number %d", pool)
	}
	secret := make([]byte, keySize)
	rand.Read(secret)
	return b.seal(b.keys, poolNumber(pool), secret), nil
}

// DataKey opens a data key that NewDataKey made for this pool. The error is ErrOpen. It costs some microseconds;
// keep the result.
func (b *Box) DataKey(pool int64, wrapped []byte) (*DataKey, error) {
	secret, err := b.open(b.keys, poolNumber(pool), wrapped)
	if err != nil || len(secret) != keySize || pool <= 0 {
		return nil, ErrOpen
	}
	return newDataKey(pool, secret), nil
}

// ServerKey is the data key for what belongs to no pool. It is derived from the master key; Place.Pool is 0.
func (b *Box) ServerKey() *DataKey {
	return b.server
}

// checkText is what a check seals.
var checkText = []byte("poolhouse database")

// Check gives a value for the database to keep, by which VerifyCheck recognises the master key.
func (b *Box) Check() []byte {
	return b.seal(b.checks, nil, checkText)
}

// VerifyCheck tells whether the master key is the one that Check was called with. The error wraps ErrOtherKey
// and names both keys' ids, or is ErrOpen when the value is damaged.
func (b *Box) VerifyCheck(check []byte) error {
	if id, ok := wrappedBy(check); ok && id != b.id {
		return fmt.Errorf("%w: the database was sealed with key %x, the key given is %x; give the key file that belongs to this database",
			ErrOtherKey, id, b.id)
	}
	text, err := b.open(b.checks, nil, check)
	if err != nil || !bytes.Equal(text, checkText) {
		return ErrOpen
	}
	return nil
}

// seal gives version ‖ master key's id ‖ nonce ‖ ciphertext and tag; what precedes the nonce is bound too.
func (b *Box) seal(aead cipher.AEAD, bound, plaintext []byte) []byte {
	sealed := make([]byte, boxHeaderSize+nonceSize, boxHeaderSize+nonceSize+len(plaintext)+tagSize)
	sealed[0] = version
	copy(sealed[1:], b.id[:])
	nonce := sealed[boxHeaderSize:]
	rand.Read(nonce)
	return aead.Seal(sealed, nonce, plaintext, append(bytes.Clone(sealed[:boxHeaderSize]), bound...))
}

func (b *Box) open(aead cipher.AEAD, bound, sealed []byte) ([]byte, error) {
	if id, ok := wrappedBy(sealed); !ok || id != b.id {
		return nil, ErrOpen
	}
	header, rest := sealed[:boxHeaderSize], sealed[boxHeaderSize:]
	plaintext, err := aead.Open(nil, rest[:nonceSize], rest[nonceSize:], append(bytes.Clone(header), bound...))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// wrappedBy gives the id of the master key that made a value of seal; false when its form is another.
func wrappedBy(sealed []byte) ([keyIDSize]byte, bool) {
	if len(sealed) < boxHeaderSize+nonceSize+tagSize || sealed[0] != version {
		return [keyIDSize]byte{}, false
	}
	return [keyIDSize]byte(sealed[1:boxHeaderSize]), true
}

func poolNumber(pool int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(pool))
}

func newAEAD(key []byte) cipher.AEAD {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // the key's size is constant
	}
	return aead
}
