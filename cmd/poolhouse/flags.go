package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/server"
)

// messageFlags say how email and SMS leave the server. Secrets are given as files.
type messageFlags struct {
	SMTPURL          string `name:"smtp-url" placeholder:"URL" help:"Mail server: smtp://host:587 (STARTTLS), smtps://host:465 (TLS), or smtp://host:port?tls=none. On this machine smtp:// is without TLS."`
	SMTPUser         string `name:"smtp-user" placeholder:"NAME" help:"Login name at the mail server."`
	SMTPPasswordFile string `name:"smtp-password-file" placeholder:"FILE" help:"File with the password at the mail server."`
	SMTPFrom         string `name:"smtp-from" placeholder:"ADDRESS" help:"Sender of email whose pool names none: an address, or a name with one in angle brackets. Default: no-reply@verificationemail.com, as at the service."`

	SNSEndpoint            string `name:"sns-endpoint" placeholder:"URL" help:"Address of what speaks the Publish action of Amazon SNS, for SMS. Default, with an access key: Amazon SNS in the region."`
	SNSRegion              string `name:"sns-region" placeholder:"REGION" help:"Region in the signature to SNS. Default: this server's."`
	SNSAccessKeyID         string `name:"sns-access-key-id" placeholder:"ID" help:"Access key id for SNS."`
	SNSSecretAccessKeyFile string `name:"sns-secret-access-key-file" placeholder:"FILE" help:"File with the secret access key for SNS."`
	SNSSenderID            string `name:"sns-sender-id" placeholder:"ID" help:"Sender id of SMS messages, 1 to 11 letters and digits."`
}

// apply sets how messages leave the server. A medium that no flag configures stays as it is.
func (f messageFlags) apply(cfg *server.Config) (err error) {
	cfg.Sender = f.SMTPFrom
	if cfg.Email, err = f.email(); err != nil {
		return err
	}
	cfg.SMS, err = f.sms(cfg.Region)
	return err
}

// email gives the mail transport, or nil when none is configured.
func (f messageFlags) email() (*delivery.SMTPConfig, error) {
	if f.SMTPURL == "" {
		if f.SMTPUser != "" || f.SMTPPasswordFile != "" {
			return nil, errors.New("--smtp-user and --smtp-password-file need --smtp-url")
		}
		return nil, nil
	}
	u, err := url.Parse(f.SMTPURL)
	switch {
	case err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "":
		return nil, errors.New("--smtp-url must look like smtp://mail.example.com:587 or smtps://mail.example.com:465")
	case u.User != nil:
		return nil, errors.New("--smtp-url must not hold a password; use --smtp-user and --smtp-password-file")
	case u.RawQuery != "" && (u.RawQuery != "tls=none" || u.Scheme == "smtps"):
		return nil, errors.New("after a question mark, --smtp-url knows tls=none only, and that with smtp://")
	}
	c := &delivery.SMTPConfig{Host: u.Hostname(), Security: delivery.STARTTLS, Username: f.SMTPUser}
	address, notAddress := netip.ParseAddr(c.Host)
	switch {
	case u.Scheme == "smtps":
		c.Security = delivery.ImplicitTLS
	case u.RawQuery != "", c.Host == "localhost", notAddress == nil && address.IsLoopback():
		c.Security = delivery.NoTLS // asked for, or nothing leaves this machine
	}
	if p := u.Port(); p != "" {
		if c.Port, err = strconv.Atoi(p); err != nil || c.Port < 1 || c.Port > 65535 {
			return nil, errors.New("the port of --smtp-url is not one")
		}
	}
	if f.SMTPPasswordFile != "" {
		password, err := secretFile("--smtp-password-file", f.SMTPPasswordFile)
		if err != nil {
			return nil, err
		}
		c.Password = delivery.Secret(password)
	}
	return c, nil
}

// sms gives the SMS transport, or nil when none is configured.
func (f messageFlags) sms(region string) (*delivery.SNSConfig, error) {
	switch {
	case f.SNSEndpoint+f.SNSRegion+f.SNSAccessKeyID+f.SNSSecretAccessKeyFile+f.SNSSenderID == "":
		return nil, nil
	case f.SNSAccessKeyID == "" || f.SNSSecretAccessKeyFile == "":
		return nil, errors.New("SMS needs --sns-access-key-id and --sns-secret-access-key-file")
	}
	c := &delivery.SNSConfig{Endpoint: f.SNSEndpoint, Region: f.SNSRegion, AccessKeyID: f.SNSAccessKeyID, SenderID: f.SNSSenderID}
	if c.Region == "" {
		c.Region = region
	}
	secret, err := secretFile("--sns-secret-access-key-file", f.SNSSecretAccessKeyFile)
	if err != nil {
		return nil, err
	}
	c.SecretAccessKey = delivery.Secret(secret)
	return c, nil
}

// logFlags say what is logged and how.
type logFlags struct {
	LogLevel  string `default:"info" enum:"debug,info,warn,error" help:"Least level of log lines: debug, info, warn or error."`
	LogFormat string `default:"text" enum:"text,json" help:"Form of log lines: text or json."`
}

func (f logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(f.LogLevel)) // the enum of the flag holds nothing else
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// issuerFlags say in whose name the server speaks.
type issuerFlags struct {
	Region         string `default:"us-east-1" help:"This server's region: in pool ids, ARNs and signatures."`
	Account        string `default:"123456789012" help:"Account id in ARNs."`
	IssuerTemplate string `placeholder:"URL" help:"Issuer of tokens, with {pool} and {region} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}. Default: the public URL and the pool's id."`
}

func (f issuerFlags) apply(cfg *server.Config) {
	cfg.Region, cfg.Account, cfg.IssuerTemplate = f.Region, f.Account, f.IssuerTemplate
}

// metricsFlags say who reads the metrics.
type metricsFlags struct {
	MetricsFrom []network `placeholder:"NETWORK" help:"Addresses or networks whose clients may read GET /_poolhouse/metrics, such as 10.0.0.0/8. Clients of this machine always may."`
}

func (f metricsFlags) apply(cfg *server.Config) { cfg.MetricsFrom = prefixes(f.MetricsFrom) }

// outboundFlags say what pools' configuration may make the server call.
type outboundFlags struct {
	AllowOutbound []network `placeholder:"NETWORK" help:"Addresses or networks that the server may call for a pool, at any port, although they are not public, such as 10.1.2.0/24: where identity providers of your own are. Repeatable. Default: none."`
}

func (f outboundFlags) apply(cfg *server.Config) { cfg.AllowOutbound = prefixes(f.AllowOutbound) }

// loadFlags bound what the server does at a time.
type loadFlags struct {
	Workers        int `default:"0" help:"How many signatures and exponentiations run at once. 0: by the number of processors."`
	MaxConnections int `default:"4096" help:"How many clients may be connected at once; more wait."`
}

func (f loadFlags) apply(cfg *server.Config) {
	cfg.Workers, cfg.Connections = f.Workers, f.MaxConnections
}

// secretFile reads a secret from the file that a flag names, without the line's end.
func secretFile(flag, path string) (string, error) {
	const limit = 64 << 10
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", flag, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", flag, err)
	}
	secret := strings.TrimRight(string(b), "\r\n")
	if secret == "" || len(b) == limit {
		return "", fmt.Errorf("%s names the file %s, which holds no secret", flag, path)
	}
	return secret, nil
}
