package storetest

import (
	"bytes"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testSealer(h *house) {
	other := h.newPool("us-east-1_other")
	text := []byte("a challenge")
	sealed := must[[]byte](h)(h.Seal(h.ctx, h.pool.Number, "session", text))
	if bytes.Contains(sealed, text) {
		h.t.Error("the seal holds the text")
	}
	if got := must[[]byte](h)(h.Open(h.ctx, h.pool.Number, "session", sealed)); !bytes.Equal(got, text) {
		h.t.Errorf("opened %q", got)
	}
	damaged := slices.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for _, tt := range []struct {
		name    string
		pool    int64
		purpose string
		sealed  []byte
	}{
		{"another pool", other.Number, "session", sealed},
		{"another purpose", h.pool.Number, "block", sealed},
		{"damaged", h.pool.Number, "session", damaged},
		{"cut", h.pool.Number, "session", sealed[:10]},
		{"nothing", h.pool.Number, "session", nil},
		{"unknown pool", 1, "session", sealed},
	} {
		_, err := h.Open(h.ctx, tt.pool, tt.purpose, tt.sealed)
		h.missing(tt.name, err)
	}

	mac := func(pool int64, purpose string, parts ...string) [32]byte {
		h.t.Helper()
		return must[[32]byte](h)(h.MAC(h.ctx, pool, purpose, parts...))
	}
	sum := mac(h.pool.Number, "name", "a", "bc")
	if sum != mac(h.pool.Number, "name", "a", "bc") {
		h.t.Error("two keyed hashes of the same differ")
	}
	for _, different := range [][32]byte{mac(other.Number, "name", "a", "bc"), mac(h.pool.Number, "other", "a", "bc"),
		mac(h.pool.Number, "name", "ab", "c"), mac(h.pool.Number, "name", "abc")} {
		if different == sum {
			h.t.Error("keyed hashes of different things are the same")
		}
	}
	_, err := h.Seal(h.ctx, 1, "session", text)
	h.missing("sealing for an unknown pool", err)
	_, err = h.MAC(h.ctx, 1, "session")
	h.missing("hashing for an unknown pool", err)
}

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
	_, err := h.RefreshState(h.ctx, token.Hash)
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
			name := "user" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
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
