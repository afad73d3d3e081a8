package server

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("fd00::/8"),
	}
	tests := []struct {
		name      string
		proxies   []netip.Prefix
		peer      string
		forwarded []string // header lines
		want      string
	}{
		{"no proxies", nil, "203.0.113.5:1234", nil, "203.0.113.5"},
		{"no proxies, a header that lies", nil, "203.0.113.5:1234", []string{"198.51.100.1"}, "203.0.113.5"},
		{"a stranger's header", proxies, "203.0.113.5:1234", []string{"198.51.100.1"}, "203.0.113.5"},
		{"one proxy", proxies, "10.1.2.3:1234", []string{"203.0.113.5"}, "203.0.113.5"},
		{"what the client wrote stands further left", proxies, "10.1.2.3:1234", []string{"10.9.9.9, 198.51.100.1, 203.0.113.5"}, "203.0.113.5"},
		{"the client claims to be a proxy", proxies, "10.1.2.3:1234", []string{"198.51.100.1, 10.9.9.9, 203.0.113.5"}, "203.0.113.5"},
		{"two proxies", proxies, "10.1.2.3:1234", []string{"203.0.113.5, 192.0.2.7"}, "203.0.113.5"},
		{"two lines", proxies, "10.1.2.3:1234", []string{"198.51.100.1, 203.0.113.5", "192.0.2.7"}, "203.0.113.5"},
		{"neighbour of a proxy", proxies, "10.1.2.3:1234", []string{"203.0.113.5, 192.0.2.8"}, "192.0.2.8"},
		{"only proxies", proxies, "10.1.2.3:1234", []string{"10.4.4.4, 10.5.5.5"}, "10.4.4.4"},
		{"no header", proxies, "10.1.2.3:1234", nil, "10.1.2.3"},
		{"an empty header", proxies, "10.1.2.3:1234", []string{""}, "10.1.2.3"},
		{"unknown", proxies, "10.1.2.3:1234", []string{"203.0.113.5, unknown"}, "10.1.2.3"},
		{"a name", proxies, "10.1.2.3:1234", []string{"203.0.113.5, host.example, 10.4.4.4"}, "10.4.4.4"},
		{"with ports", proxies, "10.1.2.3:1234", []string{"198.51.100.1, 203.0.113.5:4711, 10.4.4.4:80"}, "203.0.113.5"},
		{"IPv6", proxies, "[fd00::1]:1234", []string{"2001:db8::5, fd00::2"}, "2001:db8::5"},
		{"IPv6 in brackets", proxies, "[fd00::1]:1234", []string{"[2001:db8::5], [fd00::2]:80"}, "2001:db8::5"},
		{"IPv4 in IPv6", proxies, "[::ffff:10.1.2.3]:1234", []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		{"with a zone", proxies, "[fd00::1%eth0]:1234", []string{"2001:db8::5"}, "2001:db8::5"},
		{"no peer", proxies, "@", []string{"203.0.113.5"}, ""},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := clientAddress(r, tt.proxies); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
