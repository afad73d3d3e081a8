// Package console is the door for the server's own paths under /_poolhouse/: health, metrics, and
// where the configuration opens them the inbox and the clock. HostGuard stands in front of every door.
//
// Nothing here is for other web sites: there are no CORS headers, and what a browser sends from another
// origin is refused, top-level navigation apart.
package console

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Prefix is the path under which the door stands.
const Prefix = "/_poolhouse/"

// Door answers the server's own paths.
type Door struct {
	Version string                          // shown by health
	Ping    func(ctx context.Context) error // asks the store for a sign of life
	Work    func() (units, commits int64)   // of the store, shown by health; nil: not shown
	Inbox   userpool.InboxReader            // nil: no inbox
	Uploads *userimport.Service             // nil: nobody uploads files of users
	Store   userpool.Reader                 // whose logs of imports anybody reads; nil: nobody's
	Metrics http.Handler                    // nil: no metrics
	Reads   func(*http.Request) bool        // says who may read the metrics; needed with them
	Advance func(time.Duration) time.Time   // moves the clock and says the new time; nil: no clock
	Now     func() time.Time                // needed with Advance
	Log     *slog.Logger
}

// Mount adds the paths to mux.
func (d *Door) Mount(mux *http.ServeMux) {
	own := http.NewServeMux()
	own.HandleFunc(Prefix+"health", methods(d.health, http.MethodGet))
	if d.Inbox != nil {
		own.HandleFunc(Prefix+"inbox", methods(d.inbox, http.MethodGet))
		own.Handle(Prefix+"{$}", http.RedirectHandler(Prefix+"inbox", http.StatusFound))
	}
	if d.Advance != nil {
		own.HandleFunc(Prefix+"clock", methods(d.clock, http.MethodGet, http.MethodPost))
	}
	if d.Uploads != nil {
		own.HandleFunc(Prefix+"import/{pool}/{job}", d.upload)
	}
	if d.Store != nil {
		own.HandleFunc(Prefix+"import/{pool}/{job}/log", methods(d.importLog, http.MethodGet))
	}
	if d.Metrics != nil {
		own.HandleFunc(Prefix+"metrics", d.metrics)
	}
	own.HandleFunc(Prefix, nothing)
	mux.Handle(Prefix, sameOrigin(own))
}

// nothing is the answer where there is nothing, or nothing for this client.
func nothing(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "There is nothing at this path, or the server's configuration does not open it.")
}

// methods lets only these methods through; GET stands for HEAD too.
func methods(next http.HandlerFunc, allowed ...string) http.HandlerFunc {
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		for _, m := range allowed {
			if r.Method == m || r.Method == http.MethodHead && m == http.MethodGet {
				next(w, r)
				return
			}
		}
		w.Header().Set("Allow", allow)
		refuse(w, http.StatusMethodNotAllowed, "This path answers "+allow+".")
	}
}

// sameOrigin refuses what a browser sends for another site, and sets the headers of every answer.
func sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if otherSite(r) || otherOrigin(r) || protection.Check(r) != nil {
			refuse(w, http.StatusForbidden, "This path does not answer other web sites.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// otherSite says whether a browser's fetch metadata names another origin. To follow a link to a page of
// the door is allowed, since the site with the link cannot read it.
func otherSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	return !(read && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document")
}

func otherOrigin(r *http.Request) bool {
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	return false
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // the door's own structs of text
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// refuse answers with a sentence.
func refuse(w http.ResponseWriter, status int, sentence string) {
	answer(w, status, struct {
		Message string `json:"message"`
	}{sentence})
}
