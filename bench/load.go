package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connection is one client of the server; its requests follow each other.
type connection struct{ http *http.Client }

// exception is an error answer.
type exception struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (e *exception) Error() string { return e.Type + ": " + e.Message }

// call calls an operation. The signature is well-formed and nothing more, which dev mode accepts.
func (c *connection) call(ctx context.Context, p *process, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	if signed(operation) {
		now := time.Now().UTC()
		req.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"+now.Format("20060102")+
			"/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+
			"0000000000000000000000000000000000000000000000000000000000000000")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		e := &exception{}
		if json.Unmarshal(answer, e) != nil {
			return fmt.Errorf("%s: status %d", operation, resp.StatusCode)
		}
		return e
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// signed says whether the operation is an administrator's, as far as they are measured.
func signed(operation string) bool {
	return slices.ContainsFunc([]string{"Admin", "Create", "Delete", "Describe", "GetCSVHeader", "List", "Start"}, func(prefix string) bool {
		return strings.HasPrefix(operation, prefix)
	})
}

func newConnection() *connection {
	return &connection{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, MaxConnsPerHost: 1}}}
}

// result is what a load came to.
type result struct {
	took     time.Duration
	each     []time.Duration // sorted
	refused  int             // TooManyRequestsException: the server protects itself
	err      error           // the first other error
	requests int64
}

func (r result) rate() float64 { return float64(len(r.each)) / r.took.Seconds() }

// quantile gives the latency that the part q of the calls stayed below.
func (r result) quantile(q float64) time.Duration {
	if len(r.each) == 0 {
		return 0
	}
	return r.each[min(len(r.each)-1, int(q*float64(len(r.each))))]
}

// load runs one call after another on each of n connections for d. i counts the calls of all connections.
func load(ctx context.Context, n int, d time.Duration, one func(ctx context.Context, c *connection, i int) error) result {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		all   result
		count atomic.Int64
	)
	began := time.Now()
	for range n {
		wg.Go(func() {
			c := newConnection()
			defer c.http.CloseIdleConnections()
			var mine []time.Duration
			refused := 0
			for time.Since(began) < d && ctx.Err() == nil {
				start := time.Now()
				err := one(ctx, c, int(count.Add(1)-1))
				var e *exception
				if errors.As(err, &e) && e.Type == "TooManyRequestsException" {
					refused++
					continue
				}
				if err != nil {
					mu.Lock()
					all.err = errors.Join(all.err, err)
					mu.Unlock()
					break
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			all.each = append(all.each, mine...)
			all.refused += refused
			mu.Unlock()
		})
	}
	wg.Wait()
	all.took = time.Since(began)
	all.requests = count.Load()
	slices.Sort(all.each)
	return all
}

func median[T ~int64 | ~float64](values []T) T {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}
