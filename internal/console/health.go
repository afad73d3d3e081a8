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
}

// health answers 200 while the store answers, else 503.
func (d *Door) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := d.Ping(ctx); err != nil {
		d.Log.WarnContext(r.Context(), "the store does not answer", "error", err)
		answer(w, http.StatusServiceUnavailable, health{"unavailable", d.Version})
		return
	}
	answer(w, http.StatusOK, health{"ok", d.Version})
}
