package cognito_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/caller"
	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

const (
	targetPrefix = "AWSCognitoIdentityProviderService."
	mediaType    = "application/x-amz-json-1.1"
	signature    = "AWS4-HMAC-SHA256 Credential=any/20260301/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date, Signature=0"
)

// answer is an HTTP answer with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// fault is the body of an error answer.
type fault struct {
	Type       string `json:"__type"`
	Message    string `json:"message"`
	ReasonCode string `json:"reasonCode"`
}

func (a answer) fault(t testing.TB) fault {
	t.Helper()
	var f fault
	if err := json.Unmarshal([]byte(a.body), &f); err != nil {
		t.Fatalf("the answer %d %q is no JSON: %v", a.status, a.body, err)
	}
	return f
}

// told is "" for a success, else the exception and its message.
func (a answer) told(t testing.TB) string {
	t.Helper()
	if a.status == http.StatusOK {
		return ""
	}
	f := a.fault(t)
	return f.Type + ": " + f.Message
}

// headers are pairs of names and values; a blank value deletes.
func post(t testing.TB, endpoint, operation, body string, headers ...string) answer {
	t.Helper()
	return send(t, http.MethodPost, endpoint, strings.NewReader(body), append([]string{
		"Content-Type", mediaType, "X-Amz-Target", targetPrefix + operation,
	}, headers...)...)
}

