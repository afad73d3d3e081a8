package caller

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

const body = `{"UserPoolId":"us-east-1_Example00"}`

// newVerifier makes a verifier on a store in memory that holds one key.
func newVerifier(t testing.TB) (*Verifier, userpool.AccessKey) {
	t.Helper()
	s := newStore(t)
	key := NewAccessKey(now)
	err := s.Write(t.Context(), func(tx userpool.Tx) error { return tx.CreateAccessKey(t.Context(), &key) })
	if err != nil {
		t.Fatal(err)
	}
	return &Verifier{Keys: s, Region: "us-east-1", Now: func() time.Time { return now }}, key
}

func newStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Memory: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// signing is what a test changes before the request is signed.
type signing struct {
	id, secret, token string
	region, service   string
	at                time.Time
	hash              string // of the body
}

// request makes the request that an SDK sends, signed by the SDK's signer.
func request(t testing.TB, key userpool.AccessKey, edit func(*signing, *http.Request)) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost:9229/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.DescribeUserPool")
	sum := sha256.Sum256([]byte(body))
	s := signing{
		id: key.ID, secret: key.Secret, region: "us-east-1", service: "cognito-idp",
		at: now, hash: hex.EncodeToString(sum[:]),
	}
	if edit != nil {
		edit(&s, r)
	}
	r.URL.Host = r.Host // the signer takes a client's request
	err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: s.id, SecretAccessKey: s.secret, SessionToken: s.token},
		r, s.hash, s.service, s.region, s.at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exception takes the error apart; "" when there is none.
func exception(t testing.TB, err error) (name, message string) {
	t.Helper()
	if err == nil {
		return "", ""
	}
	e, ok := errors.AsType[*wire.Exception](err)
	if !ok {
		t.Fatalf("not an exception: %v", err)
	}
	if e.Status != http.StatusBadRequest || !wire.IsProtocol(e.Name) {
		t.Errorf("%s has the status %d", e.Name, e.Status)
	}
	return e.Name, e.Message
}

