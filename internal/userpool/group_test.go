package userpool

import (
	"slices"
	"testing"
)

func TestRoles(t *testing.T) {
	const one, two = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
	group := func(name, role string, precedence ...int32) Group {
		g := Group{Name: name, RoleARN: role}
		if len(precedence) > 0 {
			g.Precedence = &precedence[0]
		}
		return g
	}
	tests := []struct {
		name      string
		groups    []Group
		order     []string
		roles     []string
		preferred string
	}{
		{name: "no groups"},
		{"no roles", []Group{group("b", ""), group("a", "")}, []string{"a", "b"}, nil, ""},
		{"by precedence", []Group{group("a", two), group("b", one, 7), group("c", two, 0)}, []string{"c", "b", "a"}, []string{two, one}, two},
		{"the first has no role", []Group{group("a", two, 2), group("b", "", 1)}, []string{"b", "a"}, []string{two}, two},
		{"shared by two roles", []Group{group("b", one, 1), group("a", two, 1)}, []string{"a", "b"}, []string{two, one}, ""},
		{"shared with one role", []Group{group("b", one, 1), group("a", one, 1), group("c", two)}, []string{"a", "b", "c"}, []string{one, two}, one},
		{"none has a precedence", []Group{group("b", one), group("a", two)}, []string{"a", "b"}, []string{two, one}, ""},
		{"one without a precedence", []Group{group("a", two)}, []string{"a"}, []string{two}, two},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sorted := ByPrecedence(tt.groups)
			var order []string
			for _, g := range sorted {
				order = append(order, g.Name)
			}
			if !slices.Equal(order, tt.order) {
				t.Errorf("the order is %v, want %v", order, tt.order)
			}
			roles, preferred := Roles(sorted)
			if !slices.Equal(roles, tt.roles) || preferred != tt.preferred {
				t.Errorf("got %v, %q; want %v, %q", roles, preferred, tt.roles, tt.preferred)
			}
		})
	}
}
