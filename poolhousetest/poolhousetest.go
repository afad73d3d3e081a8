// Package poolhousetest runs the shipped Poolhouse server inside a Go test: no container, no fixed port, no
// sleeping. NewServer starts one on a free port of the loopback interface with a demo pool, client and user;
// an AWS SDK talks to it by its Endpoint. The test moves the server's clock and reads the codes that it sends.
// Servers share nothing, so tests with a server each run in parallel.
//
//	func TestSignUp(t *testing.T) {
//		srv := poolhousetest.NewServer(t)
//		client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
//			Region:       srv.Region,
//			BaseEndpoint: &srv.Endpoint,
//			Credentials:  credentials.NewStaticCredentialsProvider("any", "any", ""),
//		})
//		jane, email := "jane", "jane@example.com"
//		_, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
//			ClientId: &srv.ClientID, Username: &jane, Password: aws.String("Sign-me-up-1"),
//			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
//		})
//		if err != nil {
//			t.Fatal(err)
//		}
//		confirm := &cognitoidentityprovider.ConfirmSignUpInput{
//			ClientId: &srv.ClientID, Username: &jane, ConfirmationCode: aws.String(srv.Code(t, email)),
//		}
//		srv.Advance(25 * time.Hour) // codes are good for 24 hours
//		var expired *types.ExpiredCodeException
//		if _, err := client.ConfirmSignUp(t.Context(), confirm); !errors.As(err, &expired) {
//			t.Errorf("the next day: %v", err)
//		}
//	}
package poolhousetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

// Server is a running server. It ends with the test.
type Server struct {
	Endpoint string // http://127.0.0.1:port
	Region   string // us-east-1
	PoolID   string // of the demo pool
	ClientID string // of its client, which has no secret
	Username string // of its confirmed user
	Password string

	server *server.Server
	clock  *server.Clock
	log    *syncBuffer
}

// Message is a message that the server would have sent.
type Message struct {
	ID       string
	Channel  string // "email" or "sms"
	To       string
	Subject  string // of an email
	Body     string
	Code     string // what the user would type in, or a temporary password
	Purpose  string // sign-up, resend-confirmation, forgot-password, verify-attribute, update-attribute, invitation
	PoolID   string
	Username string
	Sent     time.Time // by the server's clock
}

// Config changes what NewServer starts. The zero value is NewServer's.
type Config struct {
	// PostgresURL uses that database instead of one in memory. It must be empty, or have been made like this; and
	// MasterKeyFile names its key, which is made if the database is empty.
	PostgresURL, MasterKeyFile string
	// DataDir keeps an embedded database in that folder instead of memory. A server that is started on it later
	// goes on with what is there.
	DataDir string
	// NoAttemptLimits switches attempt limits and the lock after failed passwords off.
	NoAttemptLimits bool
	// AllowOutbound are networks that the server may call for a pool although they are not public, such as
	// 127.0.0.0/8 for identity providers that run in the test, and OutboundRoots vouch for their certificates.
	AllowOutbound []netip.Prefix
	OutboundRoots *x509.CertPool
	// Start is the first time of the clock, which then runs on; zero means now.
	Start time.Time
}

// NewServer starts a server with everything in memory.
func NewServer(t testing.TB) *Server { return Start(t, Config{}) }

// Start starts a server as configured.
func Start(t testing.TB, cfg Config) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("poolhousetest: %v", err)
	}
	s := &Server{
		Endpoint: "http://" + listener.Addr().String(),
		Region:   "us-east-1",
		log:      &syncBuffer{},
	}
	var base func() time.Time
	if !cfg.Start.IsZero() {
		offset := time.Until(cfg.Start)
		base = func() time.Time { return time.Now().Add(offset) }
	}
	s.clock = server.NewClock(base)
	ctx := context.Background()
	s.server, err = server.New(ctx, server.Config{
		Dev:             true,
		Memory:          cfg.DataDir == "" && cfg.PostgresURL == "",
		DataDir:         cfg.DataDir,
		PostgresURL:     cfg.PostgresURL,
		MasterKeyFile:   cfg.MasterKeyFile,
		PublicURL:       s.Endpoint,
		NoAttemptLimits: cfg.NoAttemptLimits,
		AllowOutbound:   cfg.AllowOutbound,
		OutboundRoots:   cfg.OutboundRoots,
		Clock:           s.clock,
		Log:             slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		NewSigningKey:   sharedKey,
		Version:         "test",
	})
	if err != nil {
		listener.Close()
		t.Fatalf("poolhousetest: %v", err)
	}
	demo, err := s.server.Demo(ctx)
	if err != nil {
		listener.Close()
		s.server.Close(ctx)
		t.Fatalf("poolhousetest: the demo pool: %v", err)
	}
	s.PoolID, s.ClientID, s.Username, s.Password = demo.PoolID, demo.ClientID, demo.Username, demo.Password
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(run, listener, func() {}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("poolhousetest: the server ended badly: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
	})
	return s
}

// Advance moves the server's clock forward and gives the new time. It never goes back.
func (s *Server) Advance(d time.Duration) time.Time { return s.clock.Advance(d) }

// Now is the server's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Inbox gives the messages to an address or number, newest first; "" gives all.
func (s *Server) Inbox(t testing.TB, to string) []Message {
	t.Helper()
	stored, err := s.server.Inbox(context.Background(), to, 1000)
	if err != nil {
		t.Fatalf("poolhousetest: the inbox: %v", err)
	}
	messages := make([]Message, len(stored))
	for i, m := range stored {
		messages[i] = Message{
			ID: m.ID, Channel: m.Channel, To: m.To, Subject: m.Subject, Body: m.Body, Code: m.Code,
			Purpose: string(m.Purpose), PoolID: m.PoolID, Username: m.Username, Sent: m.Sent,
		}
	}
	return messages
}

// Code gives the code in the newest message to an address or number. Where an app client hides who exists, a
// message may follow the answer; Code waits for it when there is none yet, and fails the test after five seconds.
func (s *Server) Code(t testing.TB, to string) string {
	t.Helper()
	for _, m := range s.Inbox(t, to) {
		if m.Code != "" {
			return m.Code
		}
	}
	t.Fatalf("poolhousetest: no code was sent to %s", to)
	return ""
}

// Log is what the server has logged so far, at every level.
func (s *Server) Log() string { return s.log.String() }

// sharedKey gives the same two signing keys again and again: making RSA keys is slow, and the pools of one
// test process need none of their own.
func sharedKey() (*rsa.PrivateKey, error) {
	keys, err := preparedKeys()
	if err != nil {
		return nil, err
	}
	return keys[taken.Add(1)%uint64(len(keys))], nil
}

var (
	taken        atomic.Uint64
	preparedKeys = sync.OnceValues(func() (keys [2]*rsa.PrivateKey, err error) {
		for i := range keys {
			if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				return keys, err
			}
		}
		return keys, nil
	})
)

// syncBuffer is a buffer that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
