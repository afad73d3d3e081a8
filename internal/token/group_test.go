package token

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// join makes a group and puts alice into it.
func (w *world) join(name, role string, precedence *int32) *userpool.Group {
	w.t.Helper()
	g := &userpool.Group{Pool: w.a.Number, Name: name, RoleARN: role, Precedence: precedence, Created: w.clock, Modified: w.clock}
	w.write(func(tx userpool.Tx) error {
		if err := tx.CreateGroup(w.t.Context(), g); err != nil {
			return err
		}
		return tx.PutMember(w.t.Context(), g, w.user.Key)
	})
	return g
}

// Groups are read at sign-in, and again at each refresh.
func TestGroupClaims(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/one"
	w := newWorld(t)
	_, accessKey := w.key(w.a, userpool.SignsAccess)
	_, idKey := w.key(w.a, userpool.SignsID)
	check := func(i *Issued, names, roles []any, preferred any) {
		t.Helper()
		access, id := claimsOf(t, i.AccessToken, &accessKey.PublicKey), claimsOf(t, i.IDToken, &idKey.PublicKey)
		want := map[string]any{}
		got := map[string]any{}
		for _, c := range []struct {
			name   string
			claims map[string]any
			want   any
		}{
			{"cognito:groups", access, names}, {"cognito:groups", id, names}, {"cognito:roles", id, roles},
			{"cognito:preferred_role", id, preferred}, {"cognito:roles", access, nil}, {"cognito:preferred_role", access, nil},
		} {
			use := c.claims["token_use"].(string) + " "
			if list, ok := c.want.([]any); ok && list != nil || !ok && c.want != nil {
				want[use+c.name] = c.want
			}
			if value, ok := c.claims[c.name]; ok {
				got[use+c.name] = value
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
	}
	issued := w.signIn(w.client)
	check(issued, nil, nil, nil)
	readers := w.join("readers", "", nil)
	w.join("admins", role, new(int32(1)))
	refreshed, err := w.Refresh(t.Context(), w.client, issued.RefreshToken, "")
	if err != nil {
		t.Fatal(err)
	}
	check(refreshed, []any{"admins", "readers"}, []any{role}, role)
	w.write(func(tx userpool.Tx) error { return tx.DeleteGroup(t.Context(), readers) })
	check(w.signIn(w.client), []any{"admins"}, []any{role}, role)
}

// A token with as many groups as can be, all with the longest names, is taken.
func TestManyGroups(t *testing.T) {
	w := newWorld(t)
	for i := range 100 {
		w.join(strings.Repeat("𝔊", 126)+string(rune('a'+i%26))+string(rune('a'+i/26)), "", nil)
	}
	if got := w.authorize(w.signIn(w.client).AccessToken); got != "" {
		t.Error(got)
	}
}
