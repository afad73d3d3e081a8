package delivery

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// words is what every refusal of the test's mail server says; it must appear nowhere.
const words = "words-of-the-server jane@example.com"

// mailServer is a real SMTP server that refuses where it is told to.
type mailServer struct {
	port  int
	roots *x509.CertPool

	mechanisms []string // "": no AUTH
	refuse     map[stage]gosmtp.SMTPError
	times      int // how often it refuses; 0: always

	mu       sync.Mutex
	refused  int
	received []received
}

type received struct {
	from, to, user string
	tls            bool
	content        []byte
}

// newMailServer starts a server on a loopback port.
func newMailServer(t *testing.T, security Security, edit func(*mailServer, *gosmtp.Server)) *mailServer {
	t.Helper()
	certificate, roots := newCertificate(t)
	m := &mailServer{roots: roots}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		if err := m.refuses(atGreeting); err != nil {
			return nil, err
		}
		return &mailSession{mailServer: m, conn: c}, nil
	}))
	server.Domain = "mail.example.com"
	server.ErrorLog = discardLog{}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = listener.Addr().(*net.TCPAddr).Port
	switch security {
	case ImplicitTLS:
		listener = tls.NewListener(listener, config)
	case STARTTLS:
		server.TLSConfig = config
	case NoTLS:
		server.AllowInsecureAuth = true
	}
	if edit != nil {
		edit(m, server)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); <-ended })
	return m
}

type discardLog struct{}

func (discardLog) Printf(string, ...any) {}
func (discardLog) Println(...any)        {}

func newCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func (m *mailServer) refuses(at stage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.refuse[at]
	if !ok || m.times > 0 && m.refused >= m.times {
		return nil
	}
	m.refused++
	e.Message = words
	return &e
}

type mailSession struct {
	*mailServer
	conn *gosmtp.Conn
	received
}

func (s *mailSession) AuthMechanisms() []string { return s.mechanisms }

func (s *mailSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		if err := s.refuses(atAuth); err != nil {
			return err
		}
		if username != "mailer" || password != "mail-secret" {
			return gosmtp.ErrAuthFailed
		}
		s.user = username + " by " + mechanism
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
}

// loginServer is the server's end of AUTH LOGIN.
type loginServer struct {
	check    func(username, password string) error
	username []byte
	step     int
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.username = response
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(string(l.username), string(response))
}

func (s *mailSession) Mail(from string, _ *gosmtp.MailOptions) error {
	if len(s.mechanisms) > 0 && s.user == "" {
		return gosmtp.ErrAuthRequired
	}
	s.from = from
	return s.refuses(atSender)
}

func (s *mailSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	return s.refuses(atRcpt)
}

func (s *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.refuses(atContent); err != nil {
		return err
	}
	_, s.tls = s.conn.TLSConnectionState()
	s.content = content
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mailServer.received = append(s.mailServer.received, s.received)
	return nil
}

func (*mailSession) Reset()        {}
func (*mailSession) Logout() error { return nil }

func (m *mailServer) letters() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.received
}

// newSMTP makes the transport to a server, with a log.
func newSMTP(t *testing.T, m *mailServer, c SMTPConfig) (*SMTP, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c.Host, c.Port, c.RootCAs = "127.0.0.1", m.port, m.roots
	c.RetryPause = time.Nanosecond
	c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Now = func() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC) }
	s, err := NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, &log
}

