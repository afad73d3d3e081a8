package server

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/delivery"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	const (
		place    = "Say where the data is: a data directory, a PostgreSQL URL, or memory, and one of them only."
		key      = "A PostgreSQL database needs a master key file beside it: name one, the same for every server of the database."
		account  = "The account id must have twelve digits."
		form     = "The public URL must look like https://id.example.com."
		path     = "The public URL has a path, but clients find and sign the API at the root of a host: give the server a host name of its own."
		missing  = "The public URL is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens."
		template = "The issuer template must be a URL with {pool} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}; nothing else stands in braces."
		proxy    = "A proxy must be an address or a network such as 10.0.0.0/8."
	)
	prefix := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	tests := []struct {
		name string
		edit func(*Config)
		want []string
	}{
		{"right", func(*Config) {}, nil},
		{"zero value", func(c *Config) { *c = Config{} }, []string{place, missing}},
		{"two places", func(c *Config) { c.DataDir = "x" }, []string{place}},
		{"a folder", func(c *Config) { c.Memory, c.DataDir = false, "x" }, nil},
		{"PostgreSQL without a key", func(c *Config) { c.Memory, c.PostgresURL = false, "postgres://" }, []string{key}},
		{"PostgreSQL with a key in a folder", func(c *Config) { c.Memory, c.PostgresURL, c.DataDir = false, "postgres://", "x" }, nil},
		{"PostgreSQL with a key", func(c *Config) { c.Memory, c.PostgresURL, c.MasterKeyFile = false, "postgres://", "x" }, nil},
		{"regions", func(c *Config) { c.Region = "us-gov-east-1" }, nil},
		{"longer region", func(c *Config) { c.Region = "eusc-de-east-1" }, nil},
		{"wrong region", func(c *Config) { c.Region = "US-east-1" }, []string{`The region "US-east-1" is not of the form us-east-1.`}},
		{"wrong account", func(c *Config) { c.Account = "12345678901x" }, []string{account}},
		{"slash at the end", func(c *Config) { c.PublicURL += "/" }, nil},
		{"port", func(c *Config) { c.PublicURL = "http://[::1]:9229" }, nil},
		{"path", func(c *Config) { c.PublicURL += "/pools" }, []string{path}},
		{"path behind a proxy", func(c *Config) { c.PublicURL += "/pools/"; c.Proxies = prefix("10.0.0.1/32") }, []string{path}},
		{"metrics for nobody", func(c *Config) { c.MetricsFrom = []netip.Prefix{{}} }, []string{"Who may read the metrics must be an address or a network such as 10.0.0.0/8."}},
		{"an audit log for no day", func(c *Config) { c.AuditDays = -1 }, []string{"The audit log must be kept for 1 to 36500 days."}},
		{"query", func(c *Config) { c.PublicURL += "?" }, []string{form}},
		{"fragment", func(c *Config) { c.PublicURL += "#" }, []string{form}},
		{"password", func(c *Config) { c.PublicURL = "https://a:b@id.example.com" }, []string{form}},
		{"scheme", func(c *Config) { c.PublicURL = "ftp://id.example.com" }, []string{form}},
		{"only a port", func(c *Config) { c.PublicURL = "https://:443" }, []string{form}},
		{"template", func(c *Config) { c.IssuerTemplate = "https://cognito-idp.{region}.amazonaws.com/{pool}" }, nil},
		{"template without a pool", func(c *Config) { c.IssuerTemplate = "https://{region}.example.com" }, []string{template}},
		{"template with more", func(c *Config) { c.IssuerTemplate = "https://{account}.example.com/{pool}" }, []string{template}},
		{"template without a scheme", func(c *Config) { c.IssuerTemplate = "id.example.com/{pool}" }, []string{template}},
		{"hosts", func(c *Config) {
			c.AllowHosts = []string{"poolhouse", "a-b.example.com", "my_service", "10.0.0.1", "::1"}
		}, nil},
		{"host with a port", func(c *Config) { c.AllowHosts = []string{"a:80"} }, []string{`The allowed host "a:80" is not a host name or an address without a port.`}},
		{"host for all", func(c *Config) { c.AllowHosts = []string{"*", ""} }, []string{
			`The allowed host "*" is not a host name or an address without a port.`, `The allowed host "" is not a host name or an address without a port.`}},
		{"private networks", func(c *Config) { c.Proxies = append(prefix("10.0.0.0/8"), prefix("fc00::/7")...) }, nil},
		{"large network", func(c *Config) { c.Proxies = prefix("64.0.0.0/7") }, []string{"The proxy network 64.0.0.0/7 is so large that it would believe everyone: name the proxies' own addresses."}},
		{"large network of IPv6", func(c *Config) { c.Proxies = prefix("2000::/3") }, []string{"The proxy network 2000::/3 is so large that it would believe everyone: name the proxies' own addresses."}},
		{"no network", func(c *Config) { c.Proxies = []netip.Prefix{{}} }, []string{proxy}},
		{"IPv4 in IPv6", func(c *Config) { c.Proxies = prefix("::ffff:0.0.0.0/96") }, []string{proxy}},
		{"outbound networks", func(c *Config) { c.AllowOutbound = append(prefix("127.0.0.0/8"), prefix("::1/128")...) }, nil},
		{"large outbound network", func(c *Config) { c.AllowOutbound = prefix("0.0.0.0/0") }, []string{"The outbound network 0.0.0.0/0 is so large that a pool could reach everything: name the networks that it may."}},
		{"no outbound network", func(c *Config) { c.AllowOutbound = []netip.Prefix{{}} }, []string{"What outbound calls may reach must be an address or a network such as 10.0.0.0/8."}},
		{"negative numbers", func(c *Config) { c.Workers, c.Connections, c.TimestampTolerance = -1, -1, -1 }, []string{
			"The tolerance for timestamps must not be negative.", "The numbers of workers and of connections must not be negative."}},
		{"sender", func(c *Config) { c.Sender = "Example <no-reply@example.com>" }, nil},
		{"wrong sender", func(c *Config) { c.Sender = "no-reply" }, []string{`sender "no-reply" is neither an email address nor a name with one in angle brackets`}},
		{"mail and SMS", func(c *Config) { c.Email, c.SMS = &delivery.SMTPConfig{Port: -1}, &delivery.SNSConfig{Endpoint: "x"} }, []string{
			`smtp: "" is no host name`, "smtp: -1 is no port", "sns: a region is needed", "sns: an access key id and a secret access key are needed",
			"sns: the endpoint must be a URL that begins with https:// or http://"}},
	}
	for _, tt := range tests {
		cfg := Config{Memory: true, PublicURL: "https://id.example.com"}
		tt.edit(&cfg)
		var got []string
		if err := cfg.Validate(); err != nil {
			got = slices.Collect(strings.SplitSeq(err.Error(), "\n"))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestIssuer(t *testing.T) {
	t.Parallel()
	c := Config{PublicURL: "https://id.example.com/"}.withDefaults()
	if got := c.issuer("eu-west-1_Abc"); got != "https://id.example.com/eu-west-1_Abc" {
		t.Errorf("issuer %s", got)
	}
	c.IssuerTemplate = "https://cognito-idp.{region}.amazonaws.com/{pool}"
	if got := c.issuer("eu-west-1_Abc"); got != "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc" {
		t.Errorf("issuer %s", got)
	}
}
