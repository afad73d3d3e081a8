package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func (h *house) newGroup(name string, precedence *int32) *userpool.Group {
	h.t.Helper()
	g := &userpool.Group{Pool: h.pool.Number, Name: name, Precedence: precedence, Created: h.clock.Now(), Modified: h.clock.Now()}
	h.write(func(tx userpool.Tx) error { return tx.CreateGroup(h.ctx, g) })
	return g
}

func (h *house) join(g *userpool.Group, u *userpool.User) {
	h.t.Helper()
	h.write(func(tx userpool.Tx) error { return tx.PutMember(h.ctx, g, u.Key) })
}

func testGroups(h *house) {
	g := &userpool.Group{Pool: h.pool.Number, Name: "Läser", Description: "who read", RoleARN: "arn:aws:iam::123456789012:role/one",
		Precedence: new(int32(0)), Created: h.clock.Now(), Modified: h.clock.Now()}
	h.write(func(tx userpool.Tx) error { return tx.CreateGroup(h.ctx, g) })
	h.equal("a group as it was stored", must[*userpool.Group](h)(h.Group(h.ctx, h.pool.Number, "Läser")), g)
	twin := *g
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateGroup(h.ctx, &twin) })
	_, err := h.Group(h.ctx, h.pool.Number, "läser")
	h.missing("a group by a name of other case", err)
	other := h.newPool("us-east-1_other")
	_, err = h.Group(h.ctx, other.Number, "Läser")
	h.missing("a group of another pool", err)

	g.Description, g.RoleARN, g.Precedence, g.Modified = "", "", nil, h.clock.Now().Add(time.Minute)
	h.write(func(tx userpool.Tx) error { return tx.UpdateGroup(h.ctx, g) })
	h.equal("a changed group", must[*userpool.Group](h)(h.Group(h.ctx, h.pool.Number, "Läser")), g)

	h.write(func(tx userpool.Tx) error { return tx.DeleteGroup(h.ctx, g) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.DeleteGroup(h.ctx, g) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdateGroup(h.ctx, g) })
	_, err = h.Group(h.ctx, h.pool.Number, "Läser")
	h.missing("a deleted group", err)
	h.newGroup("Läser", nil) // the name is free again
	if n := must[int](h)(h.CountGroups(h.ctx, h.pool.Number)); n != 1 {
		h.t.Errorf("%d groups, want 1", n)
	}

	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.CreateGroup(h.ctx, &twin) })
	must[int](h)(h.Sweep(h.ctx))
	if n := must[int](h)(h.CountGroups(h.ctx, h.pool.Number)); n != 0 {
		h.t.Errorf("%d groups of a deleted pool are left after a sweep", n)
	}
}

func testGroupList(h *house) {
	want := []string{"A", "Z", "a", "é"} // bytewise
	for _, i := range []int{2, 0, 3, 1} {
		h.newGroup(want[i], nil)
	}
	for _, limit := range []int{1, 3, 4, 60} {
		var got []string
		for page := (userpool.Page{Limit: limit}); ; {
			groups, next, err := h.Groups(h.ctx, h.pool.Number, page)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, g := range groups {
				got = append(got, g.Name)
			}
			if page.After = next; next == "" {
				break
			}
		}
		h.equal(fmt.Sprintf("groups by pages of %d", limit), got, want)
	}
}

func testMembers(h *house) {
	b, a := h.newGroup("b", nil), h.newGroup("a", new(int32(3)))
	h.join(b, h.user)
	h.join(b, h.user)
	h.join(a, h.user)
	names := func() (names []string) {
		for _, g := range must[[]userpool.Group](h)(h.GroupsOf(h.ctx, h.user.Key)) {
			names = append(names, g.Name)
		}
		return names
	}
	h.equal("the groups of a user", names(), []string{"a", "b"})
	h.equal("a group of a user", must[[]userpool.Group](h)(h.GroupsOf(h.ctx, h.user.Key))[0], *a)

	want := []string{h.user.Username}
	for i := range 4 {
		u := h.newUser(h.pool, fmt.Sprint("user", i))
		h.join(b, u)
		want = append(want, u.Username)
	}
	members := func(g *userpool.Group, limit int) (got []string) {
		for page := (userpool.Page{Limit: limit}); ; {
			users, next, err := h.Members(h.ctx, g, page)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, u := range users {
				got = append(got, u.Username)
			}
			if page.After = next; next == "" {
				return got
			}
		}
	}
	for _, limit := range []int{1, 2, 5, 60} {
		h.equal(fmt.Sprintf("members by pages of %d", limit), members(b, limit), want)
	}
	h.equal("a user as a member", must[*userpool.User](h)(h.User(h.ctx, h.user.Key)), h.user)

	h.write(func(tx userpool.Tx) error {
		return errors.Join(tx.DeleteMember(h.ctx, a, h.user.Key), tx.DeleteMember(h.ctx, a, h.user.Key))
	})
	h.equal("groups after leaving one", names(), []string{"b"})
	gone := h.newUser(h.pool, "gone")
	h.join(b, gone)
	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, gone.Key) })
	h.equal("members after one was deleted", members(b, 60), want)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutMember(h.ctx, b, gone.Key) })

	// A deleted group has no members, and one of its name begins without any.
	h.write(func(tx userpool.Tx) error { return tx.DeleteGroup(h.ctx, b) })
	h.equal("groups after one was deleted", len(names()), 0)
	again := h.newGroup("b", nil)
	h.equal("members of a new group of the name", len(members(again, 60)), 0)
	h.join(again, h.user)
	h.equal("swept rows", must[int](h)(h.Sweep(h.ctx)), len(want)+1)
	h.equal("swept members", len(members(b, 60)), 0)
	h.equal("members of the other group", members(again, 60), want[:1])
}

// Whoever joins and leaves at once, nobody's membership is lost.
func testMembersAtOnce(h *house) {
	g := h.newGroup("all", nil)
	var users []*userpool.User
	for i := range 16 {
		users = append(users, h.newUser(h.pool, fmt.Sprint("user", i)))
	}
	errs := together(32, func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			present, err := tx.Group(h.ctx, h.pool.Number, "all")
			if err != nil {
				return err
			}
			if i >= len(users) {
				present.Description += "x"
				return tx.UpdateGroup(h.ctx, present)
			}
			return tx.PutMember(h.ctx, present, users[i].Key)
		})
	})
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		h.t.Fatal(errs[i])
	}
	members, _, err := h.Members(h.ctx, g, userpool.Page{Limit: 60})
	if err != nil || len(members) != len(users) {
		h.t.Errorf("%d members (%v), want %d", len(members), err, len(users))
	}
	if g := must[*userpool.Group](h)(h.Group(h.ctx, h.pool.Number, "all")); len(g.Description) != 16 {
		h.t.Errorf("%d of 16 changes were kept", len(g.Description))
	}
}