func TestSMTPDeliver(t *testing.T) {
	tests := []struct {
		name       string
		security   Security
		mechanisms []string
		config     SMTPConfig
		user       string
	}{
		{name: "STARTTLS", security: STARTTLS},
		{name: "implicit TLS", security: ImplicitTLS},
		{name: "no TLS", security: NoTLS},
		{name: "plain", security: STARTTLS, mechanisms: []string{"LOGIN", "PLAIN"}, config: SMTPConfig{Username: "mailer", Password: "mail-secret"}, user: "mailer by PLAIN"},
		{name: "login, the only one offered", security: ImplicitTLS, mechanisms: []string{"LOGIN"}, config: SMTPConfig{Username: "mailer", Password: "mail-secret"}, user: "mailer by LOGIN"},
		{name: "login, chosen", security: STARTTLS, mechanisms: []string{"LOGIN", "PLAIN"}, config: SMTPConfig{Username: "mailer", Password: "mail-secret", Auth: "login"}, user: "mailer by LOGIN"},
		{name: "plain to loopback without TLS", security: NoTLS, mechanisms: []string{"PLAIN"}, config: SMTPConfig{Username: "mailer", Password: "mail-secret"}, user: "mailer by PLAIN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, tt.security, func(m *mailServer, _ *gosmtp.Server) { m.mechanisms = tt.mechanisms })
			tt.config.Security = tt.security
			transport, log := newSMTP(t, server, tt.config)
			messenger := &Messenger{Email: transport, Sender: "Grüße <no-reply@example.com>"}
			m := newMessage()
			m.Pool.Settings.EmailConfiguration = &wire.EmailConfigurationType{ReplyToEmailAddress: "help@example.com"}
			m.Pool.Settings.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{
				EmailSubject: "Ihr Prüfcode – für die Anmeldung, und noch etwas mehr, damit es eine lange Zeile wird",
				EmailMessage: "Prüfcode: {####}.\n.\nPunkt. " + strings.Repeat("lang ", 300),
			}
			if err := messenger.Send(t.Context(), m); err != nil {
				t.Fatal(err, log)
			}
			got := server.letters()
			if len(got) != 1 {
				t.Fatalf("%d messages arrived", len(got))
			}
			if l := got[0]; l.from != "no-reply@example.com" || l.to != "jane@example.com" || l.user != tt.user || l.tls != (tt.security != NoTLS) {
				t.Errorf("got %+v", l)
			}
			checkEmail(t, got[0].content)
			if log.Len() > 0 {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// checkEmail reads the message as a mail program does.
func checkEmail(t *testing.T, content []byte) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	decoder := new(mime.WordDecoder)
	subject, err := decoder.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"Subject": subject}
	for _, name := range []string{"From", "To", "Reply-To"} {
		addresses, err := m.Header.AddressList(name)
		if err != nil {
			t.Fatal(name, err)
		}
		got[name] = fmt.Sprint(addresses[0].Name, " ", addresses[0].Address)
	}
	date, err := m.Header.Date()
	if err != nil {
		t.Fatal(err)
	}
	got["Date"] = date.UTC().Format(time.RFC3339)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	got["Content-Type"] = kind
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		got[part.Header.Get("Content-Type")] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	text := "Prüfcode: 042137.\n.\nPunkt. " + strings.Repeat("lang ", 300)
	want := map[string]string{
		"Subject": "Ihr Prüfcode – für die Anmeldung, und noch etwas mehr, damit es eine lange Zeile wird",
		"From":    "Grüße no-reply@example.com", "To": " jane@example.com", "Reply-To": " help@example.com",
		"Date": "2026-03-14T15:09:26Z", "Content-Type": "multipart/alternative",
		"text/plain; charset=UTF-8": text, "text/html; charset=UTF-8": text,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id := m.Header.Get("Message-ID"); !strings.HasSuffix(id, "@example.com>") || len(id) != len("<@example.com>")+32 {
		t.Errorf("Message-ID %s", id)
	}
}

func TestSMTPRefused(t *testing.T) {
	const (
		role      = "InvalidEmailRoleAccessPolicy: " + sesPrefix
		sender    = role + "The mail server refused the sender."
		login     = role + "The mail server refused this server's credentials."
		recipient = "CodeDeliveryFailure: The mail server refused the recipient."
		message   = "CodeDeliveryFailure: The mail server refused the message."
		later     = "CodeDeliveryFailure: The mail server does not take the message at the moment."
	)
	account := SMTPConfig{Username: "mailer", Password: "mail-secret"}
	tests := []struct {
		at       stage
		code     int
		enhanced gosmtp.EnhancedCode
		times    int // 0: always
		config   SMTPConfig
		want     string
		attempts int
	}{
		{at: atGreeting, code: 554, enhanced: gosmtp.EnhancedCode{5, 3, 2}, want: message, attempts: 2}, // EHLO, then HELO
		{at: atAuth, code: 535, enhanced: gosmtp.EnhancedCode{5, 7, 8}, config: account, want: login, attempts: 1},
		{at: atAuth, code: 534, enhanced: gosmtp.EnhancedCode{5, 7, 9}, config: account, want: login, attempts: 1},
		{at: atAuth, code: 454, enhanced: gosmtp.EnhancedCode{4, 7, 0}, config: account, want: later, attempts: 2},
		{at: atAuth, code: 535, enhanced: gosmtp.EnhancedCode{5, 7, 8}, config: SMTPConfig{Username: "mailer", Password: "wrong"}, want: login, attempts: 1},
		{at: atSender, code: 550, enhanced: gosmtp.EnhancedCode{5, 7, 1}, want: sender, attempts: 1},
		{at: atSender, code: 553, enhanced: gosmtp.EnhancedCode{5, 1, 8}, want: sender, attempts: 1},
		{at: atSender, code: 501, enhanced: gosmtp.EnhancedCode{5, 1, 7}, want: sender, attempts: 1},
		{at: atSender, code: 554, enhanced: gosmtp.EnhancedCode{5, 7, 1}, want: sender, attempts: 1},
		{at: atSender, code: 530, enhanced: gosmtp.EnhancedCode{5, 7, 0}, want: login, attempts: 1},
		{at: atSender, code: 552, enhanced: gosmtp.EnhancedCode{5, 3, 4}, want: message, attempts: 1},
		{at: atSender, code: 451, enhanced: gosmtp.EnhancedCode{4, 3, 0}, want: later, attempts: 2},
		{at: atSender, code: 451, enhanced: gosmtp.EnhancedCode{4, 3, 0}, times: 1, attempts: 1},
		{at: atRcpt, code: 550, enhanced: gosmtp.EnhancedCode{5, 1, 1}, want: recipient, attempts: 1},
		{at: atRcpt, code: 551, enhanced: gosmtp.EnhancedCode{5, 1, 6}, want: recipient, attempts: 1},
		{at: atRcpt, code: 550, enhanced: gosmtp.EnhancedCode{5, 7, 1}, want: recipient, attempts: 1},
		{at: atRcpt, code: 553, enhanced: gosmtp.EnhancedCode{5, 1, 8}, want: sender, attempts: 1},
		{at: atRcpt, code: 450, enhanced: gosmtp.EnhancedCode{4, 2, 0}, want: later, attempts: 2},
		{at: atRcpt, code: 450, enhanced: gosmtp.EnhancedCode{4, 2, 0}, times: 1, attempts: 1},
		{at: atContent, code: 554, enhanced: gosmtp.EnhancedCode{5, 7, 1}, want: message, attempts: 1},
		{at: atContent, code: 552, enhanced: gosmtp.EnhancedCode{5, 2, 2}, want: message, attempts: 1},
		{at: atContent, code: 452, enhanced: gosmtp.EnhancedCode{4, 3, 1}, want: later, attempts: 2},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.at, " ", tt.code, " ", tt.enhanced, " ", tt.times), func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, STARTTLS, func(m *mailServer, _ *gosmtp.Server) {
				m.refuse = map[stage]gosmtp.SMTPError{tt.at: {Code: tt.code, EnhancedCode: tt.enhanced}}
				m.times = tt.times
				if tt.config.Username != "" {
					m.mechanisms = []string{"PLAIN"}
				}
			})
			transport, log := newSMTP(t, server, tt.config)
			err := (&Messenger{Email: transport}).Send(t.Context(), newMessage())
			checkRefused(t, err, tt.want, log)
			if server.refused != tt.attempts {
				t.Errorf("the server refused %d times, want %d", server.refused, tt.attempts)
			}
			if want := min(1, tt.times); len(server.letters()) != want {
				t.Errorf("%d messages arrived, want %d", len(server.letters()), want)
			}
			if code := fmt.Sprintf(`"code":%d`, tt.code); !strings.Contains(log.String(), code) {
				t.Errorf("the log lacks %s: %s", code, log)
			}
		})
	}
}

