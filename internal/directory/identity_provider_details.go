package directory

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/federation"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// detailQuota bounds how many details a provider has.
const detailQuota = 64

// providerDraft is a provider with its secrets before it is stored.
type providerDraft struct {
	federation.Provider
	secrets map[string]string
}

// draftProvider checks and completes the details of a provider, calling its addresses if need be. old is the provider
// before an update, nil at creation: its keys stay.
func (s *Service) draftProvider(ctx context.Context, pool *userpool.Pool, t wire.IdentityProviderTypeType, given map[string]string, old *providerDraft) (*providerDraft, error) {
	if len(given) > detailQuota {
		return nil, invalid(fmt.Sprintf("ProviderDetails can have at most %d members.", detailQuota))
	}
	draft := &providerDraft{Provider: federation.Provider{Type: t, Details: maps.Clone(given)}, secrets: map[string]string{}}
	if draft.Details == nil {
		draft.Details = map[string]string{}
	}
	keepPrivateKey(draft.Details, old)
	var err error
	switch t {
	case wire.IdentityProviderTypeTypeSaml:
		err = s.fillSAML(ctx, pool, draft, old)
	case wire.IdentityProviderTypeTypeOidc:
		err = s.fillOIDC(ctx, draft.Details)
	default:
		social, ok := federation.SocialByType(t)
		if !ok {
			return nil, invalid("Unknown provider type " + string(t) + ".")
		}
		err = told(social.Fill(draft.Details))
	}
	if err != nil {
		return nil, err
	}
	for _, key := range []string{federation.ClientSecret, federation.PrivateKey} {
		if secret, ok := draft.Details[key]; ok {
			draft.secrets[key] = secret
			delete(draft.Details, key)
		}
	}
	return draft, nil
}

// keepPrivateKey fills in the key that no answer shows, so that an update can give back what Describe gave.
func keepPrivateKey(details map[string]string, old *providerDraft) {
	if old == nil || details[federation.PrivateKey] != "" {
		return
	}
	if key, ok := old.secrets[federation.PrivateKey]; ok {
		details[federation.PrivateKey] = key
	}
}

// told makes a fault in what a provider published an error for the caller.
func told(err error) error {
	if fault, ok := errors.AsType[federation.Fault](err); ok {
		return invalid(string(fault))
	}
	return err
}

// fetch gets what a provider publishes at an address. Whatever goes wrong, the caller learns only that it did.
func (s *Service) fetch(ctx context.Context, address string, limit int64) ([]byte, error) {
	answer, err := s.Fetcher.Fetch(ctx, userpool.FetchCall{URL: address, Limit: limit})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err != nil || answer.Status != 200 {
		return nil, invalid("Error retrieving metadata from " + excerpt(address))
	}
	return answer.Body, nil
}

// endpointKeys are the details of an OIDC provider that discovery fills in.
var endpointKeys = []string{"authorize_url", "token_url", "attributes_url", "jwks_uri"}

// fillOIDC completes the details of an OIDC provider: endpoints that were not all given come from its discovery
// document.
func (s *Service) fillOIDC(ctx context.Context, details map[string]string) error {
	for _, key := range []string{"client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"} {
		if details[key] == "" {
			return invalid("clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details.")
		}
	}
	if method := details["attributes_request_method"]; method != "GET" && method != "POST" {
		return invalid("1 validation error detected: Value '" + excerpt(method) +
			"' at 'attributesRequestMethod' failed to satisfy constraint: Member must satisfy enum value set: [POST, GET]")
	}
	if !slices.Contains(strings.Fields(details["authorize_scopes"]), "openid") {
		return invalid("authorizeScopes must contain openid.")
	}
	if err := checkEndpoints(details); err != nil {
		return err
	}
	details["attributes_url_add_attributes"] = "false"
	if !slices.ContainsFunc(endpointKeys, func(key string) bool { return details[key] == "" }) {
		return nil
	}
	issuer := details["oidc_issuer"]
	text, err := s.fetch(ctx, federation.DiscoveryURL(issuer), federation.DiscoveryLimit)
	if err != nil {
		return err
	}
	found, err := federation.ParseDiscovery(text, issuer)
	if err != nil {
		return told(err)
	}
	for key, address := range map[string]string{
		"authorize_url": found.Authorize, "token_url": found.Token, "attributes_url": found.UserInfo, "jwks_uri": found.Keys,
	} {
		if details[key] == "" && address != "" {
			details[key] = address
		}
	}
	return nil
}

