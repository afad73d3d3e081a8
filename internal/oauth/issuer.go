package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// discovery is the discovery document (OpenID Connect Discovery 1.0, section 3) with the keys and the
// order that the service has. Keys that name an endpoint of a domain are left out for a pool without
// one, and so is code_challenge_methods_supported, which describes the authorization endpoint.
type discovery struct {
	SigningAlgorithms []string `json:"id_token_signing_alg_values_supported"`
	Issuer            string   `json:"issuer"`
	JWKSURI           string   `json:"jwks_uri"`
	ResponseTypes     []string `json:"response_types_supported"`
	Scopes            []string `json:"scopes_supported"`
	SubjectTypes      []string `json:"subject_types_supported"`
	ClientAuth        []string `json:"token_endpoint_auth_methods_supported"`
}

func (d *Door) discovery(ctx context.Context, poolID string) (any, error) {
	pool, err := d.Store.Pool(ctx, poolID)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchPool(poolID))
	}
	return &discovery{
		SigningAlgorithms: []string{"RS256"},
		Issuer:            d.Issuer(pool.ID),
		JWKSURI:           d.PublicURL + "/" + pool.ID + "/.well-known/jwks.json",
		ResponseTypes:     []string{"code", "token"},
		Scopes:            []string{"openid", "email", "phone", "profile"},
		SubjectTypes:      []string{"public"},
		ClientAuth:        []string{"client_secret_basic", "client_secret_post"},
	}, nil
}

func (d *Door) keySet(ctx context.Context, poolID string) (any, error) {
	return d.Tokens.KeySet(ctx, poolID)
}

// poolID is the form of a pool's id; nothing else is looked up.
var poolID = regexp.MustCompile(`^[\w-]{1,54}_[0-9a-zA-Z]{1,53}$`)

// document serves a JSON document about the pool in the path, to anybody and from any origin.
func (d *Door) document(read func(ctx context.Context, poolID string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodOptions:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
				h.Set("Access-Control-Allow-Headers", asked)
			}
			h.Set("Access-Control-Max-Age", "172800")
			w.WriteHeader(http.StatusOK)
			return
		default:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}

		id := r.PathValue("pool")
		if len(id) > 55 || !poolID.MatchString(id) {
			d.refuse(w, r, userpool.NewError(userpool.ResourceNotFound, "User pool does not exist."))
			return
		}
		doc, err := read(r.Context(), id)
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		// Short, so that a new signing key is seen before it is used.
		h.Set("Cache-Control", "public, max-age=300")
		d.answer(w, r, http.StatusOK, doc)
	}
}

// refuse turns an error of the core into an answer of the API's form.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	type refusal struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	w.Header().Set("Cache-Control", "no-store")
	if told, ok := errors.AsType[*userpool.Error](err); ok {
		d.answer(w, r, http.StatusBadRequest, refusal{string(told.Code) + "Exception", told.Message})
		return
	}
	d.Log.ErrorContext(r.Context(), "issuer document", "pool", r.PathValue("pool"), "error", err)
	d.answer(w, r, http.StatusInternalServerError, refusal{"InternalErrorException", "Internal server error"})
}

// answer writes one JSON value, whole and with its length.
func (d *Door) answer(w http.ResponseWriter, r *http.Request, status int, value any) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		d.Log.ErrorContext(r.Context(), "issuer document", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes())
	}
}