// checkRefused compares what is told, and searches what is told and logged for what must not be there.
func checkRefused(t *testing.T, err error, want string, log *bytes.Buffer) {
	t.Helper()
	got := ""
	if err != nil {
		if _, ok := errors.AsType[*userpool.Error](err); !ok {
			t.Errorf("not told to a caller: %v", err)
		}
		got = err.Error()
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
	for _, secret := range []string{"words-of-the-server", "jane", "042137", "mail-secret", "wrong", "+12065550100"} {
		if strings.Contains(log.String(), secret) || strings.Contains(got, secret) {
			t.Errorf("%s in %s or %s", secret, got, log)
		}
	}
}

func TestSMTPNoConversation(t *testing.T) {
	const (
		unreachable = "CodeDeliveryFailure: The mail server cannot be reached."
		late        = "CodeDeliveryFailure: The mail server did not answer in time."
		insecure    = "CodeDeliveryFailure: There is no secure connection to the mail server."
	)
	tests := []struct {
		name   string
		config SMTPConfig
		serve  func(net.Conn) // nil: nobody listens
		server *Security      // a mail server instead
		roots  bool           // that the client trusts
		want   string
	}{
		{name: "nobody listens", want: unreachable},
		{name: "silent", config: SMTPConfig{SendTimeout: 50 * time.Millisecond}, serve: func(c net.Conn) { io.Copy(io.Discard, c) }, want: late},
		{name: "silent at TLS", config: SMTPConfig{Security: ImplicitTLS, SendTimeout: 50 * time.Millisecond}, serve: func(c net.Conn) { io.Copy(io.Discard, c) }, want: late},
		{name: "hangs up", serve: func(net.Conn) {}, want: unreachable},
		{name: "speaks without end", serve: func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, "220-"+words+"\r\n"); err != nil {
					return
				}
			}
		}, want: unreachable},
		{name: "speaks nonsense", serve: func(c net.Conn) { io.WriteString(c, words+"\r\n"); io.Copy(io.Discard, c) }, want: unreachable},
		{name: "hangs up after the message", config: SMTPConfig{Security: NoTLS}, serve: func(c net.Conn) {
			r := bufio.NewReader(c)
			for _, reply := range []string{"220 " + words, "250 " + words, "250 " + words, "250 " + words, "354 " + words} {
				io.WriteString(c, reply+"\r\n")
				if _, err := r.ReadString('\n'); err != nil {
					return
				}
			}
			for line := ""; line != ".\r\n"; {
				var err error
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
		}, want: unreachable},
		{name: "no STARTTLS", server: new(NoTLS), want: insecure},
		{name: "unknown authority", server: new(STARTTLS), want: insecure},
		{name: "unknown authority, implicit", config: SMTPConfig{Security: ImplicitTLS}, server: new(ImplicitTLS), want: insecure},
		{name: "TLS expected, none spoken", config: SMTPConfig{Security: ImplicitTLS}, server: new(NoTLS), roots: true, want: insecure},
		{name: "AUTH not offered", config: SMTPConfig{Username: "mailer", Password: "mail-secret"}, server: new(STARTTLS), roots: true,
			want: "CodeDeliveryFailure: The mail server offers no way to log in."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := &mailServer{roots: x509.NewCertPool()}
			if tt.server != nil {
				server := newMailServer(t, *tt.server, nil)
				m.port = server.port
				if tt.roots {
					m.roots = server.roots
				}
			} else {
				m.port = listen(t, tt.serve)
			}
			transport, log := newSMTP(t, m, tt.config)
			checkRefused(t, (&Messenger{Email: transport}).Send(t.Context(), newMessage()), tt.want, log)
		})
	}
}

