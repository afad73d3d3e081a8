package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// keyFile gives the key in a file, as the server does.
func keyFile(path string) func(bool) (*seal.Key, error) {
	return func(create bool) (*seal.Key, error) {
		k, err := seal.OpenKeyFile(path)
		if create && errors.Is(err, fs.ErrNotExist) {
			return seal.CreateKeyFile(path)
		}
		return k, err
	}
}

func TestDatabaseKeepsItsKey(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		path := filepath.Join(t.TempDir(), "master.key")
		c.Key = keyFile(path)
		open := func() error {
			s, err := Open(t.Context(), c)
			if err == nil {
				err = s.Close()
			}
			return err
		}
		for range 2 {
			if err := open(); err != nil {
				t.Fatal(err)
			}
		}
		key, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		err = open()
		if !errors.Is(err, ErrKey) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("without its key the database opened with: %v", err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatal("a database that is not empty got a new key")
		}

		if _, err := seal.CreateKeyFile(path); err != nil {
			t.Fatal(err)
		}
		if err := open(); !errors.Is(err, ErrKey) || !errors.Is(err, seal.ErrOtherKey) {
			t.Errorf("with another key the database opened with: %v", err)
		}
		if err := os.WriteFile(path, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := open(); err != nil {
			t.Errorf("with its key the database does not open: %v", err)
		}
	})
}

func TestKeyPrecedesFirstRow(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		lost := errors.New("the disk is full")
		key := c.Key
		c.Key = func(create bool) (*seal.Key, error) {
			if !create {
				t.Error("an empty database was taken for one with a key")
			}
			return nil, lost
		}
		if _, err := Open(t.Context(), c); !errors.Is(err, lost) {
			t.Errorf("opened with %v", err)
		}
		c.Key = key
		openStore(t, c) // nothing was written that needs the lost key
	})
}

func TestKinds(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		var kind *KindError
		for _, step := range []struct {
			kind string
			want func(error) bool
		}{
			{"", func(err error) bool { return errors.Is(err, ErrEmpty) }},
			{Dev, func(err error) bool { return err == nil }},
			{Serve, func(err error) bool {
				return errors.As(err, &kind) && kind.Made == Dev && strings.Contains(err.Error(), "poolhouse dev")
			}},
			{"", func(err error) bool { return err == nil }},
			{Dev, func(err error) bool { return err == nil }},
		} {
			c.Kind = step.kind
			s, err := Open(t.Context(), c)
			if !step.want(err) {
				t.Errorf("as %q the database opened with: %v", step.kind, err)
			}
			if err == nil {
				s.Close()
			}
		}
	})
}