const (
	unrecognized = "The security token included in the request is invalid."
	mismatch     = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

func TestVerifier(t *testing.T) {
	type sign = func(*signing, *http.Request)
	type send = func(*http.Request)
	replace := func(old, new string) send {
		return func(r *http.Request) {
			h := r.Header.Get("Authorization")
			if !strings.Contains(h, old) {
				panic("the header lacks " + old)
			}
			r.Header.Set("Authorization", strings.Replace(h, old, new, 1))
		}
	}
	tests := []struct {
		name    string
		sign    sign   // before signing
		send    send   // between signing and receiving
		body    string // received, if not the one that was signed
		want    string // exception without its ending
		message string // the whole, or its start when it ends in an ellipsis
	}{
		{name: "Go SDK"},
		{name: "JavaScript SDK", sign: func(s *signing, r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", s.hash)
			r.Header.Set("X-Amz-User-Agent", "aws-sdk-js/3.1000.0 ua/2.1 os/linux")
			r.Header.Set("Amz-Sdk-Invocation-Id", "8a54cbe5-2f9d-4c4c-9a3b-24d7c0ffee00")
			r.Header.Set("Amz-Sdk-Request", "attempt=1; max=3")
		}},
		{name: "header that is not signed", send: func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }},
		{name: "spaces in a header", sign: func(_ *signing, r *http.Request) { r.Header.Set("X-Amz-Meta", "  a   b ") }},
		{name: "header of two values", sign: func(_ *signing, r *http.Request) {
			r.Header.Add("X-Amz-Meta", "b")
			r.Header.Add("X-Amz-Meta", "a")
		}},
		{name: "query", sign: func(_ *signing, r *http.Request) { r.URL.RawQuery = "b=2&a=1&a-b=%20x&a=0&c" }},
		{name: "path", sign: func(_ *signing, r *http.Request) { r.URL.Path = "/a b/c" }},
		{name: "host of a proxy", sign: func(_ *signing, r *http.Request) { r.Host = "login.example.com" }},
		{name: "five minutes old", sign: func(s *signing, _ *http.Request) { s.at = now.Add(-5 * time.Minute) }},
		{name: "five minutes ahead", sign: func(s *signing, _ *http.Request) { s.at = now.Add(5 * time.Minute) }},
		{name: "parameters without spaces", send: func(r *http.Request) {
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ","))
		}},

		{name: "other body", body: "{}", want: "InvalidSignature", message: mismatch},
		{name: "other target", send: func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.DeleteUserPool")
		}, want: "InvalidSignature", message: mismatch},
		{name: "other host", send: func(r *http.Request) { r.Host = "localhost:9230" }, want: "InvalidSignature", message: mismatch},
		{name: "other method", send: func(r *http.Request) { r.Method = http.MethodPut }, want: "InvalidSignature", message: mismatch},
		{name: "other path", send: func(r *http.Request) { r.URL.Path = "/x" }, want: "InvalidSignature", message: mismatch},
		{name: "other query", send: func(r *http.Request) { r.URL.RawQuery = "a=1" }, want: "InvalidSignature", message: mismatch},
		{name: "other content type", send: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, want: "InvalidSignature", message: mismatch},
		{name: "other second of the date", send: func(r *http.Request) { r.Header.Set("X-Amz-Date", now.Add(time.Second).Format(compact)) }, want: "InvalidSignature", message: mismatch},
		{name: "signed header taken away", send: func(r *http.Request) { r.Header.Del("Content-Type") }, want: "InvalidSignature", message: mismatch},
		{name: "signature cut", send: func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", h[:len(h)-1])
		}, want: "InvalidSignature", message: mismatch},
		{name: "wrong secret", sign: func(s *signing, _ *http.Request) { s.secret = strings.Repeat("x", 40) }, want: "InvalidSignature", message: mismatch},

		{name: "unknown key", sign: func(s *signing, _ *http.Request) { s.id = "AKIAIOSFODNN7EXAMPLE" }, want: "UnrecognizedClient", message: unrecognized},
		{name: "unknown key with the secret of unknown keys", sign: func(s *signing, _ *http.Request) {
			s.id, s.secret = "AKIAIOSFODNN7EXAMPLE", unknownKeySecret
		}, want: "UnrecognizedClient", message: unrecognized},
		{name: "key id that no key has", sign: func(s *signing, _ *http.Request) { s.id = "AKIA\xff" }, want: "UnrecognizedClient", message: unrecognized},
		{name: "session token", sign: func(s *signing, _ *http.Request) { s.token = "token" }, want: "UnrecognizedClient", message: unrecognized + " This server has no temporary credentials: …"},
		{name: "session token added", send: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "token") }, want: "UnrecognizedClient", message: unrecognized + " This server has no temporary credentials: …"},

		{name: "no header", send: func(r *http.Request) { r.Header.Del("Authorization") }, want: "MissingAuthenticationToken", message: "Missing Authentication Token"},
		{name: "signature in the query", send: func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
		}, want: "IncompleteSignature", message: "A signature in the query string is not supported: send it in the Authorization header."},
		{name: "two headers", send: func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, want: "IncompleteSignature", message: "The header 'Authorization' must be sent once."},
		{name: "two targets", send: func(r *http.Request) { r.Header.Add("X-Amz-Target", "x") }, want: "IncompleteSignature", message: "The header 'X-Amz-Target' must be sent once."},
		{name: "another scheme, no date", send: func(r *http.Request) {
			r.Header.Set("Authorization", "Basic eDp5")
			r.Header.Del("X-Amz-Date")
		}, want: "IncompleteSignature", message: "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
			"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Basic eDp5"},
		{name: "another algorithm", send: replace("AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 "), want: "IncompleteSignature", message: "Authorization header requires 'Credential' parameter. …"},
		{name: "no signature", send: replace("Signature=", "Sig="), want: "IncompleteSignature", message: "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 …"},
		{name: "a parameter twice", send: replace(", Signature=", ", Signature=00, Signature="), want: "IncompleteSignature", message: "Authorization header must have each parameter once. …"},
		{name: "scope of four parts", send: replace("/us-east-1/", "/"), want: "IncompleteSignature", message: "Credential must have exactly 5 slash-delimited elements, …"},
		{name: "header too long", send: func(r *http.Request) { r.Header.Set("Authorization", strings.Repeat("x", 9000)) }, want: "IncompleteSignature", message: "The Authorization header is too long."},
		{name: "signed headers out of order", send: replace("content-type;host", "host;content-type"), want: "IncompleteSignature", message: "'SignedHeaders' must be lower-case …"},
		{name: "too many signed headers", send: replace("SignedHeaders=", "SignedHeaders="+strings.Repeat("a;", 100)), want: "IncompleteSignature", message: "Authorization header has too many 'SignedHeaders'."},

		{name: "host not signed", send: replace("host;", ""), want: "InvalidSignature", message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "date not signed", send: replace("x-amz-date;", ""), want: "InvalidSignature", message: "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "target not signed", send: replace(";x-amz-target", ""), want: "InvalidSignature", message: "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},

		{name: "other region", sign: func(s *signing, _ *http.Request) { s.region = "eu-west-1" }, want: "InvalidSignature", message: "Credential should be scoped to a valid region."},
		{name: "other service", sign: func(s *signing, _ *http.Request) { s.service = "sns" }, want: "InvalidSignature", message: "Credential should be scoped to correct service: 'cognito-idp'."},
		{name: "other terminator", send: replace("/aws4_request", "/aws4"), want: "InvalidSignature", message: "Credential should be scoped with a valid terminator: 'aws4_request'."},
		{name: "other day in the scope", send: replace("/20260314/", "/20260315/"), want: "InvalidSignature",
			message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260315' != '20260314', from '20260314T150926Z'."},
		{name: "date of another form", send: func(r *http.Request) { r.Header.Set("X-Amz-Date", "2026-03-14T15:09:26Z") }, want: "IncompleteSignature", message: "Date must be in ISO-8601 'basic format'. Got '2026-03-14T15:09:26Z'. …"},
		{name: "only the Date header", send: func(r *http.Request) {
			r.Header.Del("X-Amz-Date")
			r.Header.Set("Date", now.Format(http.TimeFormat))
		}, want: "IncompleteSignature", message: "Date must be in ISO-8601 'basic format'. Got ''. …"},
		{name: "too old", sign: func(s *signing, _ *http.Request) { s.at = now.Add(-5*time.Minute - time.Second) }, want: "InvalidSignature",
			message: "Signature expired: 20260314T150425Z is now earlier than 20260314T150426Z (20260314T150926Z - 5 min.)"},
		{name: "too early", sign: func(s *signing, _ *http.Request) { s.at = now.Add(5*time.Minute + time.Second) }, want: "InvalidSignature",
			message: "Signature not yet current: 20260314T151427Z is still later than 20260314T151426Z (20260314T150926Z + 5 min.)"},

		{name: "unsigned payload", sign: func(s *signing, r *http.Request) {
			s.hash = "UNSIGNED-PAYLOAD"
			r.Header.Set("X-Amz-Content-Sha256", s.hash)
		}, want: "InvalidSignature", message: "The provided 'x-amz-content-sha256' header does not match what was computed."},
		{name: "unsigned payload that is not named", sign: func(s *signing, _ *http.Request) { s.hash = "UNSIGNED-PAYLOAD" }, want: "InvalidSignature", message: mismatch},
		{name: "hash of another body", sign: func(s *signing, r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", s.hash) }, body: "{}", want: "InvalidSignature",
			message: "The provided 'x-amz-content-sha256' header does not match what was computed."},
	}
	v, key := newVerifier(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(t, key, tt.sign)
			if tt.send != nil {
				tt.send(r)
			}
			received := body
			if tt.body != "" {
				received = tt.body
			}
			got, err := v.Authenticate(r, []byte(received))
			name, message := exception(t, err)
			if tt.want != "" {
				tt.want += "Exception"
			}
			start, whole := strings.CutSuffix(tt.message, "…")
			if name != tt.want || message != tt.message && !(whole && strings.HasPrefix(message, start)) {
				t.Fatalf("got %q %q\nwant %q %q", name, message, tt.want, tt.message)
			}
			if len(message) > 1000 {
				t.Errorf("the message has %d bytes", len(message))
			}
			if want := (userpool.Caller{AccessKeyID: key.ID, Region: "us-east-1"}); tt.want == "" && got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// TestVerifierStoreFails passes on what is not the caller's fault.
func TestVerifierStoreFails(t *testing.T) {
	v, key := newVerifier(t)
	closed := newStore(t)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	v.Keys = closed
	_, err := v.Authenticate(request(t, key, nil), []byte(body))
	if _, told := errors.AsType[*wire.Exception](err); err == nil || told {
		t.Errorf("got %v", err)
	}
}

// TestVerifierGoSDK receives what the Go SDK's client sends over HTTP.
func TestVerifierGoSDK(t *testing.T) {
	v, key := newVerifier(t)
	v.Now = time.Now
	var got userpool.Caller
	var authErr error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, authErr = v.Authenticate(r, b)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Write([]byte("{}"))
	}))
	defer server.Close()
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
	})
	_, err := client.ListUserPools(t.Context(), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	if authErr != nil || got.AccessKeyID != key.ID {
		t.Errorf("got %+v, %v", got, authErr)
	}
}