// listen serves connections on a loopback port, or gives a port where nobody listens.
func listen(t *testing.T, serve func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if serve == nil {
		l.Close()
		return port
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { defer c.Close(); serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); connections.Wait() })
	return port
}

// TestSMTPCancelled ends the wait for a silent server and the wait for a free connection.
func TestSMTPCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	port := listen(t, func(c net.Conn) { cancel(); io.Copy(io.Discard, c) })
	transport, log := newSMTP(t, &mailServer{port: port}, SMTPConfig{Connections: 1})
	const late = "CodeDeliveryFailure: The mail server did not answer in time."
	checkRefused(t, (&Messenger{Email: transport}).Send(ctx, newMessage()), late, log)

	transport.slots <- struct{}{}
	log.Reset()
	checkRefused(t, (&Messenger{Email: transport}).Send(ctx, newMessage()), late, log)
}

func TestNewSMTP(t *testing.T) {
	tests := []struct {
		name   string
		config SMTPConfig
		want   string
		port   int
	}{
		{name: "only a host", config: SMTPConfig{Host: "mail.example.com"}, port: 587},
		{name: "TLS", config: SMTPConfig{Host: "mail.example.com", Security: ImplicitTLS}, port: 465},
		{name: "none", config: SMTPConfig{Host: "mail.example.com", Security: NoTLS}, port: 25},
		{name: "all wrong", config: SMTPConfig{Port: 70000, Security: "ssl", Username: "x", Auth: "ntlm", HELO: "a b"},
			want: "smtp: \"\" is no host name\nsmtp: security \"ssl\" is none of starttls, tls, none\nsmtp: 70000 is no port\n" +
				"smtp: a user name and a password go together\nsmtp: auth \"ntlm\" is none of plain, login\nsmtp: \"a b\" is no host name"},
		{name: "password in the clear", config: SMTPConfig{Host: "mail.example.com", Security: NoTLS, Username: "x", Password: "mail-secret"},
			want: "smtp: a password is not sent without TLS: use starttls or tls, or no user name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSMTP(tt.config)
			if tt.want != "" {
				if err == nil || err.Error() != tt.want {
					t.Fatalf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.Port != tt.port {
				t.Errorf("port %d", s.Port)
			}
		})
	}
}

// TestSecretHidden prints a configuration in every way.
func TestSecretHidden(t *testing.T) {
	c := SMTPConfig{Host: "mail.example.com", Password: "mail-secret"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "config", c, "password", c.Password)
	c.Log, c.Now = nil, nil
	fmt.Fprintf(&log, "%v %+v %#v %s", c, c, c, c.Password)
	b, err := c.Password.MarshalText()
	log.Write(b)
	if err != nil || strings.Contains(log.String(), "mail-secret") {
		t.Error(log.String())
	}
}
