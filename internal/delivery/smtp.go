package delivery

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Security is how a connection to a mail server is secured.
type Security string

const (
	STARTTLS    Security = "starttls" // after the greeting, and never without
	ImplicitTLS Security = "tls"      // from the first byte
	NoTLS       Security = "none"
)

// SMTPConfig says how to reach a mail server. Only Host is needed.
type SMTPConfig struct {
	Host     string
	Port     int      // default 587 for STARTTLS, 465 for ImplicitTLS, 25 for NoTLS
	Security Security // default STARTTLS
	Username string   // "": no authentication
	Password Secret
	Auth     string         // plain, login; "": what the server offers, plain before login
	RootCAs  *x509.CertPool // that sign the server's certificate; nil: the system's
	HELO     string         // this machine's name; default the host name

	DialTimeout time.Duration // default 5 s
	SendTimeout time.Duration // for the whole conversation; default 20 s
	RetryPause  time.Duration // before the only second attempt, after a 4xx reply; default 1 s
	Connections int           // at the same time; default 8

	Now func() time.Time // default time.Now
	Log *slog.Logger     // default slog.Default
}

// SMTP sends email through a mail server, each letter over a connection of its own.
type SMTP struct {
	SMTPConfig
	slots chan struct{}
}

// NewSMTP checks the configuration and reports every fault at once. It does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	if c.Security == "" {
		c.Security = STARTTLS
	}
	if c.Port == 0 {
		c.Port = map[Security]int{STARTTLS: 587, ImplicitTLS: 465, NoTLS: 25}[c.Security]
	}
	c.DialTimeout = orDefault(c.DialTimeout, 5*time.Second)
	c.SendTimeout = orDefault(c.SendTimeout, 20*time.Second)
	c.RetryPause = orDefault(c.RetryPause, time.Second)
	if c.Connections <= 0 {
		c.Connections = 8
	}
	if c.HELO == "" {
		c.HELO = helo()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	var faults []error
	if c.Host == "" || strings.ContainsFunc(c.Host, blank) {
		faults = append(faults, fmt.Errorf("smtp: %q is no host name", c.Host))
	}
	switch c.Security {
	case STARTTLS, ImplicitTLS:
	case NoTLS:
		if c.Username != "" && !loopbackHost(c.Host) {
			faults = append(faults, errors.New("smtp: a password is not sent without TLS: use starttls or tls, or no user name"))
		}
	default:
		faults = append(faults, fmt.Errorf("smtp: security %q is none of starttls, tls, none", c.Security))
	}
	if c.Port < 0 || c.Port > 65535 {
		faults = append(faults, fmt.Errorf("smtp: %d is no port", c.Port))
	}
	if (c.Username == "") != (c.Password == "") {
		faults = append(faults, errors.New("smtp: a user name and a password go together"))
	}
	if c.Auth != "" && c.Auth != "plain" && c.Auth != "login" {
		faults = append(faults, fmt.Errorf("smtp: auth %q is none of plain, login", c.Auth))
	}
	if strings.ContainsFunc(c.HELO, blank) {
		faults = append(faults, fmt.Errorf("smtp: %q is no host name", c.HELO))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &SMTP{SMTPConfig: c, slots: make(chan struct{}, c.Connections)}, nil
}

func orDefault(d, unset time.Duration) time.Duration {
	if d <= 0 {
		return unset
	}
	return d
}

func helo() string {
	if name, err := os.Hostname(); err == nil && name != "" && !strings.ContainsFunc(name, blank) {
		return name
	}
	return "localhost"
}

func blank(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Deliver hands the letter to the mail server, and tries once more when the server asks for it.
func (s *SMTP) Deliver(ctx context.Context, l *Letter) error {
	content, err := s.compose(l)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		refused := s.send(ctx, l, content)
		if refused == nil {
			return nil
		}
		s.Log.WarnContext(ctx, "the mail server did not take a message",
			"smtp", refused, "attempt", attempt, "pool", l.Message.Pool.ID, "purpose", l.Message.Purpose)
		if attempt == 2 || !refused.temporary() {
			return refused.told()
		}
		select {
		case <-time.After(s.RetryPause):
		case <-ctx.Done():
			return refused.told()
		}
	}
}

// compose writes the message as RFC 5322 has it.
func (s *SMTP) compose(l *Letter) ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	m.FromMailAddress(l.From)
	m.ToMailAddress(&netmail.Address{Address: l.Message.To})
	if l.ReplyTo != nil {
		m.ReplyToMailAddress(l.ReplyTo)
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(s.Now())
	var id [16]byte
	rand.Read(id[:])
	m.SetMessageIDWithValue(hex.EncodeToString(id[:]) + l.From.Address[strings.LastIndexByte(l.From.Address, '@'):])
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.ConfigurationSet != "" && strings.HasPrefix(s.Host, "email-smtp.") {
		m.SetGenHeader("X-SES-CONFIGURATION-SET", l.ConfigurationSet)
	}
	if l.Text != "" {
		m.SetBodyString(mail.TypeTextPlain, l.Text)
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	} else {
		m.SetBodyString(mail.TypeTextHTML, l.HTML)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("delivery: composing an email: %w", err)
	}
	return b.Bytes(), nil
}

// send has one conversation with the mail server. Nil says that it accepted the message.
func (s *SMTP) send(ctx context.Context, l *Letter, content []byte) *smtpError {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return smtpErrorOf(atConnect, ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, s.SendTimeout)
	defer cancel()

	dialer := net.Dialer{Timeout: s.DialTimeout}
	raw, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, fmt.Sprint(s.Port)))
	if err != nil {
		return smtpErrorOf(atConnect, err)
	}
	defer raw.Close()
	// The end of the context, by time or by cancelling, ends every wait of the conversation.
	defer context.AfterFunc(ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })()

	conversation := conversation{SMTP: s, conn: &boundedConn{Conn: raw, left: maxReplies}}
	if err := conversation.run(ctx, l, content); err != nil {
		refused := smtpErrorOf(conversation.stage, err)
		refused.timeout = refused.timeout || refused.code == 0 && ctx.Err() != nil
		return refused
	}
	return nil
}

