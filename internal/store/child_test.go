package store

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// The environment of a test binary that is run again as a writer, which may be killed.
const (
	childPath     = "STORE_TEST_SQLITE"
	childURL      = "STORE_TEST_POSTGRES"
	childKey      = "STORE_TEST_KEY"
	childSync     = "STORE_TEST_SYNCHRONOUS"
	childWriters  = "STORE_TEST_WRITERS"
	childPool     = "us-east-1_child"
	childUnits    = "STORE_TEST_UNITS"
	manyUnits     = 1 << 30
	acknowledging = "ack "
)

func TestMain(m *testing.M) {
	if os.Getenv(childKey) != "" {
		if err := childWrite(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func childConfig(getenv func(string) string) Config {
	return Config{SQLitePath: getenv(childPath), PostgresURL: getenv(childURL), Kind: Serve,
		Key: keyFile(getenv(childKey)), synchronous: getenv(childSync)}
}

// childWrite makes users from several goroutines and writes "ack <name>" after each unit of work.
func childWrite(out io.Writer) error {
	ctx := context.Background()
	s, err := Open(ctx, childConfig(os.Getenv))
	if err != nil {
		return err
	}
	defer s.Close()
	pool, err := s.Pool(ctx, childPool)
	if err != nil {
		return err
	}
	writers, _ := strconv.Atoi(os.Getenv(childWriters))
	units, _ := strconv.Atoi(os.Getenv(childUnits))
	errs := make([]error, max(1, writers))
	var wg sync.WaitGroup
	for w := range errs {
		wg.Go(func() {
			for n := range cmp.Or(units, manyUnits) {
				u := newTestUser(pool.Number, fmt.Sprintf("user-%d-%d", w, n))
				err := s.Write(ctx, func(tx userpool.Tx) error {
					return errors.Join(tx.CreateUser(ctx, u, u.Username),
						tx.PutPassword(ctx, &userpool.Password{User: u.Key, Salt: []byte("salt"), Verifier: make([]byte, 384), Generation: 1}, 1))
				})
				if err == nil {
					_, err = io.WriteString(out, acknowledging+u.Username+"\n")
				}
				if err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// prepareChild makes a database with a pool and gives the environment of a child that writes to it.
func prepareChild(t *testing.T, env ...string) []string {
	t.Helper()
	env = append(env, childKey+"="+filepath.Join(t.TempDir(), "master.key"))
	s := openStore(t, childConfig(getenv(env)))
	poolOf(t, s, childPool)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return env
}

func getenv(env []string) func(string) string {
	return func(name string) string {
		for _, e := range env {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// writeUntil runs a child until it has acknowledged so many units of work, calls stop, and gives the names of all
// that were acknowledged.
func writeUntil(t *testing.T, env []string, units int, stop func(child *os.Process)) (acknowledged []string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), env...)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var faults strings.Builder
	child.Stderr = &faults
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, ok := strings.CutPrefix(lines.Text(), acknowledging)
		if !ok {
			continue // cut by the kill
		}
		acknowledged = append(acknowledged, name)
		if len(acknowledged) == units {
			stop(child.Process)
		}
	}
	child.Wait() // was killed
	if len(acknowledged) < units {
		t.Fatalf("the child acknowledged %d units of work: %s", len(acknowledged), &faults)
	}
	return acknowledged
}

// expectUsers opens the database again and looks for every user.
func expectUsers(t *testing.T, env []string, names []string) {
	t.Helper()
	s := openStore(t, childConfig(getenv(env)))
	pool, err := s.Pool(t.Context(), childPool)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, name := range names {
		u, err := s.FindUser(t.Context(), pool.Number, userpool.Lookup{Username: name})
		if err == nil {
			_, err = s.Password(t.Context(), u.Key)
		}
		if err != nil {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged users are lost", lost, len(names))
	}
	// The database takes new work.
	poolOf(t, s, "us-east-1_after")
}

func kill(child *os.Process) { child.Kill() }

func TestKillLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		engine string
		env    func(t *testing.T) string
	}{
		{"SQLite", func(t *testing.T) string { return childPath + "=" + filepath.Join(t.TempDir(), "poolhouse.db") }},
		{"PostgreSQL", func(t *testing.T) string { return childURL + "=" + postgrestest.Start(t) }},
	} {
		t.Run(tt.engine, func(t *testing.T) {
			t.Parallel()
			env := prepareChild(t, tt.env(t), childWriters+"=16")
			expectUsers(t, env, writeUntil(t, env, 500, kill))
		})
	}
}

func TestServerCrashLosesNothing(t *testing.T) {
	t.Parallel()
	server := postgrestest.NewServer(t)
	env := prepareChild(t, childURL+"="+server.URL, childWriters+"=16")
	names := writeUntil(t, env, 300, func(*os.Process) { server.Crash(t) })
	server.Restart(t)
	expectUsers(t, env, names)
}

func TestServerCrashIsSurvived(t *testing.T) {
	t.Parallel()
	server := postgrestest.NewServer(t)
	s := openStore(t, Config{PostgresURL: server.URL, Kind: Serve, Key: oneKey(seal.NewKey())})
	poolOf(t, s, childPool)
	server.Crash(t)
	if _, err := s.Pool(t.Context(), childPool); err == nil {
		t.Error("a pool was read from a server that is down")
	}
	server.Restart(t)
	if _, err := s.Pool(t.Context(), childPool); err != nil {
		t.Errorf("after the server came back: %v", err)
	}
	poolOf(t, s, "us-east-1_after")
}
