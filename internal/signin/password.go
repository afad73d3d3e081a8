package signin

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// password is the first factor of USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH: the verifier is
// computed again from what was sent.
func (s *Service) password(ctx context.Context, req Request) (*Outcome, error) {
	c, p := req.Client, req.Parameters
	for _, name := range []string{"USERNAME", "PASSWORD"} {
		if p[name] == "" {
			return nil, missing(name)
		}
	}
	if err := c.CheckSecretHash(p["SECRET_HASH"], p["USERNAME"]); err != nil {
		return nil, err
	}
	if err := honoured(c.Pool); err != nil {
		return nil, err
	}
	sub, err := s.find(ctx, c, p["USERNAME"])
	if err != nil {
		return nil, err
	}
	if err := s.state(c, sub); err != nil {
		return nil, err
	}
	salt, verifier, name, err := s.verifier(ctx, c.Pool, sub)
	if err != nil {
		return nil, err
	}
	right := false
	if err := s.arithmetic(ctx, func() error {
		right = srp.Matches(verifier, salt, c.Pool.SRPName(), name, p["PASSWORD"])
		return nil
	}); err != nil {
		return nil, err
	}
	if !right || !sub.known() {
		return nil, s.failed(ctx, sub.attempts)
	}
	return s.proceed(ctx, c, sub, nil)
}

// verifier gives salt, verifier and the name in the hash: the user's, or for a stand-in values that are
// the same at every call and that no password fits.
func (s *Service) verifier(ctx context.Context, pool *userpool.Pool, sub subject) (salt, verifier []byte, name string, err error) {
	if sub.known() {
		return sub.password.Salt, sub.password.Verifier, sub.user.Username, nil
	}
	seed, err := s.Sealer.MAC(ctx, pool.Number, "stand-in", pool.Lookup(sub.typed).Username)
	if err != nil {
		return nil, nil, "", err
	}
	name = standInID(seed)
	if sub.user != nil {
		name = sub.user.Username
	}
	salt, verifier = srp.Decoy(seed[:])
	return salt, verifier, name, nil
}

// standInID is the user id that stands for one who is not there (RFC 5054, section 2.5.1.3).
func standInID(seed [32]byte) string {
	hash := sha256.Sum256(seed[:]) // the seed itself stays secret
	b := hash[:16]
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hexText(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// expired says whether the user's temporary password is too old.
func (sub subject) expired(pool *userpool.Pool, now time.Time) bool {
	return sub.user.Status == userpool.ForceChangePassword && sub.password != nil &&
		now.After(sub.password.Set.Add(pool.TemporaryPasswordLifetime()))
}
