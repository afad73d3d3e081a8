package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type serveCommand struct {
	Config kong.ConfigFlag `help:"YAML file with settings: the names of these flags as keys."`

	Listen      string         `default:"127.0.0.1:9229" help:"Address to listen on."`
	PublicURL   string         `help:"How clients reach the server, such as https://id.example.com. Required."`
	TLSCert     string         `name:"tls-cert" help:"File with the certificate chain (PEM)."`
	TLSKey      string         `name:"tls-key" help:"File with the certificate's key (PEM)."`
	BehindProxy []netip.Prefix `help:"Addresses or networks of the reverse proxies that end TLS in front of this server, such as 10.0.0.0/8. Only their X-Forwarded-For is believed."`

	Region         string        `default:"us-east-1" help:"This server's region: in pool ids, ARNs and signatures."`
	Account        string        `default:"123456789012" help:"Account id in ARNs."`
	IssuerTemplate string        `help:"Issuer of tokens with {pool} and {region} in it, such as https://cognito-idp.{region}.amazonaws.com/{pool}. Default: the public URL and the pool's id."`
	Inbox          bool          `help:"Keep messages in the built-in inbox, readable without a login on loopback only. For staging."`
	SRPTolerance   time.Duration `name:"srp-timestamp-tolerance" default:"5m" help:"How far the time in an SRP answer may be from the server's."`
	Workers        int           `help:"How many signatures and exponentiations run at once. Default: by the number of processors."`
	storageFlags
	messageFlags
	logFlags
}

// Run serves until the context ends.
func (c serveCommand) Run(ctx context.Context, con console) error {
	spareProcessor()
	log := c.logger(con.err)
	cfg := server.Config{
		Region: c.Region, Account: c.Account,
		PublicURL: c.PublicURL, IssuerTemplate: c.IssuerTemplate,
		Inbox: c.Inbox, Proxies: c.BehindProxy,
		TimestampTolerance: c.SRPTolerance,
		Workers:            c.Workers,
		Sender:             c.SMTPFrom,
		Version:            versionText(),
		Log:                log,
	}
	if err := c.storageFlags.apply(&cfg); err != nil {
		return err
	}
	certificate, err := c.safe()
	if err != nil {
		return err
	}
	if cfg.Email, err = c.email(); err != nil {
		return err
	}
	if cfg.SMS, err = c.sms(c.Region); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Listen, err)
	}
	defer listener.Close()
	srv, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	if certificate != nil {
		listener = tls.NewListener(listener, &tls.Config{
			MinVersion:     tls.VersionTLS12,
			NextProtos:     []string{"h2", "http/1.1"},
			GetCertificate: certificate.get,
		})
	}
	return srv.Serve(ctx, listener, func() {
		log.Info("serving", "address", listener.Addr().String(), "public_url", c.PublicURL, "region", c.Region, "version", versionText())
	})
}

// safe refuses combinations of settings that would send passwords and tokens in the clear, or believe
// anyone's word on where a request comes from.
func (c serveCommand) safe() (*certificateFiles, error) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %q is not an address with a port, such as 127.0.0.1:9229", c.Listen)
	}
	addr, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && addr.IsLoopback()
	withTLS := c.TLSCert != "" || c.TLSKey != ""
	switch {
	case c.PublicURL == "":
		return nil, errors.New("--public-url is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return nil, errors.New("--tls-cert and --tls-key belong together: give both or neither")
	case withTLS && len(c.BehindProxy) > 0:
		return nil, errors.New("choose one: TLS here (--tls-cert, --tls-key), or at a proxy (--behind-proxy)")
	case !loopback && !withTLS && len(c.BehindProxy) == 0:
		return nil, fmt.Errorf("on %s passwords and tokens would travel in the clear: give --tls-cert and --tls-key, or --behind-proxy with the addresses of the proxies that end TLS, or listen on loopback", c.Listen)
	case !loopback && strings.HasPrefix(c.PublicURL, "http://"):
		return nil, errors.New("--public-url begins with http://, but the server is reachable from elsewhere: use https://")
	case c.Inbox && !loopback:
		return nil, errors.New("--inbox shows codes without a login, so it goes with a loopback --listen only")
	}
	for _, p := range c.BehindProxy {
		if p.Bits() == 0 {
			return nil, fmt.Errorf("--behind-proxy %s would believe everyone: name the proxies' own addresses", p)
		}
	}
	if !withTLS {
		return nil, nil
	}
	files := &certificateFiles{cert: c.TLSCert, key: c.TLSKey}
	if _, err := files.get(nil); err != nil {
		return nil, fmt.Errorf("the certificate cannot be used: %w", err)
	}
	return files, nil
}
