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
)

// messageFlags say how email and SMS leave the server. Secrets are given as files.
type messageFlags struct {
	SMTPURL          string `name:"smtp-url" help:"Mail server: smtp://host:587 (STARTTLS), smtps://host:465 (TLS), or smtp://host:port?tls=none. On this machine smtp:// is without TLS."`
	SMTPUser         string `name:"smtp-user" help:"Login name at the mail server."`
	SMTPPasswordFile string `name:"smtp-password-file" help:"File with the password at the mail server."`
	SMTPFrom         string `name:"smtp-from" default:"no-reply@verificationemail.com" help:"Sender of messages whose pool names none."`

	SNSEndpoint            string `name:"sns-endpoint" help:"Address of Amazon SNS, or of what speaks its Publish action, for SMS."`
	SNSRegion              string `name:"sns-region" help:"Region in the signature to SNS. Default: this server's."`
	SNSAccessKeyID         string `name:"sns-access-key-id" help:"Access key id for SNS."`
	SNSSecretAccessKeyFile string `name:"sns-secret-access-key-file" help:"File with the secret access key for SNS."`
	SNSSenderID            string `name:"sns-sender-id" help:"Sender id of SMS messages, 1 to 11 letters and digits."`
}

// email gives the mail transport, or nil when none is configured.
func (f messageFlags) email() (*delivery.SMTPConfig, error) {
	if f.SMTPURL == "" {
		return nil, nil
	}
	u, err := url.Parse(f.SMTPURL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("--smtp-url must look like smtp://mail.example.com:587 or smtps://mail.example.com:465")
	}
	if u.User != nil {
		return nil, errors.New("--smtp-url must not hold a password; use --smtp-user and --smtp-password-file")
	}
	c := &delivery.SMTPConfig{Host: u.Hostname(), Security: delivery.STARTTLS, Username: f.SMTPUser}
	if u.Scheme == "smtps" {
		c.Security = delivery.ImplicitTLS
	}
	if p := u.Port(); p != "" {
		if c.Port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("the port of --smtp-url is not a number")
		}
	}
	switch tls := u.Query().Get("tls"); tls {
	case "":
		if a, err := netip.ParseAddr(c.Host); u.Scheme == "smtp" && (c.Host == "localhost" || err == nil && a.IsLoopback()) {
			c.Security = delivery.NoTLS // nothing leaves this machine
		}
	case "none":
		c.Security = delivery.NoTLS
	default:
		return nil, fmt.Errorf("--smtp-url knows tls=none only, not tls=%s", tls)
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
	if f.SNSEndpoint == "" {
		return nil, nil
	}
	c := &delivery.SNSConfig{Endpoint: f.SNSEndpoint, Region: f.SNSRegion, AccessKeyID: f.SNSAccessKeyID, SenderID: f.SNSSenderID}
	if c.Region == "" {
		c.Region = region
	}
	if f.SNSSecretAccessKeyFile != "" {
		secret, err := secretFile("--sns-secret-access-key-file", f.SNSSecretAccessKeyFile)
		if err != nil {
			return nil, err
		}
		c.SecretAccessKey = delivery.Secret(secret)
	}
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
