package federation

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"regexp"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Social is what a provider is known by whose name is its type.
type Social struct {
	Subject  string   // the claim that names a user
	required []string // keys of ProviderDetails
	missing  Fault    // where one of them is
	filled   map[string]string
}

// graphVersion is the version of Facebook's API where api_version is left out.
const graphVersion = "v17.0"

const threeRequired Fault = "clientId, clientSecret and authorizeScopes are all required idp details."

var social = map[wire.IdentityProviderTypeType]Social{
	wire.IdentityProviderTypeTypeGoogle: {
		Subject:  "sub",
		required: []string{"client_id", ClientSecret, "authorize_scopes"},
		missing:  threeRequired,
		filled: map[string]string{
			"authorize_url":                 "https://accounts.google.com/o/oauth2/v2/auth",
			"token_url":                     "https://www.googleapis.com/oauth2/v4/token",
			"token_request_method":          "POST",
			"attributes_url":                "https://people.googleapis.com/v1/people/me?personFields=",
			"attributes_url_add_attributes": "true",
			"oidc_issuer":                   "https://accounts.google.com",
		},
	},
	wire.IdentityProviderTypeTypeFacebook: {
		Subject:  "id",
		required: []string{"client_id", ClientSecret, "authorize_scopes"},
		missing:  threeRequired,
		filled: map[string]string{
			"authorize_url":                 "https://www.facebook.com/{version}/dialog/oauth",
			"token_url":                     "https://graph.facebook.com/{version}/oauth/access_token",
			"token_request_method":          "GET",
			"attributes_url":                "https://graph.facebook.com/{version}/me?fields=",
			"attributes_url_add_attributes": "true",
		},
	},
	wire.IdentityProviderTypeTypeLoginWithAmazon: {
		Subject:  "user_id",
		required: []string{"client_id", ClientSecret, "authorize_scopes"},
		missing:  threeRequired,
		filled: map[string]string{
			"authorize_url":                 "https://www.amazon.com/ap/oa",
			"token_url":                     "https://api.amazon.com/auth/o2/token",
			"token_request_method":          "POST",
			"attributes_url":                "https://api.amazon.com/user/profile",
			"attributes_url_add_attributes": "false",
		},
	},
	wire.IdentityProviderTypeTypeSignInWithApple: {
		Subject:  "sub",
		required: []string{"client_id", "team_id", "key_id", PrivateKey, "authorize_scopes"},
		missing:  "clientId, privateKey, teamId, and keyId are all required idp details.",
		filled: map[string]string{
			"authorize_url":                 "https://appleid.apple.com/auth/authorize",
			"token_url":                     "https://appleid.apple.com/auth/token",
			"token_request_method":          "POST",
			"attributes_url_add_attributes": "false",
			"oidc_issuer":                   "https://appleid.apple.com",
		},
	},
}

// SocialByType gives a social provider; false for SAML and OIDC.
func SocialByType(t wire.IdentityProviderTypeType) (Social, bool) {
	s, ok := social[t]
	return s, ok
}

var graphVersionForm = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// Fill completes and checks the details of a social provider, secrets among them. Addresses at a host other than the
// provider's own stay as they were given: tests have social providers of their own. Every error is a Fault.
func (s Social) Fill(details map[string]string) error {
	for _, key := range s.required {
		if details[key] == "" {
			return s.missing
		}
	}
	if key, ok := details[PrivateKey]; ok && !isPrivateKey(key) {
		return Fault("privateKey must be the private key that Apple issued: PKCS #8 of an elliptic curve, with or without its PEM lines.")
	}
	version := graphVersion
	if s.versioned() {
		if v := details["api_version"]; v != "" {
			version = v
		}
		if !graphVersionForm.MatchString(version) {
			return Fault("api_version must be of the form v17.0.")
		}
		details["api_version"] = version
	}
	for key, usual := range s.filled {
		usual = strings.ReplaceAll(usual, "{version}", version)
		if given := details[key]; !isURLKey(key) || given == "" || hostOf(given) == hostOf(usual) {
			details[key] = usual
		} else if !encrypted(given) {
			return NotEncrypted
		}
	}
	return nil
}

// NotEncrypted is the service's text for an address of a provider that is no https URL.
const NotEncrypted Fault = "OIDC endpoint must start with https://"

// versioned says whether the version of the provider's API is in its addresses.
func (s Social) versioned() bool { return strings.Contains(s.filled["token_url"], "{version}") }

func isURLKey(key string) bool { return strings.HasSuffix(key, "_url") }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// isPrivateKey says whether a text is a key to sign with by ES256, with PEM lines or without.
func isPrivateKey(text string) bool {
	var der []byte
	if block, _ := pem.Decode([]byte(strings.TrimSpace(text))); block != nil {
		der = block.Bytes
	} else {
		der, _ = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return false
	}
	elliptic, ok := key.(*ecdsa.PrivateKey)
	return ok && elliptic.Curve.Params().BitSize == 256
}
