package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	secret := write(t, "secret", "the-secret\n")
	empty := write(t, "empty", "\n")
	key := filepath.Join(t.TempDir(), "master.key")
	const https = "--public-url https://id.example.com "
	tests := []struct {
		args string // beside --data, unless they say where the data is
		want string // lines, without "poolhouse: "
	}{
		{"", "--public-url is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens"},
		{https + "--listen 9229", `--listen "9229" is not an address with a port, such as 127.0.0.1:9229`},
		{https + "--listen 0.0.0.0:0", "on 0.0.0.0:0 passwords and tokens would travel in the clear: give --tls-cert and --tls-key, or --behind-proxy with the addresses of the proxies that end TLS, or listen on loopback"},
		{https + "--listen :0", "on :0 passwords and tokens would travel in the clear: give --tls-cert and --tls-key, or --behind-proxy with the addresses of the proxies that end TLS, or listen on loopback"},
		{"--public-url HTTP://id.example.com --listen 0.0.0.0:0 --behind-proxy 10.0.0.1", "--public-url begins with http://, so clients would send passwords in the clear: use https://"},
		{"--public-url http://id.example.com --behind-proxy 127.0.0.1", "--public-url begins with http://, so clients would send passwords in the clear: use https://"},
		{"--public-url http://id.example.com --tls-cert x --tls-key y", "--public-url begins with http://, so clients would send passwords in the clear: use https://"},
		{https + "--tls-cert x", "--tls-cert and --tls-key belong together: give both or neither"},
		{https + "--tls-cert x --tls-key y --behind-proxy 10.0.0.1", "choose one: TLS here (--tls-cert, --tls-key), or at a proxy (--behind-proxy)"},
		{https + "--tls-cert /nowhere/x --tls-key y", "the certificate cannot be used: stat /nowhere/x: no such file or directory"},
		{https + "--tls-cert " + secret + " --tls-key " + secret, "the certificate cannot be used: tls: failed to find any PEM data in certificate input"},
		{https + "--behind-proxy 0.0.0.0/0", "The proxy network 0.0.0.0/0 is so large that it would believe everyone: name the proxies' own addresses."},
		{https + "--behind-proxy 10.0.0.0/8,128.0.0.0/1", "The proxy network 128.0.0.0/1 is so large that it would believe everyone: name the proxies' own addresses."},
		{https + "--behind-proxy ::/0", "The proxy network ::/0 is so large that it would believe everyone: name the proxies' own addresses."},
		{https + "--behind-proxy ::ffff:10.0.0.0/104", "A proxy must be an address or a network such as 10.0.0.0/8."},
		{https + "--allow-outbound 10.0.0.0/8 --allow-outbound 0.0.0.0/0", "The outbound network 0.0.0.0/0 is so large that a pool could reach everything: name the networks that it may."},
		{https + "--inbox --listen 0.0.0.0:0 --behind-proxy 10.0.0.1", "--inbox shows codes without a login, so it goes with a loopback --listen and without --behind-proxy"},
		{https + "--inbox --behind-proxy 127.0.0.1", "--inbox shows codes without a login, so it goes with a loopback --listen and without --behind-proxy"},
		{https + "--clock --behind-proxy 127.0.0.1", "--clock moves the time without a login, so it goes with a loopback --listen and without --behind-proxy"},
		{"--public-url https://id.example.com/pools", "The public URL has a path, but clients find and sign the API at the root of a host: give the server a host name of its own."},
		{"--public-url https://user:word@id.example.com", "The public URL must look like https://id.example.com."},
		{"--public-url https://id.example.com?a=b", "The public URL must look like https://id.example.com."},
		{"--public-url id.example.com", "The public URL must look like https://id.example.com."},
		{https + "--region moon", `The region "moon" is not of the form us-east-1.`},
		{https + "--workers=-1", "The numbers of workers and of connections must not be negative."},
		{https + "--srp-timestamp-tolerance=-1s", "The tolerance for timestamps must not be negative."},
		{https + "--smtp-url smtps://mail.example.com", "--smtp-from is missing: mail servers refuse the service's own sender, no-reply@verificationemail.com, from anyone else"},
		{https + "--smtp-from nobody --smtp-url smtp://localhost:25", `sender "nobody" is neither an email address nor a name with one in angle brackets`},
		{https + "--smtp-from a@example.com --smtp-url mail.example.com", "--smtp-url must look like smtp://mail.example.com:587 or smtps://mail.example.com:465"},
		{https + "--smtp-from a@example.com --smtp-url smtp://mail.example.com:0", "the port of --smtp-url is not one"},
		{https + "--smtp-from a@example.com --smtp-url smtp://u:word@mail.example.com", "--smtp-url must not hold a password; use --smtp-user and --smtp-password-file"},
		{https + "--smtp-from a@example.com --smtp-url smtp://mail.example.com?tls=off", "after a question mark, --smtp-url knows tls=none only, and that with smtp://"},
		{https + "--smtp-from a@example.com --smtp-url smtps://mail.example.com?tls=none", "after a question mark, --smtp-url knows tls=none only, and that with smtp://"},
		{https + "--smtp-from a@example.com --smtp-url smtp://mail.example.com?tls=none --smtp-user u --smtp-password-file " + secret, "smtp: a password is not sent without TLS: use starttls or tls, or no user name"},
		{https + "--smtp-from a@example.com --smtp-url smtp://mail.example.com --smtp-user u --smtp-password-file " + empty, "--smtp-password-file names the file " + empty + ", which holds no secret"},
		{https + "--smtp-from a@example.com --smtp-url smtp://mail.example.com --smtp-user u --smtp-password-file /nowhere/x", "--smtp-password-file cannot be read: open /nowhere/x: no such file or directory"},
		{https + "--smtp-user u", "--smtp-user and --smtp-password-file need --smtp-url"},
		{https + "--sns-endpoint http://localhost:1", "SMS needs --sns-access-key-id and --sns-secret-access-key-file"},
		{https + "--sns-access-key-id A --sns-secret-access-key-file " + secret + " --sns-sender-id 123", "sns: a sender id has 1 to 11 letters and digits, and at least one letter"},
		{https + "--data x --database-url-file " + secret, "--data and --database-url-file exclude each other"},
		{https + "--database-url-file " + secret, "a PostgreSQL database needs --master-key-file, the same file for every server of the database"},
		{https + "--database-url-file /nowhere/x --master-key-file " + key, "--database-url-file cannot be read: open /nowhere/x: no such file or directory"},
		// Several faults are told at once.
		{"--listen 0.0.0.0:0 --tls-key x --smtp-user u", "--public-url is missing: say how clients reach this server, such as https://id.example.com; it is the issuer of the tokens\n" +
			"--tls-cert and --tls-key belong together: give both or neither\n--smtp-user and --smtp-password-file need --smtp-url"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"serve"}, strings.Fields(tt.args)...)
			if !strings.Contains(tt.args, "--listen") {
				args = append(args, "--listen", "127.0.0.1:0")
			}
			if data := filepath.Join(t.TempDir(), "data"); !strings.Contains(tt.args, "--data") {
				args = append(args, "--data", data)
			}
			want := "poolhouse: " + strings.ReplaceAll(tt.want, "\n", "\npoolhouse: ") + "\n"
			if r := command(t, args...); r.status != failed || r.err != want {
				t.Errorf("status %d\n%s\nwant\n%s", r.status, r.err, want)
			}
		})
	}
	const nowhere = "poolhouse: say where the data is: --data DIR, or --database-url-file FILE for PostgreSQL\n"
	if r := command(t, "serve", "--public-url", "https://id.example.com"); r.status != failed || r.err != nowhere {
		t.Errorf("without a place for the data: %+v", r)
	}
	r := command(t, "serve", "--behind-proxy", "proxy.example.com")
	if want := `"proxy.example.com" is neither an address nor a network such as 10.0.0.0/8`; r.status != misspelled || !strings.Contains(r.err, want) {
		t.Errorf("a proxy's name: %+v", r)
	}
}

