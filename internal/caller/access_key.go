package caller

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// NewAccessKey draws an access key: the id AKIA and 16 characters of A-Z and 2-7, the secret 40
// characters of base64 (240 bits).
func NewAccessKey(now time.Time) userpool.AccessKey {
	var id [10]byte
	var secret [30]byte
	rand.Read(id[:])
	rand.Read(secret[:])
	return userpool.AccessKey{
		ID:      "AKIA" + base32.StdEncoding.EncodeToString(id[:]),
		Secret:  base64.StdEncoding.EncodeToString(secret[:]),
		Created: now.UTC().Truncate(time.Microsecond),
	}
}
