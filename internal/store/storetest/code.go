package storetest

import (
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testCodes(h *house) {
	list := func(purpose userpool.CodePurpose, attribute string) (values []string) {
		for _, c := range must[[]userpool.Code](h)(h.Codes(h.ctx, h.user.Key, purpose, attribute)) {
			values = append(values, c.Value)
		}
		return values
	}
	first := h.newCode(h.user, "000001")
	codes := must[[]userpool.Code](h)(h.Codes(h.ctx, h.user.Key, userpool.VerifyAttribute, "email"))
	h.equal("a code", codes, []userpool.Code{*first})

	// The clock stands still: the order is that of writing.
	second := h.newCode(h.user, "000002")
	phone := h.makeCode(h.user, "000003")
	phone.Attribute = "phone_number"
	reset := h.makeCode(h.user, "000004")
	reset.Purpose = userpool.ResetPassword
	h.write(func(tx userpool.Tx) error {
		if err := tx.PutCode(h.ctx, phone); err != nil {
			return err
		}
		return tx.PutCode(h.ctx, reset)
	})
	// Of those who are not there some are kept, of those who are gone none.
	nobody := &userpool.User{Key: userpool.StandIn(h.pool.Number, [32]byte{9})}
	imagined := h.newCode(nobody, "777777")
	h.equal("the code of a stand-in", must[[]userpool.Code](h)(h.Codes(h.ctx, nobody.Key, userpool.VerifyAttribute, "")), []userpool.Code{*imagined})
	gone := &userpool.User{Key: userpool.UserKey{Pool: h.pool.Number, User: h.user.Key.User + 1000}}
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutCode(h.ctx, h.makeCode(gone, "1")) })
	other := h.newUser(h.pool, "john")
	h.newCode(other, "999999")
	h.equal("codes, newest first", list(userpool.VerifyAttribute, ""), []string{"000003", "000002", "000001"})
	h.equal("codes of an attribute", list(userpool.VerifyAttribute, "email"), []string{"000002", "000001"})
	h.equal("codes of another purpose", list(userpool.ResetPassword, ""), []string{"000004"})

	third := h.newCode(h.user, "000005")
	deleteCodes := func(attribute, keep string) {
		h.t.Helper()
		h.write(func(tx userpool.Tx) error {
			return tx.DeleteCodes(h.ctx, h.user.Key, userpool.VerifyAttribute, attribute, keep)
		})
	}
	deleteCodes("email", second.ID)
	h.equal("older codes are removed, the kept one and newer ones not",
		list(userpool.VerifyAttribute, ""), []string{"000005", "000003", "000002"})
	deleteCodes("email", first.ID) // is gone
	h.equal("a code that is gone removes nothing", list(userpool.VerifyAttribute, "email"), []string{"000005", "000002"})

	h.write(func(tx userpool.Tx) error { return tx.DeleteCode(h.ctx, h.user.Key, third.ID) })
	h.equal("one code removed", list(userpool.VerifyAttribute, "email"), []string{"000002"})
	h.write(func(tx userpool.Tx) error { return tx.DeleteCode(h.ctx, h.user.Key, third.ID) })
	h.newCode(h.user, "000006")
	h.equal("a newer code after a removal", list(userpool.VerifyAttribute, "email"), []string{"000006", "000002"})

	deleteCodes("phone_number", "")
	h.equal("codes of one attribute removed", list(userpool.VerifyAttribute, ""), []string{"000006", "000002"})
	deleteCodes("", "")
	h.equal("all codes removed", list(userpool.VerifyAttribute, ""), []string(nil))
	h.equal("codes of another purpose stay", list(userpool.ResetPassword, ""), []string{"000004"})
	if n := len(must[[]userpool.Code](h)(h.Codes(h.ctx, other.Key, userpool.VerifyAttribute, ""))); n != 1 {
		h.t.Errorf("another user has %d codes, want 1", n)
	}

	h.clock.advance(2 * time.Hour) // expired codes are listed too
	h.equal("an expired code", list(userpool.ResetPassword, ""), []string{"000004"})
}

func testAttempts(h *house) {
	key := userpool.AttemptKey{Pool: h.pool.Number, Kind: userpool.AttemptPassword, Subject: "17"}
	read := func() userpool.Attempts {
		h.t.Helper()
		return must[userpool.Attempts](h)(h.Attempts(h.ctx, key))
	}
	h.equal("no attempts", read(), userpool.Attempts{})
	now := h.clock.Now()
	for _, want := range []userpool.Attempts{
		{Count: 1, Since: now, Expires: now.Add(time.Hour)},
		{Count: 6, Since: now.Add(time.Second), Locked: now.Add(time.Minute), Expires: now.Add(2 * time.Hour)},
	} {
		h.write(func(tx userpool.Tx) error { return tx.PutAttempts(h.ctx, key, want) })
		h.equal("attempts", read(), want)
	}
	for _, other := range []userpool.AttemptKey{
		{Pool: key.Pool, Kind: userpool.AttemptForgot, Subject: key.Subject},
		{Pool: key.Pool, Kind: key.Kind, Subject: "18"},
		{Pool: key.Pool + 1, Kind: key.Kind, Subject: key.Subject},
	} {
		h.equal("attempts of another counter", must[userpool.Attempts](h)(h.Attempts(h.ctx, other)), userpool.Attempts{})
	}
	h.write(func(tx userpool.Tx) error { return tx.DeleteAttempts(h.ctx, key) })
	h.equal("forgotten attempts", read(), userpool.Attempts{})
}
