package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type serveCommand struct {
	configFlag

	Listen      string    `default:"127.0.0.1:9229" help:"Address to listen on."`
	PublicURL   string    `placeholder:"URL" help:"How clients reach the server, such as https://id.example.com. Required: tokens carry it as their issuer."`
	TLSCert     string    `name:"tls-cert" placeholder:"FILE" help:"File with the certificate chain (PEM). It is read again when it changes."`
	TLSKey      string    `name:"tls-key" placeholder:"FILE" help:"File with the certificate's key (PEM)."`
	BehindProxy []network `placeholder:"NETWORK" help:"Addresses or networks of the reverse proxies that end TLS in front of this server, such as 10.0.0.0/8. Only their X-Forwarded-For is believed."`
	storageFlags
	issuerFlags
	messageFlags

	Inbox        bool          `help:"Keep messages in the built-in inbox, which anyone on this machine can read. For staging, on loopback."`
	Clock        bool          `help:"Let anyone on this machine move the clock by POST /_poolhouse/clock. For staging, on loopback."`
	SRPTolerance time.Duration `name:"srp-timestamp-tolerance" default:"5m" help:"How far the time in an SRP answer may be from the server's."`
	AuditDays    int           `default:"400" help:"For how many days the audit log is kept: 1 to 36500."`
	outboundFlags
	loadFlags
	metricsFlags
	logFlags
}

// Run serves until the context ends.
func (c serveCommand) Run(ctx context.Context, con console) error {
	log := c.logger(con.err)
	cfg := server.Config{
		PublicURL:          c.PublicURL,
		Inbox:              c.Inbox,
		ClockControl:       c.Clock,
		TimestampTolerance: c.SRPTolerance,
		AuditDays:          auditDays(c.AuditDays),
		Version:            versionText(),
		Log:                log,
		Proxies:            prefixes(c.BehindProxy),
	}
	c.issuerFlags.apply(&cfg)
	c.outboundFlags.apply(&cfg)
	c.loadFlags.apply(&cfg)
	c.metricsFlags.apply(&cfg)
	err := errors.Join(c.safe(), c.storageFlags.apply(&cfg), c.messageFlags.apply(&cfg))
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return err
	}
	if c.TLSCert != "" {
		files := &certificateFiles{cert: c.TLSCert, key: c.TLSKey, log: log}
		if _, err := files.get(nil); err != nil {
			return fmt.Errorf("the certificate cannot be used: %w", err)
		}
		cfg.Certificate = files.get
	}
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	srv, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	return srv.Serve(ctx, listener, func() {
		log.Info("serving", "address", listener.Addr().String(), "public_url", srv.PublicURL(), "region", c.Region, "version", cfg.Version)
		if cfg.Email == nil && !cfg.Inbox {
			log.Warn("this server sends no email: --smtp-url is not set")
		}
	})
}

// safe refuses combinations of settings that would send passwords and tokens in the clear, or show codes to
// strangers.
func (c serveCommand) safe() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		fault("--listen %q is not an address with a port, such as 127.0.0.1:9229", c.Listen)
	}
	addr, notAddress := netip.ParseAddr(host)
	loopback := host == "localhost" || notAddress == nil && addr.Unmap().IsLoopback()
	withTLS, withProxy := c.TLSCert != "" || c.TLSKey != "", len(c.BehindProxy) > 0
	public, notURL := url.Parse(c.PublicURL)
	switch {
	case c.PublicURL == "":
		fault("--public-url is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens")
	case notURL == nil && public.Scheme == "http" && (!loopback || withTLS || withProxy):
		fault("--public-url begins with http://, so clients would send passwords in the clear: use https://")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fault("--tls-cert and --tls-key belong together: give both or neither")
	}
	switch {
	case withTLS && withProxy:
		fault("choose one: TLS here (--tls-cert, --tls-key), or at a proxy (--behind-proxy)")
	case err == nil && !loopback && !withTLS && !withProxy:
		fault("on %s passwords and tokens would travel in the clear: give --tls-cert and --tls-key, or --behind-proxy with the addresses of the proxies that end TLS, or listen on loopback", c.Listen)
	}
	for _, open := range []struct {
		set        bool
		flag, does string
	}{
		{c.Inbox, "--inbox", "shows codes"},
		{c.Clock, "--clock", "moves the time"},
	} {
		if open.set && (!loopback || withProxy) {
			fault("%s %s without a login, so it goes with a loopback --listen and without --behind-proxy", open.flag, open.does)
		}
	}
	if c.SMTPURL != "" && c.SMTPFrom == "" {
		fault("--smtp-from is missing: mail servers refuse the service's own sender, no-reply@verificationemail.com, from anyone else")
	}
	return errors.Join(faults...)
}

// listen opens a TCP address.
func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		if told, ok := errors.AsType[*net.OpError](err); ok {
			err = told.Err // without the address for the second time
		}
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return listener, nil
}
