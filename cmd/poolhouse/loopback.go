package main

import (
	"errors"
	"net"
	"strconv"
	"sync"
)

// listenLocal listens like net.Listen. Where the address is 127.0.0.1, it listens on ::1 with the same port as
// well, if the machine has it and the port is free there: some clients try no other address for localhost. both
// says whether it does, so that localhost is a good name for the server.
func listenLocal(address string) (l net.Listener, both bool, err error) {
	four, err := listen(address)
	if err != nil {
		return nil, false, err
	}
	a := four.Addr().(*net.TCPAddr)
	if !a.IP.Equal(net.IPv4(127, 0, 0, 1)) {
		return four, false, nil
	}
	six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(a.Port)))
	if err != nil {
		return four, false, nil
	}
	p := &pair{Listener: four, six: six, accepted: make(chan accepted), closed: make(chan struct{})}
	for _, one := range []net.Listener{four, six} {
		p.accepting.Go(func() { p.acceptFrom(one) })
	}
	p.close = sync.OnceValue(func() error {
		close(p.closed)
		err := errors.Join(four.Close(), six.Close())
		p.accepting.Wait()
		return err
	})
	return p, true, nil
}

// pair is two listeners as one; its address is the first one's.
type pair struct {
	net.Listener
	six       net.Listener
	accepted  chan accepted
	closed    chan struct{}
	accepting sync.WaitGroup
	close     func() error
}

type accepted struct {
	conn net.Conn
	err  error
}

func (p *pair) acceptFrom(l net.Listener) {
	for {
		conn, err := l.Accept()
		select {
		case p.accepted <- accepted{conn, err}:
		case <-p.closed:
			if err == nil {
				conn.Close()
			}
			return
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func (p *pair) Accept() (net.Conn, error) {
	select {
	case a := <-p.accepted:
		return a.conn, a.err
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pair) Close() error { return p.close() }
