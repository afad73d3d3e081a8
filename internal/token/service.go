package token

import (
	"crypto/rsa"
	"log/slog"
	"sync"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Service issues and judges tokens. Its exported fields are set before the first call; it is used by
// pointer and safe for concurrent use.
type Service struct {
	Store  userpool.Store
	Queue  *limits.Queue                   // bounds signing
	Issuer func(poolID string) string      // claim iss of a pool's tokens
	Now    func() time.Time                // the clock
	NewKey func() (*rsa.PrivateKey, error) // RSA-2048; nil makes one on the spot
	Log    *slog.Logger

	making    sync.Mutex // one key is made at a time, so that pools are not made at the cost of sign-ins
	keyrings  cache[int64, *keyring]
	verifiers cache[string, *verifier]
	unknown   cache[string, struct{}] // kids without a key
}

// now is the clock at the store's precision.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
