package oauth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/oauth"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestLogos(t *testing.T) {
	door := &oauth.Door{
		Log: slog.New(slog.DiscardHandler),
		Logo: func(_ context.Context, pool, client, name string) ([]byte, string, error) {
			switch name {
			case "broken.png":
				return nil, "", errors.New("the database is away")
			case "logo.png":
				return []byte(pool + " " + client), "image/png", nil
			}
			return nil, "", userpool.NewError(userpool.ResourceNotFound, "none")
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc(oauth.LogoPattern, door.ServeLogo)
	tests := []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/_poolhouse/assets/us-east-1_Example00/ALL/logo.png", http.StatusOK},
		{http.MethodHead, "/_poolhouse/assets/us-east-1_Example00/ALL/logo.png", http.StatusOK},
		{http.MethodPost, "/_poolhouse/assets/us-east-1_Example00/ALL/logo.png", http.StatusMethodNotAllowed},
		{http.MethodGet, "/_poolhouse/assets/us-east-1_Example00/ALL/other.png", http.StatusNotFound},
		{http.MethodGet, "/_poolhouse/assets/no-pool/ALL/logo.png", http.StatusNotFound},
		{http.MethodGet, "/_poolhouse/assets/us-east-1_Example00/ALL/broken.png", http.StatusInternalServerError},
	}
	for _, tt := range tests {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil))
		h := rec.Result().Header
		if rec.Code != tt.status || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'; frame-ancestors 'none'" {
			t.Errorf("%s %s: got %d with %v", tt.method, tt.path, rec.Code, h)
		}
		if tt.status == http.StatusOK && (h.Get("Content-Type") != "image/png" || tt.method == http.MethodGet && rec.Body.String() != "us-east-1_Example00 ALL") {
			t.Errorf("%s %s: got %q with %v", tt.method, tt.path, rec.Body, h)
		}
	}
}
