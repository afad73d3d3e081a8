package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// populate makes users of a new pool, in that order.
func (h *house) populate(users ...userpool.User) *userpool.Pool {
	p := h.newPool("us-east-1_people")
	for i := range users {
		u := h.makeUser(p, users[i].Username)
		u.Attributes, u.Enabled = users[i].Attributes, users[i].Enabled
		if users[i].Status != "" {
			u.Status = users[i].Status
		}
		h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, strings.ToLower(u.Username)) })
	}
	return p
}

// list gives the names of all pages of a search, whose pages must not be longer than the limit.
func (h *house) list(pool *userpool.Pool, s userpool.UserSearch) (names []string) {
	h.t.Helper()
	for {
		users, next, err := h.Users(h.ctx, pool.Number, s)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(users) > s.Limit {
			h.t.Fatalf("a page of %d has %d users", s.Limit, len(users))
		}
		for _, u := range users {
			names = append(names, u.Username)
		}
		if next == (userpool.UserMark{}) {
			return names
		}
		s.After = next
	}
}

func testSearch(h *house) {
	attributes := func(pairs ...string) (a userpool.Attributes) {
		for i := 0; i < len(pairs); i += 2 {
			a = append(a, userpool.Attribute{Name: pairs[i], Value: pairs[i+1]})
		}
		return a
	}
	pool := h.populate(
		userpool.User{Username: "Zoe", Enabled: true, Attributes: attributes("email", "Z@example.com", "name", "Zoë", "custom:x", "y")},
		userpool.User{Username: "adam", Attributes: attributes("email", "a@example.com", "given_name", "Adam", "family_name", "Ant")},
		userpool.User{Username: "ada", Enabled: true, Status: userpool.Unconfirmed,
			Attributes: attributes("phone_number", "+12065551234", "given_name", "ADA", "preferred_username", "Countess")},
		userpool.User{Username: "ad\U0010FFFF", Status: userpool.ForceChangePassword, Attributes: attributes("name", "zo\U0010FFFF")},
		userpool.User{Username: "ae", Enabled: true, Attributes: attributes("name", "zoë b", "email", "a@example.com")},
	)
	other := h.newUser(h.newPool("us-east-1_other"), "adam")
	for _, tt := range []struct {
		by, value string
		prefix    bool
		want      string
	}{
		{want: "Zoe adam ada ad\U0010FFFF ae"},
		{by: "username", value: "ada", want: "ada"},
		{by: "username", value: "ada", prefix: true, want: "ada adam"},
		{by: "username", value: "ad", prefix: true, want: "ada adam ad\U0010FFFF"},
		{by: "username", value: "Zoe"}, // whoever asks folds it
		{by: "username", prefix: true, want: "ada adam ad\U0010FFFF ae Zoe"},
		{by: "username"},
		{by: "email", value: "z@EXAMPLE.com", want: "Zoe"},
		{by: "email", value: "a@example.com", want: "adam ae"},
		{by: "email", prefix: true, want: "adam ae Zoe"},
		{by: "email", value: "a@example.co"},
		{by: "phone_number", value: "+1206", prefix: true, want: "ada"},
		{by: "name", value: "zo", prefix: true, want: "Zoe ae ad\U0010FFFF"},
		{by: "name", value: "zo\U0010FFFF", prefix: true, want: "ad\U0010FFFF"},
		{by: "name", value: "zoë", want: "Zoe"},
		{by: "name", value: "ZOË", prefix: true, want: "Zoe ae"},
		{by: "given_name", value: "ada", prefix: true, want: "ada adam"},
		{by: "family_name", value: "ant", want: "adam"},
		{by: "preferred_username", value: "COUNTESS", want: "ada"},
		{by: "preferred_username", value: "count\x00ess"},
		{by: "custom:x", value: "y"},
		{by: "status", value: "Enabled", want: "Zoe ada ae"},
		{by: "status", value: "Disabled", want: "adam ad\U0010FFFF"},
		{by: "status", value: "enabled"},
		{by: "status", value: "D", prefix: true, want: "adam ad\U0010FFFF"},
		{by: "status", prefix: true, want: "adam ad\U0010FFFF Zoe ada ae"},
		{by: "cognito:user_status", value: "confirmed", want: "Zoe adam ae"},
		{by: "cognito:user_status", value: "un", prefix: true, want: "ada"},
		{by: "cognito:user_status", prefix: true, want: "Zoe adam ae ad\U0010FFFF ada"},
		{by: "cognito:user_status", value: "NONE"},
		{by: "sub", value: other.Sub},
	} {
		for _, limit := range []int{1, 2, 60} {
			s := userpool.UserSearch{By: tt.by, Value: tt.value, Prefix: tt.prefix, Limit: limit}
			if got := strings.Join(h.list(pool, s), " "); got != tt.want {
				h.t.Errorf("%+v: got %q, want %q", s, got, tt.want)
			}
		}
	}
	first := must[*userpool.User](h)(h.FindUser(h.ctx, pool.Number, userpool.Lookup{Username: "zoe"}))
	for _, value := range []string{first.Sub, strings.ToUpper(first.Sub)} {
		h.equal("by sub", h.list(pool, userpool.UserSearch{By: "sub", Value: value, Limit: 60}), []string{"Zoe"})
	}
	h.equal("by the beginning of sub", h.list(pool, userpool.UserSearch{By: "sub", Value: first.Sub[:20], Prefix: true, Limit: 60}),
		[]string{"Zoe"})
	h.equal("in another pool", h.list(h.newPool("us-east-1_empty"), userpool.UserSearch{Limit: 60}), []string(nil))
}

