package directory

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	region   = "us-east-1"
	poolID   = "us-east-1_YPQTSv5BD"
	clientID = "1example23456789"
	function = "arn:aws:lambda:us-east-1:123456789012:function:one"
	other    = "arn:aws:lambda:us-east-1:123456789012:function:two"
	role     = "arn:aws:iam::123456789012:role/sms"
	key      = "arn:aws:kms:us-east-1:123456789012:key/4e2c9f4a"
)

// world is a directory on a store of its own and a clock that only tests move.
type world struct {
	*Service
	t     testing.TB
	clock time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)}
	now := func() time.Time { return w.clock }
	st := openStore(t, now)
	w.Service = &Service{
		Store: st,
		Tokens: &token.Service{
			Store:  st,
			Queue:  limits.NewQueue(2, 16),
			Issuer: func(poolID string) string { return "https://pools.example.com/" + poolID },
			Now:    now,
			NewKey: testKey,
			Log:    slog.New(slog.DiscardHandler),
		},
		Now:     now,
		Account: "123456789012", PublicURL: "https://pools.example.com",
	}
	return w
}

// row gives the world to one row of a table, and takes the pool under the fixed id away after it. The clock
// stands still in a row.
func (w *world) row(t testing.TB) *world {
	t.Helper()
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := w.Store.Write(ctx, func(tx userpool.Tx) error {
			p, err := tx.Pool(ctx, poolID)
			if errors.Is(err, userpool.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return tx.DeletePool(ctx, p.Number, w.clock)
		})
		if err != nil {
			t.Error(err)
		}
	})
	return &world{Service: w.Service, t: t, clock: w.clock}
}

// testKey is made once a process.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// pool makes a pool under the fixed id, as the test wants it.
func (w *world) pool(change func(*wire.CreateUserPoolRequest)) *userpool.Pool {
	w.t.Helper()
	p, err := w.tryPool(change)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) tryPool(change func(*wire.CreateUserPoolRequest)) (*userpool.Pool, error) {
	in := &wire.CreateUserPoolRequest{PoolName: "pool"}
	if change != nil {
		change(in)
	}
	return w.CreatePool(w.t.Context(), region, in, PoolOptions{ID: poolID})
}

// stored reads the pool under the fixed id.
func (w *world) stored() *userpool.Pool {
	w.t.Helper()
	p, err := w.Store.Pool(w.t.Context(), poolID)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) describe() *wire.UserPoolType {
	w.t.Helper()
	d, err := w.DescribePool(w.t.Context(), w.stored())
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) update(change func(*wire.UpdateUserPoolRequest)) error {
	w.t.Helper()
	in := &wire.UpdateUserPoolRequest{UserPoolID: poolID}
	if change != nil {
		change(in)
	}
	return w.UpdatePool(w.t.Context(), w.stored(), in)
}

// client makes a client under the fixed id.
func (w *world) client(change func(*wire.CreateUserPoolClientRequest)) *userpool.Client {
	w.t.Helper()
	c, err := w.tryClient(change)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) tryClient(change func(*wire.CreateUserPoolClientRequest)) (*userpool.Client, error) {
	w.t.Helper()
	in := &wire.CreateUserPoolClientRequest{UserPoolID: poolID, ClientName: "client"}
	if change != nil {
		change(in)
	}
	return w.CreateClient(w.t.Context(), w.stored(), in, ClientOptions{ID: clientID})
}

// readClient reads the client under the fixed id.
func (w *world) readClient() *userpool.Client {
	w.t.Helper()
	c, err := w.Client(w.t.Context(), w.stored(), clientID)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// wantError checks code and message; "" stands for no error, and an empty message for any.
func wantError(t testing.TB, err error, code userpool.ErrorCode, message string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	var e *userpool.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	if message != "" && e.Message != message {
		t.Errorf("got message %q, want %q", e.Message, message)
	}
	if e.Message == "" {
		t.Error("the message is empty")
	}
}

// wantJSON compares an answer with what it looks like on the wire, member order aside.
func wantJSON(t testing.TB, got any, want []byte) {
	t.Helper()
	encoded, err := wire.Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, want), decode(t, encoded)); diff != "" {
		t.Errorf("wrong answer (-want +got):\n%s", diff)
	}
}

func decode(t testing.TB, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