func TestConfigRefuses(t *testing.T) {
	key := oneKey(seal.NewKey())
	for _, tt := range []struct {
		name string
		c    Config
	}{
		{"nothing", Config{Key: key, Kind: Dev}},
		{"two databases", Config{SQLitePath: "x", Memory: true, Key: key, Kind: Dev}},
		{"no key", Config{SQLitePath: filepath.Join(t.TempDir(), "x"), Kind: Dev}},
		{"unknown kind", Config{Memory: true, Kind: "other"}},
		{"a broken address", Config{PostgresURL: "postgres://user:secret@host:port/x", Key: key, Kind: Dev}},
	} {
		_, err := Open(t.Context(), tt.c)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestNodesStartTogether opens one empty database from several nodes at once.
func TestNodesStartTogether(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				s, err := Open(context.Background(), c)
				if err == nil {
					err = s.Close()
				}
				errs[i] = err
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

// TestSealsAreBoundToTheirPlace moves sealed values past the store and expects that none of them opens.
func TestSealsAreBoundToTheirPlace(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		s := openStore(t, c)
		ctx := t.Context()
		one, two := poolOf(t, s, "us-east-1_one"), poolOf(t, s, "us-east-1_two")
		jane, john, other := newTestUser(one.Number, "jane"), newTestUser(one.Number, "john"), newTestUser(two.Number, "jane")
		code := func(u *userpool.User, id string) *userpool.Code {
			return &userpool.Code{User: u.Key, ID: id, Purpose: userpool.ConfirmSignUp, Value: "123456"}
		}
		err := s.Write(ctx, func(tx userpool.Tx) error {
			var errs []error
			for _, u := range []*userpool.User{jane, john, other} {
				errs = append(errs, tx.CreateUser(ctx, u, u.Username),
					tx.PutPassword(ctx, &userpool.Password{User: u.Key, Salt: []byte("s"), Verifier: []byte("verifier of " + u.Username), Generation: 1}, 1),
					tx.PutCode(ctx, code(u, "code of "+u.Username)), tx.PutCode(ctx, code(u, "second code")))
			}
			for _, id := range []string{"clientone", "clienttwo"} {
				errs = append(errs, tx.CreateClient(ctx, &userpool.Client{Pool: one, ID: id, Settings: &wire.UserPoolClientType{},
					Secrets: []userpool.ClientSecret{{ID: "s1", Value: "secret " + id}, {ID: "s2", Value: "another " + id}}}))
			}
			errs = append(errs,
				tx.CreateAccessKey(ctx, &userpool.AccessKey{ID: "AKIA1", Secret: "one"}), tx.CreateAccessKey(ctx, &userpool.AccessKey{ID: "AKIA2", Secret: "two"}),
				tx.PutInbox(ctx, &userpool.InboxMessage{ID: "m1", To: "a@example.com", Body: "one"}),
				tx.PutInbox(ctx, &userpool.InboxMessage{ID: "m2", To: "b@example.com", Body: "two"}))
			return errors.Join(errs...)
		})
		if err != nil {
			t.Fatal(err)
		}
		password := func(u *userpool.User) error { _, err := s.Password(ctx, u.Key); return err }
		codes := func(u *userpool.User) error { _, err := s.Codes(ctx, u.Key, userpool.ConfirmSignUp, ""); return err }
		client := func() error { _, err := s.Client(ctx, "clientone"); return err }
		for _, tt := range []struct {
			name string
			move string
			args []any
			read func() error
		}{
			{"a verifier of another user", `UPDATE passwords SET verifier = (SELECT p.verifier FROM passwords p WHERE p.pool_number = $1 AND p.user_number = $2)
				WHERE pool_number = $3 AND user_number = $4`, []any{one.Number, john.Key.User, one.Number, jane.Key.User}, func() error { return password(jane) }},
			{"a verifier of another pool", `UPDATE passwords SET verifier = (SELECT p.verifier FROM passwords p WHERE p.pool_number = $1 AND p.user_number = $2)
				WHERE pool_number = $3 AND user_number = $4`, []any{two.Number, other.Key.User, one.Number, john.Key.User}, func() error { return password(john) }},
			{"a code of the same user", `UPDATE codes SET content = (SELECT c.content FROM codes c WHERE c.user_number = $1 AND c.id = 'second code')
				WHERE user_number = $2 AND id = 'code of jane'`, []any{jane.Key.User, jane.Key.User}, func() error { return codes(jane) }},
			{"a verifier as a code", `UPDATE codes SET content = (SELECT verifier FROM passwords WHERE user_number = $1)
				WHERE user_number = $2`, []any{other.Key.User, other.Key.User}, func() error { return codes(other) }},
			{"the secrets of another client", `UPDATE clients SET stamp = 1, secrets = (SELECT c.secrets FROM clients c WHERE c.id = 'clienttwo')
				WHERE id = 'clientone'`, nil, client},
			{"another signing key of the pool", `UPDATE signing_keys SET private_key = (SELECT k.private_key FROM signing_keys k WHERE k.kid = 'us-east-1_one-2')
				WHERE kid = 'us-east-1_one-1'`, nil, func() error { _, err := s.SigningKey(ctx, "us-east-1_one-1"); return err }},
			{"another access key", `UPDATE access_keys SET secret = (SELECT k.secret FROM access_keys k WHERE k.id = 'AKIA2') WHERE id = 'AKIA1'`, nil,
				func() error { _, err := s.AccessKey(ctx, "AKIA1"); return err }},
			{"another message", `UPDATE inbox SET content = (SELECT m.content FROM inbox m WHERE m.id = 'm2') WHERE id = 'm1'`, nil,
				func() error { _, err := s.Inbox(ctx, "", 10); return err }},
			{"the data key of another pool", `UPDATE pools SET data_key = (SELECT p.data_key FROM pools p WHERE p.id = 'us-east-1_two') WHERE id = 'us-east-1_one'`, nil,
				func() error {
					s.keys = newCache[int64, *seal.DataKey](1)
					_, err := s.SigningKey(ctx, "us-east-1_one-2")
					return err
				}},
		} {
			if err := tt.read(); err != nil {
				t.Errorf("%s: before it was moved: %v", tt.name, err)
			}
			rawExec(t, s, tt.move, tt.args...)
			if err := tt.read(); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v, want %v", tt.name, err, seal.ErrOpen)
			}
		}
	})
}

// TestSecretsAreNotInTheFile looks for planted secrets in what SQLite wrote.
func TestSecretsAreNotInTheFile(t *testing.T) {
	c := Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())}
	s := openStore(t, c)
	ctx := t.Context()
	p := poolOf(t, s, "us-east-1_one")
	u := newTestUser(p.Number, "jane")
	err := s.Write(ctx, func(tx userpool.Tx) error {
		return errors.Join(tx.CreateUser(ctx, u, "jane"),
			tx.PutPassword(ctx, &userpool.Password{User: u.Key, Salt: []byte("salt"), Verifier: []byte("planted verifier"), Generation: 1}, 1),
			tx.PutCode(ctx, &userpool.Code{User: u.Key, ID: "1", Purpose: userpool.ConfirmSignUp, Value: "planted code", Destination: "planted@example.com"}),
			tx.CreateClient(ctx, &userpool.Client{Pool: p, ID: "c", Settings: &wire.UserPoolClientType{},
				Secrets: []userpool.ClientSecret{{ID: "s1", Value: "planted client secret"}}}),
			tx.CreateAccessKey(ctx, &userpool.AccessKey{ID: "AKIA1", Secret: "planted access secret"}),
			tx.PutInbox(ctx, &userpool.InboxMessage{ID: "m1", To: "planted@example.com", Body: "planted body", Subject: "planted subject"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(c.SQLitePath + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"planted", "private 1"} {
			if i := strings.Index(string(text), secret); i >= 0 {
				t.Errorf("%s holds %q", filepath.Base(f), text[i:min(len(text), i+24)])
			}
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", filepath.Base(f), info.Mode(), err)
		}
	}
}