// TestSignatureVectors checks the published test suite of Signature Version 4.
func TestSignatureVectors(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	tests := []struct {
		name, method, path, query string
		headers                   [][2]string
		want                      string
	}{
		{name: "get-vanilla", want: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{name: "post-vanilla", method: "POST", want: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{name: "get-vanilla-query-order-key-case", query: "Param2=value2&Param1=value1", want: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{name: "post-vanilla-query", method: "POST", query: "Param1=value1", want: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		{name: "get-header-key-duplicate", headers: [][2]string{{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
			want: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{name: "get-header-value-multiline", headers: [][2]string{{"My-Header1", "value1,value2,value3"}},
			want: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"},
		{name: "get-header-value-trim", headers: [][2]string{{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
			want: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.method == "" {
				tt.method = http.MethodGet
			}
			r := httptest.NewRequest(tt.method, "http://example.amazonaws.com/", nil)
			r.URL.RawQuery = tt.query
			r.Header.Set("X-Amz-Date", "20150830T123600Z")
			auth := &authorization{date: "20150830", region: "us-east-1", service: "service", terminator: terminator, signedHeaders: []string{"host"}}
			for _, h := range tt.headers {
				if name := strings.ToLower(h[0]); auth.signedHeaders[len(auth.signedHeaders)-1] != name {
					auth.signedHeaders = append(auth.signedHeaders, name)
				}
				r.Header.Add(h[0], h[1])
			}
			auth.signedHeaders = append(auth.signedHeaders, "x-amz-date")
			empty := sha256.Sum256(nil)
			canonical, err := canonicalRequest(r, auth.signedHeaders, hex.EncodeToString(empty[:]))
			if err != nil {
				t.Fatal(err)
			}
			if got := signature(secret, auth, "20150830T123600Z", canonical); got != tt.want {
				t.Errorf("got %s, want %s of\n%s", got, tt.want, canonical)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name, header, region, want string
	}{
		{name: "signature of anybody", header: "AWS4-HMAC-SHA256 Credential=test/20200101/eu-central-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00", region: "eu-central-1"},
		{name: "no header", want: "MissingAuthenticationTokenException"},
		{name: "another scheme", header: "Bearer x", want: "IncompleteSignatureException"},
		{name: "no region", header: "AWS4-HMAC-SHA256 Credential=test/20200101//cognito-idp/aws4_request, SignedHeaders=host, Signature=00", want: "IncompleteSignatureException"},
		{name: "no possible region", header: "AWS4-HMAC-SHA256 Credential=test/20200101/US_1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00", want: "InvalidSignatureException"},
		{name: "another service", header: "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00", want: "InvalidSignatureException"},
		{name: "another terminator", header: "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/cognito-idp/x, SignedHeaders=host, Signature=00", want: "InvalidSignatureException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("X-Amz-Security-Token", "is of no interest")
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			got, err := Open{}.Authenticate(r, nil)
			if name, _ := exception(t, err); name != tt.want {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if want := (userpool.Caller{AccessKeyID: "test", Region: tt.region}); tt.want == "" && got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestNewAccessKey(t *testing.T) {
	a, b := NewAccessKey(now), NewAccessKey(now)
	if a.ID == b.ID || a.Secret == b.Secret {
		t.Error("two keys are alike")
	}
	if len(a.ID) != 20 || !strings.HasPrefix(a.ID, "AKIA") || strings.Trim(a.ID, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		t.Errorf("id %q", a.ID)
	}
	if len(a.Secret) != 40 || strings.Contains(a.Secret, "=") {
		t.Errorf("secret of %d characters", len(a.Secret))
	}
	if !a.Created.Equal(now) {
		t.Errorf("created %v", a.Created)
	}
}

// FuzzAuthorizationHeader sends any header: the answer is an exception of bounded length, or a caller
// whose signature was made with the secret.
func FuzzAuthorizationHeader(f *testing.F) {
	v, key := newVerifier(f)
	signed := request(f, key, nil).Header.Get("Authorization")
	f.Add(signed, "20260314T150926Z", "")
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host;x-amz-date,Signature=0", "", "a=1&b=%zz")
	f.Add("Bearer x", "2026", "X-Amz-Signature=1")
	f.Add("AWS4-HMAC-SHA256 =,,=,Credential", "20269999T999999Z", "&&==&")
	f.Fuzz(func(t *testing.T, header, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:9229/", bytes.NewReader([]byte(body)))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.DescribeUserPool")
		r.Header.Set("X-Amz-Date", date)
		r.Header.Set("Authorization", header)
		r.URL.RawQuery = query
		for _, authenticate := range []func(*http.Request, []byte) (userpool.Caller, error){v.Authenticate, Open{}.Authenticate} {
			got, err := authenticate(r, []byte(body))
			if _, message := exception(t, err); err != nil && (message == "" || len(message) > 1200) {
				t.Errorf("message %q", message)
			}
			if err == nil && !plausibleRegion(got.Region) {
				t.Errorf("region %q", got.Region)
			}
		}
	})
}
