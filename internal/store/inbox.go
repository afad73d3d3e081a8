package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// inboxSize is how many messages the inbox keeps.
const inboxSize = 1000

var (
	readInbox = newStatement("read the inbox",
		`SELECT id, content FROM inbox WHERE number > 0 ORDER BY number DESC LIMIT $1`)
	readInboxOf = newStatement("search the inbox",
		`SELECT id, content FROM inbox WHERE recipient = $1 ORDER BY number DESC LIMIT $2`)
	lastMessage   = newStatement("number a message", `SELECT coalesce(max(number), 0) FROM inbox`)
	insertMessage = newStatement("store a message",
		`INSERT INTO inbox (number, id, recipient, content) VALUES ($1, $2, $3, $4)`).beside()
	trimInbox = newStatement("trim the inbox", `DELETE FROM inbox WHERE number <= $1`).beside()
)

func messagePlace(id string) seal.Place {
	return seal.Place{Table: "inbox", Column: "content", Row: id}
}

// recipient is a keyed hash of an address, the same for any case of its letters.
func (q *queries) recipient(to string) []byte {
	sum := q.box.ServerKey().MAC("inbox recipient", strings.ToLower(to))
	return sum[:]
}

// Inbox implements userpool.InboxReader.
func (r reads) Inbox(ctx context.Context, to string, limit int) ([]userpool.InboxMessage, error) {
	st, args := readInbox, []any{limit}
	if to != "" {
		st, args = readInboxOf, []any{r.recipient(to), limit}
	}
	var messages []userpool.InboxMessage
	err := r.list(ctx, st, args, func(scan scanner) error {
		var id string
		var sealed []byte
		if err := scan(&id, &sealed); err != nil {
			return err
		}
		content, err := r.box.ServerKey().Open(messagePlace(id), sealed)
		if err != nil {
			return opening(messagePlace(id), err)
		}
		var m userpool.InboxMessage
		if err := json.Unmarshal(content, &m); err != nil {
			return fmt.Errorf("decode a message: %w", err)
		}
		m.ID = id
		m.Sent = m.Sent.UTC()
		messages = append(messages, m)
		return nil
	})
	return messages, err
}

// PutInbox implements userpool.InboxWriter.
func (t *tx) PutInbox(ctx context.Context, m *userpool.InboxMessage) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("store: encode a message: %w", errNotText)
	}
	var last int64
	if err := t.one(ctx, lastMessage, nil, &last); err != nil {
		return err
	}
	sealed := t.box.ServerKey().Seal(messagePlace(m.ID), content)
	if _, err := t.exec(ctx, insertMessage, last+1, m.ID, t.recipient(m.To), sealed); err != nil {
		return err
	}
	_, err = t.exec(ctx, trimInbox, last+1-inboxSize)
	return err
}
