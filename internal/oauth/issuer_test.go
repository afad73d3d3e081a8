package oauth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const poolA = "us-east-1_AAAAAAAAA"

var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newDoor serves the documents of one pool, beside something that has "/", as the API has.
func newDoor(t *testing.T, log io.Writer) (*Door, *httptest.Server) {
	t.Helper()
	now := time.Now().UTC()
	clock := func() time.Time { return now }
	db := openStore(t, clock)
	issuer := func(poolID string) string { return "https://cognito-idp.us-east-1.amazonaws.com/" + poolID }
	tokens := &token.Service{Store: db, Issuer: issuer, Now: clock, NewKey: testKey, Log: slog.New(slog.DiscardHandler)}
	keys, err := tokens.NewSigningKeys(t.Context(), 7, poolA)
	if err != nil {
		t.Fatal(err)
	}
	pool := &userpool.Pool{Number: 7, ID: poolA, Name: "pool", Created: now, Modified: now, Settings: &wire.UserPoolType{}}
	if err := db.Write(t.Context(), func(tx userpool.Tx) error { return tx.CreatePool(t.Context(), pool, keys) }); err != nil {
		t.Fatal(err)
	}

	d := &Door{
		Store: db, Tokens: tokens, Issuer: issuer,
		PublicURL: "https://pools.example.com",
		Log:       slog.New(slog.NewTextHandler(log, nil)),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	d.Mount(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return d, srv
}

func ask(t *testing.T, method, url string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestDiscovery(t *testing.T) {
	_, srv := newDoor(t, io.Discard)
	_, body := ask(t, http.MethodGet, srv.URL+"/"+poolA+"/.well-known/openid-configuration", nil)
	const want = `{"id_token_signing_alg_values_supported":["RS256"],` +
		`"issuer":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AAAAAAAAA",` +
		`"jwks_uri":"https://pools.example.com/us-east-1_AAAAAAAAA/.well-known/jwks.json",` +
		`"response_types_supported":["code","token"],"scopes_supported":["openid","email","phone","profile"],` +
		`"subject_types_supported":["public"],` +
		`"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}` + "\n"
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestKeySet(t *testing.T) {
	d, srv := newDoor(t, io.Discard)
	_, body := ask(t, http.MethodGet, srv.URL+"/"+poolA+"/.well-known/jwks.json", nil)
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		t.Fatal(err)
	}
	keys, err := d.Store.SigningKeys(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != len(keys) {
		t.Fatalf("%d keys, want %d", len(set.Keys), len(keys))
	}
	for _, k := range keys {
		found := set.Key(k.KID)
		if len(found) != 1 || !found[0].IsPublic() || found[0].Algorithm != "RS256" || found[0].Use != "sig" {
			t.Errorf("kid %s: %v", k.KID, found)
		}
	}
}

func TestDocuments(t *testing.T) {
	_, srv := newDoor(t, io.Discard)
	const (
		json   = "application/json"
		public = "public, max-age=300"
	)
	unknown := func(id string) string {
		return `{"__type":"ResourceNotFoundException","message":"User pool ` + id + ` does not exist."}` + "\n"
	}
	const nameless = `{"__type":"ResourceNotFoundException","message":"User pool does not exist."}` + "\n"
	const something = "something"
	tests := []struct {
		name         string
		method, pool string
		status       int
		typ, cache   string
		allow        string
		body         string
	}{
		{"get", "GET", poolA, 200, json, public, "", something},
		{"head", "HEAD", poolA, 200, json, public, "", ""},
		{"preflight", "OPTIONS", poolA, 200, "", "", "GET, HEAD, OPTIONS", ""},
		{"post", "POST", poolA, 405, "", "", "GET, HEAD, OPTIONS", ""},
		{"delete", "DELETE", poolA, 405, "", "", "GET, HEAD, OPTIONS", ""},
		{"unknown pool", "GET", "us-east-1_CCCCCCCCC", 400, json, "no-store", "", unknown("us-east-1_CCCCCCCCC")},
		{"head of an unknown pool", "HEAD", "us-east-1_CCCCCCCCC", 400, json, "no-store", "", ""},
		{"pool in another case", "GET", "us-east-1_aaaaaaaaa", 400, json, "no-store", "", unknown("us-east-1_aaaaaaaaa")},
		{"no pool's id", "GET", "favicon", 400, json, "no-store", "", nameless},
		{"zero byte", "GET", "us-east-1_%00", 400, json, "no-store", "", nameless},
		{"not UTF-8", "GET", "us-east-1_%ff", 400, json, "no-store", "", nameless},
		{"slash", "GET", "us-east-1_%2f", 400, json, "no-store", "", nameless},
		{"markup", "GET", "us-east-1_%3Cscript%3E", 400, json, "no-store", "", nameless},
		{"line feed", "GET", poolA + "%0a", 400, json, "no-store", "", nameless},
		{"too long", "GET", "us-east-1_" + strings.Repeat("A", 46), 400, json, "no-store", "", nameless},
	}
	for _, doc := range []string{"openid-configuration", "jwks.json"} {
		for _, tt := range tests {
			t.Run(doc+" "+tt.name, func(t *testing.T) {
				resp, body := ask(t, tt.method, srv.URL+"/"+tt.pool+"/.well-known/"+doc, http.Header{
					"Origin": {"https://app.example.com"}, "Access-Control-Request-Headers": {"x-test"},
				})
				h := resp.Header
				got := []any{resp.StatusCode, h.Get("Content-Type"), h.Get("Cache-Control"), h.Get("Allow"), h.Get("Access-Control-Allow-Origin")}
				if diff := cmp.Diff([]any{tt.status, tt.typ, tt.cache, tt.allow, "*"}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if tt.body == something && body == "" || tt.body != something && body != tt.body {
					t.Errorf("body %q", body)
				}
				if tt.method == "OPTIONS" && (h.Get("Access-Control-Allow-Headers") != "x-test" || h.Get("Access-Control-Allow-Methods") != "GET, HEAD") {
					t.Errorf("preflight: %v", h)
				}
				if tt.method == "HEAD" && resp.ContentLength <= 0 {
					t.Errorf("length %d", resp.ContentLength)
				}
			})
		}
	}
	if resp, _ := ask(t, "GET", srv.URL+"/"+poolA+"/.well-known/other", nil); resp.StatusCode != http.StatusTeapot {
		t.Errorf("another path: %d", resp.StatusCode)
	}
}

// TestInternal asks while the store is closed: the cause is in the log and not in the answer.
func TestInternal(t *testing.T) {
	for _, doc := range []string{"openid-configuration", "jwks.json"} {
		var log strings.Builder
		d, srv := newDoor(t, &log)
		if err := d.Store.(*store.Store).Close(); err != nil {
			t.Fatal(err)
		}
		resp, body := ask(t, "GET", srv.URL+"/"+poolA+"/.well-known/"+doc, nil)
		const want = `{"__type":"InternalErrorException","message":"Internal server error"}` + "\n"
		if resp.StatusCode != 500 || body != want || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", doc, resp.StatusCode, body)
		}
		srv.Close()
		if !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: log %q", doc, log.String())
		}
	}
}

// openStore opens an empty database in memory.
func openStore(t *testing.T, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Memory: true, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
