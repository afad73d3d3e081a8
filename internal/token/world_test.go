package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	poolA, poolB = "us-east-1_AAAAAAAAA", "us-east-1_BBBBBBBBB"
	clientA      = "1example23456789"
	clientB      = "2example23456789"
	clientSecret = "3example23456789"
	secret       = "poolhouseexamplesecret0123456789abcdefghijklmnopqrst"
)

// world is a store with two pools and a Service on a clock that only tests move.
type world struct {
	*Service
	t       testing.TB
	start   time.Time
	clock   time.Time
	a, b    *userpool.Pool
	client  *userpool.Client // of a, public
	private *userpool.Client // of a, with secret
	foreign *userpool.Client // of b, public
	user    *userpool.User   // of a
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, start: time.Date(2026, 3, 1, 12, 0, 0, 300_000, time.UTC)}
	w.clock = w.start
	w.Service = &Service{
		Store:  openStore(t, func() time.Time { return w.clock }),
		Queue:  limits.NewQueue(2, 64),
		Issuer: func(poolID string) string { return "https://pools.example.com/" + poolID },
		Now:    func() time.Time { return w.clock },
		NewKey: testKey,
		Log:    slog.New(slog.DiscardHandler),
	}
	w.a = w.newPool(poolA)
	w.b = w.newPool(poolB)
	w.client = w.newClient(w.a, clientA, nil)
	w.private = w.newClient(w.a, clientSecret, func(c *userpool.Client) {
		c.Secrets = []userpool.ClientSecret{{ID: "s1", Value: secret, Created: w.clock}}
	})
	w.foreign = w.newClient(w.b, clientB, nil)
	w.user = w.newUser(w.a, "alice", userpool.Confirmed)
	return w
}

// testKey gives one of four keys that are made once a process, in turn, so that the two keys of two pools
// differ.
func testKey() (*rsa.PrivateKey, error) {
	keys, err := testKeys()
	if err != nil {
		return nil, err
	}
	return keys[(nextKey.Add(1)-1)%uint32(len(keys))], nil
}

var (
	nextKey  atomic.Uint32
	testKeys = sync.OnceValues(func() ([]*rsa.PrivateKey, error) {
		keys := make([]*rsa.PrivateKey, 4)
		for i := range keys {
			var err error
			if keys[i], err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
				return nil, err
			}
		}
		return keys, nil
	})
)

func (w *world) newPool(id string) *userpool.Pool {
	w.t.Helper()
	p := &userpool.Pool{
		Number: userpool.NewNumber(w.clock), ID: id, Name: "pool", Created: w.clock, Modified: w.clock,
		Settings: &wire.UserPoolType{},
	}
	keys, err := w.NewSigningKeys(w.t.Context(), p.Number, p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx userpool.Tx) error { return tx.CreatePool(w.t.Context(), p, keys) })
	return w.readPool(id)
}

func (w *world) readPool(id string) *userpool.Pool {
	w.t.Helper()
	p, err := w.Store.Pool(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// newClient makes a client without lists of attributes or flows; change may set what it likes.
func (w *world) newClient(p *userpool.Pool, id string, change func(*userpool.Client)) *userpool.Client {
	w.t.Helper()
	c := &userpool.Client{
		Pool: p, ID: id, Name: "client", Created: w.clock, Modified: w.clock, Settings: &wire.UserPoolClientType{},
	}
	if change != nil {
		change(c)
	}
	w.write(func(tx userpool.Tx) error { return tx.CreateClient(w.t.Context(), c) })
	return w.readClient(id)
}

func (w *world) readClient(id string) *userpool.Client {
	w.t.Helper()
	c, err := w.Store.Client(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) newUser(p *userpool.Pool, name string, status wire.UserStatusType) *userpool.User {
	w.t.Helper()
	u := &userpool.User{
		Key:      userpool.UserKey{Pool: p.Number, User: userpool.NewNumber(w.clock)},
		Username: name, Sub: uuid.NewString(), Status: status, Enabled: true, Created: w.clock, Modified: w.clock,
		Attributes: userpool.Attributes{{Name: "email", Value: name + "@example.com"}, {Name: "email_verified", Value: "true"}},
	}
	w.write(func(tx userpool.Tx) error { return tx.CreateUser(w.t.Context(), u, p.Fold(name)) })
	return u
}

// renew sets the clock back and makes alice anew, with no sign-ins.
func (w *world) renew() {
	w.t.Helper()
	w.clock = w.start
	w.write(func(tx userpool.Tx) error { return tx.DeleteUser(w.t.Context(), w.user.Key) })
	w.user = w.newUser(w.a, "alice", userpool.Confirmed)
}

// changeUser changes alice.
func (w *world) changeUser(change func(*userpool.User)) {
	w.t.Helper()
	w.write(func(tx userpool.Tx) error {
		u, err := tx.User(w.t.Context(), w.user.Key)
		if err != nil {
			return err
		}
		change(u)
		return tx.UpdateUser(w.t.Context(), u)
	})
}

func (w *world) write(fn func(tx userpool.Tx) error) {
	w.t.Helper()
	if err := w.Store.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// signIn signs alice in at a client of pool a.
func (w *world) signIn(c *userpool.Client) *Issued {
	w.t.Helper()
	user, err := w.Store.User(w.t.Context(), w.user.Key)
	if err != nil {
		w.t.Fatal(err)
	}
	issued, err := w.Issue(w.t.Context(), c, user, userpool.NewEventID())
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx userpool.Tx) error { return tx.PutGrant(w.t.Context(), issued.Grant, issued.Refresh) })
	return issued
}

// key gives a signing key of a pool with its private part.
func (w *world) key(p *userpool.Pool, use userpool.KeyUse) (kid string, private *rsa.PrivateKey) {
	w.t.Helper()
	keys, err := w.Store.SigningKeys(w.t.Context(), p.Number)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range keys {
		if k.Use == use {
			parsed, err := x509.ParsePKCS8PrivateKey(k.Private)
			if err != nil {
				w.t.Fatal(err)
			}
			return k.KID, parsed.(*rsa.PrivateKey)
		}
	}
	w.t.Fatalf("pool %s has no key for %s tokens", p.ID, use)
	return "", nil
}

// compact joins header and payload, given as text, and signs them with sign.
func compact(header, payload string, sign func(input []byte) []byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	return input + "." + b64(sign([]byte(input)))
}

// claimsOf reads the payload of a JWT whose signature public made.
func claimsOf(t testing.TB, token string, public *rsa.PublicKey) map[string]any {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jws.Verify(public)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// headerOf reads the first part of a JWT.
func headerOf(t testing.TB, token string) map[string]any {
	t.Helper()
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{}
	if err := json.Unmarshal(raw, &header); err != nil {
		t.Fatal(err)
	}
	return header
}

// outcome is "" for nil, code and message of a userpool.Error, or a failure of the test.
func outcome(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	told, ok := errors.AsType[*userpool.Error](err)
	if !ok {
		t.Fatalf("internal error: %v", err)
	}
	return told.Error()
}

func (w *world) authorize(token string) string {
	w.t.Helper()
	session, err := w.Authorize(context.WithoutCancel(w.t.Context()), token)
	if err == nil && (session.Pool == nil || session.Client == nil || session.User == nil || session.Grant == nil) {
		w.t.Error("a session lacks a part")
	}
	return outcome(w.t, err)
}
