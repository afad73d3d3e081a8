package token

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// number is a JSON number as it is decoded here.
func number(n int64) any { return float64(n) }

func TestIssue(t *testing.T) {
	w := newWorld(t)
	at := w.clock.Unix()
	attributes := userpool.Attributes{
		{Name: "email", Value: "alice@example.com"},
		{Name: "email_verified", Value: "true"},
		{Name: "phone_number", Value: "+12065550100"},
		{Name: "phone_number_verified", Value: "false"},
		{Name: "name", Value: `Alice <"Ä"> & 'Bob'`},
		{Name: "address", Value: "1 Main Street"},
		{Name: "custom:level", Value: "3"},
		{Name: "dev:custom:secret", Value: "hidden"},
	}
	w.changeUser(func(u *userpool.User) { u.Attributes = attributes })

	// common are the claims of both tokens, given what differs from sign-in to sign-in.
	common := func(i *Issued, use string, lifetime int64) map[string]any {
		return map[string]any{
			"sub": w.user.Sub, "iss": "https://pools.example.com/" + poolA, "token_use": use,
			"event_id": i.Grant.EventID, "origin_jti": i.Grant.ID,
			"auth_time": number(at), "iat": number(at), "exp": number(at + lifetime),
		}
	}
	access := func(client string, lifetime int64) func(i *Issued) map[string]any {
		return func(i *Issued) map[string]any {
			c := common(i, "access", lifetime)
			c["client_id"] = client
			c["scope"] = "aws.cognito.signin.user.admin"
			c["username"] = "alice"
			return c
		}
	}
	id := func(client string, lifetime int64, attributes map[string]any) func(i *Issued) map[string]any {
		return func(i *Issued) map[string]any {
			c := common(i, "id", lifetime)
			c["aud"] = client
			c["cognito:username"] = "alice"
			for name, value := range attributes {
				c[name] = value
			}
			return c
		}
	}

	tests := []struct {
		name      string
		settings  wire.UserPoolClientType
		access    func(*Issued) map[string]any
		id        func(*Issued) map[string]any
		expiresIn int32
		refresh   time.Duration
		unrevoked bool // tokens carry neither jti nor origin_jti
	}{
		{
			name:   "defaults",
			access: access("defaults", 3600),
			id: id("defaults", 3600, map[string]any{
				"email": "alice@example.com", "email_verified": true,
				"phone_number": "+12065550100", "phone_number_verified": false,
				"name": `Alice <"Ä"> & 'Bob'`, "address": map[string]any{"formatted": "1 Main Street"}, "custom:level": "3",
			}),
			expiresIn: 3600, refresh: 30 * 24 * time.Hour,
		},
		{
			name: "lifetimes and attributes of its own",
			settings: wire.UserPoolClientType{
				ReadAttributes:      []string{"email", "custom:level"},
				AccessTokenValidity: new(int32(5)), IDTokenValidity: new(int32(2)), RefreshTokenValidity: new(int32(90)),
				TokenValidityUnits: &wire.TokenValidityUnitsType{AccessToken: "minutes", IDToken: "hours", RefreshToken: "minutes"},
			},
			access:    access("own", 300),
			id:        id("own", 7200, map[string]any{"email": "alice@example.com", "custom:level": "3"}),
			expiresIn: 300, refresh: 90 * time.Minute,
		},
		{
			name:     "without revocation",
			settings: wire.UserPoolClientType{EnableTokenRevocation: new(false), ReadAttributes: []string{"custom:level"}},
			access:   access("unrevoked", 3600), id: id("unrevoked", 3600, map[string]any{"custom:level": "3"}),
			expiresIn: 3600, refresh: 30 * 24 * time.Hour,
			unrevoked: true,
		},
	}
	_, accessKey := w.key(w.a, userpool.SignsAccess)
	_, idKey := w.key(w.a, userpool.SignsID)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := w.newClient(w.a, []string{"defaults", "own", "unrevoked"}[i], func(c *userpool.Client) { c.Settings = &tt.settings })
			issued := w.signIn(client)
			seen := map[any]bool{}
			check := func(claims, want map[string]any) {
				t.Helper()
				jti, has := claims["jti"]
				if has == tt.unrevoked || seen[jti] {
					t.Errorf("jti %v", jti)
				}
				seen[jti] = has
				delete(claims, "jti")
				if tt.unrevoked {
					delete(want, "origin_jti")
				}
				if diff := cmp.Diff(want, claims); diff != "" {
					t.Errorf("claims (-want +got):\n%s", diff)
				}
			}
			check(claimsOf(t, issued.AccessToken, &accessKey.PublicKey), tt.access(issued))
			check(claimsOf(t, issued.IDToken, &idKey.PublicKey), tt.id(issued))
			if issued.ExpiresIn != tt.expiresIn {
				t.Errorf("expires in %d, want %d", issued.ExpiresIn, tt.expiresIn)
			}
			if got := issued.Refresh.Expires.Sub(w.clock.Truncate(time.Microsecond)); got != tt.refresh {
				t.Errorf("the refresh token lives %v, want %v", got, tt.refresh)
			}
			if got := w.authorize(issued.AccessToken); got != "" {
				t.Errorf("authorize: %q", got)
			}
		})
	}
}

