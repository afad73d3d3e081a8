package server

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/delivery"
)

// Config says what a server is. The zero value is an in-memory server that verifies signatures and has
// neither inbox nor mail; Validate reports every fault at once.
type Config struct {
	// Dev accepts any well-formed signature, serves every region that one names, answers loopback hosts and
	// those in AllowHosts only, and marks its database, which a server without Dev refuses.
	Dev bool
	// AllowHosts are further names that requests may address in dev mode, such as a compose service's.
	AllowHosts []string

	// DataDir is the folder of the SQLite database and of the master key. Empty with Memory or PostgresURL.
	DataDir string
	// Memory keeps everything in memory, with a key that ends with the process.
	Memory bool
	// PostgresURL is a connection string. It may hold a password and is never logged.
	PostgresURL string
	// MasterKeyFile is where the master key is; empty means master.key in DataDir.
	MasterKeyFile string

	// Region is this server's; empty means us-east-1.
	Region string
	// Account is the twelve-digit account id in ARNs; empty means 123456789012.
	Account string
	// PublicURL is how clients reach the server, without a path; a slash at its end means nothing. jwks_uri and
	// endpoints are below it.
	PublicURL string
	// IssuerTemplate is the issuer of tokens with {pool} and {region} in it; empty means PublicURL/{pool}.
	IssuerTemplate string

	// Inbox keeps the messages of a medium for which neither Email nor SMS is set in the built-in inbox, which
	// anyone who can connect reads by a loopback name or that of PublicURL. Implied by Dev.
	Inbox bool
	// ClockControl lets POST /_poolhouse/clock move the clock, for as many as the inbox. Implied by Dev.
	ClockControl bool
	// Email and SMS say how messages leave the server; nil means the inbox if it is on, else not at all.
	Email *delivery.SMTPConfig
	SMS   *delivery.SNSConfig
	// Sender is the sender of email of pools that name none; empty means delivery.DefaultSender.
	Sender string

	// NoAttemptLimits switches attempt limits and the lock after failed passwords off.
	NoAttemptLimits bool
	// TimestampTolerance bounds the age of SRP answers; zero means five minutes either side.
	TimestampTolerance time.Duration
	// Proxies are the networks of reverse proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// MetricsFrom are networks whose clients may read the metrics, beside clients of this machine.
	MetricsFrom []netip.Prefix
	// AllowOutbound are the networks that are called, at any port, for what the configuration of a pool names,
	// although they are not public. Dev allows none by itself.
	AllowOutbound []netip.Prefix
	// OutboundRoots vouch for what is called so; nil means the system's.
	OutboundRoots *x509.CertPool
	// Certificate chooses the certificate of a TLS connection; nil means that there is no TLS.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Connections is how many clients may be connected at the same time; zero means 4096.
	Connections int
	// Workers is how many signatures and exponentiations run at once; zero leaves it to limits.NewQueue.
	Workers int

	// AuditDays is how many days the entries of the audit log are kept; zero means 400.
	AuditDays int

	// Version is what health and logs say.
	Version string
	Clock   *Clock       // nil: the machine's
	Log     *slog.Logger // nil: no log

	// NewSigningKey makes a pool's RSA-2048 keys; nil makes them on the spot. Tests use prepared ones.
	NewSigningKey func() (*rsa.PrivateKey, error)
}

