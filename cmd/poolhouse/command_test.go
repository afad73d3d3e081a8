package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// asCommand makes the test binary the command itself, for tests that need a process.
const asCommand = "TEST_BINARY_IS_POOLHOUSE"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// output is what a command has written so far.
type output struct {
	mu      sync.Mutex
	text    string
	changed chan struct{} // closed at the next write; nil when nobody waits
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text += string(p)
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text
}

// line waits until a whole line holds text and gives the line, or "" when ended comes first.
func (o *output) line(text string, ended <-chan struct{}) string {
	for over := false; ; {
		o.mu.Lock()
		for line := range strings.Lines(o.text) {
			if strings.HasSuffix(line, "\n") && strings.Contains(line, text) {
				o.mu.Unlock()
				return strings.TrimSuffix(line, "\n")
			}
		}
		if over {
			o.mu.Unlock()
			return ""
		}
		if o.changed == nil {
			o.changed = make(chan struct{})
		}
		changed := o.changed
		o.mu.Unlock()
		select {
		case <-changed:
		case <-ended:
			over = true
		}
	}
}

// result is how a command ended.
type result struct {
	status   int
	out, err string
}

// command runs a command line to its end, in this process.
func command(t testing.TB, args ...string) result {
	t.Helper()
	var out, err output
	status := run(t.Context(), args, console{&out, &err})
	return result{status, out.String(), err.String()}
}

// succeed runs a command line that must succeed and gives what it prints.
func succeed(t testing.TB, args ...string) string {
	t.Helper()
	r := command(t, args...)
	if r.status != 0 {
		t.Fatalf("%s: status %d\n%s", strings.Join(args, " "), r.status, r.err)
	}
	return r.out
}

// running is a command that serves, in this process or in one of its own.
type running struct {
	out, err output
	ended    chan struct{} // closed when status is set
	status   int
	stop     func() // asks it to end
	endpoint string // http://…
}

// start runs a command in this process, like a process that a signal can end.
func start(t testing.TB, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{ended: make(chan struct{}), stop: stop}
	go func() {
		defer close(r.ended)
		r.status = run(ctx, args, console{&r.out, &r.err})
	}()
	t.Cleanup(func() { r.end(t) })
	return r
}

// process runs a command in a process of its own, with further variables of the environment.
func process(t testing.TB, env []string, args ...string) *running {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asCommand+"=1"), env...)
	r := &running{ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &r.out, &r.err
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.stop = func() { cmd.Process.Signal(syscall.SIGTERM) }
	go func() {
		defer close(r.ended)
		cmd.Wait()
		r.status = cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() { r.end(t) })
	return r
}

// end ends the command and gives its status.
func (r *running) end(t testing.TB) int {
	t.Helper()
	r.stop()
	<-r.ended
	if t.Failed() {
		t.Logf("standard error:\n%s", &r.err)
	}
	return r.status
}

// dev starts `poolhouse dev --json` on a free port, and gives the line that it prints.
func dev(t testing.TB, args ...string) (*running, devLine) {
	t.Helper()
	r := start(t, append([]string{"dev", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	var line devLine
	text := r.out.line("{", r.ended)
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatalf("dev printed %q: %v\n%s", text, err, &r.err)
	}
	r.endpoint = line.Endpoint
	return r, line
}

// serving waits until `poolhouse serve` answers.
func (r *running) serving(t testing.TB) *running {
	t.Helper()
	var line struct{ Address string }
	text := r.err.line(`"msg":"serving"`, r.ended)
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatalf("serve did not come up:\n%s", &r.err)
	}
	r.endpoint = "http://" + line.Address
	return r
}

// serve starts `poolhouse serve` on a free port.
func serve(t testing.TB, args ...string) *running {
	t.Helper()
	return start(t, serveArgs(args...)...).serving(t)
}

func serveArgs(args ...string) []string {
	return append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--public-url", "http://localhost:9229"}, args...)
}

// accessKey makes an access key with the command.
func accessKey(t testing.TB, storage ...string) (id, secret string) {
	t.Helper()
	out := succeed(t, append([]string{"access-key", "create"}, storage...)...)
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "AWS_ACCESS_KEY_ID":
			id = value
		case "AWS_SECRET_ACCESS_KEY":
			secret = value
		default:
			t.Errorf("access-key create printed %q", line)
		}
	}
	return id, secret
}

// client is an SDK client that signs with a key.
func client(endpoint, region, id, secret, session string, more ...func(*cognitoidentityprovider.Options)) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:           region,
		BaseEndpoint:     aws.String(endpoint),
		Credentials:      credentials.NewStaticCredentialsProvider(id, secret, session),
		RetryMaxAttempts: 1,
	}, more...)
}

// write makes a file and gives its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