func send(t testing.TB, method, endpoint string, body io.Reader, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, endpoint+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

// The order of checks: target, JSON, signature, constraints, operation. Each row has later faults too.
func TestProtocol(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	const (
		unknown   = `{"__type":"UnknownOperationException"}`
		malformed = `{"__type":"SerializationException","message":"The request body is not valid JSON."}`
		unsigned  = `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`
		noName    = `{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'poolName' failed to satisfy constraint: Member must not be null"}`
		noToken   = `{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'accessToken' failed to satisfy constraint: Member must not be null"}`
	)
	create, getUser := targetPrefix+"CreateUserPool", targetPrefix+"GetUser"
	tests := []struct {
		name, target, contentType, body string
		signed                          bool
		status                          int
		want                            string // beginning of the body
	}{
		{"no target", "", mediaType, "{", false, 400, unknown},
		{"no dot", "AWSCognitoIdentityProviderServiceGetUser", mediaType, "{", false, 400, unknown},
		{"another prefix", "AWSCognitoIdentityService.GetUser", mediaType, "{", false, 400, unknown},
		{"case of the prefix", "awscognitoidentityproviderservice.GetUser", mediaType, "{", false, 400, unknown},
		{"case of the operation", targetPrefix + "getUser", mediaType, "{", false, 400, unknown},
		{"no operation", targetPrefix, mediaType, "{", false, 400, unknown},
		{"unknown operation", targetPrefix + "GetUsers", mediaType, "{", false, 400, unknown},
		{"blank behind", getUser + " x", mediaType, "{", false, 400, unknown},
		{"namespace in front", "com.amazonaws." + getUser, mediaType, "{", false, 400, unknown},
		{"no content type", getUser, "", "{", false, 400, unknown},
		{"plain JSON", getUser, "application/json", "{", false, 400, unknown},
		{"content type with rubbish in front", getUser, "x;" + mediaType, "{", false, 400, unknown},

		{"no JSON", create, mediaType, "{", false, 400, malformed},
		{"two objects", create, mediaType, "{}{}", false, 400, malformed},
		{"bad UTF-8", create, mediaType, "{\"PoolName\":\"\xff\"}", false, 400, malformed},
		{"list", create, mediaType, "[]", false, 400, `{"__type":"SerializationException","message":"The request body must be a JSON object."}`},
		{"another type", create, mediaType, `{"PoolName":1}`, false, 400, `{"__type":"SerializationException","message":"NUMBER_VALUE can not be converted`},

		{"no signature", create, mediaType, `{}`, false, 400, unsigned},
		{"constraint", create, mediaType, `{}`, true, 400, noName},
		{"charset", create, mediaType + "; charset=utf-8", `{}`, true, 400, noName},
		{"charset in capitals", create, strings.ToUpper(mediaType) + ";CHARSET=UTF-8", `{}`, true, 400, noName},
		{"broken parameter", create, mediaType + "; charset", `{}`, true, 400, noName},
		{"older form", create, "application/x-amz-json-1.0", `{}`, true, 400, noName},
		{"null is absent", create, mediaType, `{"PoolName":null}`, true, 400, noName},
		{"another case", create, mediaType, `{"poolName":"x"}`, true, 400, noName},
		{"empty body", getUser, mediaType, "", false, 400, noToken},
		{"signature ignored", getUser, mediaType, "{}", true, 400, noToken},
		{"operation", getUser, mediaType, `{"AccessToken":"x","Unknown":[1]}`, false, 400, `{"__type":"NotAuthorizedException","message":"Invalid Access Token"}`},
		{"last of two", getUser, mediaType, `{"AccessToken":1,"AccessToken":"x"}`, false, 400, `{"__type":"SerializationException","message":"NUMBER_VALUE can not be converted`},
		{"not available yet", targetPrefix + "AdminListDevices", mediaType, `{"UserPoolId":"us-east-1_x","Username":"jane"}`, true, 400,
			`{"__type":"UnknownOperationException","message":"Operation AdminListDevices is not available in this version of Poolhouse."}`},
		{"not available yet, with a fault", targetPrefix + "AdminListDevices", mediaType, `{"Username":"jane"}`, true, 400,
			`{"__type":"InvalidParameterException","message":"1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null"}`},
		{"several faults", targetPrefix + "ConfirmSignUp", mediaType, `{}`, false, 400,
			`{"__type":"InvalidParameterException","message":"3 validation errors detected: Value null at `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			headers := []string{"X-Amz-Target", tt.target, "Content-Type", tt.contentType}
			if tt.signed {
				headers = append(headers, "Authorization", signature)
			}
			got := send(t, http.MethodPost, srv.Endpoint, strings.NewReader(tt.body), headers...)
			if got.status != tt.status || !strings.HasPrefix(got.body, tt.want) {
				t.Errorf("got %d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
		got := send(t, method, srv.Endpoint, nil, "Content-Type", mediaType, "X-Amz-Target", targetPrefix+"GetUser")
		if got.status != http.StatusMethodNotAllowed || got.body != "" || got.header.Get("Allow") != "OPTIONS, POST" {
			t.Errorf("%s: got %d %q, Allow %q", method, got.status, got.body, got.header.Get("Allow"))
		}
		if length := got.header.Get("Content-Length"); length != "0" && method != "HEAD" {
			t.Errorf("%s: Content-Length %q", method, length)
		}
	}
	// A path below is another place, and the query is not looked at.
	res, err := http.Post(srv.Endpoint+"/x", mediaType, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("POST /x: got %d", res.StatusCode)
	}
	r, _ := http.NewRequest("POST", srv.Endpoint+"/?Action=Nothing", strings.NewReader(`{"AccessToken":"x"}`))
	r.Header.Set("Content-Type", mediaType)
	r.Header["x-amz-target"] = []string{targetPrefix + "GetUser"} // as Amplify spells it
	res, err = http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get("X-Amzn-Errortype"); got != "NotAuthorizedException:" {
		t.Errorf("POST with a query: got %q", got)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	const million = 1 << 20
	padded := func(size int) string { return `{"AccessToken":"x"` + strings.Repeat(" ", size-19) + "}" }
	chunked := func(s string) io.Reader { return struct{ io.Reader }{strings.NewReader(s)} } // of unknown length
	tests := []struct {
		name, operation string
		body            io.Reader
		status          int
		want            string
	}{
		{"at the limit", "GetUser", strings.NewReader(padded(million)), 400, "NotAuthorizedException"},
		{"over the limit", "GetUser", strings.NewReader(padded(million + 1)), 413, "RequestTooLargeException"},
		{"chunks at the limit", "GetUser", chunked(padded(million)), 400, "NotAuthorizedException"},
		{"chunks over the limit", "GetUser", chunked(padded(million + 1)), 413, "RequestTooLargeException"},
		{"far over the limit", "GetUser", chunked(padded(8 * million)), 413, "RequestTooLargeException"},
		{"branding", "UpdateManagedLoginBranding", strings.NewReader(padded(2 * million)), 400, "MissingAuthenticationTokenException"},
		{"branding over the limit", "UpdateManagedLoginBranding", strings.NewReader(padded(2*million + 1)), 413, "RequestTooLargeException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := send(t, "POST", srv.Endpoint, tt.body, "Content-Type", mediaType, "X-Amz-Target", targetPrefix+tt.operation)
			if f := got.fault(t); got.status != tt.status || f.Type != tt.want || got.header.Get("X-Amzn-Errortype") != tt.want+":" {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if got.status == 413 && tt.operation == "GetUser" && got.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Error("a page cannot read the answer")
			}
		})
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Whoever holds large bodies back takes no memory beyond a bound, and nothing from those who send small ones.
func TestLargeBodiesAreFew(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	const most = 32
	large := strings.Repeat(" ", 64<<10)
	var held sync.WaitGroup
	var writers []*io.PipeWriter
	answers := make(chan answer, most+1)
	for range most + 1 {
		body, w := io.Pipe()
		writers = append(writers, w)
		held.Go(func() {
			answers <- send(t, http.MethodPost, srv.Endpoint, body, "Content-Type", mediaType, "X-Amz-Target", targetPrefix+"GetUser")
		})
		go io.WriteString(w, large) // until the server stops reading
	}
	refused := <-answers
	if refused.status != 503 || refused.fault(t).Type != "ServiceUnavailableException" {
		t.Errorf("got %d %s", refused.status, refused.body)
	}
	if got := post(t, srv.Endpoint, "GetUser", `{}`); got.status != 400 {
		t.Errorf("a small body: got %d %s", got.status, got.body)
	}
	for _, w := range writers {
		w.Close()
	}
	held.Wait()
	for range most {
		if got := <-answers; got.status != 400 || got.fault(t).Type != "InvalidParameterException" {
			t.Errorf("a held body: got %d %s", got.status, got.body)
		}
	}
	if got := post(t, srv.Endpoint, "GetUser", large+`{}`); got.status != 400 {
		t.Errorf("later: got %d %s", got.status, got.body)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.Start(t, poolhousetest.Config{Start: time.Date(2031, 5, 7, 0, 9, 40, 0, time.UTC)})
	ok := post(t, srv.Endpoint, "InitiateAuth", fmt.Sprintf(
		`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":%q,"AuthParameters":{"USERNAME":%q,"PASSWORD":%q}}`, srv.ClientID, srv.Username, srv.Password))
	srv.Advance(36 * time.Hour)
	refused := post(t, srv.Endpoint, "GetUser", `{"AccessToken":"x"}`)
	if ok.status != 200 || refused.status != 400 {
		t.Fatalf("got %d and %d", ok.status, refused.status)
	}
	for _, a := range []answer{ok, refused} {
		want := map[string]string{
			"Content-Type":                  mediaType,
			"Content-Length":                strconv.Itoa(len(a.body)),
			"Access-Control-Allow-Origin":   "*",
			"Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
			"Transfer-Encoding":             "",
			"X-Amz-Crc32":                   "",
			"X-Amzn-Query-Error":            "",
		}
		for name, value := range want {
			if got := a.header.Get(name); got != value {
				t.Errorf("%d: %s is %q, want %q", a.status, name, got, value)
			}
		}
		if id := a.header.Get("X-Amzn-Requestid"); !uuidForm.MatchString(id) || !strings.Contains(srv.Log(), id) {
			t.Errorf("request id %q", id)
		}
	}
	if ok.header.Get("X-Amzn-Requestid") == refused.header.Get("X-Amzn-Requestid") {
		t.Error("two requests have one id")
	}
	if got := refused.header.Get("X-Amzn-Errortype"); got != "NotAuthorizedException:" {
		t.Errorf("error type %q", got)
	}
	if got := refused.header.Get("X-Amzn-Errormessage"); got != "Invalid Access Token" {
		t.Errorf("error message %q", got)
	}
	if ok.header.Get("X-Amzn-Errortype")+ok.header.Get("X-Amzn-Errormessage") != "" {
		t.Error("a success has error headers")
	}
	for i, a := range []answer{ok, refused} {
		date, err := http.ParseTime(a.header.Get("Date"))
		if err != nil || date.Format("2006-01-02") != []string{"2031-05-07", "2031-05-08"}[i] {
			t.Errorf("Date is %q", a.header.Get("Date"))
		}
	}
}

// api answers with what a test says.
type api struct {
	wire.Unimplemented
	getUser func(context.Context) (*wire.GetUserResponse, error)
	err     error
}

func (a *api) GetUser(ctx context.Context, _ *wire.GetUserRequest) (*wire.GetUserResponse, error) {
	if a.getUser != nil {
		return a.getUser(ctx)
	}
	return nil, a.err
}

func (a *api) AddUserPoolClientSecret(context.Context, *wire.AddUserPoolClientSecretRequest) (*wire.AddUserPoolClientSecretResponse, error) {
	return nil, a.err
}

func (a *api) AdminCreateUser(context.Context, *wire.AdminCreateUserRequest) (*wire.AdminCreateUserResponse, error) {
	return nil, a.err
}

func (a *api) InitiateAuth(context.Context, *wire.InitiateAuthRequest) (*wire.InitiateAuthResponse, error) {
	return nil, a.err
}

func (a *api) GlobalSignOut(context.Context, *wire.GlobalSignOutRequest) (*wire.GlobalSignOutResponse, error) {
	return nil, a.err
}

// The operations without output.
func (a *api) AdminAddUserToGroup(context.Context, *wire.AdminAddUserToGroupRequest) error {
	return a.err
}
func (a *api) AdminDeleteUser(context.Context, *wire.AdminDeleteUserRequest) error     { return a.err }
func (a *api) AdminForgetDevice(context.Context, *wire.AdminForgetDeviceRequest) error { return a.err }
func (a *api) AdminRemoveUserFromGroup(context.Context, *wire.AdminRemoveUserFromGroupRequest) error {
	return a.err
}
func (a *api) DeleteGroup(context.Context, *wire.DeleteGroupRequest) error { return a.err }
func (a *api) DeleteIdentityProvider(context.Context, *wire.DeleteIdentityProviderRequest) error {
	return a.err
}
func (a *api) DeleteManagedLoginBranding(context.Context, *wire.DeleteManagedLoginBrandingRequest) error {
	return a.err
}
func (a *api) DeleteResourceServer(context.Context, *wire.DeleteResourceServerRequest) error {
	return a.err
}
func (a *api) DeleteTerms(context.Context, *wire.DeleteTermsRequest) error       { return a.err }
func (a *api) DeleteUser(context.Context, *wire.DeleteUserRequest) error         { return a.err }
func (a *api) DeleteUserPool(context.Context, *wire.DeleteUserPoolRequest) error { return a.err }
func (a *api) DeleteUserPoolClient(context.Context, *wire.DeleteUserPoolClientRequest) error {
	return a.err
}
func (a *api) ForgetDevice(context.Context, *wire.ForgetDeviceRequest) error { return a.err }

// door serves the handler alone with that API. log is complete when the server is closed.
func door(t testing.TB, a *api) (srv *httptest.Server, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	srv = httptest.NewServer(&cognito.Handler{
		API: a, Callers: caller.Open{}, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
		Address: func(*http.Request) string { return "192.0.2.1" },
	})
	t.Cleanup(srv.Close)
	return srv, log
}

// everything satisfies the constraints of many operations: members that one does not know are ignored.
const everything = `{"UserPoolId":"us-east-1_x","ClientId":"x","Username":"x","GroupName":"x","AccessToken":"x",
	"DeviceKey":"us-east-1_12c3d4e5-0d7a-4d41-9c7e-0a86a1f90f5d","ProviderName":"xx","Identifier":"x","AuthFlow":"USER_SRP_AUTH",
	"ManagedLoginBrandingId":"12c3d4e5-0d7a-4d41-9c7e-0a86a1f90f5d","TermsId":"12c3d4e5-0d7a-4d41-9c7e-0a86a1f90f5d"}`

func TestOperationsWithoutOutput(t *testing.T) {
	t.Parallel()
	srv, _ := door(t, &api{})
	count := 0
	for _, op := range wire.Operations() {
		if !op.NoOutput {
			continue
		}
		count++
		got := post(t, srv.URL, op.Name, everything, "Authorization", signature)
		if got.status != 200 || got.body != "" || got.header.Get("Content-Length") != "0" || got.header.Get("Content-Type") != mediaType {
			t.Errorf("%s: got %d %q, %v", op.Name, got.status, got.body, got.header)
		}
	}
	if count != 13 {
		t.Errorf("%d operations without output", count)
	}
	if got := post(t, srv.URL, "GetUser", everything); got.status != 200 || got.body != "{}" {
		t.Errorf("an absent structure: got %d %q", got.status, got.body)
	}
}

// TestPanic sends two requests through one connection; the first panics.
func TestPanic(t *testing.T) {
	t.Parallel()
	first := true
	srv, log := door(t, &api{getUser: func(context.Context) (*wire.GetUserResponse, error) {
		if first {
			first = false
			panic("broken")
		}
		return nil, userpool.NoSuchUser()
	}})
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	back := bufio.NewReader(conn)
	for _, want := range []string{"InternalErrorException", "UserNotFoundException"} {
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nx-amz-target: %sGetUser\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s",
			targetPrefix, mediaType, len(everything), everything)
		res, err := http.ReadResponse(back, nil)
		if err != nil {
			t.Fatal(err)
		}
		var f fault
		if err := json.UnmarshalRead(res.Body, &f); err != nil || f.Type != want || res.Close {
			t.Errorf("got %+v, close %t, %v; want %s", f, res.Close, err, want)
		}
	}
	conn.Close()
	srv.Close()
	if !strings.Contains(log.String(), "panic: broken") || !strings.Contains(log.String(), "handler_test.go") {
		t.Errorf("the log lacks the panic or its place: %s", log)
	}
}

// TestPanicBeforeTheOperation is a fault of the door itself.
func TestPanicBeforeTheOperation(t *testing.T) {
	t.Parallel()
	h := &cognito.Handler{ // without Callers
		API: &api{}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Address: func(*http.Request) string { return "" },
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(everything))
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("X-Amz-Target", targetPrefix+"DeleteUserPool")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 500 || !strings.Contains(w.Body.String(), "InternalErrorException") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// TestHangUp lets a client go while its request is worked on.
func TestHangUp(t *testing.T) {
	t.Parallel()
	reached, ended := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(ended) })
	calls := 0
	srv, log := door(t, &api{getUser: func(ctx context.Context) (*wire.GetUserResponse, error) {
		if calls++; calls > 1 {
			return nil, userpool.NoSuchUser()
		}
		close(reached)
		<-ctx.Done()
		once()
		return nil, fmt.Errorf("store: %w", ctx.Err())
	}})
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+"/", strings.NewReader(everything))
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("X-Amz-Target", targetPrefix+"GetUser")
	go func() {
		<-reached
		cancel()
	}()
	if _, err := http.DefaultClient.Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-ended
	if got := post(t, srv.URL, "GetUser", everything).told(t); got != "UserNotFoundException: User does not exist." {
		t.Errorf("afterwards: got %q", got)
	}
	srv.Close() // waits for both
	if strings.Contains(log.String(), " cause") {
		t.Errorf("a client that hung up is logged as a fault: %s", log)
	}
}

// TestBrokenBody sends less than it announces.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.Endpoint, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nx-amz-target: %sGetUser\r\ncontent-type: %s\r\ncontent-length: 100\r\n\r\n{", targetPrefix, mediaType)
	conn.(*net.TCPConn).CloseWrite()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if want := `{"__type":"SerializationException","message":"The request body could not be read."}`; res.StatusCode != 400 || string(body) != want {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}
