package server

import (
	"net"
	"sync"
)

// defaultConnections is how many clients may be connected at the same time unless the configuration says
// otherwise.
const defaultConnections = 4096

// boundedListener accepts a bounded number of connections at a time. Further ones wait in the system's
// queue until one ends, so that a flood of connections takes neither memory nor file descriptors.
type boundedListener struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	close  func() error
}

func boundConnections(inner net.Listener, most int) *boundedListener {
	l := &boundedListener{Listener: inner, slots: make(chan struct{}, most), closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return inner.Close()
	})
	return l
}

// Accept waits until there is room for a connection, and for the connection.
func (l *boundedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.slots })}, nil
}

// connected is how many are connected.
func (l *boundedListener) connected() int { return len(l.slots) }

// Close ends Accept, also while it waits for room.
func (l *boundedListener) Close() error { return l.close() }

// boundedConn makes room for another connection when it is closed.
type boundedConn struct {
	net.Conn
	leave func()
}

func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
