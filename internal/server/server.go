// Package server puts the house together: it builds every part from one Config, mounts each door, and owns
// what runs in the background. The command and poolhousetest both call it, so that tests run what ships.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/caller"
	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/console"
	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/metrics"
	"github.com/poolhouse-id/poolhouse/internal/oauth"
	"github.com/poolhouse-id/poolhouse/internal/outbound"
	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// drainTime is how long requests in flight may take to finish when the server stops, and once more as much for
// the messages that go out after their answers. A mail server has less (see delivery.SMTPConfig).
const drainTime = 45 * time.Second

// settleTime is how long a look at the inbox waits for messages on their way.
const settleTime = 2 * time.Second

// Server is one node. All nodes of a database are the same.
type Server struct {
	cfg       Config
	store     *store.Store
	keys      *token.KeyStock // nil when the configuration makes keys itself
	outbound  *outbound.Client
	accounts  *account.Service
	directory *directory.Service
	api       *cognito.API
	imports   *userimport.Service
	metrics   *metrics.Metrics
	listener  atomic.Pointer[boundedListener] // nil until Serve
	handler   http.Handler
}

// New builds a server. It opens the database and, on the first start, makes the master key.
func New(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg}
	now, log := cfg.Clock.Now, cfg.Log

	kind := store.Serve
	if cfg.Dev {
		kind = store.Dev
	}
	db, err := openStore(ctx, cfg, kind)
	if err != nil {
		return nil, err
	}
	s.store = db
	newKey := cfg.NewSigningKey
	if newKey == nil {
		s.keys = token.NewKeyStock(2)
		newKey = s.keys.Take
	}
	queue := limits.NewQueue(cfg.Workers, 0)
	messenger, err := newMessenger(cfg, db)
	if err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	tokens := &token.Service{
		Store: db, Queue: queue, Issuer: cfg.issuer, Now: now, NewKey: newKey, Log: log,
	}
	passwords := &password.Service{Store: db, Queue: queue, Now: now}
	s.accounts = &account.Service{
		Store: db, Sealer: db, Messenger: messenger, Passwords: passwords, Now: now,
		AttemptLimits: !cfg.NoAttemptLimits, Log: log,
	}
	s.outbound = outbound.New(outbound.Config{Allowed: cfg.AllowOutbound, Roots: cfg.OutboundRoots, Log: log})
	s.directory = &directory.Service{
		Store: db, Tokens: tokens, Fetcher: s.outbound, Now: now, Account: cfg.Account, PublicURL: cfg.PublicURL,
	}
	signIn := &signin.Service{
		Store: db, Sealer: db, Tokens: tokens, Passwords: passwords, Now: now,
		Lockout: !cfg.NoAttemptLimits, TimestampTolerance: cfg.TimestampTolerance,
	}
	risks := &risk.Service{Store: db, Sealer: db, Now: now}
	if cfg.ClockControl {
		signIn.ClientNow, risks.ClientNow = time.Now, time.Now // theirs does not travel
	}
	s.imports = &userimport.Service{
		Store: db, Sealer: db, Now: now, Log: log, Node: uuid.NewString(),
		Uploads: cfg.PublicURL + console.Prefix + "import/", Sweep: db.SweepUploads,
	}
	s.api = &cognito.API{
		Store: db, Directory: s.directory, Accounts: s.accounts, Tokens: tokens, SignIn: signIn, Imports: s.imports, Risk: risks,
	}
	if !cfg.Dev {
		s.api.Region = cfg.Region
	}
	s.metrics = s.newMetrics(queue)
	s.handler = s.mount(tokens)
	s.imports.Begin(ctx)
	return s, nil
}

// mount gives every door its paths. This is the map of the server.
func (s *Server) mount(tokens *token.Service) http.Handler {
	cfg := s.cfg
	mux := http.NewServeMux()
	var callers cognito.Authenticator = &caller.Verifier{Keys: s.store, Region: cfg.Region, Now: cfg.Clock.Now}
	if cfg.Dev {
		callers = &caller.Open{}
	}
	mux.Handle("/{$}", &cognito.Handler{
		API: s.api, Callers: callers, Now: cfg.Clock.Now, Log: cfg.Log,
		Address: func(r *http.Request) string { return clientAddress(r, cfg.Proxies) },
		Meter:   s.metrics,
	})
	web := &oauth.Door{
		Store: s.store, Tokens: tokens, PublicURL: cfg.PublicURL, Issuer: cfg.issuer, Logo: s.directory.Logo, Log: cfg.Log,
	}
	web.Mount(mux)
	desk := &console.Door{
		Version: cfg.Version, Ping: s.ping, Now: cfg.Clock.Now, Log: cfg.Log,
		Uploads: s.imports, Metrics: s.metrics.Handler(), Reads: s.readsMetrics,
	}
	if cfg.Inbox {
		desk.Inbox = s
	}
	if cfg.Dev {
		desk.Store = s.store
		desk.Work = func() (units, commits int64) {
			stats := s.store.Stats()
			return stats.Units, stats.Commits
		}
	}
	if cfg.ClockControl {
		desk.Advance = cfg.Clock.Advance
	}
	root := http.NewServeMux() // the server's own paths, apart from those that begin with a pool's id
	desk.Mount(root)
	root.HandleFunc(oauth.LogoPattern, web.ServeLogo)
	root.Handle("/", mux)
	switch {
	case cfg.Dev:
		return console.HostGuard(cfg.AllowHosts, root)
	case cfg.Inbox || cfg.ClockControl: // open to this machine, so no web site may pass for it
		return console.HostGuard([]string{publicHost(cfg.PublicURL)}, root)
	}
	return root
}

