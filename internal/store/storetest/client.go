package storetest

import (
	"fmt"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testClients(h *house) {
	want := *h.client
	want.Version = 1
	pool := *h.pool
	pool.Version = 1
	want.Pool = &pool
	h.equal("a client as it was stored", must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID)), &want)
	h.equal("a client from the cache", must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID)), &want)

	_, err := h.Client(h.ctx, "unknown")
	h.missing("an unknown client", err)
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, h.makeClient(h.pool, h.client.ID)) })
	other := h.newPool("us-east-1_other")
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, h.makeClient(other, h.client.ID)) })

	public := h.makeClient(h.pool, "public")
	public.Secrets = nil
	h.write(func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, public) })
	if got := must[*userpool.Client](h)(h.Client(h.ctx, "public")); !got.Public() {
		h.t.Errorf("a client without secrets has %d", len(got.Secrets))
	}

	// A client shows the newest state of its pool.
	changed := *h.pool
	changed.Name = "renamed"
	h.write(func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &changed) })
	if got := must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID)); got.Pool.Name != "renamed" {
		h.t.Errorf("the client shows its pool as %q", got.Pool.Name)
	}
}

func testClientList(h *house) {
	p := h.newPool("us-east-1_list")
	var want []string
	for _, id := range []string{"A", "Z", "a", "b"} { // bytewise
		want = append(want, h.newClient(p, id).ID)
	}
	for _, limit := range []int{1, 3, 4, 60} {
		var got []string
		page := userpool.Page{Limit: limit}
		for {
			clients, next, err := h.Clients(h.ctx, p, page)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, c := range clients {
				got = append(got, c.ID)
				if c.Secrets[0].Value != "first secret" {
					h.t.Errorf("client %s has the secret %q", c.ID, c.Secrets[0].Value)
				}
			}
			if page.After = next; next == "" {
				break
			}
		}
		h.equal(fmt.Sprintf("clients by pages of %d", limit), got, want)
	}
	h.write(func(tx userpool.Tx) error {
		return tx.DeleteClient(h.ctx, must[*userpool.Client](h)(h.Client(h.ctx, "Z")))
	})
	if n := must[int](h)(h.CountClients(h.ctx, p.Number)); n != 3 {
		h.t.Errorf("there are %d clients after a deletion, want 3", n)
	}
}

func testClientVersions(h *house) {
	first := must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID))
	changed := *first
	settings := *first.Settings
	settings.ReadAttributes = []string{"email"}
	changed.Name, changed.Settings, changed.Modified = "renamed", &settings, h.clock.Now().Add(time.Minute)
	changed.Secrets = append(changed.Secrets[:1:1], userpool.ClientSecret{ID: "two", Value: "second secret", Created: h.clock.Now()})
	h.write(func(tx userpool.Tx) error { return tx.UpdateClient(h.ctx, &changed) })

	changed.Version = 2
	h.equal("a changed client", must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID)), &changed)
	h.refused(userpool.ErrVersion, func(tx userpool.Tx) error { return tx.UpdateClient(h.ctx, first) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.UpdateClient(h.ctx, h.makeClient(h.pool, "unknown"))
	})

	// A client that is made again under the same id begins at version 1 with its own content.
	h.write(func(tx userpool.Tx) error { return tx.DeleteClient(h.ctx, &changed) })
	again := h.makeClient(h.pool, h.client.ID)
	again.Name = "again"
	h.write(func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, again) })
	if got := must[*userpool.Client](h)(h.Client(h.ctx, h.client.ID)); got.Name != "again" || got.Version != 1 {
		h.t.Errorf("the client is %q at version %d, want %q at 1", got.Name, got.Version, "again")
	}
}

func testClientDeletion(h *house) {
	other := h.newClient(h.pool, "otherclient")
	g, token := h.newGrant(h.client, h.user)
	kept, _ := h.newGrant(other, h.user)
	h.write(func(tx userpool.Tx) error { return tx.DeleteClient(h.ctx, h.client) })

	_, err := h.Client(h.ctx, h.client.ID)
	h.missing("a deleted client", err)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.DeleteClient(h.ctx, h.client) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdateClient(h.ctx, h.client) })
	g2, t2 := h.makeGrant(h.client, h.user)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutGrant(h.ctx, g2, t2) })

	state := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	if state.Client != nil || state.Grant != nil || state.User == nil {
		h.t.Errorf("the state of a token of a deleted client: %+v", state)
	}
	if state, err := h.RefreshState(h.ctx, token.GrantID, token.Hash); err == nil && state.Client != nil {
		h.t.Error("a refresh token of a deleted client still has it")
	}

	// Grants of the old client mean nothing to one that is made again under its id.
	h.newClient(h.pool, h.client.ID)
	state = must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	if state.Client == nil || state.Grant != nil {
		h.t.Errorf("a client that was made again has the grant %v of the old one", state.Grant)
	}
	if _, err := h.Sweep(h.ctx); err != nil {
		h.t.Fatal(err)
	}
	if state, err := h.RefreshState(h.ctx, token.GrantID, token.Hash); err == nil && state.Client != nil {
		h.t.Error("after sweeping, a refresh token of a deleted client has one")
	}
	state = must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, other.ID, h.user.Sub, kept.ID))
	if state.Grant == nil {
		h.t.Error("a grant of another client was swept")
	}
}
