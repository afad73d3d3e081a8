// Package oauth is the door for OAuth and OpenID Connect clients: plain web endpoints that parse, ask the
// core and answer; they hold no rules. It serves the issuer's documents below a pool's id, and the logos of
// pools' pages.
package oauth

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Door serves the endpoints, and the logos that pages show. All fields are needed.
type Door struct {
	Store     userpool.Store
	Tokens    *token.Service
	PublicURL string                     // where clients reach this server, without a slash at the end
	Issuer    func(poolID string) string // claim iss of a pool's tokens; need not be below PublicURL
	// Logo gives a logo and its media type by the parts of its path.
	Logo func(ctx context.Context, poolID, client, name string) (image []byte, mediaType string, err error)
	Log  *slog.Logger
}

// Mount registers the endpoints.
func (d *Door) Mount(mux *http.ServeMux) {
	// Without a method in the pattern, or a wrong method would be answered by whoever has "/".
	mux.HandleFunc("/{pool}/.well-known/openid-configuration", d.document(d.discovery))
	mux.HandleFunc("/{pool}/.well-known/jwks.json", d.document(d.keySet))
}
