package risk

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	longestEncoded = 16 << 10 // characters of EncodedData that are looked at
	longestText    = 128      // bytes that are kept of each text in it
	// oldest is how old, or early, what an app says of its device may be.
	oldest = 10 * time.Minute
)

// Claim is what an app says of its user's device (UserContextData, ContextData). It is never refused: what cannot be
// read is as if it were not there.
type Claim struct {
	Address     string // IP address; "" for that of the request
	UserAgent   string // of the user's program; "" for that of the request
	EncodedData string // of the libraries that look at the device; "" for none
}

// encodedData is what EncodedData is, in standard base64.
type encodedData struct {
	Payload   string `json:"payload"` // JSON of a payload
	Signature string `json:"signature"`
	Version   string `json:"version"`
}

type payload struct {
	ContextData map[string]any `json:"contextData"`
	Timestamp   string         `json:"timestamp"` // milliseconds since 1970
}

// ClientContext completes what the request shows by what its app claims.
func (s *Service) ClientContext(ctx context.Context, clientID string, c Claim) userpool.ClientContext {
	out := userpool.ClientContextFrom(ctx)
	if a, err := netip.ParseAddr(c.Address); err == nil {
		out.Address = a.Unmap().WithZone("").String()
	}
	agent := c.UserAgent
	if c.EncodedData != "" {
		var said encodedData
		p, ok := decode(c.EncodedData, &said)
		text := func(name string) string {
			value, _ := p.ContextData[name].(string)
			return userpool.Printable(value, longestText)
		}
		out.Doubtful = !ok || !said.signed(clientID) || !s.timely(p)
		out.DeviceID, out.Timezone = text("DeviceId"), text("ClientTimezone")
		agent = cmp.Or(text("UserAgent"), agent)
		if name := text("DeviceName"); name != "" { // of a telephone, whose app has no user agent
			out.Program = name
			out.System = strings.TrimSpace(text("Platform") + " " + text("DeviceOsReleaseVersion"))
			return out
		}
	}
	if agent != "" {
		out.Program, out.System = userpool.ParseUserAgent(agent)
	}
	return out
}

func decode(text string, said *encodedData) (p payload, ok bool) {
	if len(text) > longestEncoded {
		return p, false
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, said) != nil {
		return p, false
	}
	return p, json.Unmarshal([]byte(said.Payload), &p) == nil
}

// signed says whether nobody changed it on its way. The key is no secret, so it proves nothing of where it comes from.
func (d *encodedData) signed(clientID string) bool {
	given, err := base64.StdEncoding.DecodeString(d.Signature)
	h := hmac.New(sha256.New, []byte(clientID))
	h.Write([]byte(d.Version + d.Payload))
	return err == nil && hmac.Equal(given, h.Sum(nil))
}

// timely says whether what an app says is of these minutes.
func (s *Service) timely(p payload) bool {
	ms, err := strconv.ParseInt(p.Timestamp, 10, 64)
	if err != nil {
		return false
	}
	at := time.UnixMilli(ms)
	return s.Now().Sub(at).Abs() <= oldest || s.ClientNow != nil && s.ClientNow().Sub(at).Abs() <= oldest
}
