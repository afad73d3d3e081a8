package storetest

import "github.com/poolhouse-id/poolhouse/internal/userpool"

func testAccessKeys(h *house) {
	keys := []userpool.AccessKey{
		{ID: "AKIAAAAAAAAAAAAAAAAA", Secret: "0123456789012345678901234567890123456789", Description: "first", Created: h.clock.Now()},
		{ID: "AKIAZZZZZZZZZZZZZZZZ", Secret: "other", Created: h.clock.Now()},
	}
	for _, k := range keys {
		h.write(func(tx userpool.Tx) error { return tx.CreateAccessKey(h.ctx, &k) })
	}
	h.equal("an access key", must[*userpool.AccessKey](h)(h.AccessKey(h.ctx, keys[0].ID)), &keys[0])
	_, err := h.AccessKey(h.ctx, "AKIAUNKNOWN")
	h.missing("an unknown key", err)
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateAccessKey(h.ctx, &keys[0]) })

	want := []userpool.AccessKey{keys[0], keys[1]}
	want[0].Secret, want[1].Secret = "", ""
	h.equal("the list", must[[]userpool.AccessKey](h)(h.AccessKeys(h.ctx)), want)

	h.write(func(tx userpool.Tx) error { return tx.DeleteAccessKey(h.ctx, keys[0].ID) })
	_, err = h.AccessKey(h.ctx, keys[0].ID)
	h.missing("a deleted key", err)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.DeleteAccessKey(h.ctx, keys[0].ID) })
}
