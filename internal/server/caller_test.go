package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// crowd is how many callers there are.
const crowd = 50

type object = map[string]any

// caller calls the operations of a server.
type caller struct {
	t   *testing.T
	srv *poolhousetest.Server
}

// call gives the answer, and the name of the exception if it is one.
func (c caller) call(operation string, in object) (out object, exception string) {
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Error(err)
	}
	status, answer := post(c.t, c.srv, operation, body)
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &out); err != nil {
			c.t.Error(err)
		}
	}
	if status != http.StatusOK {
		exception, _ = out["__type"].(string)
	}
	return out, exception
}

func (c caller) must(operation string, in object) object {
	c.t.Helper()
	out, exception := c.call(operation, in)
	if exception != "" {
		c.t.Fatalf("%s: %v", operation, out)
	}
	return out
}

// together calls once for each of the crowd at the same moment, and counts the answers by exception, "" for success.
func (c caller) together(call func(i int) (exception string)) map[string]int {
	answers := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range crowd {
		all.Go(func() {
			<-start
			exception := call(i)
			mu.Lock()
			defer mu.Unlock()
			answers[exception]++
		})
	}
	close(start)
	all.Wait()
	return answers
}

func (c caller) want(what string, got, want map[string]int) {
	c.t.Helper()
	if !maps.Equal(got, want) {
		c.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
