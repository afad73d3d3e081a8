package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestCreateAndOpenKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "master.key")
	if _, err := OpenKeyFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	k, err := CreateKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != keyFileMode {
		t.Errorf("mode %v", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
	got, err := OpenKeyFile(path)
	if err != nil || *got != *k {
		t.Errorf("OpenKeyFile = %v, %v; want %v", got, err, k)
	}
	// A link to the file, as a mounted secret is, opens too.
	link := filepath.Join(dir, "link")
	if err := os.Symlink("master.key", link); err != nil {
		t.Fatal(err)
	}
	if got, err := OpenKeyFile(link); err != nil || *got != *k {
		t.Errorf("through a link: %v, %v", got, err)
	}
}

func TestCreateKeyFileNeverReplaces(t *testing.T) {
	for name, write := range map[string]func(string, []byte) error{
		"with a link": writeKeyFile, "without": writeWithoutLink,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "master.key")
			first := NewKey()
			if err := write(path, first.text()); err != nil {
				t.Fatal(err)
			}
			if err := write(path, NewKey().text()); !errors.Is(err, fs.ErrExist) {
				t.Errorf("the second: %v", err)
			}
			if got, err := OpenKeyFile(path); err != nil || *got != *first {
				t.Errorf("OpenKeyFile = %v, %v; want %v", got, err, first)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("the directory holds %v", entries)
			}
		})
	}
	// Whatever stands at the path stays: an empty file, a directory, a link into nothing.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"empty", "link", "directory"} {
		if _, err := CreateKeyFile(filepath.Join(dir, name)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := CreateKeyFile(filepath.Join(dir, "no", "directory")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestConcurrentCreationMakesOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	var (
		group   sync.WaitGroup
		start   = make(chan struct{})
		mu      sync.Mutex
		created []*Key
	)
	for range 16 {
		group.Go(func() {
			<-start
			k, err := CreateKeyFile(path)
			if err == nil {
				mu.Lock()
				created = append(created, k)
				mu.Unlock()
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
			// Who was late finds a whole file.
			if _, err := OpenKeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	if len(created) != 1 {
		t.Fatalf("%d keys were made", len(created))
	}
	if got, err := OpenKeyFile(path); err != nil || *got != *created[0] {
		t.Errorf("OpenKeyFile = %v, %v; want %v", got, err, created[0])
	}
}

func TestOpenKeyFileRefuses(t *testing.T) {
	k := NewKey()
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o666, 0o644, 0o610, 0o777} {
		path := filepath.Join(t.TempDir(), "master.key")
		if err := os.WriteFile(path, k.text(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		path := filepath.Join(t.TempDir(), "master.key")
		if err := os.WriteFile(path, k.text(), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyFile(path); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := OpenKeyFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("a directory: %v", err)
	}
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("another file: %v", err)
	}
}

func TestParseKey(t *testing.T) {
	k := NewKey()
	line := keyPrefix + k.ID() + ":" + base64.StdEncoding.EncodeToString(k.secret[:])
	accepted := map[string]string{
		"as written":   string(k.text()),
		"one line":     line,
		"line end":     line + "\n",
		"Windows ends": "# remark\r\n\r\n" + line + "\r\n",
		"spaces":       "  " + line + "  \n\n",
	}
	for name, text := range accepted {
		if got, err := ParseKey([]byte(text)); err != nil || *got != *k {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	other := NewKey()
	refused := map[string]string{
		"empty":        "",
		"remarks only": "# nothing\n",
		"two keys":     line + "\n" + string(other.text()),
		"no prefix":    strings.TrimPrefix(line, keyPrefix),
		"newer format": strings.Replace(line, "v1", "v2", 1),
		"cut":          line[:len(line)-1],
		"longer":       line + "A",
		"no id":        keyPrefix + base64.StdEncoding.EncodeToString(k.secret[:]),
		"other id":     strings.Replace(line, k.ID(), other.ID(), 1),
		"upper id":     strings.Replace(line, k.ID(), strings.Repeat("F", 16), 1),
		"no base64":    line[:len(line)-4] + "!!!=",
		"31 bytes":     keyPrefix + k.ID() + ":" + base64.StdEncoding.EncodeToString(k.secret[:31]),
		"line break":   line[:60] + "\n" + line[60:],
		"too long":     strings.Repeat("#", maxKeyText) + "\n" + line,
		"binary":       string(k.secret[:]),
	}
	for name, text := range refused {
		got, err := ParseKey([]byte(text))
		if err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if tail := line[len(line)-20 : len(line)-5]; strings.Contains(err.Error(), tail) {
			t.Errorf("%s: the error holds key material: %v", name, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	k := &Key{secret: [keySize]byte{1, 2, 3}}
	f.Add(k.text())
	f.Add([]byte(""))
	f.Add([]byte("# remark\r\n\r\n" + keyPrefix + "0123456789abcdef:" + strings.Repeat("A", 43) + "="))
	f.Add(append(k.text(), k.text()...))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParseKey(text)
		if err != nil {
			return
		}
		again, err := ParseKey(k.text())
		if err != nil || *again != *k {
			t.Fatalf("the key read from %q is not read again: %v", text, err)
		}
		if !bytes.Contains(text, []byte(k.ID())) {
			t.Fatal("a key was read without its id")
		}
	})
}
