package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var start = time.Date(2026, 3, 14, 15, 9, 26, 535000, time.FixedZone("", 3600))

const evil = `<script>alert(1)</script>" onload="alert(2)`

// newInbox makes a store in memory that holds messages.
func newInbox(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Memory: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var messages []userpool.InboxMessage
	for i := range 30 {
		messages = append(messages, userpool.InboxMessage{ID: fmt.Sprint("other", i), Channel: "email", To: "other@example.com", Sent: start.Add(-time.Hour)})
	}
	messages = append(messages,
		userpool.InboxMessage{ID: "m2", Channel: "email", To: "jane+1@example.com", Subject: evil, Body: "<p>Your code is <b>123456</b></p>" + evil, Code: "123456", Link: "javascript:alert(3)", Purpose: userpool.MessageSignUp, PoolID: "us-east-1_Example00", Username: evil, Sent: start},
		userpool.InboxMessage{ID: "m3", Channel: "sms", To: "+12065550100", Body: "Your code is 654321. " + evil, Code: "654321", Purpose: userpool.MessageVerifyAttribute, PoolID: "us-east-1_Example00", Username: "jane", Sent: start.Add(time.Second)})
	err = s.Write(t.Context(), func(tx userpool.Tx) error {
		for _, m := range messages {
			if err := tx.PutInbox(t.Context(), &m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type parts struct {
	door *Door
	now  time.Time
	ping error
}

// newDoor makes a door that opens everything, the inbox on a store of its own.
func newDoor(t *testing.T) *parts {
	t.Helper()
	p := &parts{now: start}
	p.door = &Door{
		Version: "1.2.3",
		Ping:    func(context.Context) error { return p.ping },
		Inbox:   newInbox(t),
		Advance: func(by time.Duration) time.Time { p.now = p.now.Add(by); return p.now },
		Now:     func() time.Time { return p.now },
		Log:     slog.New(slog.DiscardHandler),
	}
	return p
}

// call sends a request to the door; headers are names and values in turn.
func call(d *Door, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	d.Mount(mux)
	r := httptest.NewRequest(method, "http://localhost:9229"+target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestHealth(t *testing.T) {
	p := newDoor(t)
	if w := call(p.door, "GET", "/_poolhouse/health", ""); w.Code != 200 || w.Body.String() != `{"status":"ok","version":"1.2.3"}`+"\n" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	p.door.Work = func() (units, commits int64) { return 64, 4 }
	if w := call(p.door, "GET", "/_poolhouse/health", ""); w.Code != 200 || w.Body.String() != `{"status":"ok","version":"1.2.3","store":{"units":64,"commits":4}}`+"\n" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	p.ping = errors.New("no route to database.example.com")
	if w := call(p.door, "GET", "/_poolhouse/health", ""); w.Code != 503 || w.Body.String() != `{"status":"unavailable","version":"1.2.3"}`+"\n" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestInboxJSON(t *testing.T) {
	p := newDoor(t)
	w := call(p.door, "GET", "/_poolhouse/inbox?limit=2", "")
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "application/json" {
		t.Fatalf("got %d %s", w.Code, got)
	}
	var got []map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{
		{"id": "m3", "channel": "sms", "to": "+12065550100", "subject": "", "body": "Your code is 654321. " + evil, "code": "654321", "link": "", "purpose": "verify-attribute", "user_pool_id": "us-east-1_Example00", "username": "jane", "sent_at": "2026-03-14T14:09:27.000535Z"},
		{"id": "m2", "channel": "email", "to": "jane+1@example.com", "subject": evil, "body": "<p>Your code is <b>123456</b></p>" + evil, "code": "123456", "link": "javascript:alert(3)", "purpose": "sign-up", "user_pool_id": "us-east-1_Example00", "username": evil, "sent_at": "2026-03-14T14:09:26.000535Z"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInboxQuery(t *testing.T) {
	p := newDoor(t)
	tests := []struct {
		name, query string
		status, n   int
	}{
		{"default limit", "", 200, 20},
		{"all", "?limit=1000", 200, 32},
		{"one", "?limit=1", 200, 1},
		{"number", "?to=%2B12065550100", 200, 1},
		{"number with a plain plus", "?to=+12065550100", 200, 1},
		{"address with a plain plus", "?to=jane+1@example.com", 200, 1},
		{"nobody", "?to=nobody@example.com", 200, 0},
		{"no limit", "?limit=0", 400, 0},
		{"limit too high", "?limit=1001", 400, 0},
		{"limit that is no number", "?limit=x", 400, 0},
		{"address too long", "?to=" + strings.Repeat("x", 3000), 400, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := call(p.door, "GET", "/_poolhouse/inbox"+tt.query, "")
			if w.Code != tt.status {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if tt.status != 200 {
				wantSentence(t, w)
				return
			}
			var got []message
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got == nil || len(got) != tt.n {
				t.Errorf("got %d messages, %v in %s", len(got), err, w.Body)
			}
		})
	}
	if err := p.door.Inbox.(*store.Store).Close(); err != nil {
		t.Fatal(err)
	}
	const want = `{"message":"The inbox cannot be read. The server's log says why."}` + "\n"
	if w := call(p.door, "GET", "/_poolhouse/inbox", ""); w.Code != 500 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func wantSentence(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	var got struct{ Message string }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !strings.HasSuffix(got.Message, ".") {
		t.Errorf("no sentence in %s", w.Body)
	}
}

func TestInboxPage(t *testing.T) {
	p := newDoor(t)
	w := call(p.door, "GET", "/_poolhouse/inbox", "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	page := w.Body.String()
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "text/html; charset=utf-8" {
		t.Fatalf("got %d %s", w.Code, got)
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "script") {
		t.Errorf("policy %q", csp)
	}
	if got := w.Header().Get("Vary"); got != "Accept" {
		t.Errorf("Vary %q", got)
	}
	for _, banned := range []string{"<script", `onload="`, `"javascript:`} {
		if strings.Contains(page, banned) {
			t.Errorf("the page has %s", banned)
		}
	}
	for _, want := range []string{`http-equiv="refresh"`, `<dd class="code">123456</dd>`, "?to=%2b12065550100", "iframe sandbox title"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	_, rest, _ := strings.Cut(page, `srcdoc="`)
	frame, _, _ := strings.Cut(rest, `"`)
	if got, want := html.UnescapeString(frame), "<p>Your code is <b>123456</b></p>"+evil; got != want {
		t.Errorf("the frame holds %q, want %q", got, want)
	}
	empty := call(p.door, "GET", "/_poolhouse/inbox?to="+url.QueryEscape(evil), "", "Accept", "text/html").Body.String()
	if strings.Contains(empty, "<script") || !strings.Contains(empty, "No message to this address yet.") {
		t.Errorf("page of an unknown address: %s", empty)
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		name, body string
		headers    []string
		status     int
		now        string
	}{
		{name: "a day and an hour", body: `{"advance":"25h"}`, headers: []string{"Content-Type", "application/json; charset=utf-8"}, status: 200, now: "2026-03-15T15:09:26.000535Z"},
		{name: "no type", body: `{"advance":"1m"}`, status: 200, now: "2026-03-14T14:10:26.000535Z"},
		{name: "nothing", body: `{"advance":"0s"}`, status: 200, now: "2026-03-14T14:09:26.000535Z"},
		{name: "ten years", body: `{"advance":"87600h"}`, status: 200, now: "2036-03-11T14:09:26.000535Z"},
		{name: "same origin", body: `{"advance":"1m"}`, headers: []string{"Origin", "http://localhost:9229", "Sec-Fetch-Site", "same-origin"}, status: 200, now: "2026-03-14T14:10:26.000535Z"},
		{name: "backwards", body: `{"advance":"-1s"}`, status: 400},
		{name: "too far", body: `{"advance":"87601h"}`, status: 400},
		{name: "no duration", body: `{"advance":"tomorrow"}`, status: 400},
		{name: "number", body: `{"advance":25}`, status: 400},
		{name: "other member", body: `{"advance":"1s","by":"2s"}`, status: 400},
		{name: "no member", body: `{}`, status: 400},
		{name: "no body", status: 400},
		{name: "more than JSON", body: `{"advance":"1s"}{}`, status: 400},
		{name: "huge", body: `{"advance":"` + strings.Repeat("1", 5000) + `"}`, status: 400},
		{name: "form of another site", body: `{"advance":"1s"}`, headers: []string{"Content-Type", "text/plain"}, status: 415},
		{name: "other origin", body: `{"advance":"1s"}`, headers: []string{"Origin", "http://example.com"}, status: 403},
		{name: "other port", body: `{"advance":"1s"}`, headers: []string{"Origin", "http://localhost:3000"}, status: 403},
		{name: "other site", body: `{"advance":"1s"}`, headers: []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, status: 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newDoor(t)
			w := call(p.door, "POST", "/_poolhouse/clock", tt.body, tt.headers...)
			if w.Code != tt.status {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if tt.status != 200 {
				wantSentence(t, w)
				if p.now != start {
					t.Error("the clock moved")
				}
				return
			}
			want := `{"now":"` + tt.now + `"}` + "\n"
			if got := w.Body.String(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := call(p.door, "GET", "/_poolhouse/clock", "").Body.String(); got != want {
				t.Errorf("then got %s, want %s", got, want)
			}
		})
	}
	t.Run("beyond the last year", func(t *testing.T) {
		p := newDoor(t)
		p.now = time.Date(8999, 1, 1, 0, 0, 0, 0, time.UTC)
		if w := call(p.door, "POST", "/_poolhouse/clock", `{"advance":"87600h"}`); w.Code != 400 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}

func TestSameOrigin(t *testing.T) {
	tests := []struct {
		name    string
		headers []string
		want    int
	}{
		{name: "program", want: 200},
		{name: "address bar", headers: []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, want: 200},
		{name: "own page", headers: []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:9229"}, want: 200},
		{name: "link", headers: []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, want: 200},
		{name: "frame", headers: []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, want: 403},
		{name: "fetch", headers: []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, want: 403},
		{name: "script", headers: []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, want: 403},
		{name: "other origin", headers: []string{"Origin", "http://example.com"}, want: 403},
		{name: "sandboxed page", headers: []string{"Origin", "null"}, want: 403},
		{name: "other port", headers: []string{"Origin", "http://localhost:3000"}, want: 403},
	}
	p := newDoor(t)
	for _, tt := range tests {
		for _, path := range []string{"/_poolhouse/inbox", "/_poolhouse/health", "/_poolhouse/clock"} {
			t.Run(tt.name+path, func(t *testing.T) {
				w := call(p.door, "GET", path, "", tt.headers...)
				if w.Code != tt.want {
					t.Errorf("got %d, want %d", w.Code, tt.want)
				}
				for name, want := range map[string]string{
					"Cache-Control":               "no-store",
					"X-Content-Type-Options":      "nosniff",
					"Referrer-Policy":             "no-referrer",
					"X-Frame-Options":             "DENY",
					"Access-Control-Allow-Origin": "",
				} {
					if got := w.Header().Get(name); got != want {
						t.Errorf("%s: %q", name, got)
					}
				}
			})
		}
	}
}

func TestPaths(t *testing.T) {
	p := newDoor(t)
	closed := &Door{Version: "1", Ping: p.door.Ping, Log: p.door.Log}
	tests := []struct {
		name         string
		door         *Door
		method, path string
		want         int
		allow        string
	}{
		{name: "start", door: p.door, method: "GET", path: "/_poolhouse/", want: 302},
		{name: "unknown", door: p.door, method: "GET", path: "/_poolhouse/x", want: 404},
		{name: "head", door: p.door, method: "HEAD", path: "/_poolhouse/health", want: 200},
		{name: "preflight", door: p.door, method: "OPTIONS", path: "/_poolhouse/clock", want: 405, allow: "GET, POST"},
		{name: "write to the inbox", door: p.door, method: "POST", path: "/_poolhouse/inbox", want: 405, allow: "GET"},
		{name: "closed start", door: closed, method: "GET", path: "/_poolhouse/", want: 404},
		{name: "closed inbox", door: closed, method: "GET", path: "/_poolhouse/inbox", want: 404},
		{name: "closed clock", door: closed, method: "POST", path: "/_poolhouse/clock", want: 404},
		{name: "health of a closed door", door: closed, method: "GET", path: "/_poolhouse/health", want: 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := call(tt.door, tt.method, tt.path, "")
			if w.Code != tt.want || w.Header().Get("Allow") != tt.allow {
				t.Errorf("got %d, Allow %q", w.Code, w.Header().Get("Allow"))
			}
			if w.Code >= 400 {
				wantSentence(t, w)
			}
		})
	}
}

func TestHostGuard(t *testing.T) {
	guard := HostGuard([]string{"Poolhouse", "login.example.com", "10.0.0.7", "fd00::7"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "in")
	}))
	tests := []struct {
		host string
		in   bool
	}{
		{"localhost", true},
		{"localhost:9229", true},
		{"LOCALHOST.:80", true},
		{"us-east-1.localhost:9229", true},
		{"127.0.0.1:9229", true},
		{"127.9.8.7", true},
		{"[::1]:9229", true},
		{"[::1]", true},
		{"poolhouse:9229", true},
		{"login.example.com", true},
		{"10.0.0.7:9229", true},
		{"[fd00::7]:9229", true},
		{"", false},
		{":9229", false},
		{"example.com", false},
		{"localhost.example.com", false},
		{"notlocalhost:9229", false},
		{"127.0.0.1.example.com", false},
		{"sub.login.example.com", false},
		{"0.0.0.0:9229", false},
		{"[::]:9229", false},
		{"192.168.0.1", false},
		{"2130706433", false},
		{strings.Repeat("a", 5000), false},
	}
	for _, tt := range tests {
		t.Run(tt.host[:min(30, len(tt.host))], func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			guard.ServeHTTP(w, r)
			if in := w.Body.String() == "in"; in != tt.in {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if !tt.in && (w.Code != 403 || !strings.Contains(w.Body.String(), "--allow-host") || w.Body.Len() > 600) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}
