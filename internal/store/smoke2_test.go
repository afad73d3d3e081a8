package store

import (
	"context"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestSmokePG(t *testing.T) {
	u := postgrestest.Start(t)
	k := seal.NewKey()
	for range 2 {
		start := time.Now()
		s, err := Open(context.Background(), Config{PostgresURL: u, Kind: "serve", Key: func(bool) (*seal.Key, error) { return k, nil }})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(start))
		ctx := context.Background()
		p := &userpool.Pool{Number: userpool.NewNumber(time.Now()), ID: "us-east-1_abc", Name: "x", Created: time.Now(), Settings: &wire.UserPoolType{}}
		err = s.Write(ctx, func(tx userpool.Tx) error {
			return tx.CreatePool(ctx, p, []userpool.SigningKey{{KID: "k", Pool: p.Number, PoolID: p.ID, Use: "access", Public: []byte("a"), Private: []byte("b")}})
		})
		t.Log(err)
		c := &userpool.Client{Pool: p, ID: "client", Settings: &wire.UserPoolClientType{}, Secrets: []userpool.ClientSecret{{ID: "s", Value: "v"}}}
		err = s.Write(ctx, func(tx userpool.Tx) error { return tx.CreateClient(ctx, c) })
		t.Log(err)
		got, err := s.Client(ctx, "client")
		if err != nil || got.Secrets[0].Value != "v" {
			t.Fatal(got, err)
		}
		if n, err := s.Sweep(ctx); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		s.Close()
	}
}
