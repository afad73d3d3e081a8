package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// secretBlock is the server's state between the two steps of SRP, sealed into SECRET_BLOCK. It is bound to
// the client, the user and the password that was in force.
type secretBlock struct {
	blockHead
	name     string // USER_ID_FOR_SRP
	clientID string
}

// blockHead is the same size for users and stand-ins.
type blockHead struct {
	ID         [16]byte // UUID
	User       int64    // zero for a stand-in
	Generation int64    // of the password; zero when there is none
	Expires    int64    // microseconds since 1970
	Mark       mark
	Exchange   [srp.StateSize]byte
	NameSize   uint16 // bytes
}

const (
	blockPurpose = "srp secret block"
	maxBlock     = 4096 // characters; those that are made stay below 2,048
)

// newSecretBlock makes the block of a sign-in that begins now. The exchange is not in it yet.
func (s *Service) newSecretBlock(c *userpool.Client, sub *subject) *secretBlock {
	b := &secretBlock{name: sub.name, clientID: c.ID}
	b.ID, b.Mark, b.NameSize = uuid.New(), sub.mark, uint16(len(sub.name))
	b.Expires = s.Now().Add(c.SessionLifetime()).UnixMicro()
	if sub.user != nil {
		b.User = sub.user.Key.User
	}
	if sub.password != nil {
		b.Generation = sub.password.Generation
	}
	return b
}

func (s *Service) sealBlock(ctx context.Context, pool *userpool.Pool, b *secretBlock) (string, error) {
	plain, err := binary.Append(nil, binary.BigEndian, b.blockHead)
	if err != nil {
		return "", err
	}
	sealed, err := s.Sealer.Seal(ctx, pool.Number, blockPurpose, append(append(plain, b.name...), b.clientID...))
	return base64.StdEncoding.EncodeToString(sealed), err
}

// openBlock opens the block of an answer; raw is what the client signed. Of one that is damaged, expired,
// another client's or no block at all it gives nil.
func (s *Service) openBlock(ctx context.Context, c *userpool.Client, text string) (b *secretBlock, raw []byte, err error) {
	raw, ok := decodeBase64(base64.StdEncoding, text, maxBlock)
	if !ok {
		return nil, nil, nil
	}
	plain, err := s.Sealer.Open(ctx, c.Pool.Number, blockPurpose, raw)
	if errors.Is(err, userpool.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	b = &secretBlock{}
	n, err := binary.Decode(plain, binary.BigEndian, &b.blockHead)
	if err != nil || int(b.NameSize) > len(plain)-n {
		return nil, nil, nil // of another version
	}
	plain = plain[n:]
	b.name, b.clientID = string(plain[:b.NameSize]), string(plain[b.NameSize:])
	if b.clientID != c.ID || s.Now().After(b.expires()) {
		return nil, nil, nil
	}
	return b, raw, nil
}

func (b *secretBlock) expires() time.Time { return time.UnixMicro(b.Expires).UTC() }

// spend is part of the unit of work that completes the step.
func (b *secretBlock) spend(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
	err := tx.Spend(ctx, pool.Number, uuid.UUID(b.ID).String(), b.expires())
	if errors.Is(err, userpool.ErrExists) {
		return userpool.WrongPassword()
	}
	return err
}

// decodeBase64 reads the one spelling that an encoder gives, up to a number of characters.
func decodeBase64(e *base64.Encoding, text string, most int) ([]byte, bool) {
	if len(text) > most || strings.ContainsAny(text, "\r\n") { // which decoders skip
		return nil, false
	}
	raw, err := e.Strict().DecodeString(text)
	return raw, err == nil
}
