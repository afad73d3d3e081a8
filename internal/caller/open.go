package caller

import (
	"net/http"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Open believes any well-formed signature and serves the region that it names. It is for development on
// a loopback address: neither date, access key, session token nor signature is checked.
type Open struct{}

// Authenticate takes the caller from the credential scope.
func (Open) Authenticate(r *http.Request, _ []byte) (userpool.Caller, error) {
	auth, err := parseAuthorization(r, false)
	switch {
	case err != nil:
		return userpool.Caller{}, err
	case !plausibleRegion(auth.region):
		return userpool.Caller{}, wire.InvalidSignatureException("Credential should be scoped to a valid region.")
	case auth.service != service:
		return userpool.Caller{}, wrongService()
	case auth.terminator != terminator:
		return userpool.Caller{}, wrongTerminator()
	}
	return userpool.Caller{AccessKeyID: shown(auth.keyID), Region: auth.region}, nil
}

// plausibleRegion says whether region can be the first part of a pool's id.
func plausibleRegion(region string) bool {
	return region != "" && len(region) <= 32 && region[0] >= 'a' && region[0] <= 'z' && strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
