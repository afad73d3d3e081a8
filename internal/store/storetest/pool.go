package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testPools(h *house) {
	want := *h.pool
	want.Version = 1
	got := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID))
	h.equal("a pool as it was stored", got, &want)
	again := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID))
	h.equal("a pool from the cache", again, &want)

	_, err := h.Pool(h.ctx, "us-east-1_other")
	h.missing("another id", err)

	same := h.makePool(h.pool.ID)
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreatePool(h.ctx, same, nil) })
	same = h.makePool("us-east-1_new")
	same.Number = h.pool.Number
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreatePool(h.ctx, same, nil) })

	// A unit of work that meets a taken number goes on with another.
	h.write(func(tx userpool.Tx) error {
		same.Number = h.pool.Number
		if err := tx.CreatePool(h.ctx, same, nil); !errors.Is(err, userpool.ErrExists) {
			return fmt.Errorf("a number that is taken: %w", err)
		}
		same.Number = userpool.NewNumber(h.clock.Now())
		return tx.CreatePool(h.ctx, same, nil)
	})
	must[*userpool.Pool](h)(h.Pool(h.ctx, "us-east-1_new"))
}

func testPoolList(h *house) {
	var want []string
	for i := range 5 {
		if i%2 == 0 {
			h.clock.advance(time.Microsecond)
		}
		want = append(want, h.newPool(fmt.Sprintf("eu-west-1_%d", i)).ID)
	}
	for _, limit := range []int{1, 2, 5, 60} {
		var got []string
		page := userpool.Page{Limit: limit}
		for {
			pools, next, err := h.Pools(h.ctx, "eu-west-1", page)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, p := range pools {
				got = append(got, p.ID)
			}
			if next == "" {
				break
			}
			if len(pools) != limit {
				h.t.Fatalf("a page of %d holds %d and says that there is more", limit, len(pools))
			}
			page.After = next
		}
		h.equal(fmt.Sprintf("pools by pages of %d", limit), got, want)
	}
	elsewhere := *must[*userpool.Pool](h)(h.Pool(h.ctx, h.newPool("us-west-2_0").ID))
	elsewhere.Replica = &userpool.Replica{Region: "eu-west-1", Active: true, UserPoolTags: map[string]string{"a": "b"}}
	h.write(func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &elsewhere) })
	pools, next, err := h.Pools(h.ctx, "eu-west-1", userpool.Page{Limit: 60})
	if len(pools) != 6 || next != "" || err != nil || pools[5].ID != elsewhere.ID {
		h.t.Fatalf("with a replica: %v, %q, %v", pools, next, err)
	}
	h.equal("replica", pools[5].Replica, elsewhere.Replica)
	elsewhere.Version, elsewhere.Replica = pools[5].Version, nil
	h.write(func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &elsewhere) })
	pools, next, err = h.Pools(h.ctx, "ap-south-1", userpool.Page{Limit: 10})
	if len(pools) != 0 || next != "" || err != nil {
		h.t.Errorf("a region without pools: %v, %q, %v", pools, next, err)
	}
	h.write(func(tx userpool.Tx) error {
		return tx.DeletePool(h.ctx, must[*userpool.Pool](h)(h.Pool(h.ctx, want[0])).Number, h.clock.Now())
	})
	for region, want := range map[string]int{"eu-west-1": 4, "ap-south-1": 0} {
		if n := must[int](h)(h.CountPools(h.ctx, region)); n != want {
			h.t.Errorf("%s has %d pools, want %d", region, n, want)
		}
	}
}

func testPoolVersions(h *house) {
	first := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID))
	changed := *first
	changed.Name = "renamed"
	settings := *first.Settings
	settings.MFAConfiguration = "OPTIONAL"
	changed.Settings = &settings
	changed.Modified = h.clock.Now().Add(time.Minute)
	h.write(func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &changed) })

	got := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID))
	changed.Version = 2
	h.equal("a changed pool", got, &changed)
	if first.Name != "a pool" || first.Settings.MFAConfiguration != "OFF" {
		h.t.Error("a change reached what was read before it")
	}
	h.refused(userpool.ErrVersion, func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, first) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, h.makePool("us-east-1_none")) })

	// What a unit of work wrote and did not keep is nowhere, not in a cache either.
	undone := errors.New("undone")
	lost := *got
	lost.Name = "lost"
	h.refused(undone, func(tx userpool.Tx) error {
		if err := tx.UpdatePool(h.ctx, &lost); err != nil {
			return err
		}
		if p, err := tx.Pool(h.ctx, h.pool.ID); err != nil || p.Name != "lost" {
			return fmt.Errorf("a unit reads %v, %v of its own", p, err)
		}
		return undone
	})
	kept := *got
	kept.Name = "kept"
	h.write(func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &kept) })
	if got := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID)); got.Name != "kept" || got.Version != 3 {
		h.t.Errorf("the pool is %q at version %d, want %q at 3", got.Name, got.Version, "kept")
	}
}

