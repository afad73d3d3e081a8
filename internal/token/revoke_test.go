package token

import (
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestRevoke(t *testing.T) {
	const (
		wrongClient = "Unauthorized: Invalid client id or client secret."
		wrongType   = "UnsupportedTokenType: Only refresh tokens can be revoked."
		noToken     = "InvalidParameter: Invalid refresh token."
	)
	tests := []struct {
		name   string
		secret bool // sign in at the client with a secret
		at     string
		proof  string
		token  func(w *world, issued *Issued) string
		want   string
		ends   bool // the sign-in's tokens are revoked
	}{
		{name: "good", ends: true},
		{name: "good with secret", secret: true, proof: secret, ends: true},
		{name: "twice", token: func(w *world, issued *Issued) string {
			if err := w.Revoke(w.t.Context(), clientA, "", issued.RefreshToken); err != nil {
				w.t.Fatal(err)
			}
			return issued.RefreshToken
		}, ends: true},
		{name: "unknown token", token: func(*world, *Issued) string { return newRefreshToken(newGrantID()) }},

		{name: "unknown client", at: "nobody", want: wrongClient},
		{name: "secret missing", secret: true, want: wrongClient},
		{name: "secret wrong", secret: true, proof: secret + "x", want: wrongClient},
		{name: "secret at a client without one", proof: secret, want: wrongClient},
		{name: "other client", at: clientSecret, proof: secret, want: "Unauthorized: The token was not issued to this client."},
		{name: "other pool's client", at: clientB, want: "Unauthorized: The token was not issued to this client."},
		{name: "revocation off", at: "unrevoked", want: "UnsupportedOperation: Token revocation is not enabled for this client."},
		{name: "access token", token: func(_ *world, issued *Issued) string { return issued.AccessToken }, want: wrongType},
		{name: "ID token", token: func(_ *world, issued *Issued) string { return issued.IDToken }, want: wrongType},
		{name: "somebody's JWT", token: func(*world, *Issued) string { return "eyJhbGciOiJub25lIn0.e30." }, want: wrongType},
		{name: "a word", token: func(*world, *Issued) string { return "token" }, want: noToken},
		{name: "dots", token: func(*world, *Issued) string { return ".." }, want: noToken},
		{name: "a megabyte", token: func(*world, *Issued) string { return strings.Repeat("a", 1<<20) }, want: noToken},
		{name: "a megabyte of header", token: func(*world, *Issued) string { return strings.Repeat("a", 1<<20) + ".e30." }, want: noToken},
	}
	w := newWorld(t)
	w.newClient(w.a, "unrevoked", func(c *userpool.Client) { c.Settings.EnableTokenRevocation = new(false) })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.renew()
			client := w.client
			if tt.secret {
				client = w.private
			}
			issued := w.signIn(client)
			token := issued.RefreshToken
			if tt.token != nil {
				token = tt.token(w, issued)
			}
			at := client.ID
			if tt.at != "" {
				at = tt.at
			}
			if got := outcome(t, w.Revoke(t.Context(), at, tt.proof, token)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			want := ""
			if tt.ends {
				want = revoked
			}
			if got := w.authorize(issued.AccessToken); got != want {
				t.Errorf("access token: got %q, want %q", got, want)
			}
		})
	}
}

func TestRevokeExpired(t *testing.T) {
	w := newWorld(t)
	issued := w.signIn(w.client)
	w.clock = w.clock.Add(30 * 24 * time.Hour)
	if err := w.Revoke(t.Context(), clientA, "", issued.RefreshToken); err != nil {
		t.Error(err)
	}
}

// TestRevokeThenSwitchOff revokes a token and then switches revocation off: it stays revoked.
func TestRevokeThenSwitchOff(t *testing.T) {
	w := newWorld(t)
	issued := w.signIn(w.client)
	if err := w.Revoke(t.Context(), clientA, "", issued.RefreshToken); err != nil {
		t.Fatal(err)
	}
	w.setRevocation(false)
	if got := w.authorize(issued.AccessToken); got != revoked {
		t.Errorf("access token: %q", got)
	}
	_, err := w.Refresh(t.Context(), w.readClient(clientA), issued.RefreshToken, "")
	if got := outcome(t, err); got != revokedRefresh {
		t.Errorf("refresh token: %q", got)
	}
}

// TestSwitchRevocation refreshes one sign-in with revocation on, off and on again: every token is good
// until the user signs out, then none is.
func TestSwitchRevocation(t *testing.T) {
	for _, first := range []bool{true, false} {
		w := newWorld(t)
		w.setRevocation(first)
		issued := w.signIn(w.readClient(clientA))
		tokens := []string{issued.AccessToken}
		for _, on := range []bool{!first, first} {
			w.setRevocation(on)
			again, err := w.Refresh(t.Context(), w.readClient(clientA), issued.RefreshToken, "")
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, again.AccessToken)
		}
		for i, token := range tokens {
			if got := w.authorize(token); got != "" {
				t.Errorf("first %t, token %d: %q", first, i, got)
			}
		}
		w.signOut()
		for i, token := range tokens {
			if got := w.authorize(token); got != revoked {
				t.Errorf("first %t, token %d after sign-out: %q", first, i, got)
			}
		}
	}
}

// setRevocation sets EnableTokenRevocation of the public client.
func (w *world) setRevocation(on bool) {
	w.t.Helper()
	c := *w.readClient(clientA)
	settings := *c.Settings
	settings.EnableTokenRevocation = &on
	c.Settings = &settings
	w.write(func(tx userpool.Tx) error { return tx.UpdateClient(w.t.Context(), &c) })
}