func publicHost(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// ping asks the store for a sign of life.
func (s *Server) ping(ctx context.Context) error {
	_, err := s.store.Pool(ctx, "none")
	if errors.Is(err, userpool.ErrNotFound) {
		return nil
	}
	return err
}

// Handler is the whole server as one handler.
func (s *Server) Handler() http.Handler { return s.handler }

// PublicURL is how clients reach the server, without a slash at the end.
func (s *Server) PublicURL() string { return s.cfg.PublicURL }

// Serve answers on the listener until ctx ends, lets requests in flight finish, and closes the server. ready
// is called once the server answers. A listener that fails ends the server, too, and is the error.
func (s *Server) Serve(ctx context.Context, listener net.Listener, ready func()) error {
	web := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
	}
	bounded := boundConnections(listener, s.cfg.Connections)
	s.listener.Store(bounded)
	listener = bounded
	if s.cfg.Certificate != nil {
		listener = tls.NewListener(listener, &tls.Config{
			MinVersion:     tls.VersionTLS12,
			NextProtos:     []string{"h2", "http/1.1"},
			GetCertificate: s.cfg.Certificate,
		})
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	ready() // the listener queues connections from the moment it was made
	var err error
	select {
	case <-ctx.Done():
		s.cfg.Log.Info("stopping")
	case err = <-served:
	}
	ctx = context.WithoutCancel(ctx)
	drain, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if late := web.Shutdown(drain); late != nil {
		err = errors.Join(err, fmt.Errorf("requests in flight did not finish: %w", late), web.Close())
	}
	deliver, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	return errors.Join(err, s.Close(deliver))
}

// Close ends what runs in the background and closes the database. Messages on their way have until ctx ends.
// Later calls do nothing.
func (s *Server) Close(ctx context.Context) error {
	var err error
	if s.imports != nil {
		s.imports.Close()
	}
	if s.accounts != nil {
		if late := s.accounts.Close(ctx); late != nil {
			err = fmt.Errorf("messages on their way were not handed over: %w", late)
		}
	}
	if s.outbound != nil {
		s.outbound.Close()
	}
	if s.keys != nil {
		s.keys.Close()
	}
	return errors.Join(err, s.store.Close())
}

// openStore opens the database with its master key. Only an empty database gets a new key, and none where
// kind is "", which opens what there is.
func openStore(ctx context.Context, cfg Config, kind string) (*store.Store, error) {
	sc := store.Config{
		SQLitePath: cfg.sqlitePath(), PostgresURL: cfg.PostgresURL, Memory: cfg.Memory,
		Kind: kind, Now: cfg.Clock.Now, Log: cfg.Log,
		AuditFor: time.Duration(cfg.AuditDays) * 24 * time.Hour,
	}
	keyFile := cfg.MasterKeyFile
	if cfg.DataDir != "" {
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("the data directory cannot be made: %w", err)
		}
		if keyFile == "" {
			keyFile = filepath.Join(cfg.DataDir, "master.key")
		}
	}
	if !cfg.Memory {
		sc.Key = func(create bool) (*seal.Key, error) { return masterKey(keyFile, create) }
	}
	return store.Open(ctx, sc)
}

// masterKey opens the key file. For an empty database it makes one, unless it is there already: several
// servers of one PostgreSQL database are given the same file.
func masterKey(path string, create bool) (*seal.Key, error) {
	if create {
		key, err := seal.CreateKeyFile(path)
		if !errors.Is(err, fs.ErrExist) {
			return key, err
		}
	}
	return seal.OpenKeyFile(path)
}

// newMessenger chooses how messages leave the server: by what is configured for their medium, else into the
// inbox where there is one.
func newMessenger(cfg Config, db *store.Store) (*delivery.Messenger, error) {
	m := &delivery.Messenger{Sender: cfg.Sender}
	if cfg.Inbox {
		box := &delivery.Inbox{Store: db, Now: cfg.Clock.Now}
		m.Email, m.SMS = box, box
	}
	if cfg.Email != nil {
		smtp := *cfg.Email
		smtp.Now, smtp.Log = cfg.Clock.Now, cfg.Log
		transport, err := delivery.NewSMTP(smtp)
		if err != nil {
			return nil, err
		}
		m.Email = transport
	}
	if cfg.SMS != nil {
		sns := *cfg.SMS
		sns.Log = cfg.Log
		transport, err := delivery.NewSNS(sns)
		if err != nil {
			return nil, err
		}
		m.SMS = transport
	}
	return m, nil
}

// Inbox lists the messages to an address ("" for all), newest first. Those that are just on their way, behind an
// answer that does not wait for them, are among them.
func (s *Server) Inbox(ctx context.Context, to string, limit int) ([]userpool.InboxMessage, error) {
	settled, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	s.accounts.Settle(settled) // what takes longer is shown the next time
	return s.store.Inbox(ctx, to, limit)
}
