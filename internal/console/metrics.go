package console

import (
	"net"
	"net/http"
	"net/netip"
)

// metrics shows the metrics to who may read them; to others there is nothing.
func (d *Door) metrics(w http.ResponseWriter, r *http.Request) {
	if !d.Reads(r) {
		nothing(w, r)
		return
	}
	methods(d.Metrics.ServeHTTP, http.MethodGet)(w, r)
}

// forwarding are headers that proxies add.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// FromThisMachine says whether a client of this machine made the request itself: not a proxy for somebody else, and
// not a web site whose name resolves to this machine.
func FromThisMachine(r *http.Request) bool {
	for _, name := range forwarding {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() && loopback(hostName(r.Host))
}
