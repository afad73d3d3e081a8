package storetest

import (
	"fmt"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testSweepExpired(h *house) {
	now := h.clock.Now()
	g, token := h.newGrant(h.client, h.user) // good for an hour
	h.newCode(h.user, "123456")              // too
	h.write(func(tx userpool.Tx) error { return tx.Spend(h.ctx, h.pool.Number, "once", now.Add(time.Hour)) })
	key := userpool.AttemptKey{Pool: h.pool.Number, Kind: userpool.AttemptForgot, Subject: "x"}
	h.write(func(tx userpool.Tx) error {
		return tx.PutAttempts(h.ctx, key, userpool.Attempts{Count: 1, Expires: now.Add(time.Hour)})
	})
	sweep := func(want int) {
		h.t.Helper()
		if n := must[int](h)(h.Sweep(h.ctx)); n != want {
			h.t.Errorf("after %v %d rows were swept, want %d", h.clock.Now().Sub(now), n, want)
		}
	}
	sweep(0)
	h.clock.advance(time.Hour + time.Second)
	sweep(2) // the spent challenge and the attempts
	h.equal("swept attempts", must[userpool.Attempts](h)(h.Attempts(h.ctx, key)), userpool.Attempts{})
	h.write(func(tx userpool.Tx) error { return tx.Spend(h.ctx, h.pool.Number, "once", now) })
	sweep(1)
	if s := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID)); s.Grant == nil {
		h.t.Error("a grant was swept while an access token of it can live")
	}
	h.clock.advance(24 * time.Hour)
	sweep(2) // the code and the grant
	_, err := h.RefreshState(h.ctx, token.GrantID, token.Hash)
	h.missing("a refresh token of a swept grant", err)
	sweep(0)
	must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
}

func testSweepDeleted(h *house) {
	other := h.newPool("us-east-1_other")
	stays := h.newUser(other, "stays")
	h.newGrant(h.client, h.user)
	h.newCode(h.user, "123456")
	h.write(func(tx userpool.Tx) error { // more than one batch
		for i := range 450 {
			name := fmt.Sprintf("user%d", i)
			if err := tx.CreateUser(h.ctx, h.makeUser(h.pool, name), name); err != nil {
				return err
			}
		}
		return nil
	})
	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	must[int](h)(h.Sweep(h.ctx))
	_, err := h.User(h.ctx, h.user.Key)
	h.missing("a user of a swept pool", err)
	if n := must[int64](h)(h.CountUsers(h.ctx, h.pool.Number)); n != 0 {
		h.t.Errorf("%d users are left of a swept pool", n)
	}
	must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, ""))

	h.clock.advance(24 * time.Hour)
	must[int](h)(h.Sweep(h.ctx))
	_, err = h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, "")
	h.missing("the row of a pool that was deleted a day ago", err)
	if n := must[int](h)(h.Sweep(h.ctx)); n != 0 {
		h.t.Errorf("%d rows were swept again", n)
	}
	must[*userpool.User](h)(h.User(h.ctx, stays.Key))
}
