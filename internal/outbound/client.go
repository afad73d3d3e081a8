// Package outbound calls the addresses that tenants name in the configuration of their pools: metadata of
// identity providers now, more as it comes. Whoever may configure a pool must not reach the operator's own
// networks through the server, so each connection is judged when it is opened, by the address that it goes to:
// a name that resolves to an inner address is refused whenever it does, and so is a redirect.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	// userAgent is what providers see of the service, too.
	userAgent = "Amazon/Cognito"
	// redirectLimit is how many redirects are followed.
	redirectLimit = 20
	// timeout is for a whole call, redirects and body included.
	timeout = 10 * time.Second
	// bodyLimit is the usual bound of an answer's body, in bytes.
	bodyLimit = 1 << 20
	// longestHost bounds a host and its port in the log, in bytes.
	longestHost = 260
	// headerLimit bounds an answer's headers, in bytes.
	headerLimit = 64 << 10
	// callsPerHost is how many connections to one host are open at a time; further calls wait.
	callsPerHost = 16
)

// Config says what may be called.
type Config struct {
	// Allowed are the networks that are called although they are not public, at any port.
	Allowed []netip.Prefix
	// Roots vouch for the other side's certificate; nil means those of the system.
	Roots *x509.CertPool
	Log   *slog.Logger // nil: no log
}

// Client implements userpool.Fetcher.
type Client struct {
	web *http.Client
	log *slog.Logger
}

// New makes a client. It takes no proxy from the environment: a proxy would connect where this does not look.
func New(cfg Config) *Client {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dialer := &net.Dialer{
		Timeout: 5 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return errAddress
			}
			return permit(at, cfg.Allowed)
		},
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        callsPerHost,
		MaxIdleConns:           64,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: headerLimit,
	}
	return &Client{web: &http.Client{Transport: transport, CheckRedirect: checkRedirect, Timeout: timeout}, log: cfg.Log}
}

// Close ends connections that are not in use.
func (c *Client) Close() { c.web.CloseIdleConnections() }

// Fetch implements userpool.Fetcher. Why a call failed is for the operator, in the log: the caller, who may be a
// tenant, learns nothing of the network.
func (c *Client) Fetch(ctx context.Context, call userpool.FetchCall) (*userpool.FetchAnswer, error) {
	answer, err := c.fetch(ctx, call)
	if err != nil && ctx.Err() == nil {
		c.log.Warn("an outbound call failed", "host", hostOf(call.URL), "error", err)
	}
	if err == nil && answer.Status/100 != 2 {
		c.log.Warn("an outbound call was answered with a fault", "host", hostOf(call.URL), "status", answer.Status)
	}
	return answer, err
}

func (c *Client) fetch(ctx context.Context, call userpool.FetchCall) (*userpool.FetchAnswer, error) {
	request, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return nil, errURL
	}
	if err := checkURL(request.URL); err != nil {
		return nil, err
	}
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	request.Header.Set("User-Agent", userAgent)
	response, err := c.web.Do(request)
	if err != nil {
		return nil, cause(err)
	}
	defer response.Body.Close()
	body, err := read(response.Body, call.Limit)
	if err != nil {
		return nil, err
	}
	return &userpool.FetchAnswer{Status: response.StatusCode, Body: body}, nil
}

// What can go wrong. None of it quotes an answer, nor a path or query, which may be secret.
var (
	errURL       = errors.New("outbound: not an http or https URL of a host without a user")
	errRedirects = fmt.Errorf("outbound: more than %d redirects", redirectLimit)
	errDowngrade = errors.New("outbound: a redirect leads from https to http")
	errForwarded = errors.New("outbound: a redirect would send the call's body to another host")
	errTooLong   = errors.New("outbound: the answer is too long")
	errTimeout   = errors.New("outbound: no answer in time")
	errName      = errors.New("outbound: the name is not known")
	errConnect   = errors.New("outbound: no connection")
	errIdentity  = errors.New("outbound: the certificate is not accepted")
	errAnswer    = errors.New("outbound: the answer cannot be read")
)

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return errURL
	}
	return nil
}

// checkRedirect judges the next address of a call; where it connects to is judged as for the first.
func checkRedirect(next *http.Request, before []*http.Request) error {
	switch {
	case len(before) > redirectLimit:
		return errRedirects
	case before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme == "http":
		return errDowngrade
	case next.ContentLength != 0 && next.URL.Host != before[0].URL.Host:
		return errForwarded
	}
	next.Header.Set("User-Agent", userAgent)
	next.Header.Del("Referer") // the former address, whose path and query are not the next host's business
	return checkURL(next.URL)
}

// read gives a whole body, or an error if it is longer than limit.
func read(body io.Reader, limit int64) ([]byte, error) {
	if limit <= 0 {
		limit = bodyLimit
	}
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return nil, cause(err)
	case int64(len(text)) > limit:
		return nil, errTooLong
	}
	return text, nil
}

// cause says in our words why a call failed: those of net/http quote answers.
func cause(err error) error {
	for _, ours := range []error{errAddress, errPort, errURL, errRedirects, errDowngrade, errForwarded, context.Canceled} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	var (
		network     net.Error
		name        *net.DNSError
		operation   *net.OpError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &network) && network.Timeout():
		return errTimeout
	case errors.As(err, &name):
		return errName
	case errors.As(err, &certificate):
		return errIdentity
	case errors.As(err, &operation) && operation.Op == "dial":
		return errConnect
	}
	return errAnswer
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host[:min(len(u.Host), longestHost)]
}
