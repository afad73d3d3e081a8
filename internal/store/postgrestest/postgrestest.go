// Package postgrestest runs a private PostgreSQL for tests. One server is started for a test binary when a test
// first asks for a database, from the programs that are installed, in a directory of its own, where it listens on a
// Unix socket. It ends, and its directory goes, when the test binary ends, in whatever way.
//
// POOLHOUSE_TEST_POSTGRES names a server to use instead: a connection URL whose user may create databases.
package postgrestest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable names a server to use instead of a private one.
const Variable = "POOLHOUSE_TEST_POSTGRES"

// shared is the server of this test binary. It is referred to for ever, because a file that nobody refers to is closed.
var shared = sync.OnceValues(func() (*Server, error) {
	if given := os.Getenv(Variable); given != "" {
		return &Server{URL: given}, nil
	}
	return newServer()
})

// Start gives the URL of a new, empty database, which is dropped when the test ends. The test fails when PostgreSQL
// is not installed.
func Start(tb testing.TB) string {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	server := s.URL
	name := "test_" + strings.ToLower(rand.Text()[:12])
	if err := command(server, "CREATE DATABASE "+name); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := command(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop a database: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("%s is not a connection URL", Variable)
	}
	u.Path = "/" + name
	return u.String()
}

func command(server, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// A Server is a PostgreSQL that one test has for itself, to crash it.
type Server struct {
	URL string // of the database postgres

	directory string
	programs  string
	account   *syscall.SysProcAttr
	stop      io.Closer     // its end tells the keeper to stop the server
	ended     chan struct{} // the keeper has ended
}

// NewServer starts a server that ends with the test.
func NewServer(tb testing.TB) *Server {
	tb.Helper()
	s, err := newServer()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.stop.Close()
		<-s.ended
	})
	return s
}

// Crash stops the server as a fault of the machine would, as far as a process can: nothing is written any more.
func (s *Server) Crash(tb testing.TB) {
	tb.Helper()
	pid, err := s.pid()
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGQUIT) // immediate shutdown
	}
	if err != nil {
		tb.Fatalf("crash PostgreSQL: %v", err)
	}
	<-s.ended
	s.stop.Close()
}

// Restart starts a server that has crashed on the same directory.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
}

func (s *Server) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(strings.TrimSpace(line))
}

func (s *Server) data() string { return filepath.Join(s.directory, "data") }

func (s *Server) url(database string) string {
	query := url.Values{"host": {s.directory}, "user": {"poolhouse"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}).String()
}

func newServer() (*Server, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	s := &Server{programs: programs}
	if s.directory, err = os.MkdirTemp("", "poolhouse-postgres-"); err != nil {
		return nil, err
	}
	s.URL = s.url("postgres")
	if err := s.chooseAccount(); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(programs, "initdb"), "--pgdata", s.data(), "--username=poolhouse",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = s.directory, s.account
	if out, err := initdb.CombinedOutput(); err != nil {
		os.RemoveAll(s.directory)
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := s.start(); err != nil {
		os.RemoveAll(s.directory)
		return nil, err
	}
	return s, nil
}

// findPrograms gives the directory of initdb and postgres: from $PATH, or where Debian puts the newest.
func findPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 {
		return "", errors.New("the tests of the store need PostgreSQL, version 13 or newer, and found no initdb in $PATH or " +
			"/usr/lib/postgresql; install it (Debian: apt-get install postgresql) or name a server in " + Variable)
	}
	return filepath.Dir(found[0]), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// chooseAccount finds somebody to run the server as: PostgreSQL refuses root.
func (s *Server) chooseAccount() error {
	s.account = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C ends the test binary, which ends the server
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		s.account.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(s.directory, uid, gid)
	}
	return errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody; run the tests as another user")
}

// keeper runs the server until descriptor 3 ends, as it does when the test binary ends, and removes the directory; or
// until the server ends by itself. Its arguments are the server's program, its data and its directory.
const keeper = `
"$1" -D "$2" -k "$3" -c listen_addresses= -c max_connections=300 -c logging_collector=off -c log_min_messages=log 3<&- &
server=$!
{ cat <&3 >/dev/null; : >"$3/over"; kill -INT $server; } 2>/dev/null &
watch=$!
wait $server
status=$?
kill $watch 2>/dev/null
if [ -e "$3/over" ]; then rm -rf "$3"; fi
exit $status
`

// start runs the server and returns when it accepts connections.
func (s *Server) start() error {
	input, stop, err := os.Pipe()
	if err != nil {
		return err
	}
	run := exec.Command("/bin/sh", "-c", keeper, "keeper", filepath.Join(s.programs, "postgres"), s.data(), s.directory)
	run.Dir, run.SysProcAttr = s.directory, s.account
	run.ExtraFiles = []*os.File{input}
	output, err := run.StderrPipe()
	if err != nil {
		return err
	}
	if err := run.Start(); err != nil {
		return err
	}
	input.Close()
	s.stop, s.ended = stop, make(chan struct{})
	ready := make(chan error, 1)
	go func() {
		defer close(s.ended)
		var log strings.Builder
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "ready to accept connections") {
				ready <- nil
			} else if log.Len() < 1<<16 {
				log.WriteString(lines.Text() + "\n")
			}
		}
		err := run.Wait()
		select {
		case ready <- fmt.Errorf("PostgreSQL did not start: %v\n%s", err, &log):
		default:
		}
	}()
	return <-ready
}