func TestIssueHeader(t *testing.T) {
	w := newWorld(t)
	issued := w.signIn(w.client)
	for use, token := range map[userpool.KeyUse]string{userpool.SignsAccess: issued.AccessToken, userpool.SignsID: issued.IDToken} {
		kid, _ := w.key(w.a, use)
		if diff := cmp.Diff(map[string]any{"alg": "RS256", "kid": kid}, headerOf(t, token)); diff != "" {
			t.Errorf("header of the %s token (-want +got):\n%s", use, diff)
		}
	}
}

// TestIssueReserved plants attributes under the names of claims: none replaces one.
func TestIssueReserved(t *testing.T) {
	w := newWorld(t)
	var planted userpool.Attributes
	for _, name := range []string{"sub", "iss", "aud", "exp", "token_use", "cognito:username", "jti", "origin_jti", "event_id"} {
		planted = append(planted, userpool.Attribute{Name: name, Value: "planted"})
	}
	w.user.Attributes = planted
	issued, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
	if err != nil {
		t.Fatal(err)
	}
	_, key := w.key(w.a, userpool.SignsID)
	for name, value := range claimsOf(t, issued.IDToken, &key.PublicKey) {
		if value == "planted" {
			t.Errorf("claim %s comes from an attribute", name)
		}
	}
}

// TestIssueDamaged signs a user in whose attribute is not UTF-8.
func TestIssueDamaged(t *testing.T) {
	w := newWorld(t)
	w.user.Attributes = userpool.Attributes{{Name: "name", Value: "Al\xffice"}}
	issued, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
	if err != nil {
		t.Fatal(err)
	}
	_, key := w.key(w.a, userpool.SignsID)
	if got := claimsOf(t, issued.IDToken, &key.PublicKey)["name"]; got != "Al\ufffdice" {
		t.Errorf("name %q", got)
	}
}

func TestIssueFailures(t *testing.T) {
	t.Run("overload", func(t *testing.T) {
		w := newWorld(t)
		w.Queue = limits.NewQueue(1, -1)
		busy, free := make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			done <- w.Queue.Do(context.Background(), func() { close(busy); <-free })
		}()
		<-busy
		_, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
		close(free)
		if got := outcome(t, err); got != "TooManyRequests: Rate exceeded" {
			t.Errorf("got %q", got)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("pool deleted", func(t *testing.T) {
		w := newWorld(t)
		w.write(func(tx userpool.Tx) error { return tx.DeletePool(t.Context(), w.a.Number, w.clock) })
		_, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
		if got := outcome(t, err); got != "ResourceNotFound: User pool "+poolA+" does not exist." {
			t.Errorf("got %q", got)
		}
	})
	t.Run("hung up", func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.Issue(ctx, w.client, w.user, userpool.NewEventID()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRefreshTokenForm(t *testing.T) {
	grant := newGrantID()
	first, second := newRefreshToken(grant), newRefreshToken(grant)
	named, ok := grantOf(first)
	if first == second || !ok || named != grant || looksLikeJWT(first) {
		t.Errorf("%q, %q of the grant %s: %s, %t", first, second, grant, named, ok)
	}
}

// The header begins with kid, as the service's does: some programs know its tokens by their first letters.
func TestHeaderOrder(t *testing.T) {
	w := newWorld(t)
	issued, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{issued.AccessToken, issued.IDToken} {
		if !strings.HasPrefix(token, "eyJraWQiO") {
			t.Errorf("the token begins with %.20s", token)
		}
	}
}
