package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// M is a JSON object: the input of an operation, or its answer.
type M = map[string]any

// L is a JSON list.
type L = []any

// password is what user and signIn use. Every pool accepts it by default.
const password = "Correct-Horse-7"

// world is a server, and a caller who signs for one region of it.
type world struct {
	t      *testing.T
	srv    *poolhousetest.Server
	region string
}

// newWorld starts a server of the test's own, and lets the test run in parallel with others.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, poolhousetest.Config{})
}

// newWorldOf is newWorld with another configuration.
func newWorldOf(t *testing.T, config poolhousetest.Config) *world {
	t.Helper()
	t.Parallel()
	srv := poolhousetest.Start(t, config)
	return &world{t, srv, srv.Region}
}

// in is the same server for a caller who signs for another region.
func (w *world) in(region string) *world { return &world{w.t, w.srv, region} }

// advance moves the server's clock.
func (w *world) advance(d time.Duration) { w.srv.Advance(d) }

// code is the code in the newest message to an address or number.
func (w *world) code(to string) string {
	w.t.Helper()
	return w.srv.Code(w.t, to)
}

// do calls an operation, which must succeed, and gives its answer.
func (w *world) do(operation string, in M) M {
	w.t.Helper()
	out, exception, message := w.call(operation, in)
	if exception != "" {
		w.t.Fatalf("%s: %s: %s", operation, exception, message)
	}
	return out
}

// provoke calls an operation, which must answer the exception, and notes the pair. did says what the user did to
// deserve it. It gives the message.
func (w *world) provoke(operation string, in M, exception, did string) string {
	w.t.Helper()
	op, ok := wire.Lookup(operation)
	if !ok || !op.Declares(exception) {
		w.t.Errorf("%s does not declare %s: use refused", operation, exception)
		return ""
	}
	message, ok := w.answers(operation, in, exception, did)
	if ok {
		ledger.note(pair{operation, exception}, did)
	}
	return message
}

// refused is provoke without a place in the ledger, for exceptions of the protocol and substitutes.
func (w *world) refused(operation string, in M, exception, did string) string {
	w.t.Helper()
	message, _ := w.answers(operation, in, exception, did)
	return message
}

func (w *world) answers(operation string, in M, exception, did string) (message string, ok bool) {
	w.t.Helper()
	_, got, message := w.call(operation, in)
	if got == "" {
		got = "success"
	}
	if got != exception {
		w.t.Errorf("%s, when %s: got %s %q, want %s", operation, did, got, message, exception)
	}
	return message, got == exception
}

// call calls an operation as an SDK does. The exception is empty on success.
func (w *world) call(operation string, in M) (out M, exception, message string) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.srv.Endpoint, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	day := w.srv.Now().UTC().Format("20060102")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	req.Header.Set("X-Amz-Date", w.srv.Now().UTC().Format("20060102T150405Z"))
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"+day+"/"+w.region+"/cognito-idp/aws4_request, "+
		"SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		w.t.Fatal(err)
	}
	out = M{}
	if answer.Len() > 0 {
		if err := json.Unmarshal(answer.Bytes(), &out); err != nil {
			w.t.Fatalf("%s answered %q: %v", operation, answer.Bytes(), err)
		}
	}
	if resp.StatusCode == http.StatusOK {
		return out, "", ""
	}
	exception, _ = out["__type"].(string)
	message, _ = out["message"].(string)
	return nil, exception, message
}

// race calls an operation many times at once, in rounds, until a call answers the exception.
func (w *world) race(operation string, in func(i int) M, exception, did string) {
	w.t.Helper()
	w.raceAmong(operation, func() []rival {
		rivals := make([]rival, 8)
		for i := range rivals {
			rivals[i] = rival{operation, in(i)}
		}
		return rivals
	}, exception, did)
}

// A rival is a call of a race.
type rival struct {
	operation string
	in        M
}

// raceAmong makes the calls of a round at once, in many rounds, until one of the operation answers the exception.
func (w *world) raceAmong(operation string, round func() []rival, exception, did string) {
	w.t.Helper()
	for range 100 {
		var group sync.WaitGroup
		rivals := round()
		answers := make([]string, len(rivals))
		for i, r := range rivals {
			group.Go(func() { _, answers[i], _ = w.call(r.operation, r.in) })
		}
		group.Wait()
		for i, answer := range answers {
			if rivals[i].operation == operation && answer == exception {
				ledger.note(pair{operation, exception}, did)
				return
			}
		}
	}
	w.t.Errorf("%s, when %s: never %s", operation, did, exception)
}

// pool creates a user pool with the members of more, and gives its id.
func (w *world) pool(more M) string {
	w.t.Helper()
	return w.do("CreateUserPool", with(M{"PoolName": "ledger"}, more))["UserPool"].(M)["Id"].(string)
}

// client creates an app client with every sign-in by password, and the members of more, and gives its id.
func (w *world) client(pool string, more M) string {
	w.t.Helper()
	out := w.do("CreateUserPoolClient", with(M{
		"UserPoolId": pool, "ClientName": "ledger",
		"ExplicitAuthFlows": L{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}, more))
	return out["UserPoolClient"].(M)["ClientId"].(string)
}

// user creates a confirmed user whose password is password; attributes are pairs of name and value.
func (w *world) user(pool, name string, attributes ...string) {
	w.t.Helper()
	w.do("AdminCreateUser", M{"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": attributeList(attributes...)})
	w.do("AdminSetUserPassword", M{"UserPoolId": pool, "Username": name, "Password": password, "Permanent": true})
}

// tokens are what a sign-in gives.
type tokens struct{ access, id, refresh string }

// claims are those of the ID token.
func (t tokens) claims(tb testing.TB) (claims M) {
	tb.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(t.id, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return claims
}

// signIn signs a user in with password.
func (w *world) signIn(client, name string) tokens {
	w.t.Helper()
	out := w.do("InitiateAuth", passwordAuth(client, name, password))
	result, ok := out["AuthenticationResult"].(M)
	if !ok {
		w.t.Fatalf("signing %s in gave %v", name, out)
	}
	refresh, _ := result["RefreshToken"].(string)
	return tokens{result["AccessToken"].(string), result["IdToken"].(string), refresh}
}

// signedIn creates a user of the pool and signs them in.
func (w *world) signedIn(pool, client, name string, attributes ...string) tokens {
	w.t.Helper()
	w.user(pool, name, attributes...)
	return w.signIn(client, name)
}

// passwordAuth is the input of InitiateAuth for a sign-in with name and password.
func passwordAuth(client, name, password string) M {
	return M{"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": M{"USERNAME": name, "PASSWORD": password}}
}

// attributeList is a list of attributes from pairs of name and value.
func attributeList(pairs ...string) L {
	list := L{}
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, M{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return list
}

// with is an object with members added or replaced.
func with(object M, more M) M {
	out := M{}
	for _, members := range []M{object, more} {
		for name, value := range members {
			out[name] = value
		}
	}
	return out
}
