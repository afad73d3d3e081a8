package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// parse gives what a command line means.
func parse(t testing.TB, args ...string) (*commands, error) {
	t.Helper()
	var c commands
	parser, err := kong.New(&c, kong.DefaultEnvars("POOLHOUSE"), kong.Configuration(loadYAML))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &c, err
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	file := write(t, "poolhouse.yaml", `
# All kinds of values.
listen: 0.0.0.0:9229
public-url: https://id.example.com
behind-proxy: [10.0.0.0/8, 192.168.7.7, "fd00::/8"]
data: /srv/poolhouse
account: 012345678901       # keeps its zero
srp-timestamp-tolerance: 90s
inbox: true
workers: 3
smtp-url:
smtp-from: "Example <no-reply@example.com>"
log-level: debug
description: of a key
`)
	c, err := parse(t, "serve", "--config", file, "--workers", "5")
	if err != nil {
		t.Fatal(err)
	}
	s := c.Serve
	var proxies []string
	for _, p := range s.BehindProxy {
		proxies = append(proxies, p.String())
	}
	got := []any{s.Listen, s.PublicURL, strings.Join(proxies, " "), s.Data, s.Account, s.SRPTolerance.String(), s.Inbox, s.Workers, s.SMTPURL, s.SMTPFrom, s.LogLevel, s.Region}
	want := []any{"0.0.0.0:9229", "https://id.example.com", "10.0.0.0/8 192.168.7.7/32 fd00::/8", "/srv/poolhouse", "012345678901", "1m30s", true, 5, "", "Example <no-reply@example.com>", "debug", "us-east-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// access-key takes the same file.
	if c, err = parse(t, "access-key", "create", "--config", file); err != nil || c.AccessKey.Create.Data != "/srv/poolhouse" || c.AccessKey.Create.Description != "of a key" {
		t.Errorf("access-key create: %+v, %v", c.AccessKey.Create, err)
	}
	dev := write(t, "dev.yaml", "allow-host: poolhouse\nallow-outbound: [127.0.0.0/8, \"::1\"]\nattempt-limits: off\njson: true\n")
	if c, err = parse(t, "dev", "--config", dev); err != nil || c.Dev.AttemptLimits != "off" || !c.Dev.JSON || strings.Join(c.Dev.AllowHost, " ") != "poolhouse" || len(prefixes(c.Dev.AllowOutbound)) != 2 {
		t.Errorf("dev: %+v, %v", c.Dev, err)
	}
	if c, err = parse(t, "serve", "--config", write(t, "empty.yaml", "# nothing\n")); err != nil || c.Serve.Listen != "127.0.0.1:9229" {
		t.Errorf("an empty file: %+v, %v", c.Serve, err)
	}
}

func TestConfigFileRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"unknown", "listen: 127.0.0.1:0\nlisten-on: x\ntls_cert: y\n", "the configuration file has settings that do not exist: listen-on, tls_cert"},
		{"of another kind of command", "endpoint: x\nto: y\n", "the configuration file has settings that do not exist: endpoint, to"},
		{"itself", "config: other.yaml\n", "the configuration file has settings that do not exist: config"},
		{"nested", "serve:\n  listen: x\n", "the configuration file has settings that do not exist: serve"},
		{"mapping", "listen:\n  host: x\n", "line 2 of the configuration file must hold plain text"},
		{"list for one", "listen: [a, b]\n", "line 1 of the configuration file must hold plain text"},
		{"twice", "listen: a\nlisten: b\n", "line 2 of the configuration file sets listen for the second time"},
		{"a secret", "correct horse battery staple\n", "the configuration file is not a YAML mapping of settings, such as listen: 127.0.0.1:9229"},
		{"a list", "- listen: a\n", "the configuration file is not a YAML mapping of settings, such as listen: 127.0.0.1:9229"},
		{"no YAML", "listen: [\n", "the configuration file is not YAML: yaml: line 1: did not find expected node content"},
		{"wrong value", "workers: many\n", `--workers: expected a valid 64 bit int but got "many"`},
		{"too large", strings.Repeat("#", maxConfig+1), "the configuration file is larger than 1048576 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := command(t, "serve", "--config", write(t, "poolhouse.yaml", tt.text))
			if r.status != misspelled || !strings.Contains(r.err, tt.want+"\n") || strings.Contains(r.err, "correct horse") {
				t.Errorf("status %d\n%s\nwant %s", r.status, r.err, tt.want)
			}
		})
	}
	if r := command(t, "serve", "--config", "/nowhere/poolhouse.yaml"); r.status != misspelled || !strings.Contains(r.err, "open /nowhere/poolhouse.yaml: no such file or directory\n") {
		t.Errorf("no file: %+v", r)
	}
}

