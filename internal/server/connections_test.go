package server

import (
	"errors"
	"net"
	"testing"
)

func TestBoundConnections(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const most = 2
	l := boundConnections(inner, most)
	type accepted struct {
		conn net.Conn
		err  error
	}
	results := make(chan accepted)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			results <- accepted{conn, err}
			if err != nil {
				return
			}
		}
	}()
	var open []net.Conn
	for range most + 1 {
		client, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
	}
	for range most {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		open = append(open, r.conn)
	}
	if len(l.slots) != most {
		t.Errorf("%d slots are taken by %d connections", len(l.slots), most)
	}
	select {
	case r := <-results:
		t.Fatalf("one connection too many: %v", r)
	default:
	}
	open[0].Close()
	open[0].Close() // the second time makes no more room
	third := <-results
	if third.err != nil {
		t.Fatal(third.err)
	}
	// No room again: Close ends the wait.
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if r := <-results; !errors.Is(r.err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v", r.err)
	}
	<-ended
	if err := l.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	third.conn.Close()
	open[1].Close()
	if len(l.slots) != 0 {
		t.Errorf("%d slots are still taken", len(l.slots))
	}
}
