package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	invalid     = "NotAuthorized: Invalid Access Token"
	unverified  = "NotAuthorized: Could not verify signature for Access Token"
	expired     = "NotAuthorized: Access Token has expired"
	unscoped    = "NotAuthorized: Access Token does not have required scopes"
	revoked     = "NotAuthorized: Access Token has been revoked"
	disabled    = "NotAuthorized: User is disabled."
	noUser      = "UserNotFound: User does not exist."
	unconfirmed = "UserNotConfirmed: User is not confirmed."
	mustReset   = "PasswordResetRequired: Password reset required for the user"
)

// rs256 signs as RFC 7518, section 3.3, says.
func rs256(t testing.TB, key *rsa.PrivateKey) func([]byte) []byte {
	return func(input []byte) []byte {
		sum := sha256.Sum256(input)
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
}

// TestAuthorizeForged shows Authorize tokens that Issue did not make. Those signed by a pool's own key
// show that the claims are judged too.
func TestAuthorizeForged(t *testing.T) {
	w := newWorld(t)
	issued := w.signIn(w.client)
	kid, key := w.key(w.a, userpool.SignsAccess)
	idKID, idKey := w.key(w.a, userpool.SignsID)
	otherKID, otherKey := w.key(w.b, userpool.SignsAccess)
	parts := strings.Split(issued.AccessToken, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	good := string(payload)
	public := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	sign := rs256(t, key)
	header := func(kid string) string { return `{"alg":"RS256","kid":"` + kid + `"}` }

	// with gives the good claims with some replaced; nil leaves one out.
	with := func(change map[string]any) string {
		claims := map[string]any{}
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatal(err)
		}
		for name, value := range change {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		edited, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		return string(edited)
	}
	hs256 := func(secret []byte) func([]byte) []byte {
		return func(input []byte) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write(input)
			return mac.Sum(nil)
		}
	}
	n := base64.RawURLEncoding.EncodeToString(otherKey.N.Bytes())

	tests := []struct {
		name  string
		token string
		want  string
	}{
		{"as issued, signed again", compact(header(kid), good, sign), ""},
		{"kid before alg", compact(`{"kid":"`+kid+`","alg":"RS256"}`, good, sign), ""},

		{"empty", "", invalid},
		{"dots", "..", invalid},
		{"not base64", "a.b!.c", invalid},
		{"two parts", parts[0] + "." + parts[1], invalid},
		{"four parts", issued.AccessToken + ".AAAA", invalid},
		{"no signature", parts[0] + "." + parts[1] + ".", unverified},
		{"detached payload", parts[0] + ".." + parts[2], unverified},
		{"refresh token", issued.RefreshToken, invalid},
		{"ID token", issued.IDToken, invalid},
		{"white space around", " " + issued.AccessToken + "\n", invalid},
		{"JSON serialization", `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`, invalid},
		{"a megabyte of payload", compact(header(kid), with(map[string]any{"username": strings.Repeat("a", 1<<20)}), sign), invalid},
		{"a megabyte of letters", strings.Repeat("a", 1<<20), invalid},
		{"a megabyte of dots", strings.Repeat(".", 1<<20), invalid},
		{"a megabyte of header", compact(header(strings.Repeat("a", 1<<20)), good, sign), invalid},

		{"alg none, no signature", compact(`{"alg":"none","kid":"`+kid+`"}`, good, func([]byte) []byte { return nil }), invalid},
		{"alg none, good signature", compact(`{"alg":"none","kid":"`+kid+`"}`, good, sign), invalid},
		{"alg left out", compact(`{"kid":"`+kid+`"}`, good, sign), invalid},
		{"alg in lower case", compact(`{"alg":"rs256","kid":"`+kid+`"}`, good, sign), invalid},
		{"HS256 with the public key", compact(`{"alg":"HS256","kid":"`+kid+`"}`, good, hs256(public)), invalid},
		{"HS256 with the modulus", compact(`{"alg":"HS256","kid":"`+kid+`"}`, good, hs256(key.N.Bytes())), invalid},
		{"MAC under the name RS256", compact(header(kid), good, hs256(public)), unverified},
		{"PS256 with the right key", compact(`{"alg":"PS256","kid":"`+kid+`"}`, good, func(input []byte) []byte {
			sum := sha256.Sum256(input)
			sig, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil)
			if err != nil {
				t.Fatal(err)
			}
			return sig
		}), invalid},
		{"RS512 with the right key", compact(`{"alg":"RS512","kid":"`+kid+`"}`, good, func(input []byte) []byte {
			sum := sha512.Sum512(input)
			sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return sig
		}), invalid},

		{"kid left out", compact(`{"alg":"RS256"}`, good, sign), invalid},
		{"kid of nobody", compact(header(base64.StdEncoding.EncodeToString(make([]byte, 32))), good, sign), invalid},
		{"kid of no such form", compact(header("../../keys"), good, sign), invalid},
		{"kid with a zero byte", compact(header(`\u0000`), good, sign), invalid},
		{"kid is a number", compact(`{"alg":"RS256","kid":1}`, good, sign), invalid},
		{"kid of the other pool", compact(header(otherKID), good, sign), unverified},
		{"key of the other pool, our kid", compact(header(kid), good, rs256(t, otherKey)), unverified},
		{"key and kid of the other pool", compact(header(otherKID), good, rs256(t, otherKey)), invalid},
		{"key for ID tokens", compact(header(idKID), good, rs256(t, idKey)), invalid},

		{"alg twice", compact(`{"alg":"RS256","alg":"RS256","kid":"`+kid+`"}`, good, sign), invalid},
		{"kid twice", compact(`{"alg":"RS256","kid":"`+otherKID+`","kid":"`+kid+`"}`, good, sign), invalid},
		{"typ", compact(`{"alg":"RS256","kid":"`+kid+`","typ":"JWT"}`, good, sign), invalid},
		{"crit", compact(`{"alg":"RS256","kid":"`+kid+`","crit":["exp"],"exp":1}`, good, sign), invalid},
		{"crit b64", compact(`{"alg":"RS256","kid":"`+kid+`","crit":["b64"],"b64":true}`, good, sign), invalid},
		{"nonce", compact(`{"alg":"RS256","kid":"`+kid+`","nonce":"n"}`, good, sign), invalid},
		{"jku", compact(`{"alg":"RS256","kid":"`+kid+`","jku":"https://example.org/k"}`, good, sign), invalid},
		{"embedded key", compact(`{"alg":"RS256","kid":"`+kid+`","jwk":{"kty":"RSA","n":"`+n+`","e":"AQAB"}}`, good, rs256(t, otherKey)), invalid},
		{"small embedded key", compact(`{"alg":"RS256","kid":"`+kid+`","jwk":{"kty":"RSA","n":"`+n[:20]+`","e":"AQAB"}}`, good, sign), invalid},
		{"embedded certificate", compact(`{"alg":"RS256","kid":"`+kid+`","x5c":["MIIB"]}`, good, sign), invalid},

		{"edited payload", parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(with(map[string]any{"sub": "someone"}))) + "." + parts[2], unverified},
		{"edited signature", parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 256)), unverified},
		{"short signature", parts[0] + "." + parts[1] + ".AAAA", unverified},
		{"signature of the ID token", parts[0] + "." + parts[1] + "." + strings.Split(issued.IDToken, ".")[2], unverified},

		{"payload is no object", compact(header(kid), `"text"`, sign), invalid},
		{"payload is not JSON", compact(header(kid), `{"sub":`, sign), invalid},
		{"claim twice", compact(header(kid), strings.Replace(good, "{", `{"sub":"someone",`, 1), sign), invalid},
		{"claim of a wrong type", compact(header(kid), with(map[string]any{"exp": "soon"}), sign), invalid},
		{"claim in another case", compact(header(kid), with(map[string]any{"token_use": nil, "Token_Use": "access"}), sign), invalid},
		{"token_use id", compact(header(kid), with(map[string]any{"token_use": "id"}), sign), invalid},
		{"token_use left out", compact(header(kid), with(map[string]any{"token_use": nil}), sign), invalid},
		{"another issuer", compact(header(kid), with(map[string]any{"iss": "https://pools.example.com/" + poolB}), sign), invalid},
		{"no issuer", compact(header(kid), with(map[string]any{"iss": nil}), sign), invalid},
		{"client of the other pool", compact(header(kid), with(map[string]any{"client_id": clientB}), sign), "ResourceNotFound: User pool client " + clientB + " does not exist."},
		{"client of nobody", compact(header(kid), with(map[string]any{"client_id": "nobody"}), sign), "ResourceNotFound: User pool client nobody does not exist."},
		{"expired", compact(header(kid), with(map[string]any{"exp": w.clock.Unix()}), sign), expired},
		{"expires in a second", compact(header(kid), with(map[string]any{"exp": w.clock.Unix() + 1}), sign), ""},
		{"no expiry", compact(header(kid), with(map[string]any{"exp": nil}), sign), expired},
		{"expired and without scope", compact(header(kid), with(map[string]any{"exp": 1, "scope": "openid"}), sign), expired},
		{"without the scope", compact(header(kid), with(map[string]any{"scope": "openid email"}), sign), unscoped},
		{"no scope", compact(header(kid), with(map[string]any{"scope": nil}), sign), unscoped},
		{"a longer scope", compact(header(kid), with(map[string]any{"scope": AdminScope + "2"}), sign), unscoped},
		{"the scope among others", compact(header(kid), with(map[string]any{"scope": "openid " + AdminScope}), sign), ""},
		{"no such user", compact(header(kid), with(map[string]any{"sub": "nobody", "username": "nobody"}), sign), noUser},
		{"no such grant", compact(header(kid), with(map[string]any{"origin_jti": "nothing"}), sign), revoked},
		{"no grant named", compact(header(kid), with(map[string]any{"origin_jti": nil, "event_id": nil}), sign), revoked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.Authorize(t.Context(), tt.token)
			if got := outcome(t, err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestAuthorizeState shows a good token after something happened to what it stands for.
func TestAuthorizeState(t *testing.T) {
	deleteUser := func(w *world) {
		w.write(func(tx userpool.Tx) error { return tx.DeleteUser(w.t.Context(), w.user.Key) })
	}
	tests := []struct {
		name   string
		happen func(w *world, issued *Issued)
		want   string
	}{
		{"nothing", func(*world, *Issued) {}, ""},
		{"the last second of its life", func(w *world, _ *Issued) { w.clock = w.clock.Truncate(time.Second).Add(time.Hour - 1) }, ""},
		{"an hour", func(w *world, _ *Issued) { w.clock = w.clock.Truncate(time.Second).Add(time.Hour) }, expired},
		{"pool deleted", func(w *world, _ *Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeletePool(w.t.Context(), w.a.Number, w.clock) })
		}, "ResourceNotFound: User pool client " + clientA + " does not exist."},
		{"pool deleted, keys read again", func(w *world, _ *Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeletePool(w.t.Context(), w.a.Number, w.clock) })
			w.clock = w.clock.Add(2 * cacheAge)
		}, "ResourceNotFound: User pool client " + clientA + " does not exist."},
		{"pool deleted and made again", func(w *world, _ *Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeletePool(w.t.Context(), w.a.Number, w.clock) })
			w.clock = w.clock.Add(time.Millisecond)
			w.newUser(w.newPool(poolA), "alice", userpool.Confirmed)
		}, "ResourceNotFound: User pool client " + clientA + " does not exist."},
		{"client deleted", func(w *world, _ *Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeleteClient(w.t.Context(), w.client) })
		}, "ResourceNotFound: User pool client " + clientA + " does not exist."},
		{"client deleted, token expired", func(w *world, _ *Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeleteClient(w.t.Context(), w.client) })
			w.clock = w.clock.Add(time.Hour)
		}, "ResourceNotFound: User pool client " + clientA + " does not exist."},
		{"user deleted", func(w *world, _ *Issued) { deleteUser(w) }, noUser},
		{"user deleted, name taken and unconfirmed", func(w *world, _ *Issued) {
			deleteUser(w)
			w.newUser(w.a, "alice", userpool.Unconfirmed)
		}, unconfirmed},
		{"user deleted, name taken and confirmed", func(w *world, _ *Issued) {
			deleteUser(w)
			w.newUser(w.a, "alice", userpool.Confirmed)
		}, noUser},
		{"user disabled", func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Enabled = false })
		}, disabled},
		{"user disabled and signed out", func(w *world, _ *Issued) {
			w.signOut()
			w.changeUser(func(u *userpool.User) { u.Enabled = false })
		}, disabled},
		{"signed out", func(w *world, _ *Issued) { w.signOut() }, revoked},
		{"signed out and signed in", func(w *world, _ *Issued) { w.signOut(); w.signIn(w.client) }, revoked},
		{"another user's sign-out", func(w *world, _ *Issued) {
			if err := w.SignOut(w.t.Context(), w.newUser(w.a, "bob", userpool.Confirmed).Key); err != nil {
				w.t.Fatal(err)
			}
		}, ""},
		{"revoked", func(w *world, issued *Issued) {
			if err := w.Revoke(w.t.Context(), clientA, "", issued.RefreshToken); err != nil {
				w.t.Fatal(err)
			}
		}, revoked},
		{"another sign-in revoked", func(w *world, _ *Issued) {
			if err := w.Revoke(w.t.Context(), clientA, "", w.signIn(w.client).RefreshToken); err != nil {
				w.t.Fatal(err)
			}
		}, ""},
		{"revoked and reset required", func(w *world, _ *Issued) {
			w.signOut()
			w.changeUser(func(u *userpool.User) { u.Status = userpool.RequireReset })
		}, revoked},
		{"reset required", func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Status = userpool.RequireReset })
		}, mustReset},
		{"unconfirmed", func(w *world, _ *Issued) {
			w.changeUser(func(u *userpool.User) { u.Status = userpool.Unconfirmed })
		}, unconfirmed},
		{"issuer changed", func(w *world, _ *Issued) {
			w.Issuer = func(poolID string) string { return "https://elsewhere.example.com/" + poolID }
		}, invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			issued := w.signIn(w.client)
			if got := w.authorize(issued.AccessToken); got != "" {
				t.Fatalf("before: %q", got)
			}
			tt.happen(w, issued)
			if got := w.authorize(issued.AccessToken); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func (w *world) signOut() {
	w.t.Helper()
	if err := w.SignOut(w.t.Context(), w.user.Key); err != nil {
		w.t.Fatal(err)
	}
}

// TestSignOutInOneMoment signs in and out while the clock stands still: only what was granted before the
// last sign-out is revoked. Where revocation is off, tokens name no origin_jti, and it holds as well.
func TestSignOutInOneMoment(t *testing.T) {
	for _, revocation := range []bool{true, false} {
		t.Run(fmt.Sprintf("revocation %t", revocation), func(t *testing.T) {
			w := newWorld(t)
			client := w.newClient(w.a, "moment", func(c *userpool.Client) { c.Settings.EnableTokenRevocation = &revocation })
			var old []*Issued
			for range 3 {
				now := w.signIn(client)
				if got := w.authorize(now.AccessToken); got != "" {
					t.Fatalf("after sign-in: %q", got)
				}
				for _, issued := range old {
					if got := w.authorize(issued.AccessToken); got != revoked {
						t.Fatalf("after sign-out and sign-in: %q", got)
					}
				}
				w.signOut()
				if got := w.authorize(now.AccessToken); got != revoked {
					t.Fatalf("after sign-out: %q", got)
				}
				old = append(old, now)
			}
		})
	}
}

func TestSignOutOfNobody(t *testing.T) {
	w := newWorld(t)
	err := w.SignOut(t.Context(), userpool.UserKey{Pool: w.a.Number, User: 1})
	if got := outcome(t, err); got != noUser {
		t.Errorf("got %q, want %q", got, noUser)
	}
}

// TestUnknownKIDs fills the caches with kids of nobody: they stay bounded and true keys are still found.
func TestUnknownKIDs(t *testing.T) {
	w := newWorld(t)
	issued := w.signIn(w.client)
	_, key := w.key(w.a, userpool.SignsAccess)
	sign := rs256(t, key)
	for range cacheSize + 10 {
		kid := make([]byte, kidBytes)
		rand.Read(kid)
		w.unknown.put(base64.StdEncoding.EncodeToString(kid), struct{}{}, w.clock)
	}
	nobody := compact(`{"alg":"RS256","kid":"`+base64.StdEncoding.EncodeToString(make([]byte, kidBytes))+`"}`, "{}", sign)
	for range 2 {
		if got := w.authorize(nobody); got != invalid {
			t.Errorf("unknown kid: %q", got)
		}
	}
	if got := w.authorize(issued.AccessToken); got != "" {
		t.Errorf("known kid: %q", got)
	}
	if n := len(w.unknown.entries); n > cacheSize {
		t.Errorf("%d unknown kids are kept", n)
	}
}