func testPoolDeletion(h *house) {
	other := h.newPool("us-east-1_other")
	h.newClient(other, "otherclient")
	g, token := h.newGrant(h.client, h.user)
	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })

	_, err := h.Pool(h.ctx, h.pool.ID)
	h.missing("a deleted pool", err)
	_, err = h.Client(h.ctx, h.client.ID)
	h.missing("a client of a deleted pool", err)
	pools, _, err := h.Pools(h.ctx, "us-east-1", userpool.Page{Limit: 10})
	if err != nil || len(pools) != 1 || pools[0].ID != other.ID {
		h.t.Errorf("the list holds %v, %v after a deletion", pools, err)
	}
	if keys := must[[]userpool.SigningKey](h)(h.SigningKeys(h.ctx, h.pool.Number)); len(keys) != 0 {
		h.t.Errorf("a deleted pool lists %d signing keys", len(keys))
	}
	state := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	if state.Pool == nil || state.Pool.Deleted.IsZero() || state.Client != nil {
		h.t.Errorf("the state of a token of a deleted pool has pool %v and client %v", state.Pool, state.Client)
	}
	if state, err := h.RefreshState(h.ctx, token.GrantID, token.Hash); err == nil && state.Pool.Deleted.IsZero() {
		h.t.Error("the state of a refresh token of a deleted pool says that the pool lives")
	}
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, h.pool) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.CreateUser(h.ctx, h.makeUser(h.pool, "late"), "late")
	})
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.CreateClient(h.ctx, h.makeClient(h.pool, "lateclient"))
	})

	// The ids are free at once, and nothing of the old pool is in the new one.
	again := h.newPool(h.pool.ID)
	client := h.newClient(again, h.client.ID)
	got := must[*userpool.Client](h)(h.Client(h.ctx, client.ID))
	if got.Pool.Number != again.Number {
		h.t.Errorf("the client belongs to pool %d, want %d", got.Pool.Number, again.Number)
	}
	_, err = h.FindUser(h.ctx, again.Number, userpool.Lookup{Username: "jane"})
	h.missing("a user of the old pool in the new", err)
	if state, err := h.RefreshState(h.ctx, token.GrantID, token.Hash); err == nil && state.Client != nil {
		h.t.Error("a refresh token of the old pool has the client of the new one")
	}
}

func testSigningKeys(h *house) {
	p := h.makePool("us-east-1_keys")
	keys := h.makeKeys(p)
	h.write(func(tx userpool.Tx) error { return tx.CreatePool(h.ctx, p, keys) })
	got := must[[]userpool.SigningKey](h)(h.SigningKeys(h.ctx, p.Number))
	if len(got) != 2 {
		h.t.Fatalf("the pool has %d keys, want 2", len(got))
	}
	for _, want := range keys {
		h.equal("a signing key", must[*userpool.SigningKey](h)(h.SigningKey(h.ctx, want.KID)), &want)
	}
	_, err := h.SigningKey(h.ctx, "unknown")
	h.missing("an unknown key", err)

	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, p.Number, h.clock.Now()) })
	for _, step := range []struct {
		after time.Duration
		there bool
	}{{0, true}, {24*time.Hour - time.Second, true}, {time.Second, false}} {
		h.clock.advance(step.after)
		if _, err := h.Sweep(h.ctx); err != nil {
			h.t.Fatal(err)
		}
		k, err := h.SigningKey(h.ctx, keys[0].KID)
		switch {
		case !step.there:
			h.missing("a key of a pool that was deleted a day ago", err)
		case err != nil:
			h.t.Fatal(err)
		default:
			want := keys[0]
			want.Private = nil
			h.equal("a key of a deleted pool", k, &want)
		}
	}
}

func testCountUsers(h *house) {
	for i := range 3 {
		h.newUser(h.pool, fmt.Sprintf("user%d", i))
	}
	h.newUser(h.newPool("us-east-1_other"), "elsewhere")
	if n, err := h.CountUsers(h.ctx, h.pool.Number); n != 4 || err != nil {
		h.t.Errorf("there are %d users, %v, want 4", n, err)
	}
}
