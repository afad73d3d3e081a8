package token

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

// KeyStock makes RSA-2048 keys ahead of need, one at a time, so that a new pool seldom waits for its two.
// Its Take is a Service's NewKey.
type KeyStock struct {
	ready chan made
	stop  chan struct{}
	close func()
	done  sync.WaitGroup
}

type made struct {
	key *rsa.PrivateKey
	err error
}

// NewKeyStock begins to make keys until size of them are ready. Close ends it.
func NewKeyStock(size int) *KeyStock {
	s := &KeyStock{ready: make(chan made, size), stop: make(chan struct{})}
	s.close = sync.OnceFunc(func() { close(s.stop) })
	s.done.Go(func() {
		for {
			select {
			case <-s.stop: // before the dear part, also when there is room
				return
			default:
			}
			key, err := rsa.GenerateKey(rand.Reader, keyBits)
			select {
			case s.ready <- made{key, err}:
			case <-s.stop:
				return
			}
		}
	})
	return s
}

// Take gives a key that nobody else gets. It waits for one to be made when none is ready, and makes one
// itself when the stock is closed.
func (s *KeyStock) Take() (*rsa.PrivateKey, error) {
	select {
	case m := <-s.ready:
		return m.key, m.err
	case <-s.stop:
		return rsa.GenerateKey(rand.Reader, keyBits)
	}
}

// Close stops making keys and waits for the one in the making.
func (s *KeyStock) Close() {
	s.close()
	s.done.Wait()
}
