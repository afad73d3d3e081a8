package server_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/server"
)

// newServer builds a server in memory that has not begun to serve.
func newServer(t *testing.T, edit func(*server.Config)) *server.Server {
	t.Helper()
	cfg := server.Config{Memory: true, PublicURL: "http://localhost:9229"}
	if edit != nil {
		edit(&cfg)
	}
	srv, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close(context.Background()) })
	return srv
}

func newListener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

var errBroken = errors.New("the network is gone")

// brokenListener fails when it is told to.
type brokenListener struct {
	net.Listener
	fail chan struct{}
}

func (l brokenListener) Accept() (net.Conn, error) {
	<-l.fail
	return nil, errBroken
}

// A listener that fails ends the server, and the error says so.
func TestServeBrokenListener(t *testing.T) {
	t.Parallel()
	srv := newServer(t, nil)
	l := brokenListener{newListener(t), make(chan struct{})}
	err := srv.Serve(t.Context(), l, func() { close(l.fail) })
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	if _, err := srv.Inbox(context.Background(), "", 1); err == nil {
		t.Error("the store is still open")
	}
}

// Closing a server again does nothing, also when Serve has closed it.
func TestClose(t *testing.T) {
	t.Parallel()
	srv := newServer(t, nil)
	ctx, stop := context.WithCancel(context.Background())
	l := newListener(t)
	ended := make(chan error)
	ready := make(chan struct{})
	go func() { ended <- srv.Serve(ctx, l, func() { close(ready) }) }()
	<-ready
	resp, err := http.Get("http://" + l.Addr().String() + "/_poolhouse/health")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if _, err := http.Get("http://" + l.Addr().String() + "/_poolhouse/health"); err == nil {
		t.Error("the server still answers")
	}
}

// A configuration that is wrong leaves nothing behind.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	for _, edit := range []func(*server.Config){
		func(c *server.Config) { c.Email = &delivery.SMTPConfig{} },
		func(c *server.Config) { c.SMS = &delivery.SNSConfig{} },
		func(c *server.Config) { c.PublicURL = "" },
	} {
		cfg := server.Config{DataDir: dir, PublicURL: "http://localhost:9229"}
		edit(&cfg)
		if _, err := server.New(t.Context(), cfg); err == nil {
			t.Error("a server was made")
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	_, err := server.New(t.Context(), server.Config{PostgresURL: "postgres://user:pass-word-7@127.0.0.1:1/x", MasterKeyFile: filepath.Join(dir, "k"), PublicURL: "http://localhost:9229"})
	if err == nil || strings.Contains(err.Error(), "pass-word-7") {
		t.Errorf("a database that is not there: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), server.Config{DataDir: file, PublicURL: "http://localhost:9229"}); err == nil || !strings.Contains(err.Error(), "the data directory cannot be made") {
		t.Errorf("a file for a folder: %v", err)
	}
}

// What a client sends is bounded before any of it is kept.
func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv := newServer(t, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	ctx, stop := context.WithCancel(context.Background())
	l := newListener(t)
	ended := make(chan error)
	ready := make(chan struct{})
	go func() { ended <- srv.Serve(ctx, l, func() { close(ready) }) }()
	<-ready
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/_poolhouse/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 100<<10))
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
