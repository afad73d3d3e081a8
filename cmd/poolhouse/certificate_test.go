package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newCertificate makes a certificate for localhost that vouches for itself.
func newCertificate(t testing.TB, serial int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// replace puts a new file in the place of another, as programs that renew certificates do.
func replace(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log bytes.Buffer
	f := &certificateFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), log: slog.New(slog.NewTextHandler(&log, nil))}
	if _, err := f.get(nil); err == nil {
		t.Error("files that are not there were read")
	}
	serial := func(name string, want int64, warnings int) {
		t.Helper()
		for range 2 {
			c, err := f.get(nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := c.Leaf.SerialNumber.Int64(); got != want {
				t.Errorf("%s: certificate %d, want %d", name, got, want)
			}
		}
		if got := strings.Count(log.String(), "WARN"); got != warnings {
			t.Errorf("%s: %d warnings, want %d:\n%s", name, got, warnings, &log)
		}
	}
	cert, key := newCertificate(t, 1)
	replace(t, f.cert, cert)
	replace(t, f.key, key)
	serial("first", 1, 0)
	cert, key = newCertificate(t, 2)
	replace(t, f.cert, cert)
	serial("new certificate with the old key", 1, 1)
	replace(t, f.key, key)
	serial("new key", 2, 1)
	os.Remove(f.key)
	serial("no key", 2, 2)
	cert, key = newCertificate(t, 3)
	replace(t, f.key, key)
	serial("another key", 2, 3)
	replace(t, f.cert, cert)
	serial("another certificate", 3, 3)
}

// A server with TLS speaks HTTP/2, and takes a renewed certificate without a restart.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert, key := newCertificate(t, 1)
	replace(t, certFile, cert)
	replace(t, keyFile, key)
	r := start(t, "serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", filepath.Join(dir, "data"),
		"--public-url", "https://localhost", "--tls-cert", certFile, "--tls-key", keyFile).serving(t)
	https := strings.Replace(r.endpoint, "http://", "https://", 1)
	connect := func(cert []byte, want int64) {
		t.Helper()
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(cert)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		resp, err := (&http.Client{Transport: transport}).Get(https + "/_poolhouse/health")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.TLS.PeerCertificates[0].SerialNumber.Int64(); got != want || resp.ProtoMajor != 2 || resp.StatusCode != 200 {
			t.Errorf("certificate %d, %s, %s; want %d", got, resp.Proto, resp.Status, want)
		}
	}
	connect(cert, 1)
	renewed, key := newCertificate(t, 2)
	replace(t, certFile, renewed)
	connect(cert, 1)
	replace(t, keyFile, key)
	connect(renewed, 2)
	if _, err := tls.Dial("tcp", strings.TrimPrefix(https, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
	if status, _ := ask(t, "GET", r.endpoint+"/_poolhouse/health", "", ""); status != http.StatusBadRequest {
		t.Errorf("without TLS: %d", status)
	}
}