// checkEndpoints wants encrypted addresses, and an issuer as tokens have it.
func checkEndpoints(details map[string]string) error {
	for _, key := range append([]string{"oidc_issuer"}, endpointKeys...) {
		address := details[key]
		if address == "" && key != "oidc_issuer" {
			continue
		}
		if u, err := url.Parse(address); !strings.HasPrefix(address, "https://") || err != nil || u.Hostname() == "" || u.User != nil {
			return invalid(string(federation.NotEncrypted))
		}
	}
	if issuer := details["oidc_issuer"]; strings.HasSuffix(issuer, "/") || strings.ContainsAny(issuer, "?#") {
		return invalid("oidcIssuer must have no slash at its end, no query and no fragment.")
	}
	return nil
}

// fillSAML completes the details of a SAML provider from its metadata. Its encryption key is made once.
func (s *Service) fillSAML(ctx context.Context, pool *userpool.Pool, draft, old *providerDraft) error {
	details := draft.Details
	if err := checkSAMLSettings(details); err != nil {
		return err
	}
	text := []byte(details["MetadataFile"])
	if address := details["MetadataURL"]; address != "" {
		var err error
		if text, err = s.fetch(ctx, address, federation.MetadataLimit); err != nil {
			return err
		}
	}
	issuer, err := federation.ParseMetadata(text, s.now())
	if err != nil {
		return told(err)
	}
	draft.SAML = issuer
	for key, address := range map[string]string{"SSORedirectBindingURI": issuer.SignOnURL, "SLORedirectBindingURI": issuer.LogoutURL} {
		delete(details, key)
		if address != "" {
			details[key] = address
		}
	}
	if old != nil && old.secrets[federation.DecryptionKey] != "" {
		details["ActiveEncryptionCertificate"] = old.Details["ActiveEncryptionCertificate"]
		draft.secrets[federation.DecryptionKey] = old.secrets[federation.DecryptionKey]
		return nil
	}
	certificate, key, err := s.newEncryptionKey(ctx, pool)
	if err != nil {
		return err
	}
	details["ActiveEncryptionCertificate"], draft.secrets[federation.DecryptionKey] = certificate, key
	return nil
}

func checkSAMLSettings(details map[string]string) error {
	switch file, address := details["MetadataFile"] != "", details["MetadataURL"] != ""; {
	case !file && !address:
		return invalid("At least one of the MetadataURL or MetadataFile should be provided.")
	case file && address:
		return invalid("Only one of the MetadataURL or MetadataFile should be provided.")
	}
	for _, key := range []string{"IDPSignout", "IDPInit", "EncryptedResponses"} {
		if v, ok := details[key]; ok && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") {
			return invalid(key + " must be true or false.")
		}
	}
	if v, ok := details["RequestSigningAlgorithm"]; ok && v != "rsa-sha256" {
		return invalid("RequestSigningAlgorithm must be rsa-sha256.")
	}
	return nil
}

// newEncryptionKey makes the key by which a SAML provider can encrypt its answers: the certificate that it is given and
// the private key, PKCS #8, both in base64. The certificate vouches for itself, and lives as long as a pool's
// signing certificate: ten years.
func (s *Service) newEncryptionKey(ctx context.Context, pool *userpool.Pool) (certificate, key string, err error) {
	private, err := s.Tokens.MakeKey(ctx)
	if err != nil {
		return "", "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return "", "", fmt.Errorf("directory: draw a serial number: %w", err)
	}
	now := s.now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: pool.ID},
		NotBefore:    now.Add(-5 * time.Minute),
		NotAfter:     now.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageKeyEncipherment,
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", "", fmt.Errorf("directory: make a certificate: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("directory: encode a key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(public), base64.StdEncoding.EncodeToString(der), nil
}

// excerpt bounds a value that is repeated in a text.
func excerpt(value string) string {
	const longest = 256
	if len(value) > longest {
		return strings.ToValidUTF8(value[:longest], "") + "…"
	}
	return value
}
