package store

import (
	"context"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestSmoke(t *testing.T) {
	start := time.Now()
	s, err := Open(context.Background(), Config{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
	defer s.Close()
	ctx := context.Background()
	p := &userpool.Pool{Number: userpool.NewNumber(time.Now()), ID: "us-east-1_abc", Name: "x", Created: time.Now(), Settings: &wire.UserPoolType{}}
	if err := s.Write(ctx, func(tx userpool.Tx) error {
		return tx.CreatePool(ctx, p, []userpool.SigningKey{{KID: "k", Pool: p.Number, PoolID: p.ID, Use: "access", Public: []byte("a"), Private: []byte("b")}})
	}); err != nil {
		t.Fatal(err)
	}
	c := &userpool.Client{Pool: p, ID: "client", Settings: &wire.UserPoolClientType{}, Secrets: []userpool.ClientSecret{{ID: "s", Value: "v"}}}
	if err := s.Write(ctx, func(tx userpool.Tx) error { return tx.CreateClient(ctx, c) }); err != nil {
		t.Fatal(err)
	}
	got, err := s.Client(ctx, "client")
	if err != nil || got.Secrets[0].Value != "v" {
		t.Fatal(got, err)
	}
	if n, err := s.Sweep(ctx); n != 0 || err != nil {
		t.Fatal(n, err)
	}
}