// Flags win over the environment, which wins over the file.
func TestPrecedence(t *testing.T) {
	file := write(t, "poolhouse.yaml", "smtp-url: smtp://file\nregion: eu-west-1\naccount: 111111111111\nbehind-proxy: [10.0.0.1]\n")
	t.Setenv("POOLHOUSE_CONFIG", file)
	t.Setenv("POOLHOUSE_SMTP_URL", "smtp://environment")
	t.Setenv("POOLHOUSE_REGION", "eu-west-2")
	t.Setenv("POOLHOUSE_TLS_CERT", "cert.pem")
	t.Setenv("POOLHOUSE_BEHIND_PROXY", "10.0.0.2,10.0.0.3")
	c, err := parse(t, "serve", "--region", "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	s := c.Serve
	got := []any{s.SMTPURL, s.Region, s.Account, s.TLSCert, len(s.BehindProxy)}
	if diff := cmp.Diff([]any{"smtp://environment", "eu-west-3", "111111111111", "cert.pem", 2}, got); diff != "" {
		t.Error(diff)
	}
}

// The name of a flag, of its variable and of its key are one.
func TestFlagNames(t *testing.T) {
	t.Parallel()
	var c commands
	parser, err := kong.New(&c, kong.DefaultEnvars("POOLHOUSE"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, command := range parser.Model.Leaves(true) {
		for _, f := range command.Flags {
			seen[f.Name] = true
			want := "POOLHOUSE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			if f.Name != "help" && strings.Join(f.Tag.Envs, " ") != want {
				t.Errorf("--%s of %s reads %v, want %s", f.Name, command.FullPath(), f.Tag.Envs, want)
			}
		}
	}
	for _, name := range []string{"public-url", "tls-cert", "tls-key", "behind-proxy", "database-url-file", "master-key-file", "smtp-url", "smtp-user",
		"smtp-password-file", "smtp-from", "sns-endpoint", "sns-region", "sns-access-key-id", "sns-secret-access-key-file", "sns-sender-id",
		"issuer-template", "allow-host", "attempt-limits", "srp-timestamp-tolerance", "max-connections", "log-level", "log-format"} {
		if !seen[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}

// A process takes its settings from the environment and the file.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	file := write(t, "poolhouse.yaml", "listen: 127.0.0.1:0\npublic-url: http://localhost:1\nlog-format: json\nregion: eu-west-1\ndata: "+data+"\n")
	r := process(t, []string{"POOLHOUSE_REGION=eu-west-3", "POOLHOUSE_CONFIG=" + file}, "serve").serving(t)
	if got := r.err.line(`"msg":"serving"`, r.ended); !strings.Contains(got, `"region":"eu-west-3"`) {
		t.Errorf("serving: %s", got)
	}
	if status := r.end(t); status != 0 {
		t.Errorf("status %d", status)
	}
	bad := process(t, []string{"POOLHOUSE_CONFIG=" + file, "POOLHOUSE_WORKERS=many"}, "serve")
	<-bad.ended
	if bad.status != misspelled || !strings.Contains(bad.err.String(), "POOLHOUSE_WORKERS") {
		t.Errorf("a wrong variable: status %d\n%s", bad.status, &bad.err)
	}
}
