package main

import (
	"crypto/tls"
	"io/fs"
	"log/slog"
	"os"
	"sync"
)

// certificateFiles reads the certificate again when one of its files has changed, so that renewing it needs no
// restart. Until both files belong together again the former certificate stays.
type certificateFiles struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	seen   [2]fs.FileInfo // of the files when they were last read, well or not; nil when they were not there
}

// get implements tls.Config.GetCertificate.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := f.stat()
	if err == nil && f.loaded != nil && same(now[0], f.seen[0]) && same(now[1], f.seen[1]) {
		return f.loaded, nil
	}
	if err != nil && f.loaded != nil && f.seen[0] == nil {
		return f.loaded, nil // said once
	}
	f.seen = now
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(f.cert, f.key)
	}
	switch {
	case err == nil:
		f.loaded = &pair
	case f.loaded == nil:
		return nil, err
	default:
		f.log.Warn("the certificate cannot be renewed; the former one stays", "error", err)
	}
	return f.loaded, nil
}

// stat looks at both files, or at none.
func (f *certificateFiles) stat() ([2]fs.FileInfo, error) {
	cert, err := os.Stat(f.cert)
	if err != nil {
		return [2]fs.FileInfo{}, err
	}
	key, err := os.Stat(f.key)
	if err != nil {
		return [2]fs.FileInfo{}, err
	}
	return [2]fs.FileInfo{cert, key}, nil
}

// same says whether nothing was written or moved between two looks at a path.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
