package storetest

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testInbox(h *house) {
	put := func(from, to int) {
		h.write(func(tx userpool.Tx) error {
			for i := from; i < to; i++ {
				m := userpool.InboxMessage{ID: uuid.NewString(), Channel: "email", To: fmt.Sprintf("User%d@example.com", i%2), Subject: fmt.Sprint(i),
					Body: "Your code is 123456.", Code: "123456", Purpose: userpool.MessageSignUp, PoolID: h.pool.ID, Username: "jane", Sent: h.clock.Now()}
				if err := tx.PutInbox(h.ctx, &m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	list := func(to string, limit int) (subjects []string) {
		h.t.Helper()
		for _, m := range must[[]userpool.InboxMessage](h)(h.Inbox(h.ctx, to, limit)) {
			subjects = append(subjects, m.Subject)
		}
		return subjects
	}
	h.equal("an empty inbox", list("", 10), []string(nil))
	put(0, 5)
	h.equal("newest first", list("", 10), []string{"4", "3", "2", "1", "0"})
	h.equal("the newest two", list("", 2), []string{"4", "3"})
	h.equal("by address", list("user1@example.com", 10), []string{"3", "1"})
	h.equal("by another address", list("user2@example.com", 10), []string(nil))
	m := must[[]userpool.InboxMessage](h)(h.Inbox(h.ctx, "User0@example.com", 1))[0]
	h.equal("a message", m, userpool.InboxMessage{ID: m.ID, Channel: "email", To: "User0@example.com", Subject: "4",
		Body: "Your code is 123456.", Code: "123456", Purpose: userpool.MessageSignUp, PoolID: h.pool.ID, Username: "jane", Sent: h.clock.Now()})

	put(5, 1010)
	all := list("", 5000)
	if len(all) != 1000 || all[0] != "1009" || all[999] != "10" {
		h.t.Errorf("the inbox keeps %d messages, from %s to %s", len(all), all[0], all[len(all)-1])
	}
	if n := len(list("user1@example.com", 5000)); n != 500 {
		h.t.Errorf("%d messages are found by address, want 500", n)
	}
}
