package cognito_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/server"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// shipped is the whole server as a handler, with the demo pool.
func shipped(t testing.TB) (http.Handler, server.Demo) {
	t.Helper()
	s, err := server.New(t.Context(), server.Config{Dev: true, Memory: true, PublicURL: "http://127.0.0.1", NewSigningKey: signingKey, NoAttemptLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.WithoutCancel(t.Context())) })
	demo, err := s.Demo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler(), demo
}

// ask sends a request and checks what holds for every answer, whatever was asked.
func ask(t *testing.T, h http.Handler, method, target, contentType, origin, authorization string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "http://127.0.0.1/", strings.NewReader(string(body)))
	r.Method = method
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Origin", origin)
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	head, answer := w.Header(), w.Body.Bytes()
	switch {
	case method == "OPTIONS":
		if w.Code != 200 && w.Code != 403 || len(answer) > 0 {
			t.Fatalf("preflight: got %d %q", w.Code, answer)
		}
		return w
	case method != "POST":
		if w.Code != 405 || len(answer) > 0 {
			t.Fatalf("%s: got %d %q", method, w.Code, answer)
		}
		return w
	case w.Code >= 500:
		t.Fatalf("got %d %s", w.Code, answer)
	case w.Code != 200 && w.Code != 400 && w.Code != 403 && w.Code != 413:
		t.Fatalf("got %d %s", w.Code, answer)
	}
	if head.Get("Content-Type") != mediaType || !uuidForm.MatchString(head.Get("X-Amzn-Requestid")) || head.Get("Date") == "" {
		t.Fatalf("headers: %v", head)
	}
	if w.Code == 200 && len(answer) == 0 {
		operation := target[strings.LastIndexByte(target, '.')+1:]
		if op, ok := wire.Lookup(operation); !ok || !op.NoOutput {
			t.Fatalf("%s: an empty answer", operation)
		}
		return w
	}
	var o map[string]any
	if err := json.Unmarshal(answer, &o); err != nil {
		t.Fatalf("the answer is no JSON object: %v: %q", err, answer)
	}
	if w.Code == 200 {
		return w
	}
	name, _ := o["__type"].(string)
	if name == "" || head.Get("X-Amzn-Errortype") != name+":" {
		t.Fatalf("type %q, header %q", name, head.Get("X-Amzn-Errortype"))
	}
	for _, values := range head {
		for _, v := range values {
			if len(v) > 1024 || strings.IndexFunc(v, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 && v != origin {
				t.Fatalf("a header that is none: %q", v)
			}
		}
	}
	return w
}