var (
	regionForm  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	hostForm    = regexp.MustCompile(`^[0-9A-Za-z_]([0-9A-Za-z_.-]{0,251}[0-9A-Za-z_.])?$`)
)

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Account == "" {
		c.Account = "123456789012"
	}
	if c.Clock == nil {
		c.Clock = NewClock(nil)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Connections == 0 {
		c.Connections = defaultConnections
	}
	if c.AuditDays == 0 {
		c.AuditDays = defaultAuditDays
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.Inbox = c.Inbox || c.Dev
	c.ClockControl = c.ClockControl || c.Dev
	return c
}

// Validate reports every fault of the configuration, a sentence each.
func (c Config) Validate() error {
	c = c.withDefaults()
	f := c.placeFaults()
	if !regionForm.MatchString(c.Region) {
		f.add("The region %q is not of the form us-east-1.", c.Region)
	}
	if !accountForm.MatchString(c.Account) {
		f.add("The account id must have twelve digits.")
	}
	if sentence := c.publicURLFault(); sentence != "" {
		f.add("%s", sentence)
	}
	if t := c.IssuerTemplate; t != "" && !(strings.Contains(t, "{pool}") && plainURL(c.issuer("us-east-1_Example00"), true)) {
		f.add("The issuer template must be a URL with {pool} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}; nothing else stands in braces.")
	}
	for _, host := range c.AllowHosts {
		if _, err := netip.ParseAddr(host); err != nil && !hostForm.MatchString(host) {
			f.add("The allowed host %q is not a host name or an address without a port.", host)
		}
	}
	for _, p := range c.MetricsFrom {
		if !p.IsValid() || p.Addr().Is4In6() {
			f.add("Who may read the metrics must be an address or a network such as 10.0.0.0/8.")
		}
	}
	f.networks(c.Proxies, "A proxy must be an address or a network such as 10.0.0.0/8.",
		"The proxy network %s is so large that it would believe everyone: name the proxies' own addresses.")
	f.networks(c.AllowOutbound, "What outbound calls may reach must be an address or a network such as 10.0.0.0/8.",
		"The outbound network %s is so large that a pool could reach everything: name the networks that it may.")
	if c.TimestampTolerance < 0 {
		f.add("The tolerance for timestamps must not be negative.")
	}
	if c.Workers < 0 || c.Connections < 0 {
		f.add("The numbers of workers and of connections must not be negative.")
	}
	if c.AuditDays < 1 || c.AuditDays > maxAuditDays {
		f.add("The audit log must be kept for 1 to %d days.", maxAuditDays)
	}
	return errors.Join(append(f, c.messageFaults()...)...)
}

// faults are sentences about a configuration.
type faults []error

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Errorf(format, args...)) }

// networks adds the faults of a list of networks that are to be no larger than private ones are.
func (f *faults) networks(list []netip.Prefix, form, large string) {
	for _, p := range list {
		fewest := 8
		if p.Addr().Is6() {
			fewest = 7 // fc00::/7 is the private network
		}
		switch {
		case !p.IsValid() || p.Addr().Is4In6():
			f.add("%s", form)
		case p.Bits() < fewest:
			f.add(large, p)
		}
	}
}

// placeFaults are those in where the data is.
func (c Config) placeFaults() faults {
	var f faults
	places := 0
	for _, set := range []bool{c.Memory, c.PostgresURL != "", c.DataDir != "" && c.PostgresURL == ""} {
		if set {
			places++
		}
	}
	if places != 1 {
		f.add("Say where the data is: a data directory, a PostgreSQL URL, or memory, and one of them only.")
	}
	if c.PostgresURL != "" && c.MasterKeyFile == "" && c.DataDir == "" {
		f.add("A PostgreSQL database needs a master key file beside it: name one, the same for every server of the database.")
	}
	return f
}

// messageFaults are those in how messages leave the server. Nothing is connected.
func (c Config) messageFaults() faults {
	var f faults
	if c.Email != nil {
		_, err := delivery.NewSMTP(*c.Email)
		f = append(f, err)
	}
	if c.SMS != nil {
		_, err := delivery.NewSNS(*c.SMS)
		f = append(f, err)
	}
	return append(f, delivery.CheckSender(c.Sender))
}

// publicURLFault says what is wrong with the public URL, or nothing.
func (c Config) publicURLFault() string {
	switch {
	case c.PublicURL == "":
		return "The public URL is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens."
	case !plainURL(c.PublicURL, true):
		return "The public URL must look like https://id.example.com."
	case !plainURL(c.PublicURL, false):
		return "The public URL has a path, but clients find and sign the API at the root of a host: give the server a host name of its own."
	}
	return ""
}

// plainURL says whether text is an http or https URL of a host and, if it may have one, a path.
func plainURL(text string, path bool) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(text, "?#{} ") && (path || u.Path == "")
}

// sqlitePath is the file of the embedded database on disk, or "".
func (c Config) sqlitePath() string {
	if c.DataDir == "" || c.PostgresURL != "" {
		return ""
	}
	return filepath.Join(c.DataDir, "poolhouse.db")
}

// issuer gives the claim iss of a pool's tokens.
func (c Config) issuer(poolID string) string {
	if c.IssuerTemplate == "" {
		return c.PublicURL + "/" + poolID
	}
	region, _, _ := strings.Cut(poolID, "_")
	return strings.NewReplacer("{pool}", poolID, "{region}", region).Replace(c.IssuerTemplate)
}
