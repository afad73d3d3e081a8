package cognito_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// newDirectory is the door with what the operations on pools and app clients need.
func newDirectory(t *testing.T) *cognito.API {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Memory: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tokens := &token.Service{
		Store: s, Queue: limits.NewQueue(1, 16), Now: time.Now,
		NewKey: func() (*rsa.PrivateKey, error) { return key, nil },
	}
	return &cognito.API{
		Store: s, Tokens: tokens,
		Directory: &directory.Service{Store: s, Tokens: tokens, Now: time.Now, Account: "123456789012"},
	}
}

// TestPoolsAndClientsOfARegion walks through the ten operations as two callers who sign for different regions.
func TestPoolsAndClientsOfARegion(t *testing.T) {
	api := newDirectory(t)
	home := userpool.WithCaller(t.Context(), userpool.Caller{Region: "eu-west-1"})
	away := userpool.WithCaller(t.Context(), userpool.Caller{Region: "us-east-1"})

	made, err := api.CreateUserPool(home, &wire.CreateUserPoolRequest{PoolName: "pool"})
	if err != nil {
		t.Fatal(err)
	}
	pool := made.UserPool.ID
	if got := made.UserPool.ARN; got != "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/"+pool {
		t.Errorf("got ARN %s", got)
	}
	created, err := api.CreateUserPoolClient(home, &wire.CreateUserPoolClientRequest{UserPoolID: pool, ClientName: "client", GenerateSecret: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	client := created.UserPoolClient.ClientID

	operations := []struct {
		name string
		call func(context.Context) error
	}{
		{"DescribeUserPool", func(ctx context.Context) error {
			out, err := api.DescribeUserPool(ctx, &wire.DescribeUserPoolRequest{UserPoolID: pool})
			if err == nil && out.UserPool.Name != "pool" {
				t.Errorf("got pool %q", out.UserPool.Name)
			}
			return err
		}},
		{"UpdateUserPool", func(ctx context.Context) error {
			_, err := api.UpdateUserPool(ctx, &wire.UpdateUserPoolRequest{UserPoolID: pool})
			return err
		}},
		{"CreateUserPoolClient", func(ctx context.Context) error {
			_, err := api.CreateUserPoolClient(ctx, &wire.CreateUserPoolClientRequest{UserPoolID: pool, ClientName: "second"})
			return err
		}},
		{"ListUserPoolClients", func(ctx context.Context) error {
			out, err := api.ListUserPoolClients(ctx, &wire.ListUserPoolClientsRequest{UserPoolID: pool})
			if err == nil && len(out.UserPoolClients) != 2 {
				t.Errorf("got %d clients, want 2", len(out.UserPoolClients))
			}
			return err
		}},
		{"DescribeUserPoolClient", func(ctx context.Context) error {
			out, err := api.DescribeUserPoolClient(ctx, &wire.DescribeUserPoolClientRequest{UserPoolID: pool, ClientID: client})
			if err == nil && out.UserPoolClient.ClientSecret != created.UserPoolClient.ClientSecret {
				t.Error("got another secret")
			}
			return err
		}},
		{"UpdateUserPoolClient", func(ctx context.Context) error {
			out, err := api.UpdateUserPoolClient(ctx, &wire.UpdateUserPoolClientRequest{UserPoolID: pool, ClientID: client, ClientName: "renamed"})
			if err == nil && out.UserPoolClient.ClientName != "renamed" {
				t.Errorf("got client %q", out.UserPoolClient.ClientName)
			}
			return err
		}},
		{"DeleteUserPoolClient", func(ctx context.Context) error {
			return api.DeleteUserPoolClient(ctx, &wire.DeleteUserPoolClientRequest{UserPoolID: pool, ClientID: client})
		}},
		{"DeleteUserPool", func(ctx context.Context) error {
			return api.DeleteUserPool(ctx, &wire.DeleteUserPoolRequest{UserPoolID: pool})
		}},
	}
	for _, op := range operations {
		for ctx, want := range map[context.Context]int{home: 1, away: 0} {
			out, err := api.ListUserPools(ctx, &wire.ListUserPoolsRequest{MaxResults: 60})
			if err != nil || len(out.UserPools) != want {
				t.Fatalf("before %s: %v, %v", op.name, out, err)
			}
		}
		if err := op.call(away); !userpool.IsCode(err, userpool.ResourceNotFound) {
			t.Errorf("%s from another region: got %v", op.name, err)
		}
		if err := op.call(home); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
	}
	if err := operations[0].call(home); !userpool.IsCode(err, userpool.ResourceNotFound) {
		t.Errorf("after DeleteUserPool: %v", err)
	}
}
