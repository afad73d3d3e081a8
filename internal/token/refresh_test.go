package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	invalidRefresh = "NotAuthorized: Invalid Refresh Token."
	expiredRefresh = "NotAuthorized: Refresh Token has expired"
	revokedRefresh = "NotAuthorized: Refresh Token has been revoked"
)

func secretHash(secret, username, clientID string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(username + clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TestRefresh compares the tokens of a refresh with those of the sign-in.
func TestRefresh(t *testing.T) {
	w := newWorld(t)
	first := w.signIn(w.client)
	begun := w.clock
	w.clock = w.clock.Add(25 * time.Hour)
	w.changeUser(func(u *userpool.User) { u.Attributes.Set("nickname", "Al") })
	second, err := w.Refresh(t.Context(), w.client, first.RefreshToken, "")
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken != "" || second.Refresh != nil || second.ExpiresIn != 3600 {
		t.Errorf("refresh token %q, expires in %d", second.RefreshToken, second.ExpiresIn)
	}
	if got := w.authorize(second.AccessToken); got != "" {
		t.Errorf("authorize: %q", got)
	}
	if got := w.authorize(first.AccessToken); got != expired {
		t.Errorf("authorize the first: %q", got)
	}
	_, accessKey := w.key(w.a, userpool.SignsAccess)
	_, idKey := w.key(w.a, userpool.SignsID)
	for _, tt := range []struct {
		name          string
		before, after map[string]any
	}{
		{"access", claimsOf(t, first.AccessToken, &accessKey.PublicKey), claimsOf(t, second.AccessToken, &accessKey.PublicKey)},
		{"id", claimsOf(t, first.IDToken, &idKey.PublicKey), claimsOf(t, second.IDToken, &idKey.PublicKey)},
	} {
		want := tt.before
		if tt.after["jti"] == want["jti"] {
			t.Errorf("%s: jti is not new", tt.name)
		}
		if tt.after["auth_time"] != number(begun.Unix()) {
			t.Errorf("%s: auth_time %v", tt.name, tt.after["auth_time"])
		}
		want["jti"] = tt.after["jti"]
		want["iat"], want["exp"] = number(w.clock.Unix()), number(w.clock.Unix()+3600)
		if tt.name == "id" {
			want["nickname"] = "Al"
		}
		if diff := cmp.Diff(want, tt.after); diff != "" {
			t.Errorf("%s token (-want +got):\n%s", tt.name, diff)
		}
	}

	// It can be used again, and after a sign-out it cannot.
	if _, err := w.Refresh(t.Context(), w.client, first.RefreshToken, ""); err != nil {
		t.Error(err)
	}
	w.signOut()
	if got := w.authorize(second.AccessToken); got != revoked {
		t.Errorf("authorize after sign-out: %q", got)
	}
}

func TestRefreshRefused(t *testing.T) {
	const wrongHash = "NotAuthorized: SecretHash does not match for the client: " + clientSecret
	tests := []struct {
		name   string
		secret bool // sign in at the client with a secret
		at     string
		hash   string
		edit   func(token string) string
		happen func(w *world, issued *Issued)
		want   string
	}{
		{name: "good"},
		{name: "good with secret", secret: true, hash: secretHash(secret, "alice", clientSecret)},
		{name: "empty", edit: func(string) string { return "" }, want: invalidRefresh},
		{name: "unknown", edit: func(string) string { return newRefreshToken(newGrantID()) }, want: invalidRefresh},
		{name: "garbage", edit: func(string) string { return strings.Repeat("=", 1<<20) }, want: invalidRefresh},
		{name: "padded", edit: func(token string) string { return token + "=" }, want: invalidRefresh},
		{name: "other client", at: clientSecret, hash: secretHash(secret, "alice", clientSecret), want: invalidRefresh},
		{name: "other pool's client", at: clientB, want: invalidRefresh},
		{name: "other client, expired", at: clientSecret, happen: func(w *world, _ *Issued) { w.clock = w.clock.Add(30 * 24 * time.Hour) }, want: invalidRefresh},

		{name: "hash missing", secret: true, want: "NotAuthorized: Client " + clientSecret + " is configured with secret but SECRET_HASH was not received"},
		{name: "hash wrong", secret: true, hash: secretHash("no", "alice", clientSecret), want: wrongHash},
		{name: "hash over an alias", secret: true, hash: secretHash(secret, "alice@example.com", clientSecret), want: wrongHash},
		{name: "hash at a client without secret", hash: secretHash(secret, "alice", clientA), want: "NotAuthorized: SecretHash does not match for the client: " + clientA},
		{name: "hash wrong, expired", secret: true, hash: "no", happen: func(w *world, _ *Issued) { w.clock = w.clock.Add(30 * 24 * time.Hour) }, want: wrongHash},

		{name: "last moment", happen: func(w *world, _ *Issued) { w.clock = w.clock.Add(30*24*time.Hour - time.Millisecond) }},
		{name: "expired", happen: func(w *world, _ *Issued) { w.clock = w.clock.Add(30 * 24 * time.Hour) }, want: expiredRefresh},
		{name: "expired and signed out", happen: func(w *world, _ *Issued) { w.signOut(); w.clock = w.clock.Add(30 * 24 * time.Hour) }, want: expiredRefresh},
		{name: "signed out", happen: func(w *world, _ *Issued) { w.signOut() }, want: revokedRefresh},
		{name: "revoked", happen: func(w *world, issued *Issued) {
			if err := w.Revoke(w.t.Context(), clientA, "", issued.RefreshToken); err != nil {
				w.t.Fatal(err)
			}
		}, want: revokedRefresh},
		{name: "disabled", happen: func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Enabled = false })
		}, want: disabled},
		{name: "disabled and signed out", happen: func(w *world, _ *Issued) {
			w.signOut()
			w.changeUser(func(u *userpool.User) { u.Enabled = false })
		}, want: disabled},
		{name: "reset required", happen: func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Status = userpool.RequireReset })
		}, want: mustReset},
		{name: "unconfirmed", happen: func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Status = userpool.Unconfirmed })
		}, want: unconfirmed},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.renew()
			client := w.client
			if tt.secret {
				client = w.private
			}
			issued := w.signIn(client)
			if tt.at != "" {
				client = w.readClient(tt.at)
			}
			if tt.happen != nil {
				tt.happen(w, issued)
			}
			token := issued.RefreshToken
			if tt.edit != nil {
				token = tt.edit(token)
			}
			_, err := w.Refresh(t.Context(), client, token, tt.hash)
			if got := outcome(t, err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
