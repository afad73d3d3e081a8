package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// HostGuard lets requests through whose Host is this machine's loopback (localhost, *.localhost,
// 127.0.0.0/8, ::1) or one of the allowed names or addresses, with any port. All others are refused, so
// that no web site can reach the server under a name of its own that resolves to this machine (DNS
// rebinding).
//
// The refusal is JSON with __type and message, which SDKs show as an error.
func HostGuard(allowed []string, next http.Handler) http.Handler {
	names := make(map[string]bool, len(allowed))
	for _, name := range allowed {
		names[hostName(name)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostName(r.Host)
		if !loopback(host) && !names[host] || host == "" {
			if len(host) > 253 {
				host = ""
			}
			answer(w, http.StatusForbidden, struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}{"ForbiddenException", "This server does not answer to the host name \"" + strings.ToValidUTF8(host, "?") +
				"\". If it should, start it with --allow-host and that name."})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName takes the port, brackets and a final dot off and folds case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
