package outbound

import (
	"errors"
	"net/netip"
	"testing"
)

func TestPermit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		at      string
		allowed string
		want    error
	}{
		{at: "93.184.215.14:443"},
		{at: "93.184.215.14:80"},
		{at: "93.184.215.14:8443", want: errPort},
		{at: "93.184.215.14:8443", allowed: "93.184.215.0/24"},
		{at: "[2606:2800:21f:cb07::1]:443"},
		{at: "[2606:2800:21f:cb07::1]:22", want: errPort},
		{at: "0.0.0.0:80", want: errAddress},
		{at: "0.1.2.3:80", want: errAddress},
		{at: "10.0.0.1:443", want: errAddress},
		{at: "10.0.0.1:9000", allowed: "10.0.0.0/8"},
		{at: "10.0.0.1:443", allowed: "192.168.0.0/16", want: errAddress},
		{at: "100.64.0.1:443", want: errAddress},
		{at: "100.127.255.255:443", want: errAddress},
		{at: "100.128.0.1:443"},
		{at: "127.0.0.1:443", want: errAddress},
		{at: "127.255.255.254:443", want: errAddress},
		{at: "168.63.129.16:80", want: errAddress},
		{at: "169.254.169.254:80", want: errAddress},
		{at: "172.15.0.1:443"},
		{at: "172.16.0.1:443", want: errAddress},
		{at: "172.31.255.255:443", want: errAddress},
		{at: "172.32.0.1:443"},
		{at: "192.0.0.9:443", want: errAddress},
		{at: "192.0.2.1:443", want: errAddress},
		{at: "192.88.99.1:443", want: errAddress},
		{at: "192.168.1.1:443", want: errAddress},
		{at: "198.18.0.1:443", want: errAddress},
		{at: "198.19.255.255:443", want: errAddress},
		{at: "198.51.100.1:443", want: errAddress},
		{at: "203.0.113.1:443", want: errAddress},
		{at: "224.0.0.1:443", want: errAddress},
		{at: "240.0.0.1:443", want: errAddress},
		{at: "255.255.255.255:443", want: errAddress},
		{at: "[::]:443", want: errAddress},
		{at: "[::1]:443", want: errAddress},
		{at: "[::1]:443", allowed: "::1/128"},
		{at: "[::ffff:127.0.0.1]:443", want: errAddress},
		{at: "[::ffff:127.0.0.1]:443", allowed: "127.0.0.0/8"},
		{at: "[::ffff:93.184.215.14]:443", want: errAddress},
		{at: "[::127.0.0.1]:443", want: errAddress},
		{at: "[64:ff9b::7f00:1]:443", want: errAddress},
		{at: "[64:ff9b:1::a00:1]:443", want: errAddress},
		{at: "[100::1]:443", want: errAddress},
		{at: "[2001::1]:443", want: errAddress},
		{at: "[2001:db8::1]:443", want: errAddress},
		{at: "[2002:7f00:1::]:443", want: errAddress},
		{at: "[3fff::1]:443", want: errAddress},
		{at: "[5f00::1]:443", want: errAddress},
		{at: "[fc00::1]:443", want: errAddress},
		{at: "[fd00:ec2::254]:80", want: errAddress},
		{at: "[fe80::1]:443", want: errAddress},
		{at: "[fe80::1%eth0]:443", want: errAddress},
		{at: "[fe80::1%eth0]:443", allowed: "fe80::/10"},
		{at: "[fec0::1]:443", want: errAddress},
		{at: "[ff02::1]:443", want: errAddress},
	}
	for _, tt := range tests {
		var allowed []netip.Prefix
		if tt.allowed != "" {
			allowed = prefixes(tt.allowed)
		}
		if got := permit(netip.MustParseAddrPort(tt.at), allowed); !errors.Is(got, tt.want) {
			t.Errorf("%s with %q allowed: got %v, want %v", tt.at, tt.allowed, got, tt.want)
		}
	}
}
