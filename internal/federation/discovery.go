package federation

import (
	"github.com/go-json-experiment/json"
	"net/url"
	"strings"
)

// DiscoveryLimit bounds a discovery document, in bytes.
const DiscoveryLimit = 256 << 10

// Endpoints are the addresses of an OpenID Connect provider.
type Endpoints struct {
	Authorize string
	Token     string
	UserInfo  string // "" where the ID token says all
	Keys      string
}

// DiscoveryURL is where an issuer publishes its endpoints (OpenID Connect Discovery 1.0, section 4).
func DiscoveryURL(issuer string) string { return issuer + "/.well-known/openid-configuration" }

// ParseDiscovery reads the discovery document of an issuer. Every error is a Fault.
func ParseDiscovery(text []byte, issuer string) (*Endpoints, error) {
	var d struct {
		Issuer    string `json:"issuer"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
		UserInfo  string `json:"userinfo_endpoint"`
		Keys      string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, Fault("The discovery document is not the JSON of one.")
	}
	switch {
	case strings.TrimSuffix(d.Issuer, "/") != issuer:
		return nil, Fault("The discovery document is one of another issuer.")
	case !encrypted(d.Authorize), !encrypted(d.Token), !encrypted(d.Keys), d.UserInfo != "" && !encrypted(d.UserInfo):
		return nil, Fault("The discovery document lacks an endpoint that begins with https://.")
	}
	return &Endpoints{Authorize: d.Authorize, Token: d.Token, UserInfo: d.UserInfo, Keys: d.Keys}, nil
}

// encrypted says whether an address is an https URL of a host.
func encrypted(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && len(address) <= addressLimit
}

// addressLimit bounds an endpoint's address, in bytes.
const addressLimit = 2048
