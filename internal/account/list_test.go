package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func names(users []*userpool.User) string {
	var names []string
	for _, u := range users {
		names = append(names, u.Username)
	}
	return strings.Join(names, " ")
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sensitive, folding := w.pool(), w.pool(foldCase)
	for _, p := range []*userpool.Pool{sensitive, folding} {
		w.member(p, "Zoe", "name", "Ann", "email", "z@example.com")
		w.member(p, "adam", "name", "bob", "phone_number", phone)
		w.advance(time.Second)
		w.disable(w.member(p, "Adah", "name", "Bea"))
	}
	tests := []struct {
		name   string
		in     account.List
		want   string
		folded string // in the pool that folds case; as want, unless set
		err    string
	}{
		{name: "everybody", want: "Zoe adam Adah"},
		{name: "by name", in: account.List{Filter: `name ^= "B"`}, want: "Adah adam"},
		{name: "by user name", in: account.List{Filter: `username = "zoe"`}, folded: "Zoe"},
		{name: "by the beginning of it", in: account.List{Filter: `username ^= "Ad"`}, want: "Adah", folded: "Adah adam"},
		{name: "disabled", in: account.List{Filter: `status = "Disabled"`}, want: "Adah"},
		{name: "by status", in: account.List{Filter: `cognito:user_status = "confirmed"`}, want: "Zoe adam Adah"},
		{name: "nobody", in: account.List{Filter: `email = "nobody@example.com"`}},
		{name: "attributes", in: account.List{Attributes: []string{"sub", "email", "custom:x"}}, want: "Zoe adam Adah"},
		{name: "no attributes", in: account.List{Attributes: []string{}}, want: "Zoe adam Adah"},
		{name: "no attribute", in: account.List{Attributes: []string{"email", "custom:y"}},
			err: "InvalidParameter: One or more requested attributes do not exist."},
		{name: "no filter", in: account.List{Filter: "?"}, err: "InvalidParameter: Error while parsing filter."},
		{name: "no token", in: account.List{Token: "x"}, err: "InvalidParameter: Paging marker x is invalid for this request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, p := range []*userpool.Pool{sensitive, folding} {
				want := tt.want
				if p == folding && tt.folded != "" {
					want = tt.folded
				}
				in := tt.in
				in.Pool = p
				users, token, err := w.List(t.Context(), in)
				told(t, err, tt.err)
				if names(users) != want || token != "" {
					t.Errorf("got %q and the token %q, want %q", names(users), token, want)
				}
			}
		})
	}
}

// A token goes on with its own list, for an hour, and tells nothing.
func TestListToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, other := w.pool(), w.pool()
	for i := range 5 {
		for _, p := range []*userpool.Pool{p, other} {
			w.member(p, fmt.Sprintf("user%d", i), "email", fmt.Sprintf("secret%d@example.com", i))
		}
		w.advance(time.Millisecond)
	}
	first := account.List{Pool: p, Filter: `email ^= "secret"`, Attributes: []string{"sub"}, Limit: 2}
	users, token, err := w.List(t.Context(), first)
	if told(t, err, ""); names(users) != "user0 user1" || token == "" || strings.Contains(token, "secret") {
		t.Fatalf("got %q and %q", names(users), token)
	}
	again := func(change func(*account.List)) (string, string, error) {
		in := first
		in.Token = token
		change(&in)
		users, next, err := w.List(t.Context(), in)
		return names(users), next, err
	}
	foreign := "InvalidParameter: Paging marker " + token + " is invalid for this request"
	if len(token) > 256 {
		foreign = "InvalidParameter: Paging marker " + token[:256] + "… is invalid for this request"
	}
	for _, tt := range []struct {
		name   string
		change func(*account.List)
	}{
		{"pool", func(in *account.List) { in.Pool = other }},
		{"filter", func(in *account.List) { in.Filter = "" }},
		{"prefix", func(in *account.List) { in.Filter = `email ^= "secret1"` }},
		{"attributes", func(in *account.List) { in.Attributes = []string{"email"} }},
		{"all attributes", func(in *account.List) { in.Attributes = nil }},
	} {
		_, _, err := again(tt.change)
		t.Log("another", tt.name)
		told(t, err, foreign)
	}
	got, next, err := again(func(in *account.List) { in.Limit = 60 })
	if told(t, err, ""); got != "user2 user3 user4" || next != "" {
		t.Errorf("the next page has %q, and the token %q", got, next)
	}
	w.advance(time.Hour - time.Second)
	_, _, err = again(func(*account.List) {})
	told(t, err, "")
	w.advance(time.Second)
	_, _, err = again(func(*account.List) {})
	told(t, err, foreign)
}
