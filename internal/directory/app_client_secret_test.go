package directory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Both secrets are good until one goes, and two of the same moment have ids of their own.
func TestTwoSecretsOfAClient(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	first := w.client(func(in *wire.CreateUserPoolClientRequest) { in.GenerateSecret = new(true) }).Secrets[0]
	second, err := w.AddClientSecret(t.Context(), w.readClient(), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%s--%d", clientID, w.clock.UnixMilli()+1); second.ID != want {
		t.Errorf("got id %s, want %s", second.ID, want)
	}
	c := w.readClient()
	for _, secret := range []string{first.Value, second.Value} {
		if !c.SecretMatches(secret) {
			t.Error("an active secret does not match")
		}
	}
	if got := DescribeClient(c).ClientSecret; got != first.Value {
		t.Error("Describe does not show the oldest secret")
	}
	list, err := ClientSecrets(c)
	if err != nil || len(list) != 2 || list[0].ClientSecretID != first.ID || list[1].ClientSecretID != second.ID || list[0].ClientSecretValue != "" {
		t.Errorf("got list %v, %v", list, err)
	}
	_, err = w.AddClientSecret(t.Context(), c, strings.Repeat("s", 24))
	wantError(t, err, userpool.LimitExceeded, "Client secret limit exceeded.")
	if err := w.DeleteClientSecret(t.Context(), c, first.ID); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.DeleteClientSecret(t.Context(), c, first.ID), userpool.ResourceNotFound, "")
	wantError(t, w.DeleteClientSecret(t.Context(), c, second.ID), userpool.InvalidParameter, "")
	if c := w.readClient(); c.SecretMatches(first.Value) || !c.SecretMatches(second.Value) {
		t.Error("the wrong secret went")
	}
}

// The audit log has the id by which a secret is deleted later.
func TestAddedSecretInTheAuditLog(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	c := w.client(nil)
	ctx := userpool.WithAudit(t.Context(), userpool.NewAudit(func() userpool.AuditEntry {
		return userpool.AuditEntry{Request: "r", Pool: p.ID, Operation: "AddUserPoolClientSecret"}
	}))
	added, err := w.AddClientSecret(ctx, c, "")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := w.Store.Audit(t.Context(), userpool.AuditQuery{Pool: p.ID, Limit: 10})
	if err != nil || len(entries) != 1 || entries[0].Resource["ClientSecretId"] != added.ID {
		t.Errorf("entries %v, %v", entries, err)
	}
}

func TestASecretForAPublicClient(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	own := strings.Repeat("s", 24)
	if _, err := w.AddClientSecret(t.Context(), w.client(nil), own); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.readClient().CheckSecretHash("", "jane"), userpool.NotAuthorized,
		"Client "+clientID+" is configured with secret but SECRET_HASH was not received")
	if !w.readClient().SecretMatches(own) {
		t.Error("the caller's own secret does not match")
	}
}
