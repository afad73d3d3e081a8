package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const keyFileMode fs.FileMode = 0o600

// OpenKeyFile reads the master key in a file that its owner alone may read. The error says what to do; it wraps
// fs.ErrNotExist when there is no file.
func OpenKeyFile(path string) (*Key, error) {
	// The first look keeps a named pipe from holding the caller up; the second is at what was opened.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if err := checkKeyFile(path, info); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if err := checkKeyFile(path, info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyText+1))
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	k, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("master key file %s: %w", path, err)
	}
	return k, nil
}

func checkKeyFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("master key file %s is not a regular file; give the path of the key file itself", path)
	}
	// Windows has no such modes; there the directory's access list protects the file.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("master key file %s has mode %04o, which lets others at it; run: chmod 600 %s", path, mode, path)
	}
	return nil
}

// CreateKeyFile draws a master key and writes it to a new file with mode 0600. When it returns without an error,
// file and directory entry are on the disk, so a row that needs the key may follow. It never replaces a file:
// the error then wraps fs.ErrExist, also for all but one of several that create it at the same time.
func CreateKeyFile(path string) (*Key, error) {
	k := NewKey()
	if err := writeKeyFile(path, k.text()); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return k, nil
}

func writeKeyFile(path string, text []byte) error {
	dir := filepath.Dir(path)
	// A link to a finished file appears whole or not at all, and never replaces another.
	f, err := os.CreateTemp(dir, ".master-key-*")
	if err != nil {
		return err
	}
	err = fill(f, text)
	if err == nil {
		err = os.Link(f.Name(), path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = writeWithoutLink(path, text)
		}
	}
	if err := errors.Join(err, os.Remove(f.Name())); err != nil {
		return err
	}
	return syncDirectory(dir)
}

// writeWithoutLink serves file systems that know no hard links. A crash in the middle leaves a file that
// OpenKeyFile refuses, before anything was sealed with its key.
func writeWithoutLink(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, keyFileMode)
	if err != nil {
		return err
	}
	if err := fill(f, text); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// fill writes text to f, brings it to the disk and closes f.
func fill(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err == nil {
		err = f.Chmod(keyFileMode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDirectory(path string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
