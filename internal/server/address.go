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
	address := peer.Addr().Unmap()
	if !trusted(address, proxies) {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
		if !trusted(address, proxies) {
			break
		}
	}
	return address.String()
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
