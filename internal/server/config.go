package server

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
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
	// PublicURL is how clients reach the server, without a trailing slash. jwks_uri and endpoints are below it.
	PublicURL string
	// IssuerTemplate is the issuer of tokens with {pool} and {region} in it; empty means PublicURL/{pool}.
	IssuerTemplate string

	// Inbox keeps every message in the built-in inbox instead of sending it. Implied by Dev unless Email or
	// SMS say otherwise for their medium.
	Inbox bool
	// ClockControl lets POST /_poolhouse/clock move the clock. Implied by Dev.
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
	// Proxies are the addresses of reverse proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Workers is how many signatures and exponentiations run at once; zero leaves it to limits.NewQueue.
	Workers int

	// Version is what health and logs say.
	Version string
	Clock   *Clock       // nil: the machine's
	Log     *slog.Logger // nil: no log

	// NewSigningKey makes a pool's RSA-2048 keys; nil makes them on the spot. Tests use prepared ones.
	NewSigningKey func() (*rsa.PrivateKey, error)
}

var (
	regionForm  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
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
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.Inbox = c.Inbox || c.Dev
	c.ClockControl = c.ClockControl || c.Dev
	return c
}

// Validate reports every fault of the configuration, a sentence each.
func (c Config) Validate() error {
	c = c.withDefaults()
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	places := 0
	for _, set := range []bool{c.Memory, c.PostgresURL != "", c.DataDir != "" && c.PostgresURL == ""} {
		if set {
			places++
		}
	}
	if places != 1 {
		fault("Say where the data is: a data directory, a PostgreSQL URL, or memory, and one of them only.")
	}
	if c.PostgresURL != "" && c.MasterKeyFile == "" && c.DataDir == "" {
		fault("A PostgreSQL database needs a master key file beside it: name one, the same for every server of the database.")
	}
	if !regionForm.MatchString(c.Region) {
		fault("The region %q is not of the form us-east-1.", c.Region)
	}
	if !accountForm.MatchString(c.Account) {
		fault("The account id must have twelve digits.")
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" &&
		(err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		fault("The public URL must look like https://id.example.com.")
	}
	if c.IssuerTemplate != "" {
		u, err := url.Parse(c.issuer("us-east-1_Example00"))
		if err != nil || u.Host == "" || !strings.Contains(c.IssuerTemplate, "{pool}") {
			fault("The issuer template must be a URL with {pool} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}.")
		}
	}
	return errors.Join(faults...)
}

// issuer gives the claim iss of a pool's tokens.
func (c Config) issuer(poolID string) string {
	if c.IssuerTemplate == "" {
		return c.PublicURL + "/" + poolID
	}
	region, _, _ := strings.Cut(poolID, "_")
	return strings.NewReplacer("{pool}", poolID, "{region}", region).Replace(c.IssuerTemplate)
}
