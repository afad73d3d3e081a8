package token

import (
	"reflect"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// FuzzToken feeds tokens as they are. Whatever is accepted says what the true token says.
func FuzzToken(f *testing.F) {
	w := newWorld(f)
	issued := w.signIn(w.client)
	good, _, err := w.verify(f.Context(), issued.AccessToken)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(issued.AccessToken, ".")
	f.Add(issued.AccessToken)
	f.Add(issued.IDToken)
	f.Add(issued.RefreshToken)
	f.Add(parts[0] + ".." + parts[2])
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("eyJhbGciOiJSUzI1NiJ9.e30.AAAA")
	f.Add(strings.Repeat(".", 100))
	f.Fuzz(func(t *testing.T, token string) {
		claims, _, err := w.verify(t.Context(), token)
		if err != nil {
			if got := outcome(t, err); got != invalid && got != unverified {
				t.Errorf("got %q", got)
			}
			return
		}
		if !reflect.DeepEqual(claims, good) {
			t.Errorf("accepted a token that was not issued: %+v", claims)
		}
	})
}

// FuzzSigned signs headers and payloads with the pool's key, so that what stands behind the signature is
// reached. KID in the header stands for the key's kid.
func FuzzSigned(f *testing.F) {
	w := newWorld(f)
	kid, key := w.key(w.a, userpool.SignsAccess)
	sign := rs256(f, key)
	issuer := w.Issuer(poolA)
	const header = `{"alg":"RS256","kid":"KID"}`
	f.Add(header, `{"token_use":"access","iss":"`+issuer+`","sub":"s","client_id":"c","exp":1}`)
	f.Add(header, `{"token_use":"access","iss":"`+issuer+`","exp":1e3}`)
	f.Add(header, `{"token_use":"access","token_use":"id"}`)
	f.Add(header, `[]`)
	f.Add(`{"alg":"RS256","kid":"KID","crit":["b64"],"b64":false}`, `{}`)
	f.Add(`{"alg":"RS256","kid":"KID","jwk":{}}`, `{}`)
	f.Add(`{"alg":"none","kid":"KID"}`, `{}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		token := compact(strings.ReplaceAll(header, "KID", kid), payload, sign)
		claims, _, err := w.verify(t.Context(), token)
		if err != nil {
			if got := outcome(t, err); got != invalid && got != unverified {
				t.Errorf("got %q", got)
			}
			return
		}
		if claims.TokenUse != "access" || claims.Issuer != issuer {
			t.Errorf("accepted %+v", claims)
		}
		if _, err := w.Authorize(t.Context(), token); err == nil {
			t.Error("a token without a grant is authorized")
		} else {
			outcome(t, err)
		}
	})
}
