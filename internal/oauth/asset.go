package oauth

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// LogoPattern is the path of the logos that pools' pages show. It is for the server's root, beside the server's own paths.
const LogoPattern = "/_poolhouse/assets/{pool}/{client}/{name}"

// ServeLogo serves a logo to any page. An administrator uploaded it, so a browser that is led to it as a page runs and
// loads nothing.
func (d *Door) ServeLogo(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "This path answers GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	if !poolID.MatchString(r.PathValue("pool")) {
		http.NotFound(w, r)
		return
	}
	image, mediaType, err := d.Logo(r.Context(), r.PathValue("pool"), r.PathValue("client"), r.PathValue("name"))
	switch {
	case userpool.IsCode(err, userpool.ResourceNotFound):
		http.NotFound(w, r)
		return
	case err != nil:
		d.Log.Error("a logo was not read", slog.Any("error", err))
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(image)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable") // another logo has another name
	w.Write(image)
}
