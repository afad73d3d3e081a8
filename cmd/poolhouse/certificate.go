package main

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// certificateFiles reads the certificate again when its file has changed, so that renewing it needs no
// restart.
type certificateFiles struct {
	cert, key string

	mu       sync.Mutex
	loaded   *tls.Certificate
	modified time.Time
}

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.cert)
	if f.loaded != nil && (err != nil || info.ModTime().Equal(f.modified)) {
		return f.loaded, nil
	}
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		if f.loaded != nil { // half-written while being renewed
			return f.loaded, nil
		}
		return nil, err
	}
	f.loaded, f.modified = &pair, info.ModTime()
	return f.loaded, nil
}