// FuzzHandler sends anything at all.
func FuzzHandler(f *testing.F) {
	h, demo := shipped(f)
	for _, s := range requests(demo) {
		f.Add("POST", targetPrefix+s.operation, mediaType, "http://localhost", signature, []byte(s.body))
	}
	f.Add("OPTIONS", "", "", "https://a.example", "", []byte(nil))
	f.Add("GET", targetPrefix+"GetUser", mediaType+";charset=\"", "null", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", []byte(`{"a":`))
	f.Fuzz(func(t *testing.T, method, target, contentType, origin, authorization string, body []byte) {
		ask(t, h, method, target, contentType, origin, authorization, body)
		// The server lives.
		if w := ask(t, h, "POST", targetPrefix+"GetUser", mediaType, "", "", []byte(`{"AccessToken":"x"}`)); w.Code != 400 {
			t.Fatalf("afterwards: got %d", w.Code)
		}
	})
}

// FuzzBody sends any body to every operation, well addressed and signed.
func FuzzBody(f *testing.F) {
	h, demo := shipped(f)
	all := wire.Operations()
	for _, s := range requests(demo) {
		i := slices.IndexFunc(all, func(op *wire.Operation) bool { return op.Name == s.operation })
		f.Add(uint8(max(i, 0)), []byte(s.body))
	}
	f.Fuzz(func(t *testing.T, operation uint8, body []byte) {
		op := all[int(operation)%len(all)]
		if op.Name == "DeleteUserPool" || op.Name == "DeleteUserPoolClient" {
			return // or there would soon be nothing left to talk about
		}
		ask(t, h, "POST", targetPrefix+op.Name, mediaType, "", signature, body)
	})
}

// request is a request that reaches its operation's rules.
type request struct{ operation, body string }

func requests(demo server.Demo) []request {
	ids := strings.NewReplacer("POOL", demo.PoolID, "CLIENT", demo.ClientID, "PASSWORD", demo.Password)
	all := []request{
		{"InitiateAuth", `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"CLIENT","AuthParameters":{"USERNAME":"demo","PASSWORD":"PASSWORD"}}`},
		{"InitiateAuth", `{"AuthFlow":"USER_SRP_AUTH","ClientId":"CLIENT","AuthParameters":{"USERNAME":"demo","SRP_A":"abc"}}`},
		{"InitiateAuth", `{"AuthFlow":"REFRESH_TOKEN","ClientId":"CLIENT","AuthParameters":{"REFRESH_TOKEN":"x"}}`},
		{"AdminInitiateAuth", `{"AuthFlow":"ADMIN_NO_SRP_AUTH","UserPoolId":"POOL","ClientId":"CLIENT","AuthParameters":{"USERNAME":"demo","PASSWORD":"PASSWORD"}}`},
		{"RespondToAuthChallenge", `{"ChallengeName":"NEW_PASSWORD_REQUIRED","ClientId":"CLIENT","Session":"AAAAAAAAAAAAAAAAAAAAAAAA","ChallengeResponses":{"USERNAME":"demo","NEW_PASSWORD":"x"}}`},
		{"SignUp", `{"ClientId":"CLIENT","Username":"jane","Password":"PASSWORD","UserAttributes":[{"Name":"email","Value":"jane@example.com"}]}`},
		{"ConfirmSignUp", `{"ClientId":"CLIENT","Username":"jane","ConfirmationCode":"123456"}`},
		{"ResendConfirmationCode", `{"ClientId":"CLIENT","Username":"jane"}`},
		{"ForgotPassword", `{"ClientId":"CLIENT","Username":"demo"}`},
		{"ConfirmForgotPassword", `{"ClientId":"CLIENT","Username":"demo","ConfirmationCode":"123456","Password":"PASSWORD"}`},
		{"GetUser", `{"AccessToken":"a.b.c"}`},
		{"ChangePassword", `{"AccessToken":"a.b.c","PreviousPassword":"PASSWORD","ProposedPassword":"PASSWORD"}`},
		{"GetUserAttributeVerificationCode", `{"AccessToken":"a.b.c","AttributeName":"email","ClientMetadata":{"a":null}}`},
		{"RevokeToken", `{"Token":"x","ClientId":"CLIENT","ClientSecret":"aaaaaaaaaaaaaaaaaaaaaaaa"}`},
		{"AdminCreateUser", `{"UserPoolId":"POOL","Username":"joan","TemporaryPassword":"PASSWORD","UserAttributes":[{"Name":"email","Value":"joan@example.com"}],"MessageAction":"SUPPRESS"}`},
		{"AdminSetUserPassword", `{"UserPoolId":"POOL","Username":"joan","Password":"PASSWORD","Permanent":true}`},
		{"AdminGetUser", `{"UserPoolId":"POOL","Username":"demo"}`},
		{"AdminUpdateUserAttributes", `{"UserPoolId":"POOL","Username":"joan","UserAttributes":[{"Name":"custom:x","Value":"y"}]}`},
		{"AdminDeleteUser", `{"UserPoolId":"POOL","Username":"joan"}`},
		{"CreateUserPool", `{"PoolName":"x","Schema":[{"Name":"y","AttributeDataType":"Number","NumberAttributeConstraints":{"MinValue":"1"}}],"Policies":{"PasswordPolicy":{"MinimumLength":8}}}`},
		{"UpdateUserPool", `{"UserPoolId":"POOL","AutoVerifiedAttributes":["email"],"LambdaConfig":{}}`},
		{"DescribeUserPool", `{"UserPoolId":"POOL"}`},
		{"ListUserPools", `{"MaxResults":1,"NextToken":"x"}`},
		{"CreateUserPoolClient", `{"UserPoolId":"POOL","ClientName":"x","ExplicitAuthFlows":["ALLOW_USER_SRP_AUTH"],"GenerateSecret":true,"TokenValidityUnits":{"AccessToken":"minutes"},"AccessTokenValidity":5}`},
		{"ListUserPoolClients", `{"UserPoolId":"POOL","MaxResults":60}`},
		{"ListUsers", `{"UserPoolId":"POOL"}`},
		{"GlobalSignOut", `null`},
		{"getUser", `[]`},
		{"DeleteUserPool", `{"UserPoolId":"us-east-1_x"}`},
	}
	for i := range all {
		all[i].body = ids.Replace(all[i].body)
	}
	return all
}

// FuzzSRP sends any numbers, blocks, signatures and dates through both steps. Nobody signs in that way.
func FuzzSRP(f *testing.F) {
	h, demo := shipped(f)
	initiate := func(t *testing.T, username, a string) (parameters map[string]string) {
		body, err := json.Marshal(object{"AuthFlow": "USER_SRP_AUTH", "ClientId": demo.ClientID, "AuthParameters": object{"USERNAME": username, "SRP_A": a}})
		if err != nil {
			return // not text, which the other fuzz test sends
		}
		w := ask(t, h, "POST", targetPrefix+"InitiateAuth", mediaType, "", "", body)
		var out struct {
			ChallengeParameters  map[string]string
			AuthenticationResult any
		}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.AuthenticationResult != nil {
			t.Fatalf("got %s", w.Body)
		}
		return out.ChallengeParameters
	}
	good := srp.NewClient("Poolhouse").SRPA()
	stamp := "Wed May 7 00:09:40 UTC 2025"
	sig := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, a := range []string{good, "0", "00", "1", "-1", "+1", "0x1", "zz", "", strings.Repeat("f", 768), strings.Repeat("F", 1025), strings.Repeat("0", 800) + good[:100]} {
		f.Add("demo", a, "", sig, stamp)
	}
	f.Add("nobody", good, "AAAA", "!", "Wed May 07 00:09:40 UTC 2025")
	f.Add("demo\x00", good, "\n", "=", "2025-05-07T00:09:40Z")
	f.Fuzz(func(t *testing.T, username, a, block, signature, timestamp string) {
		given := initiate(t, username, a)
		if given == nil {
			given = initiate(t, demo.Username, good)
		}
		blocks := []string{given["SECRET_BLOCK"], block}
		if n := len(block); n > 0 && n < len(blocks[0]) {
			blocks = append(blocks, block+blocks[0][n:], blocks[0][:len(blocks[0])-n]+block)
		}
		if slices.Contains(blocks[2:], blocks[0]) {
			blocks = blocks[:2]
		}
		for _, b := range blocks {
			body, err := json.Marshal(object{"ChallengeName": "PASSWORD_VERIFIER", "ClientId": demo.ClientID, "ChallengeResponses": object{
				"USERNAME": demo.Username, "PASSWORD_CLAIM_SECRET_BLOCK": b, "PASSWORD_CLAIM_SIGNATURE": signature, "TIMESTAMP": timestamp,
			}})
			if err != nil {
				continue // not text, which the other fuzz test sends
			}
			if w := ask(t, h, "POST", targetPrefix+"RespondToAuthChallenge", mediaType, "", "", body); w.Code == 200 {
				t.Fatalf("signed in: %s", w.Body)
			}
		}
	})
}
