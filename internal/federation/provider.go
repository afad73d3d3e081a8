package federation

import (
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Provider is an identity provider of a pool: the content of a document of the kind userpool.IdentityProviders,
// whose id is the provider's name.
type Provider struct {
	Type             wire.IdentityProviderTypeType `json:"type"`
	Details          map[string]string             `json:"details"` // all but secrets, filled in
	AttributeMapping map[string]string             `json:"attribute_mapping,omitempty"`
	ACRMapping       map[string]string             `json:"acr_mapping,omitempty"`
	Identifiers      []string                      `json:"identifiers,omitempty"` // as they were given
	SAML             *SAMLIssuer                   `json:"saml,omitempty"`        // of a SAML provider
}

// The secrets of a provider, by their names in Document.Secrets. The first two are keys of ProviderDetails, too.
const (
	ClientSecret  = "client_secret"
	PrivateKey    = "private_key"    // what SignInWithApple issued, PKCS #8
	DecryptionKey = "decryption_key" // goes with ActiveEncryptionCertificate: PKCS #8 in base64
)
