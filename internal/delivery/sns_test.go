package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// snsServer speaks the query protocol of SNS's Publish.
type snsServer struct {
	*httptest.Server
	status int    // 0: accept
	code   string // of the error
	times  int    // how often it refuses; 0: always

	mu       sync.Mutex
	requests []url.Values
	headers  []http.Header
}

func newSNSServer(t *testing.T) *snsServer {
	t.Helper()
	s := &snsServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *snsServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil || r.Method != http.MethodPost || r.URL.Path != "/" {
		http.Error(w, "no query", http.StatusBadRequest)
		return
	}
	s.requests, s.headers = append(s.requests, form), append(s.headers, r.Header)
	w.Header().Set("Content-Type", "text/xml")
	if s.status != 0 && (s.times == 0 || len(s.requests) <= s.times) {
		w.WriteHeader(s.status)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>e2f4c1a0-0000-4000-8000-000000000000</RequestId></ErrorResponse>`, s.code, words)
		return
	}
	io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult><ResponseMetadata><RequestId>f187a3c1-376f-11df-8963-01868b7c937a</RequestId></ResponseMetadata></PublishResponse>`)
}

func newSNS(t *testing.T, endpoint string, edit func(*SNSConfig)) (*Messenger, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c := SNSConfig{
		Endpoint: endpoint, Region: "eu-west-1", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "sns-secret",
		RetryPause: time.Nanosecond, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if edit != nil {
		edit(&c)
	}
	transport, err := NewSNS(c)
	if err != nil {
		t.Fatal(err)
	}
	return &Messenger{SMS: transport}, &log
}

func newSMS() userpool.Message {
	m := newMessage()
	bySMS(&m)
	return m
}

func TestSNSDeliver(t *testing.T) {
	for _, senderID := range []string{"", "Poolhouse1"} {
		t.Run("sender "+senderID, func(t *testing.T) {
			server := newSNSServer(t)
			messenger, log := newSNS(t, server.URL, func(c *SNSConfig) { c.SenderID = senderID })
			if err := messenger.Send(t.Context(), newSMS()); err != nil {
				t.Fatal(err, log)
			}
			if len(server.requests) != 1 {
				t.Fatalf("%d requests", len(server.requests))
			}
			form := server.requests[0]
			attributes := map[string]string{}
			for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
				entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
				attributes[form.Get(entry+"Name")] = form.Get(entry+"Value.DataType") + " " + form.Get(entry+"Value.StringValue")
			}
			wantAttributes := map[string]string{"AWS.SNS.SMS.SMSType": "String Transactional"}
			if senderID != "" {
				wantAttributes["AWS.SNS.SMS.SenderID"] = "String " + senderID
			}
			if diff := cmp.Diff(wantAttributes, attributes); diff != "" {
				t.Error(diff)
			}
			got := []string{form.Get("Action"), form.Get("Version"), form.Get("PhoneNumber"), form.Get("Message")}
			want := []string{"Publish", "2010-03-31", "+12065550100", "Your verification code is 042137. "}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			signed := server.headers[0].Get("Authorization")
			if !strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/") || !strings.Contains(signed, "/eu-west-1/sns/aws4_request") {
				t.Errorf("signature %q", signed)
			}
			if log.Len() > 0 {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestSNSRefused(t *testing.T) {
	const (
		refused = "CodeDeliveryFailure: The SMS service refused the message."
		later   = "CodeDeliveryFailure: The SMS service does not take the message at the moment."
	)
	tests := []struct {
		status   int
		code     string
		times    int
		want     string
		attempts int
	}{
		{status: 403, code: "AuthorizationError", want: "InvalidSmsRoleAccessPolicy: Role does not have permission to publish with SNS", attempts: 1},
		{status: 403, code: "InvalidClientTokenId", want: refused, attempts: 1},
		{status: 400, code: "InvalidParameter", want: refused, attempts: 1},
		{status: 400, code: words, want: refused, attempts: 1},
		{status: 500, code: "InternalError", want: later, attempts: 1},
		{status: 400, code: "Throttling", want: later, attempts: 2},
		{status: 429, code: "Throttled", want: later, attempts: 2},
		{status: 503, code: "ServiceUnavailable", want: later, attempts: 2},
		{status: 503, code: "ServiceUnavailable", times: 1, attempts: 2},
		{status: 307, code: "TemporaryRedirect", want: refused, attempts: 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, tt.code, tt.times), func(t *testing.T) {
			t.Parallel()
			server := newSNSServer(t)
			server.status, server.code, server.times = tt.status, tt.code, tt.times
			messenger, log := newSNS(t, server.URL, nil)
			err := messenger.Send(t.Context(), newSMS())
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else {
				checkRefused(t, err, tt.want, log)
			}
			if len(server.requests) != tt.attempts {
				t.Errorf("%d attempts, want %d", len(server.requests), tt.attempts)
			}
		})
	}
}

func TestSNSNoAnswer(t *testing.T) {
	const (
		unreachable = "CodeDeliveryFailure: The SMS service cannot be reached."
		late        = "CodeDeliveryFailure: The SMS service did not answer in time."
	)
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer silent.Close()
	defer close(stop)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("<a>", 1000)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	gone := httptest.NewServer(nil)
	gone.Close()

	tests := []struct {
		name, endpoint, want string
		timeout              time.Duration
	}{
		{name: "silent", endpoint: silent.URL, timeout: 50 * time.Millisecond, want: late},
		{name: "endless", endpoint: endless.URL, want: "CodeDeliveryFailure: The SMS service refused the message."},
		{name: "gone", endpoint: gone.URL, want: unreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			messenger, log := newSNS(t, tt.endpoint, func(c *SNSConfig) { c.Timeout = tt.timeout })
			checkRefused(t, messenger.Send(t.Context(), newSMS()), tt.want, log)
		})
	}
}

func TestNewSNS(t *testing.T) {
	_, err := NewSNS(SNSConfig{Endpoint: "localhost:4566", SenderID: "123"})
	want := "sns: a region is needed\nsns: an access key id and a secret access key are needed\n" +
		"sns: the endpoint must be a URL that begins with https:// or http://\n" +
		"sns: a sender id has 1 to 11 letters and digits, and at least one letter"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, ok := errors.AsType[*userpool.Error](err); ok {
		t.Error("a fault of the configuration is not for callers")
	}
}
