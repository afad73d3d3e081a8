package delivery

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestInbox(t *testing.T) {
	now := time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC)
	s, err := store.Open(t.Context(), store.Config{Memory: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	inbox := &Inbox{Store: s, Now: func() time.Time { return now }}
	messenger := &Messenger{Email: inbox, SMS: inbox}
	if err := messenger.Send(t.Context(), newMessage()); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	if err := messenger.Send(t.Context(), newSMS()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Inbox(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	sent := time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)
	want := []userpool.InboxMessage{
		{Channel: "sms", To: "+12065550100", Body: "Your verification code is 042137. ", Code: "042137",
			Purpose: "verify-attribute", PoolID: "us-east-1_Example00", Username: "jane", Sent: sent.Add(time.Second)},
		{Channel: "email", To: "jane@example.com", Subject: "Your verification code", Body: "Your verification code is 042137. ", Code: "042137",
			Purpose: "verify-attribute", PoolID: "us-east-1_Example00", Username: "jane", Sent: sent},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(userpool.InboxMessage{}, "ID")); diff != "" {
		t.Error(diff)
	}
	for _, m := range got {
		if _, err := uuid.Parse(m.ID); err != nil {
			t.Error(err)
		}
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	err = messenger.Send(t.Context(), newMessage())
	if _, told := errors.AsType[*userpool.Error](err); err == nil || told {
		t.Errorf("with the store closed: %v", err)
	}
}
