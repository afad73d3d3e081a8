package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAcknowledgedAfterSync runs a writer under strace and reads in which order the kernel was asked to write the
// log, to sync it, and to write the acknowledgement. What it says of FULL must not hold for OFF, or it sees nothing.
func TestAcknowledgedAfterSync(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace to see what the kernel is asked; install it (Debian: apt-get install strace)")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		synchronous string
		safe        bool
	}{{"FULL", true}, {"OFF", false}} {
		t.Run(tt.synchronous, func(t *testing.T) {
			const units = 20
			env := prepareChild(t, childPath+"="+filepath.Join(t.TempDir(), "poolhouse.db"),
				childSync+"="+tt.synchronous, childWriters+"=1", fmt.Sprintf("%s=%d", childUnits, units))
			trace := filepath.Join(t.TempDir(), "trace")
			child := exec.Command(strace, "-f", "-y", "-s", "64", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", trace, program)
			child.Env = append(os.Environ(), env...)
			if out, err := child.CombinedOutput(); err != nil {
				t.Fatalf("strace: %v\n%s", err, out)
			}
			f, err := os.Open(trace)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			n, err := readTrace(f)
			if n != units {
				t.Errorf("the trace shows %d acknowledgements, want %d", n, units)
			}
			if tt.safe && err != nil {
				t.Error(err)
			}
			if !tt.safe && !errors.Is(err, errNotSynced) {
				t.Errorf("without syncs the trace shows %v", err)
			}
		})
	}
}

var (
	errNotSynced = errors.New("a write was acknowledged before the log was synced")

	// pid, then name(descriptor<path>… or <... name resumed>
	traceCall    = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$`)
	traceResumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
)

// readTrace counts acknowledgements. Before each one the log must have been written and then synced to the end.
func readTrace(r io.Reader) (acknowledged int, err error) {
	const (
		untouched = iota
		written
		synced
	)
	log := untouched
	syncing := map[string]bool{} // by pid: a sync of the log that has begun
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := traceResumed.FindStringSubmatch(lines.Text()); m != nil {
			if syncing[m[1]] && strings.HasSuffix(m[3], "= 0") && log == written {
				log = synced
			}
			delete(syncing, m[1])
			continue
		}
		m := traceCall.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		pid, call, path, rest := m[1], m[2], m[3], m[4]
		switch isLog := strings.HasSuffix(path, "-wal"); {
		case isLog && (call == "pwrite64" || call == "write"):
			log = written
		case isLog && strings.Contains(rest, "unfinished"):
			syncing[pid] = true
		case isLog && strings.HasSuffix(rest, "= 0") && log == written:
			log = synced
		case call == "write" && strings.Contains(rest, `"`+acknowledging):
			acknowledged++
			if log != synced && err == nil {
				err = fmt.Errorf("%w: %s", errNotSynced, lines.Text())
			}
			log = untouched
		}
	}
	return acknowledged, errors.Join(err, lines.Err())
}
