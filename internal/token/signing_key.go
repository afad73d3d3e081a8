package token

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	keyBits  = 2048
	kidBytes = 32
)

// NewSigningKeys makes the two keys of a new pool, one for access and one for ID tokens. It takes some
// tenths of a second and is called outside any unit of work.
func (s *Service) NewSigningKeys(ctx context.Context, pool int64, poolID string) ([]userpool.SigningKey, error) {
	var keys []userpool.SigningKey
	for _, use := range []userpool.KeyUse{userpool.SignsAccess, userpool.SignsID} {
		private, err := s.MakeKey(ctx)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, fmt.Errorf("token: encode signing key: %w", err)
		}
		kid := make([]byte, kidBytes)
		rand.Read(kid)
		keys = append(keys, userpool.SigningKey{
			KID:     base64.StdEncoding.EncodeToString(kid),
			Pool:    pool,
			PoolID:  poolID,
			Use:     use,
			Public:  x509.MarshalPKCS1PublicKey(&private.PublicKey),
			Private: der,
			Created: s.now(),
		})
	}
	return keys, nil
}

// MakeKey makes an RSA key of 2048 bits, one at a time. Like NewSigningKeys it is called outside any unit of work.
func (s *Service) MakeKey(ctx context.Context) (*rsa.PrivateKey, error) {
	s.making.Lock()
	defer s.making.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.NewKey != nil {
		return s.NewKey()
	}
	return rsa.GenerateKey(rand.Reader, keyBits)
}

// wellFormedKID says whether kid has the form that NewSigningKeys gives.
func wellFormedKID(kid string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(kid)
	return err == nil && len(raw) == kidBytes
}

// verifier is the public part of a signing key and what it was made for.
type verifier struct {
	kid    string
	pool   int64
	poolID string
	use    userpool.KeyUse
	public *rsa.PublicKey
}

func newVerifier(k *userpool.SigningKey) (*verifier, error) {
	public, err := x509.ParsePKCS1PublicKey(k.Public)
	if err != nil {
		return nil, fmt.Errorf("token: public key %s of pool %s: %w", k.KID, k.PoolID, err)
	}
	return &verifier{k.KID, k.Pool, k.PoolID, k.Use, public}, nil
}

// verifier finds a key by its kid, also that of a deleted pool; ErrNotFound when there is none.
func (s *Service) verifier(ctx context.Context, kid string) (*verifier, error) {
	now := s.Now()
	if v, fresh := s.verifiers.get(kid, now); fresh {
		return v, nil
	}
	if _, fresh := s.unknown.get(kid, now); fresh {
		return nil, userpool.ErrNotFound
	}
	k, err := s.Store.SigningKey(ctx, kid)
	if errors.Is(err, userpool.ErrNotFound) {
		s.unknown.put(kid, struct{}{}, now)
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("token: find signing key: %w", err)
	}
	v, err := newVerifier(k)
	if err != nil {
		return nil, err
	}
	s.verifiers.put(kid, v, now)
	return v, nil
}

// signer signs with one key. Parsing a private key is dear, so it is done once a key.
type signer struct {
	kid     string
	header  string // encoded
	private *rsa.PrivateKey
}

func newSigner(k *userpool.SigningKey) (*signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(k.Private)
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		// The parser's own words could quote the key.
		return nil, fmt.Errorf("token: private key %s of pool %s cannot be read", k.KID, k.PoolID)
	}
	// alg and kid alone, in the service's order. A kid is base64 text, so it needs no escapes.
	header := `{"kid":"` + k.KID + `","alg":"RS256"}`
	return &signer{k.KID, base64.RawURLEncoding.EncodeToString([]byte(header)), private}, nil
}

// sign gives the compact serialization (RFC 7515, section 7.1) of a JWS by RS256 (RFC 7518, section 3.3). It is
// written out because the library would sort the header and encode it anew for each token.
func (s *signer) sign(payload []byte) (string, error) {
	input := s.header + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, s.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("token: sign: %w", err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// keyring holds the keys of a living pool: the newest of each use signs, all are published.
type keyring struct {
	access, id *signer
	published  []jose.JSONWebKey
}

// keyring reads the keys of a pool at most once a minute; ErrNotFound when the pool has none, because it
// is gone.
func (s *Service) keyring(ctx context.Context, pool int64) (*keyring, error) {
	now := s.Now()
	before, fresh := s.keyrings.get(pool, now)
	if fresh {
		return before, nil
	}
	keys, err := s.Store.SigningKeys(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("token: list signing keys: %w", err)
	}
	ring := &keyring{}
	for i := range keys {
		k := &keys[i]
		v, err := newVerifier(k)
		if err != nil {
			return nil, err
		}
		ring.published = append(ring.published, jose.JSONWebKey{
			Key: v.public, KeyID: k.KID, Algorithm: string(jose.RS256), Use: "sig",
		})
		place := &ring.access
		if k.Use == userpool.SignsID {
			place = &ring.id
		}
		if *place, err = before.signer(k); err != nil {
			return nil, err
		}
	}
	if ring.access == nil || ring.id == nil {
		return nil, fmt.Errorf("token: signing keys of pool %d: %w", pool, userpool.ErrNotFound)
	}
	s.keyrings.put(pool, ring, now)
	return ring, nil
}

// signer gives the signer of k, the one parsed before if r has it. r may be nil.
func (r *keyring) signer(k *userpool.SigningKey) (*signer, error) {
	if r != nil {
		for _, known := range []*signer{r.access, r.id} {
			if known.kid == k.KID {
				return known, nil
			}
		}
	}
	return newSigner(k)
}

// KeySet gives the public keys of a living pool (RFC 7517, section 5).
func (s *Service) KeySet(ctx context.Context, poolID string) (jose.JSONWebKeySet, error) {
	pool, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return jose.JSONWebKeySet{}, userpool.OrNotFound(err, userpool.NoSuchPool(poolID))
	}
	ring, err := s.keyring(ctx, pool.Number)
	if err != nil {
		return jose.JSONWebKeySet{}, userpool.OrNotFound(err, userpool.NoSuchPool(poolID))
	}
	return jose.JSONWebKeySet{Keys: ring.published}, nil
}
