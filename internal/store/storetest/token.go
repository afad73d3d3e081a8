package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testTokenState(h *house) {
	g, _ := h.newGrant(h.client, h.user)
	other := h.newPool("us-east-1_other")
	otherClient := h.newClient(other, "otherclient")
	secondClient := h.newClient(h.pool, "secondclient")
	john := h.newUser(h.pool, "john")
	for _, tt := range []struct {
		name, client, sub, grant     string
		pool                         *userpool.Pool
		wantClient, wantUser, wantOK bool // wantOK: the grant
	}{
		{"all there", h.client.ID, h.user.Sub, g.ID, h.pool, true, true, true},
		{"without a grant", h.client.ID, h.user.Sub, "", h.pool, true, true, false},
		{"unknown grant", h.client.ID, h.user.Sub, uuid.NewString(), h.pool, true, true, false},
		{"unknown user", h.client.ID, uuid.NewString(), g.ID, h.pool, true, false, false},
		{"unknown client", "unknown", h.user.Sub, g.ID, h.pool, false, true, false},
		{"another client's grant", secondClient.ID, h.user.Sub, g.ID, h.pool, true, true, false},
		{"another user's grant", h.client.ID, john.Sub, g.ID, h.pool, true, true, false},
		{"another pool's client", otherClient.ID, h.user.Sub, g.ID, h.pool, false, true, false},
		{"another pool", h.client.ID, h.user.Sub, g.ID, other, false, false, false},
	} {
		s, err := h.TokenState(h.ctx, tt.pool.Number, tt.client, tt.sub, tt.grant)
		if err != nil {
			h.t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if s.Pool == nil || s.Pool.ID != tt.pool.ID || (s.Client != nil) != tt.wantClient || (s.User != nil) != tt.wantUser ||
			(s.Grant != nil) != tt.wantOK {
			h.t.Errorf("%s: pool %v, client %v, user %v, grant %v", tt.name, s.Pool, s.Client != nil, s.User != nil, s.Grant != nil)
		}
	}
	s := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	h.equal("the grant", s.Grant, g)
	h.equal("the user", s.User, h.user)
	if s.Client.Pool != s.Pool || s.Client.Secrets[0].Value != "first secret" {
		h.t.Errorf("the client is %+v", s.Client)
	}
	_, err := h.TokenState(h.ctx, 1, h.client.ID, h.user.Sub, g.ID)
	h.missing("a pool that never was", err)

	// Every change is seen at once.
	u := must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
	u.ValidAfter = h.clock.Now()
	c := *h.client
	c.Name = "renamed client"
	p := *h.pool
	p.Name = "renamed pool"
	h.write(func(tx userpool.Tx) error {
		return errors.Join(tx.UpdateUser(h.ctx, u), tx.UpdateClient(h.ctx, &c), tx.UpdatePool(h.ctx, &p),
			tx.RevokeGrant(h.ctx, g, h.clock.Now()))
	})
	s = must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	if s.User.ValidAfter.IsZero() || s.Client.Name != c.Name || s.Pool.Name != p.Name || s.Client.Pool.Name != p.Name || s.Grant.Revoked.IsZero() {
		h.t.Errorf("after changes: user %+v, client %q, pool %q, grant %+v", s.User, s.Client.Name, s.Pool.Name, s.Grant)
	}
}

func testRefreshState(h *house) {
	g, token := h.newGrant(h.client, h.user)
	s := must[*userpool.TokenState](h)(h.RefreshState(h.ctx, token.GrantID, token.Hash))
	h.equal("the refresh token", s.Refresh, token)
	h.equal("the grant", s.Grant, g)
	h.equal("the user", s.User, h.user)
	if s.Pool.ID != h.pool.ID || s.Client.ID != h.client.ID || s.Client.Pool != s.Pool {
		h.t.Errorf("pool %q, client %q", s.Pool.ID, s.Client.ID)
	}
	_, err := h.RefreshState(h.ctx, token.GrantID, [32]byte{1})
	h.missing("an unknown token", err)
	_, err = h.RefreshState(h.ctx, uuid.NewString(), token.Hash)
	h.missing("a token of another grant", err)
}

func testReplaceRefreshToken(h *house) {
	g, first := h.newGrant(h.client, h.user)
	state := func(token *userpool.RefreshToken) *userpool.RefreshToken {
		h.t.Helper()
		return must[*userpool.TokenState](h)(h.RefreshState(h.ctx, g.ID, token.Hash)).Refresh
	}
	next := func(number byte) *userpool.RefreshToken {
		return &userpool.RefreshToken{Hash: [32]byte{number}, Pool: g.Pool, GrantID: g.ID, Issued: h.clock.Now(), Expires: first.Expires}
	}
	replace := func(old, next *userpool.RefreshToken) func(userpool.Tx) error {
		return func(tx userpool.Tx) error { return tx.ReplaceRefreshToken(h.ctx, g, old, next) }
	}
	second := next(2)
	h.write(replace(first, second))
	first.Replaced = h.clock.Now()
	h.equal("the first token", state(first), first)
	h.equal("the second token", state(second), second)
	h.refused(userpool.ErrExists, replace(first, second))

	h.clock.advance(time.Minute) // the first moment counts
	third := next(3)
	h.write(replace(first, third))
	h.equal("the first token, replaced twice", state(first), first)

	h.clock.advance(24 * time.Hour)
	h.write(replace(second, next(4)))
	defer func() { // of many that came from one, the newest are good
		second := state(second)
		for i := range byte(30) {
			h.clock.advance(time.Second)
			h.write(replace(second, next(100+i)))
		}
		good := 0
		for i := range byte(30) {
			if _, err := h.RefreshState(h.ctx, g.ID, next(100+i).Hash); err == nil {
				good++
			}
		}
		h.equal("tokens that are good", good, 20)
		state(next(129))
	}()
	_, err := h.RefreshState(h.ctx, g.ID, first.Hash)
	h.missing("a token that was replaced a day ago", err)
	h.equal("a token that nobody replaced", state(third), third)
	if state(second).Replaced.IsZero() {
		h.t.Error("a token that was replaced just now is not marked")
	}
}

func testGrants(h *house) {
	g, token := h.newGrant(h.client, h.user)
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.PutGrant(h.ctx, g, token) })
	g3, _ := h.makeGrant(h.client, h.user)
	g3.Scopes = nil
	h.write(func(tx userpool.Tx) error { return tx.PutGrant(h.ctx, g3, nil) })
	s := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g3.ID))
	if s.Grant == nil || len(s.Grant.Scopes) != 0 {
		h.t.Errorf("a grant without refresh token and scopes: %v", s.Grant)
	}

	at := h.clock.Now().Add(time.Minute)
	for range 2 { // the first moment counts
		h.write(func(tx userpool.Tx) error { return tx.RevokeGrant(h.ctx, g, at) })
		s = must[*userpool.TokenState](h)(h.RefreshState(h.ctx, token.GrantID, token.Hash))
		if !s.Grant.Revoked.Equal(h.clock.Now().Add(time.Minute)) {
			h.t.Errorf("the grant was revoked at %v", s.Grant.Revoked)
		}
		at = at.Add(time.Hour)
	}
	h.write(func(tx userpool.Tx) error {
		return tx.RevokeGrant(h.ctx, &userpool.Grant{Pool: g.Pool, User: g.User, ID: "unknown"}, at)
	})
}

func testSpend(h *house) {
	spend := func(pool int64, id string) func(tx userpool.Tx) error {
		return func(tx userpool.Tx) error { return tx.Spend(h.ctx, pool, id, h.clock.Now().Add(time.Minute)) }
	}
	h.write(spend(h.pool.Number, "one"))
	h.refused(userpool.ErrExists, spend(h.pool.Number, "one"))
	h.write(spend(h.pool.Number, "two"))
	h.write(spend(h.pool.Number+1, "one"))
	undone := errors.New("undone")
	h.refused(undone, func(tx userpool.Tx) error {
		if err := spend(h.pool.Number, "three")(tx); err != nil {
			return fmt.Errorf("spend: %w", err)
		}
		return undone
	})
	h.write(spend(h.pool.Number, "three"))
}
