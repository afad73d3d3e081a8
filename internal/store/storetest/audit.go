package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// AuditFor is how long an opened store keeps the entries of its audit log.
const AuditFor = 400 * 24 * time.Hour

// audited gives a context with an entry of that request.
func (h *house) audited(e userpool.AuditEntry) context.Context {
	if e.Time.IsZero() {
		e.Time = h.clock.Now()
	}
	return userpool.WithAudit(h.ctx, userpool.NewAudit(func() userpool.AuditEntry { return e }))
}

// requests gives the ids of the entries that a query chooses.
func (h *house) requests(q userpool.AuditQuery) string {
	h.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	var ids []string
	for _, e := range must[[]userpool.AuditEntry](h)(h.Audit(h.ctx, q)) {
		ids = append(ids, e.Request)
	}
	return strings.Join(ids, " ")
}

func (h *house) rename(ctx context.Context, name string) error {
	return h.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, h.user.Key)
		if err != nil {
			return err
		}
		u.Attributes.Set("name", name)
		return tx.UpdateUser(ctx, u)
	})
}

func testAuditEntry(h *house) {
	want := userpool.AuditEntry{
		Time: h.clock.Now(), Request: "one", Who: "AKIAAAAAAAAAAAAAAAAA", Operation: "AdminUpdateUserAttributes",
		Pool: h.pool.ID, Client: h.client.ID, Sub: h.user.Sub, Resource: map[string]string{"GroupName": "stäff", "JobId": "1"},
		Members: []string{"GroupName", "UserPoolId"}, Address: "192.0.2.1", UserAgent: "aws-cli",
	}
	ctx := h.audited(want)
	if err := h.rename(ctx, "first"); err != nil {
		h.t.Fatal(err)
	}
	if err := h.rename(ctx, "second"); err != nil { // the same request
		h.t.Fatal(err)
	}
	h.equal("the audit log", must[[]userpool.AuditEntry](h)(h.Audit(h.ctx, userpool.AuditQuery{Limit: 10})), []userpool.AuditEntry{want})

	odd := h.audited(userpool.AuditEntry{Request: "two", Who: "x", UserAgent: "a\x00b\xff\x1b" + strings.Repeat("ü", 5000)})
	if err := h.rename(odd, "third"); err != nil {
		h.t.Fatalf("a user agent keeps a change away: %v", err)
	}
	got := must[[]userpool.AuditEntry](h)(h.Audit(h.ctx, userpool.AuditQuery{Who: "x", Limit: 1}))[0]
	if !strings.HasPrefix(got.UserAgent, "abü") || len(got.UserAgent) > 512 {
		h.t.Errorf("an odd user agent is kept as %q", got.UserAgent)
	}
}

// What makes no change, or none that is kept, has no entry.
func testAuditNothing(h *house) {
	refusal := errors.New("refused")
	for name, unit := range map[string]func(tx userpool.Tx) error{
		"reading": func(tx userpool.Tx) error { _, err := tx.User(h.ctx, h.user.Key); return err },
		"counting an attempt": func(tx userpool.Tx) error {
			key := h.user.Key.Counter(userpool.AttemptForgot)
			if err := tx.PutAttempts(h.ctx, key, userpool.Attempts{Count: 1, Expires: h.clock.Now().Add(time.Hour)}); err != nil {
				return err
			}
			return tx.DeleteAttempts(h.ctx, key)
		},
		"a message": func(tx userpool.Tx) error {
			return tx.PutInbox(h.ctx, &userpool.InboxMessage{ID: "1", To: "jane@example.com", Sent: h.clock.Now()})
		},
		"a change of nothing": func(tx userpool.Tx) error {
			return tx.DeleteCodes(h.ctx, h.user.Key, userpool.VerifyAttribute, "", "")
		},
		"a refused change": func(tx userpool.Tx) error {
			u := *h.user
			if err := tx.UpdateUser(h.ctx, &u); err != nil {
				return err
			}
			return refusal
		},
	} {
		if err := h.Write(h.audited(userpool.AuditEntry{Request: name}), unit); err != nil && err != refusal {
			h.t.Errorf("%s: %v", name, err)
		}
	}
	if got := h.requests(userpool.AuditQuery{}); got != "" {
		h.t.Errorf("there are entries of %s", got)
	}
}

// What a request makes is in its entry, although the request could not name it.
func testAuditMade(h *house) {
	pool := h.makePool("us-east-1_made")
	if err := h.Write(h.audited(userpool.AuditEntry{Request: "pool"}), func(tx userpool.Tx) error {
		return tx.CreatePool(h.ctx, pool, nil)
	}); err != nil {
		h.t.Fatal(err)
	}
	client, user := h.makeClient(pool, "madeclient"), h.makeUser(pool, "made")
	document := &userpool.Document{Pool: pool.Number, Kind: userpool.Brandings, ID: "an-id", Content: []byte("{}")}
	for request, unit := range map[string]func(tx userpool.Tx) error{
		"client":   func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, client) },
		"user":     func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, user, "made") },
		"document": func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, document) },
	} {
		entry := userpool.AuditEntry{Request: request, Pool: pool.ID, Resource: map[string]string{"ClientName": "named"}}
		if err := h.Write(h.audited(entry), unit); err != nil {
			h.t.Fatal(err)
		}
	}
	made := map[string]string{}
	for _, e := range must[[]userpool.AuditEntry](h)(h.Audit(h.ctx, userpool.AuditQuery{Pool: pool.ID, Limit: 10})) {
		made[e.Request] = e.Client + e.Sub + e.Resource["ManagedLoginBrandingId"] + e.Resource["ClientName"]
	}
	h.equal("what was made", made, map[string]string{"pool": "", "client": client.ID + "named", "user": user.Sub + "named", "document": "an-idnamed"})
}

