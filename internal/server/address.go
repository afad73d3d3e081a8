package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddress gives the address of the client that made a request. Without trusted proxies it is the
// connection's; behind them, the last address in X-Forwarded-For that no trusted proxy has. What a client
// writes into that header itself stands further left and is never reached.
func clientAddress(r *http.Request, proxies []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := plain(peer.Addr())
	if !trusted(address, proxies) {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(address, proxies); i-- {
		hop, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			break // the proxy that wrote it is as near as we can come
		}
		address = hop
	}
	return address.String()
}

// parseHop reads an element of X-Forwarded-For. Some proxies add the client's port.
func parseHop(text string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return plain(address), true
	}
	withPort, err := netip.ParseAddrPort(text)
	return plain(withPort.Addr()), err == nil
}

// plain gives an address one form: IPv4 as such, and no zone, which means something on one machine only.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// trusted says whether one of the networks has the address.
func trusted(a netip.Addr, networks []netip.Prefix) bool {
	for _, p := range networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