// conversation is one connection and how far it came.
type conversation struct {
	*SMTP
	conn  net.Conn
	stage stage
}

func (c *conversation) run(ctx context.Context, l *Letter, content []byte) error {
	secure := &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	if c.Security == ImplicitTLS {
		c.stage = atTLS
		conn := tls.Client(c.conn, secure)
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		c.conn = conn
	}
	c.stage = atGreeting
	client, err := smtp.NewClient(c.conn, c.Host)
	if err != nil {
		return err
	}
	if err := client.Hello(c.HELO); err != nil {
		return err
	}
	if c.Security == STARTTLS {
		c.stage = atTLS
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return errNoSTARTTLS
		}
		if err := client.StartTLS(secure); err != nil {
			return err
		}
	}
	if c.Username != "" {
		c.stage = atAuth
		auth, err := c.auth(client)
		if err != nil {
			return err
		}
		if err := client.Auth(auth); err != nil {
			return err
		}
	}
	c.stage = atSender
	if err := client.Mail(path(l.From.Address)); err != nil {
		return err
	}
	c.stage = atRcpt
	if err := client.Rcpt(path(l.Message.To)); err != nil {
		return err
	}
	c.stage = atContent
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	// The message is accepted; a server that does not say goodbye changes nothing.
	c.conn.SetDeadline(time.Now().Add(time.Second))
	client.Quit()
	return nil
}

// auth chooses how to log in. A password goes over TLS, or without to a loopback host, as NewSMTP made
// sure.
func (c *conversation) auth(client *smtp.Client) (smtp.Auth, error) {
	_, offered := client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	offers := func(name, mechanism string) bool {
		return (c.Auth == "" || c.Auth == name) && slices.Contains(mechanisms, mechanism)
	}
	switch {
	case offers("plain", "PLAIN"):
		return smtp.PlainAuth("", c.Username, string(c.Password), c.Host, c.Security == NoTLS), nil
	case offers("login", "LOGIN"):
		return smtp.LoginAuth(c.Username, string(c.Password), c.Host, c.Security == NoTLS), nil
	}
	return nil, errNoLogin
}

// path writes an address as MAIL FROM and RCPT TO have it.
func path(address string) string { return (&netmail.Address{Address: address}).String() }

// maxReplies is how much a mail server may say in one conversation, TLS included.
const maxReplies = 1 << 20

// boundedConn ends when the other side has said too much.
type boundedConn struct {
	net.Conn
	left int
}

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
