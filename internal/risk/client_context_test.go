package risk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

// encode makes EncodedData as the service's libraries do.
func encode(t *testing.T, key string, sent time.Time, data map[string]any) string {
	t.Helper()
	text := func(v any) string {
		b, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	p := text(map[string]any{
		"contextData": data, "username": "jane", "userPoolId": "us-east-1_example", "timestamp": strconv.FormatInt(sent.UnixMilli(), 10),
	})
	const version = "JS20171115"
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(version + p))
	whole := text(map[string]any{"payload": p, "signature": base64.StdEncoding.EncodeToString(h.Sum(nil)), "version": version})
	return base64.StdEncoding.EncodeToString([]byte(whole))
}

func TestClientContext(t *testing.T) {
	const client = "1example23456789"
	s := &Service{Now: func() time.Time { return at }}
	browser := map[string]any{"UserAgent": chrome, "DeviceId": "k3j4:1700000000000", "ClientTimezone": "-07:00", "DeviceFingerprint": "x"}
	android := map[string]any{"DeviceName": "Pixel 8", "Platform": "ANDROID", "DeviceOsReleaseVersion": "14", "DeviceId": "a1", "ClientTimezone": "01:00", "ScreenHeightPixels": 2400}
	request := userpool.ClientContext{Address: "192.0.2.1", Program: "curl 8"}
	with := func(change func(*userpool.ClientContext)) userpool.ClientContext {
		c := request
		change(&c)
		return c
	}
	asBrowser := func(c *userpool.ClientContext) {
		c.Program, c.System, c.DeviceID, c.Timezone = "Chrome 126", "Windows 10", "k3j4:1700000000000", "-07:00"
	}
	doubtful := func(c *userpool.ClientContext) { c.Doubtful = true }
	tests := []struct {
		name  string
		claim Claim
		want  userpool.ClientContext
	}{
		{"nothing", Claim{}, request},
		{"an address", Claim{Address: "2001:DB8::1"}, with(func(c *userpool.ClientContext) { c.Address = "2001:db8::1" })},
		{"no address", Claim{Address: "localhost"}, request},
		{"a user agent", Claim{UserAgent: chrome}, with(func(c *userpool.ClientContext) { c.Program, c.System = "Chrome 126", "Windows 10" })},
		{"a browser", Claim{EncodedData: encode(t, client, at, browser)}, with(asBrowser)},
		{"a telephone", Claim{EncodedData: encode(t, client, at, android), UserAgent: chrome}, with(func(c *userpool.ClientContext) {
			c.Program, c.System, c.DeviceID, c.Timezone = "Pixel 8", "ANDROID 14", "a1", "01:00"
		})},
		{"signed for another", Claim{EncodedData: encode(t, "another", at, browser)}, with(func(c *userpool.ClientContext) { asBrowser(c); doubtful(c) })},
		{"old", Claim{EncodedData: encode(t, client, at.Add(-11*time.Minute), browser)}, with(func(c *userpool.ClientContext) { asBrowser(c); doubtful(c) })},
		{"early", Claim{EncodedData: encode(t, client, at.Add(11*time.Minute), browser)}, with(func(c *userpool.ClientContext) { asBrowser(c); doubtful(c) })},
		{"no base64", Claim{EncodedData: "%"}, with(doubtful)},
		{"no JSON", Claim{EncodedData: base64.StdEncoding.EncodeToString([]byte("x"))}, with(doubtful)},
		{"a payload that is none", Claim{EncodedData: base64.StdEncoding.EncodeToString([]byte(`{"payload":"x"}`))}, with(doubtful)},
		{"too long", Claim{EncodedData: encode(t, client, at, map[string]any{"UserAgent": strings.Repeat("x", longestEncoded)})}, with(doubtful)},
		{"texts that are none", Claim{EncodedData: encode(t, client, at, map[string]any{"DeviceId": 1, "ClientTimezone": "\x00é"})}, request},
		{"long texts", Claim{EncodedData: encode(t, client, at, map[string]any{"DeviceId": strings.Repeat("x", 1000)})},
			with(func(c *userpool.ClientContext) { c.DeviceID = strings.Repeat("x", longestText) })},
	}
	ctx := userpool.WithCaller(t.Context(), userpool.Caller{Address: "192.0.2.1", UserAgent: "curl/8.5.0"})
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, s.ClientContext(ctx, client, tt.claim)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}

	// Where the server's clock travels, apps have another.
	s.ClientNow = func() time.Time { return at.Add(time.Hour) }
	for _, hours := range []time.Duration{0, 1} {
		if s.ClientContext(ctx, client, Claim{EncodedData: encode(t, client, at.Add(hours*time.Hour), browser)}).Doubtful {
			t.Errorf("%d hours later it is doubtful", hours)
		}
	}
}

func FuzzClientContext(f *testing.F) {
	f.Add("eyJwYXlsb2FkIjoie30iLCJzaWduYXR1cmUiOiIiLCJ2ZXJzaW9uIjoiIn0=", "192.0.2.1", chrome)
	s := &Service{Now: func() time.Time { return at }}
	f.Fuzz(func(t *testing.T, encoded, address, agent string) {
		c := s.ClientContext(t.Context(), "client", Claim{EncodedData: encoded, Address: address, UserAgent: agent})
		for _, text := range []string{c.Address, c.Program, c.System, c.DeviceID, c.Timezone} {
			if len(text) > 2*1024 || userpool.Printable(text, len(text)) != text {
				t.Errorf("kept %q", text)
			}
		}
	})
}
