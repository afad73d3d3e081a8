package console

import (
	"context"
	"net/http"
	"time"
)

// pingTimeout bounds how long health waits for the store.
const pingTimeout = 2 * time.Second

type health struct {
	Status  string `json:"status"` // ok, unavailable
	Version string `json:"version"`
	Store   *work  `json:"store,omitempty"`
}

// work is what the store has done since the server started. On SQLite a commit is one fsync.
type work struct {
	Units   int64 `json:"units"`
	Commits int64 `json:"commits"`
}

// health answers 200 while the store answers, else 503.
func (d *Door) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := d.Ping(ctx); err != nil {
		d.Log.WarnContext(r.Context(), "the store does not answer", "error", err)
		answer(w, http.StatusServiceUnavailable, health{Status: "unavailable", Version: d.Version})
		return
	}
	well := health{Status: "ok", Version: d.Version}
	if d.Work != nil {
		units, commits := d.Work()
		well.Store = &work{units, commits}
	}
	answer(w, http.StatusOK, well)
}
