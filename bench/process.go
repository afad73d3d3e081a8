package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running server.
type process struct {
	cmd         *exec.Cmd
	endpoint    string
	client      string // of the demo pool
	pool        string
	firstAnswer time.Duration // from starting to the line that says it answers
	log         *bytes.Buffer // its standard error, whole once it has ended
	stopped     bool
}

// start runs the binary on a database in dir and waits until it answers.
func start(ctx context.Context, binary, dir string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary, "dev", "--json", "--listen", "127.0.0.1:0", "--data", dir,
		"--attempt-limits", "off", "--log-level", "error")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s (build it with `make build`): %w", binary, err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("the server did not come up: %w\n%s", err, &log)
	}
	p := &process{cmd: cmd, log: &log, firstAnswer: time.Since(began)}
	var up struct {
		Endpoint string `json:"endpoint"`
		Pool     string `json:"user_pool_id"`
		Client   string `json:"client_id"`
	}
	if err := json.Unmarshal(line, &up); err != nil {
		return nil, err
	}
	p.endpoint, p.pool, p.client = up.Endpoint, up.Pool, up.Client
	return p, nil
}

// stop ends the server and waits for it.
func (p *process) stop() error {
	if p.stopped {
		return nil
	}
	p.stopped = true
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the server ended badly: %w\n%s", err, p.log)
	}
	return nil
}

// cpu is the CPU time that the server has used: the sum over its threads, which the scheduler keeps to the
// nanosecond, while a process's own figure counts in ticks.
func (p *process) cpu() time.Duration {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}

// resident is the server's resident memory in bytes.
func (p *process) resident() int64 { return p.memory("VmRSS:") }

// peak is the most that it was so far.
func (p *process) peak() int64 { return p.memory("VmHWM:") }

func (p *process) memory(of string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, of); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// commits reads how many units of work and how many commits the store has done.
func (p *process) commits(ctx context.Context) (units, commits int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.endpoint+"/_poolhouse/health", nil)
	if err != nil {
		return 0, 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	var health struct {
		Store *struct{ Units, Commits int64 } `json:"store"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil {
		return 0, 0, err
	}
	if health.Store == nil {
		return 0, 0, errors.New("the server's health says nothing of its store")
	}
	return health.Store.Units, health.Store.Commits, nil
}

// processor is the machine's processor model.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimLeft(strings.TrimSpace(name), ": ")
		}
	}
	return "unknown processor"
}