func testAuditQueries(h *house) {
	start := h.clock.Now()
	for i, e := range []userpool.AuditEntry{
		{Who: "A", Operation: "CreateGroup", Pool: "p1"},
		{Who: "B", Operation: "CreateUserPool", Pool: "p2"},
		{Who: "A", Operation: "AdminSetUserPassword", Pool: "p1"},
		{Who: "A", Operation: "AdminSetUserSettings", Pool: "p2"},
		{Who: "command line", Operation: "access-key create"},
	} {
		e.Request = fmt.Sprint(i)
		if err := h.rename(h.audited(e), e.Request); err != nil {
			h.t.Fatal(err)
		}
		if i%2 == 1 { // 0 and 1 at the same time, and 2 and 3
			h.clock.advance(time.Minute)
		}
	}
	at := func(minutes time.Duration) time.Time { return start.Add(minutes * time.Minute) }
	for _, tt := range []struct {
		name string
		q    userpool.AuditQuery
		want string // oldest first
	}{
		{"all", userpool.AuditQuery{}, "0 1 2 3 4"},
		{"since", userpool.AuditQuery{Since: at(1)}, "2 3 4"},
		{"until", userpool.AuditQuery{Until: at(1)}, "0 1"},
		{"between", userpool.AuditQuery{Since: at(1), Until: at(2)}, "2 3"},
		{"pool", userpool.AuditQuery{Pool: "p1"}, "0 2"},
		{"key", userpool.AuditQuery{Who: "A"}, "0 2 3"},
		{"operation", userpool.AuditQuery{Operation: "AdminSet"}, "2 3"},
		{"whole operation", userpool.AuditQuery{Operation: "CreateUserPool"}, "1"},
		{"no operation", userpool.AuditQuery{Operation: "Delete"}, ""},
		{"pool and key", userpool.AuditQuery{Pool: "p2", Who: "A"}, "3"},
		{"key and operation", userpool.AuditQuery{Who: "A", Operation: "Create"}, "0"},
		{"everything", userpool.AuditQuery{Pool: "p1", Who: "A", Operation: "Admin", Since: at(1), Until: at(2)}, "2"},
	} {
		newest := h.requests(tt.q)
		tt.q.OldestFirst = true
		oldest := h.requests(tt.q)
		if oldest != tt.want || newest != backward(tt.want) {
			h.t.Errorf("%s: %q and newest first %q, want %q", tt.name, oldest, newest, tt.want)
		}
		for _, order := range []bool{true, false} {
			tt.q.OldestFirst, tt.q.After, tt.q.Limit = order, nil, 1
			var pages []string
			for {
				page := must[[]userpool.AuditEntry](h)(h.Audit(h.ctx, tt.q))
				if len(page) == 0 {
					break
				}
				pages = append(pages, page[0].Request)
				tt.q.After = &page[0]
			}
			want := tt.want
			if !order {
				want = backward(want)
			}
			h.equal(tt.name+" in pages", strings.Join(pages, " "), want)
		}
	}
}

func backward(words string) string {
	all := strings.Fields(words)
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return strings.Join(all, " ")
}

// Units that run again because others change the same row make one entry each.
func testAuditRace(h *house) {
	const requests = 8
	errs := together(requests, func(i int) error {
		return h.rename(h.audited(userpool.AuditEntry{Request: fmt.Sprint(i)}), fmt.Sprint(i))
	})
	h.equal("outcomes", tally(errs), map[string]int{"<nil>": requests})
	if got := h.requests(userpool.AuditQuery{OldestFirst: true}); got != "0 1 2 3 4 5 6 7" {
		h.t.Errorf("entries of %s", got)
	}
	// Two units of one request at once are one entry.
	ctx := h.audited(userpool.AuditEntry{Request: "twice"})
	h.equal("outcomes", tally(together(2, func(i int) error { return h.rename(ctx, fmt.Sprint(i)) })), map[string]int{"<nil>": 2})
	if got := h.requests(userpool.AuditQuery{OldestFirst: true}); got != "0 1 2 3 4 5 6 7 twice" {
		h.t.Errorf("entries of %s", got)
	}
}

func testAuditSweep(h *house) {
	for i := range 3 {
		if err := h.rename(h.audited(userpool.AuditEntry{Request: fmt.Sprint(i)}), "x"); err != nil {
			h.t.Fatal(err)
		}
		h.clock.advance(time.Hour)
	}
	h.clock.advance(AuditFor - 90*time.Minute - time.Second)
	if n := must[int](h)(h.Sweep(h.ctx)); n != 2 {
		h.t.Errorf("%d rows were swept, want 2", n)
	}
	if got := h.requests(userpool.AuditQuery{}); got != "2" {
		h.t.Errorf("entries of %q are left", got)
	}
}
