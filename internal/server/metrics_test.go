package server

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestWhoReadsMetrics(t *testing.T) {
	t.Parallel()
	behind := Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("127.0.0.1/32")}}
	opened := Config{Proxies: behind.Proxies, MetricsFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}}
	tests := []struct {
		name    string
		cfg     Config
		peer    string
		host    string // localhost:9229 when ""
		headers []string
		want    bool
	}{
		{name: "this machine", peer: "127.0.0.1:1234", want: true},
		{name: "this machine by IPv6", peer: "[::1]:1234", host: "[::1]:9229", want: true},
		{name: "this machine by IPv4 in IPv6", peer: "[::ffff:127.0.0.1]:1234", want: true},
		{name: "somewhere else", peer: "192.0.2.5:1234"},
		{name: "a proxy on this machine", peer: "127.0.0.1:1234", headers: []string{"X-Forwarded-For", "203.0.113.5"}},
		{name: "a proxy that says little", peer: "127.0.0.1:1234", headers: []string{"Via", "1.1 proxy"}},
		{name: "a proxy that says nothing", peer: "127.0.0.1:1234", host: "id.example.com"},
		{name: "a proxy for this machine", peer: "127.0.0.1:1234", headers: []string{"X-Forwarded-For", "127.0.0.1"}},
		{name: "a trusted proxy on this machine", cfg: behind, peer: "127.0.0.1:1234", headers: []string{"X-Forwarded-For", "203.0.113.5"}},
		{name: "this machine past its proxy", cfg: behind, peer: "127.0.0.1:1234", want: true},
		{name: "a network that may", cfg: opened, peer: "192.0.2.5:1234", host: "id.example.com", want: true},
		{name: "its neighbour", cfg: opened, peer: "192.0.3.5:1234", host: "id.example.com"},
		{name: "a network that may, by IPv6", cfg: opened, peer: "[2001:db8::5]:1234", host: "id.example.com", want: true},
		{name: "a network that may, through a proxy", cfg: opened, peer: "10.0.0.1:1234", host: "id.example.com", headers: []string{"X-Forwarded-For", "192.0.2.5"}, want: true},
		{name: "who says to be from there", cfg: opened, peer: "10.0.0.1:1234", headers: []string{"X-Forwarded-For", "192.0.2.5, 203.0.113.5"}},
		{name: "no peer", peer: "@"},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.peer, Host: tt.host, Header: http.Header{}}
		if tt.host == "" {
			r.Host = "localhost:9229"
		}
		for i := 0; i < len(tt.headers); i += 2 {
			r.Header.Set(tt.headers[i], tt.headers[i+1])
		}
		if got := (&Server{cfg: tt.cfg}).readsMetrics(r); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
