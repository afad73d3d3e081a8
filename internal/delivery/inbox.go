package delivery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Inbox keeps letters in the database, where the console, the command and tests read them. It takes
// email and SMS.
type Inbox struct {
	Store userpool.Store
	Now   func() time.Time
}

// Deliver stores the letter.
func (b *Inbox) Deliver(ctx context.Context, l *Letter) error {
	m := l.Message
	stored := &userpool.InboxMessage{
		ID:       uuid.NewString(),
		Channel:  strings.ToLower(string(m.Medium)),
		To:       m.To,
		Subject:  l.Subject,
		Body:     l.Body(),
		Code:     m.Code,
		Purpose:  m.Purpose,
		PoolID:   m.Pool.ID,
		Username: m.Username,
		Sent:     b.Now().UTC().Truncate(time.Microsecond),
	}
	if err := b.Store.Write(ctx, func(tx userpool.Tx) error { return tx.PutInbox(ctx, stored) }); err != nil {
		return fmt.Errorf("delivery: storing a message in the inbox: %w", err)
	}
	return nil
}
