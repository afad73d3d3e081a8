package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// signUp is what a sign-up writes.
func signUp(ctx context.Context, s *Store, pool int64, name string) (*userpool.User, error) {
	u := newTestUser(pool, name)
	u.Sub = uuid.NewString()
	u.Attributes = userpool.Attributes{{Name: "email", Value: name + "@example.com"}, {Name: "email_verified", Value: "true"}, {Name: "name", Value: "Jane"}}
	return u, s.Write(ctx, func(tx userpool.Tx) error {
		if _, err := tx.FindUser(ctx, pool, userpool.Lookup{Username: name}); !errors.Is(err, userpool.ErrNotFound) {
			return err
		}
		return errors.Join(tx.CreateUser(ctx, u, name),
			tx.PutPassword(ctx, &userpool.Password{User: u.Key, Salt: make([]byte, 16), Verifier: make([]byte, 384), Generation: 1}, 1),
			tx.PutCode(ctx, &userpool.Code{User: u.Key, ID: uuid.NewString(), Purpose: userpool.ConfirmSignUp, Attribute: "email", Value: "123456",
				Created: u.Created, Expires: u.Created.Add(time.Hour)}))
	})
}

func benchmarkEngines(b *testing.B, run func(b *testing.B, s *Store, client *userpool.Client)) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		b.Run(engine, func(b *testing.B) {
			c := Config{Kind: Serve, Key: oneKey(seal.NewKey())}
			if engine == "SQLite" {
				c.SQLitePath = b.TempDir() + "/poolhouse.db"
			} else {
				c.PostgresURL = postgrestest.Start(b)
			}
			s := openStore(b, c)
			client := &userpool.Client{Pool: poolOf(b, s, "us-east-1_bench"), ID: "client", Settings: &wire.UserPoolClientType{}}
			if err := s.Write(b.Context(), func(tx userpool.Tx) error { return tx.CreateClient(b.Context(), client) }); err != nil {
				b.Fatal(err)
			}
			run(b, s, client)
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkSignUp has 64 callers, and tells how many units of work share a commit.
func BenchmarkSignUp(b *testing.B) { benchmarkSignUp(b, b.Context) }

// BenchmarkAuditedSignUp is a sign-up as an administrator makes it, with its entry in the audit log.
func BenchmarkAuditedSignUp(b *testing.B) {
	var n atomic.Int64
	benchmarkSignUp(b, func() context.Context {
		e := userpool.AuditEntry{
			Time: time.Now(), Request: uuid.NewString(), Who: fmt.Sprintf("AKIA%016d", n.Add(1)%3), Operation: "AdminCreateUser",
			Pool: "us-east-1_bench1234", Members: []string{"MessageAction", "UserAttributes", "UserPoolId", "Username"},
			Address: "192.0.2.1", UserAgent: "aws-sdk-go-v2/1.47.7 ua/2.1 os/linux lang/go#1.26.0 md/GOOS#linux md/GOARCH#amd64 api/cognitoidentityprovider#1.61.0",
		}
		return userpool.WithAudit(b.Context(), userpool.NewAudit(func() userpool.AuditEntry { return e }))
	})
}

func benchmarkSignUp(b *testing.B, ctx func() context.Context) {
	benchmarkEngines(b, func(b *testing.B, s *Store, client *userpool.Client) {
		before := s.Stats()
		var n atomic.Int64
		b.SetParallelism(32)
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := signUp(ctx(), s, client.Pool.Number, fmt.Sprintf("user-%d", n.Add(1))); err != nil {
					b.Error(err)
					return
				}
			}
		})
		after := s.Stats()
		b.ReportMetric(float64(after.Units-before.Units)/float64(after.Commits-before.Commits), "units/commit")
	})
}

// BenchmarkTokenState is the store's part of GetUser.
func BenchmarkTokenState(b *testing.B) {
	benchmarkEngines(b, func(b *testing.B, s *Store, client *userpool.Client) {
		users := make([]*userpool.User, 1000)
		for i := range users {
			u, err := signUp(b.Context(), s, client.Pool.Number, fmt.Sprintf("user-%d", i))
			if err == nil {
				err = s.Write(b.Context(), func(tx userpool.Tx) error {
					g := &userpool.Grant{Pool: u.Key.Pool, ID: u.Sub, User: u.Key.User, ClientID: client.ID, Expires: time.Now().Add(time.Hour)}
					return tx.PutGrant(b.Context(), g, &userpool.RefreshToken{Hash: sha256.Sum256([]byte(u.Sub))})
				})
			}
			if err != nil {
				b.Fatal(err)
			}
			users[i] = u
		}
		var n atomic.Int64
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				u := users[n.Add(7919)%int64(len(users))]
				state, err := s.TokenState(ctx, u.Key.Pool, client.ID, u.Sub, u.Sub)
				if err != nil || state.Grant == nil || state.User == nil {
					b.Errorf("state %+v, %v", state, err)
					return
				}
			}
		})
	})
}

// BenchmarkOpen opens a database that is there.
func BenchmarkOpen(b *testing.B) {
	c := Config{SQLitePath: b.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())}
	for b.Loop() {
		s, err := Open(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
