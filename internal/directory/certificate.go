package directory

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	certificateYears = 10
	certificateFresh = 365 * 24 * time.Hour // then the next one is issued

	certificateKey = "key" // the secret of the document: PKCS #8 in base64
)

// certificates are the pool's certificates for signing SAML requests, oldest first, in DER. All are of one key, and
// those that are not expired count.
type certificates struct{ Issued [][]byte }

// SigningCertificate gives the newest certificate of the pool in base64, on one line (operation GetSigningCertificate).
// The first is made here, with its key, and after a year the next one. Of those that are made at the same time the first
// that is stored counts.
func (s *Service) SigningCertificate(ctx context.Context, pool *userpool.Pool) (string, error) {
	d, newest, err := s.certificate(ctx, s.Store, pool)
	if err != nil || newest != nil {
		return base64.StdEncoding.EncodeToString(newest), err
	}
	issued, err := s.issueCertificate(ctx, pool, d)
	if err != nil {
		return "", err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := samePool(ctx, tx, pool); err != nil {
			return err
		}
		now, stored, err := s.certificate(ctx, tx, pool)
		if err != nil {
			return err
		}
		if newest = stored; newest != nil {
			return nil
		}
		newest = issued
		next := *d
		if now.Version == 0 {
			return tx.CreateDocument(ctx, &next)
		}
		return lostRace(tx.UpdateDocument(ctx, &next), userpool.NoSuchPool(pool.ID))
	})
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(newest), nil
}

// certificate reads the pool's document, or begins one at version 0, and its newest certificate, which is nil when it is
// time for the next.
func (s *Service) certificate(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool) (*userpool.Document, []byte, error) {
	d, err := r.Document(ctx, pool.Number, userpool.Certificates, wholePool)
	if errors.Is(err, userpool.ErrNotFound) {
		d, err = s.newDocument(pool, userpool.Certificates, wholePool, &certificates{})
	}
	if err != nil {
		return nil, nil, err
	}
	issued, err := contentOf[certificates](d)
	if err != nil || len(issued.Issued) == 0 {
		return d, nil, err
	}
	newest := issued.Issued[len(issued.Issued)-1]
	parsed, err := x509.ParseCertificate(newest)
	if err != nil {
		return nil, nil, fmt.Errorf("directory: read a certificate: %w", err)
	}
	if s.now().Before(parsed.NotBefore.Add(certificateFresh)) {
		return d, newest, nil
	}
	return d, nil, nil
}

// issueCertificate adds a certificate to the document, and makes the key if there is none.
func (s *Service) issueCertificate(ctx context.Context, pool *userpool.Pool, d *userpool.Document) ([]byte, error) {
	issued, err := contentOf[certificates](d)
	if err != nil {
		return nil, err
	}
	key, err := s.certificateKey(ctx, d)
	if err != nil {
		return nil, err
	}
	now := s.now()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: pool.ID},
		NotBefore:    now,
		NotAfter:     now.AddDate(certificateYears, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("directory: issue a certificate: %w", err)
	}
	var kept [][]byte
	for _, old := range issued.Issued {
		if parsed, err := x509.ParseCertificate(old); err == nil && now.Before(parsed.NotAfter) {
			kept = append(kept, old)
		}
	}
	issued.Issued = append(kept, der)
	d.Modified = now
	return der, setContent(d, issued)
}

// certificateKey gives the private key that the document keeps; a new document gets one.
func (s *Service) certificateKey(ctx context.Context, d *userpool.Document) (*rsa.PrivateKey, error) {
	if text, ok := d.Secrets[certificateKey]; ok {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("directory: the key of a certificate is damaged")
		}
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		key, ok := parsed.(*rsa.PrivateKey)
		if err != nil || !ok {
			return nil, errors.New("directory: the key of a certificate is damaged")
		}
		return key, nil
	}
	key, err := s.Tokens.MakeKey(ctx)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("directory: encode the key of a certificate: %w", err)
	}
	d.Secrets = map[string]string{certificateKey: base64.StdEncoding.EncodeToString(der)}
	return key, nil
}
