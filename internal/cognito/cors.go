package cognito

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const exposedHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"

// allowOrigin lets pages read the answer. Unsigned operations are for every page, as they are at the
// service; signed ones, which dev mode takes from anyone, only for pages of this machine.
func allowOrigin(head http.Header, r *http.Request, op *wire.Operation) {
	if op != nil && op.Caller == wire.Signed {
		head.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !loopbackOrigin(origin) {
			return
		}
		head.Set("Access-Control-Allow-Origin", origin)
	} else {
		head.Set("Access-Control-Allow-Origin", "*")
	}
	head.Set("Access-Control-Expose-Headers", exposedHeaders)
}

// preflight answers OPTIONS. It cannot know the operation, but a signed one needs the header
// Authorization, and that is allowed to pages of this machine only.
func preflight(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	asked := r.Header.Get("Access-Control-Request-Headers")
	origin := r.Header.Get("Origin")
	head.Set("Vary", "Origin, Access-Control-Request-Headers")
	switch {
	case !lists(asked, "authorization"):
		head.Set("Access-Control-Allow-Origin", "*")
	case loopbackOrigin(origin):
		head.Set("Access-Control-Allow-Origin", origin)
	default:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if asked != "" {
		head.Set("Access-Control-Allow-Headers", asked)
	}
	head.Set("Access-Control-Allow-Methods", "POST")
	head.Set("Access-Control-Max-Age", "172800")
	head.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

func lists(headers, name string) bool {
	for h := range strings.SplitSeq(headers, ",") {
		if strings.EqualFold(strings.TrimSpace(h), name) {
			return true
		}
	}
	return false
}

// loopbackOrigin says whether an origin is a page of this machine: localhost, a name below it, or a
// loopback address, with any port.
func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