// Nothing but health and the API is open unless told to, and what is open is so to this machine's names only.
func TestServeConsole(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	for _, tt := range []struct {
		args         []string
		path, host   string
		method, body string
		want         int
	}{
		{path: "health", want: 200},
		{path: "health", host: "any.example", want: 200},
		{path: "inbox", want: 404},
		{path: "clock", want: 404},
		{path: "clock", method: "POST", body: `{"advance":"1h"}`, want: 404},
		{args: []string{"--inbox"}, path: "inbox", want: 200},
		{args: []string{"--inbox"}, path: "inbox", host: "id.example.com", want: 200},
		{args: []string{"--inbox"}, path: "inbox", host: "evil.example", want: 403},
		{args: []string{"--inbox"}, path: "clock", want: 404},
		{args: []string{"--clock"}, path: "inbox", want: 404},
		{args: []string{"--clock"}, path: "clock", method: "POST", body: `{"advance":"1h"}`, want: 200},
		{args: []string{"--clock"}, path: "clock", host: "evil.example", method: "POST", body: `{"advance":"1h"}`, want: 403},
	} {
		r := start(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", data,
			"--public-url", "https://id.example.com/"}, tt.args...)...).serving(t)
		method := tt.method
		if method == "" {
			method = "GET"
		}
		if got, body := ask(t, method, r.endpoint+"/_poolhouse/"+tt.path, tt.host, tt.body); got != tt.want {
			t.Errorf("serve %v: %s %s at %q: %d %s", tt.args, method, tt.path, tt.host, got, body)
		}
		if strings.Contains(r.err.String(), `id.example.com/"`) {
			t.Errorf("the slash at the end of the public URL was kept: %s", &r.err)
		}
		if status := r.end(t); status != 0 {
			t.Errorf("serve %v ended with %d", tt.args, status)
		}
	}
}
