package userpool

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"
)

// Group is one group of a pool.
type Group struct {
	Pool        int64
	Number      int64 // never used again, unlike Name
	Name        string
	Description string
	RoleARN     string
	Precedence  *int32 // 0 comes first, nil last
	Created     time.Time
	Modified    time.Time
}

// place is where the group stands among those of a user: what has no precedence comes last.
func (g *Group) place() int64 {
	if g.Precedence == nil {
		return math.MaxInt64
	}
	return int64(*g.Precedence)
}

// ByPrecedence sorts groups as tokens list them: by precedence, then by name.
func ByPrecedence(groups []Group) []Group {
	return slices.SortedFunc(slices.Values(groups), func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.place(), b.place()), cmp.Compare(a.Name, b.Name))
	})
}

// Roles gives the roles of groups that are sorted by precedence, each once, and the one that is preferred: that of
// the first group with a role, unless another with the same precedence has another role.
func Roles(groups []Group) (roles []string, preferred string) {
	var first *Group
	shared := true
	for i := range groups {
		g := &groups[i]
		if g.RoleARN == "" {
			continue
		}
		if !slices.Contains(roles, g.RoleARN) {
			roles = append(roles, g.RoleARN)
		}
		if first == nil {
			first, preferred = g, g.RoleARN
		}
		shared = shared && (g.place() != first.place() || g.RoleARN == preferred)
	}
	if !shared {
		preferred = ""
	}
	return roles, preferred
}

type GroupReader interface {
	// Group finds a living group by its name.
	Group(ctx context.Context, pool int64, name string) (*Group, error)
	// Groups lists the living groups of a pool by name, bytewise; next as in Pools.
	Groups(ctx context.Context, pool int64, page Page) (groups []Group, next string, err error)
	CountGroups(ctx context.Context, pool int64) (int, error)
	// GroupsOf lists the living groups that a user is in, by name, in one statement.
	GroupsOf(ctx context.Context, key UserKey) ([]Group, error)
	// Members lists the users who are in a group, in the order in which they were made; next as in Pools.
	Members(ctx context.Context, g *Group, page Page) (users []*User, next string, err error)
}

type GroupWriter interface {
	// CreateGroup stores a new group and numbers it. ErrExists when a living group of the pool has the name.
	CreateGroup(ctx context.Context, g *Group) error
	// UpdateGroup stores description, role, precedence and Modified. ErrNotFound when the group is gone.
	UpdateGroup(ctx context.Context, g *Group) error
	// DeleteGroup removes the group from its pool and its members. ErrNotFound when it is gone already.
	DeleteGroup(ctx context.Context, g *Group) error
	// PutMember puts the user into the group, where they may be already.
	PutMember(ctx context.Context, g *Group, user UserKey) error
	// DeleteMember takes the user out of the group, where they need not be.
	DeleteMember(ctx context.Context, g *Group, user UserKey) error
}