func testSearchFollowsChanges(h *house) {
	byEmail := func(value string) int {
		return len(h.list(h.pool, userpool.UserSearch{By: "email", Value: value, Limit: 60}))
	}
	u := must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
	h.equal("as created", byEmail("jane@example.com"), 1)
	u.Attributes.Set("email", "new@example.com")
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, u) })
	h.equal("the new address", byEmail("NEW@example.com"), 1)
	h.equal("the old address", byEmail("jane@example.com"), 0)
	u.Status, u.Enabled = userpool.RequireReset, false
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, u) })
	for by, value := range map[string]string{"cognito:user_status": "RESET_REQUIRED", "status": "Disabled", "email": "new@example.com"} {
		h.equal("by "+by, h.list(h.pool, userpool.UserSearch{By: by, Value: value, Limit: 60}), []string{"jane"})
	}
	u.Attributes.Set("email", "")
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, u) })
	h.equal("a removed address", byEmail("new@example.com"), 0)
	u.Attributes.Set("email", "last@example.com")
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, u) })
	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, u.Key) })
	h.equal("the address of a deleted user", byEmail("last@example.com"), 0)
}

// While users come and go, a list goes on where it was.
func testSearchPages(h *house) {
	pool := h.newPool("us-east-1_people")
	users := make([]*userpool.User, 20)
	for i := range users {
		users[i] = h.makeUser(pool, fmt.Sprintf("user%02d", i))
		users[i].Attributes = userpool.Attributes{{Name: "name", Value: "same"}}
		h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, users[i], users[i].Username) })
	}
	for i, by := range []string{"", "username", "name", "status", "cognito:user_status"} {
		var seen []string
		s := userpool.UserSearch{By: by, Prefix: true, Limit: 3}
		for page := 0; ; page++ {
			found, next, err := h.Users(h.ctx, pool.Number, s)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, u := range found {
				if slices.Contains(seen, u.Username) {
					h.t.Errorf("%s: %s is there twice", by, u.Username)
				}
				seen = append(seen, u.Username)
			}
			if s.After = next; next == (userpool.UserMark{}) {
				break
			}
			if page > 0 {
				continue
			}
			early := h.makeUser(pool, fmt.Sprintf("early%d", i))
			early.Attributes = userpool.Attributes{{Name: "name", Value: "before"}}
			h.write(func(tx userpool.Tx) error { // the last one seen goes, another comes
				return orElse(tx.DeleteUser(h.ctx, users[i+2].Key), func() error { return tx.CreateUser(h.ctx, early, early.Username) })
			})
		}
		for _, u := range users[i+3:] {
			if !slices.Contains(seen, u.Username) {
				h.t.Errorf("%s: %s was skipped", by, u.Username)
			}
		}
		back := h.makeUser(pool, users[i+2].Username)
		back.Key, back.Attributes = users[i+2].Key, users[i+2].Attributes
		h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, back, back.Username) })
	}
}

func orElse(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// A value that is longer than what an index takes is found by all of it.
func testSearchLongValues(h *house) {
	long := strings.Repeat("ż", 2048)
	pool := h.populate(
		userpool.User{Username: "one", Attributes: userpool.Attributes{{Name: "name", Value: long}}},
		userpool.User{Username: "two", Attributes: userpool.Attributes{{Name: "name", Value: long[:4000] + "z"}}},
		userpool.User{Username: "three", Attributes: userpool.Attributes{{Name: "name", Value: long[:256]}}},
		userpool.User{Username: "four", Attributes: userpool.Attributes{{Name: "name", Value: long[:254] + "xx"}}},
	)
	for _, tt := range []struct {
		value  string
		prefix bool
		want   string
	}{
		{value: long, want: "one"},
		{value: strings.ToUpper(long), want: "one"},
		{value: long + "ż"},
		{value: long[:4000], prefix: true, want: "one two"},
		{value: long[:4000]},
		{value: long[:4000] + "Z", prefix: true, want: "two"},
		{value: long[:256], want: "three"},
		{value: long[:256], prefix: true, want: "one two three"},
		{value: long[:200], prefix: true, want: "four one two three"},
		{value: long[:200]},
	} {
		for _, limit := range []int{1, 60} {
			got := strings.Join(h.list(pool, userpool.UserSearch{By: "name", Value: tt.value, Prefix: tt.prefix, Limit: limit}), " ")
			if got != tt.want {
				h.t.Errorf("%d bytes, prefix %t: got %q, want %q", len(tt.value), tt.prefix, got, tt.want)
			}
		}
	}
}
