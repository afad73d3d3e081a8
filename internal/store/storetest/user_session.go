package storetest

import (
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func testUserSessions(h *house) {
	start := h.clock.Now()
	g, _ := h.newGrant(h.client, h.user)
	s := &userpool.UserSession{ID: "tkn1", User: h.user.Key, GrantID: g.ID, ClientID: h.client.ID, Device: "Chrome 125 / macOS 15.0",
		Address: "192.0.2.1", Created: start, Active: start}
	put := func(tx userpool.Tx) error { return tx.PutUserSession(h.ctx, s) }
	h.write(put)
	h.refused(userpool.ErrExists, put)
	none := *s
	none.GrantID = "nobodys"
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutUserSession(h.ctx, &none) })
	h.clock.advance(time.Minute)
	h.newGrant(h.client, h.user) // without a session
	later, _ := h.newGrant(h.client, h.user)
	second := &userpool.UserSession{ID: "tkn2", User: h.user.Key, GrantID: later.ID, ClientID: h.client.ID, Created: h.clock.Now(), Active: h.clock.Now()}
	h.write(func(tx userpool.Tx) error { return tx.PutUserSession(h.ctx, second) })
	list := func() []userpool.UserSession {
		h.t.Helper()
		return must[[]userpool.UserSession](h)(h.UserSessions(h.ctx, h.user.Key))
	}
	h.equal("sessions", list(), []userpool.UserSession{*s, *second})

	s.Device, s.Address, s.Active = "", "", h.clock.Now().Add(time.Minute)
	h.write(func(tx userpool.Tx) error { return tx.TouchUserSession(h.ctx, s) })
	h.equal("sessions after a use", list(), []userpool.UserSession{*second, *s})
	stale := *s
	stale.Device, stale.Active = "late", start
	h.write(func(tx userpool.Tx) error { return tx.TouchUserSession(h.ctx, &stale) })
	h.write(func(tx userpool.Tx) error { return tx.TouchUserSession(h.ctx, &none) })
	h.equal("sessions after a use that was noted late", list(), []userpool.UserSession{*second, *s})

	h.write(func(tx userpool.Tx) error { return tx.RevokeGrant(h.ctx, g, h.clock.Now()) })
	s.Ended = true
	h.equal("sessions after one has ended", list(), []userpool.UserSession{*second, *s})
	h.write(func(tx userpool.Tx) error { return tx.DeleteUserSession(h.ctx, s) })
	h.equal("sessions after that was removed", list(), []userpool.UserSession{*second})
	h.write(func(tx userpool.Tx) error { return tx.DeleteClient(h.ctx, h.client) })
	second.Ended, second.ClientID = true, ""
	h.equal("sessions of a deleted client", list(), []userpool.UserSession{*second})
	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, h.user.Key) })
	h.equal("sessions of a deleted user", len(list()), 0)

	// What sign-ins read of sessions is kept with pool and client.
	other := h.makePool("us-east-1_other")
	other.Sessions = userpool.SessionTracking{Enabled: true, MaxPerUser: 7}
	client := h.makeClient(other, "otherclient")
	client.SSOSession = &wire.ClientSSOSessionConfigType{MaxValidityMinutes: 5}
	h.write(func(tx userpool.Tx) error {
		if err := tx.CreatePool(h.ctx, other, nil); err != nil {
			return err
		}
		return tx.CreateClient(h.ctx, client)
	})
	got := must[*userpool.Client](h)(h.Client(h.ctx, client.ID))
	h.equal("tracking of a pool", got.Pool.Sessions, other.Sessions)
	h.equal("browsers' sessions of a client", got.SSOSession, client.SSOSession)
}
