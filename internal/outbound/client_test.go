package outbound

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// secret is in every answer of the tests and in no error and no log.
const secret = "what-only-insiders-know"

// inside is a client that may call this machine.
func inside(t testing.TB, roots *x509.CertPool) *Client {
	return client(t, Config{Allowed: prefixes("127.0.0.0/8", "::1/128"), Roots: roots})
}

func client(t testing.TB, cfg Config) *Client {
	t.Helper()
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

// serve starts a server on loopback.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func fetch(t testing.TB, c *Client, address string) (*userpool.FetchAnswer, error) {
	t.Helper()
	return c.Fetch(t.Context(), userpool.FetchCall{URL: address})
}

func TestFetch(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.UserAgent(), r.Header.Get("Accept"), r.Header.Get("Authorization"))
	})
	got, err := inside(t, nil).Fetch(t.Context(), userpool.FetchCall{
		Method: "POST", URL: srv.URL, Header: map[string]string{"Accept": "text/plain", "User-Agent": "other"}, Body: []byte("x"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != http.StatusTeapot || string(got.Body) != "POST Amazon/Cognito text/plain " {
		t.Errorf("got %d %q", got.Status, got.Body)
	}
}

// A server on loopback is not called unless the operator allowed it, however it is named.
func TestRefused(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) { called <- r.Host })
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := client(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		address := "http://" + host + ":" + u.Port() + "/" + secret
		if _, err := fetch(t, c, address); !errors.Is(err, errAddress) {
			t.Errorf("%s: got %v, want %v", host, err, errAddress)
		}
	}
	if _, err := fetch(t, client(t, Config{Allowed: prefixes("10.0.0.0/8")}), srv.URL); !errors.Is(err, errAddress) {
		t.Errorf("another network allowed: got %v", err)
	}
	select {
	case host := <-called:
		t.Errorf("%s was called", host)
	default:
	}
	if got := log.String(); strings.Contains(got, secret) || !strings.Contains(got, "host=localhost:"+u.Port()) {
		t.Errorf("the log:\n%s", got)
	}
}

// The proxy of the environment would connect in our place.
func TestNoProxy(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was called") })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	if _, err := fetch(t, inside(t, nil), "http://host.invalid/"); err == nil {
		t.Error("a host that there is not answered")
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "x", "/etc/passwd", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1", "http://", "http:127.0.0.1", "http://jane:" + secret + "@127.0.0.1/", "http://[::1", "http://127.0.0.1:port/", "unix:/run/x"} {
		_, err := fetch(t, inside(t, nil), address)
		if !errors.Is(err, errURL) {
			t.Errorf("%q: got %v, want %v", address, err, errURL)
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	target := func(to string) string { return "/to?" + url.Values{"to": {to}}.Encode() }
	redirect := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/to":
			w.Header().Set("Location", r.URL.Query().Get("to"))
			w.WriteHeader(http.StatusTemporaryRedirect)
		case "/round":
			var n int
			fmt.Sscan(r.URL.RawQuery, &n)
			if n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/round?%d", n-1), http.StatusFound)
				return
			}
			fmt.Fprint(w, r.UserAgent())
			if from := r.Referer(); from != "" {
				t.Errorf("the next host learns of %s", from)
			}
		}
	}
	plain := serve(t, redirect)
	encrypted := httptest.NewTLSServer(http.HandlerFunc(redirect))
	t.Cleanup(encrypted.Close)
	roots := x509.NewCertPool()
	roots.AddCert(encrypted.Certificate())

	// Loopback is one network to the operator who allows 127.0.0.1 alone, and all the rest of it another.
	other, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	narrow := client(t, Config{Allowed: prefixes("127.0.0.1/32"), Roots: roots})

	tests := []struct {
		name, from, method string
		want               error
	}{
		{name: "20", from: plain.URL + "/round?20"},
		{name: "21", from: plain.URL + "/round?21", want: errRedirects},
		{name: "into a network that is not allowed", from: plain.URL + target("http://"+other.Addr().String()+"/"), want: errAddress},
		{name: "to IPv6 loopback", from: plain.URL + target("http://[::1]:80/"), want: errAddress},
		{name: "to the clouds' metadata", from: plain.URL + target("http://169.254.169.254/latest/"), want: errAddress},
		{name: "to another scheme", from: plain.URL + target("file:///etc/passwd"), want: errURL},
		{name: "to a user", from: plain.URL + target("http://jane:x@127.0.0.1/"), want: errURL},
		{name: "from http to https", from: plain.URL + target(encrypted.URL+"/round?0")},
		{name: "from https to http", from: encrypted.URL + target(plain.URL+"/round?0"), want: errDowngrade},
		{name: "a body to another host", method: "POST", from: plain.URL + target(encrypted.URL+"/round?0"), want: errForwarded},
		{name: "a body to the same host", method: "POST", from: plain.URL + target("/round?0")},
		{name: "to no URL", from: plain.URL + target("http://%zz-"+secret), want: errAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			call := userpool.FetchCall{Method: tt.method, URL: tt.from}
			if tt.method == "POST" {
				call.Body = []byte(secret)
			}
			answer, err := narrow.Fetch(t.Context(), call)
			if !errors.Is(err, tt.want) || err != nil && strings.Contains(err.Error(), secret) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && string(answer.Body) != userAgent {
				t.Errorf("got %q", answer.Body)
			}
		})
	}
}

// What the other side says is in no error.
func TestFaults(t *testing.T) {
	t.Parallel()
	strange := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(strange.Close)
	nobody := serve(t, nil)
	nobody.Close()
	tests := []struct {
		name    string
		address string
		answer  string // raw, where there is no address
		limit   int64
		want    error
	}{
		{name: "not HTTP", answer: secret + "\r\n\r\n", want: errAnswer},
		{name: "no status", answer: "HTTP/1.1 " + secret + "\r\n\r\n", want: errAnswer},
		{name: "bad header", answer: "HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n", want: errAnswer},
		{name: "large header", answer: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", headerLimit+8192) + "\r\n\r\n", want: errAnswer},
		{name: "broken body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + secret, want: errAnswer},
		{name: "bad chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret, want: errAnswer},
		{name: "long body", limit: 4, answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", want: errTooLong},
		{name: "body at its limit", limit: 5, answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"},
		{name: "longer than usual", answer: "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", bodyLimit+1), want: errTooLong},
		{name: "nobody there", address: nobody.URL, want: errConnect},
		{name: "no such name", address: "http://host.invalid/", want: errName},
		{name: "strange certificate", address: strange.URL, want: errIdentity},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.address == "" {
				tt.address = "http://" + say(t, tt.answer) + "/"
			}
			_, err := inside(t, nil).Fetch(t.Context(), userpool.FetchCall{URL: tt.address, Limit: tt.limit})
			if !errors.Is(err, tt.want) || err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// say answers every connection with a text, and gives the address.
func say(t testing.TB, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			conn.Write([]byte(text))
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// A caller who hangs up ends the call, and so does the clock of the client.
func TestEnd(t *testing.T) {
	t.Parallel()
	arrived, leave := make(chan struct{}, 2), make(chan struct{})
	srv := serve(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-leave
	})
	t.Cleanup(func() { close(leave) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	c := inside(t, nil)
	if _, err := c.Fetch(ctx, userpool.FetchCall{URL: srv.URL}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	c.web.Timeout = 1 // a nanosecond
	if _, err := fetch(t, c, srv.URL); !errors.Is(err, errTimeout) {
		t.Errorf("got %v, want %v", err, errTimeout)
	}
}
