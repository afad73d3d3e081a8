package account

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// groupQuota is how many groups a user can be in.
const groupQuota = 100

// Join puts a user into a group, where they may be already (AdminAddUserToGroup). Errors: UserNotFound,
// ResourceNotFound, InvalidParameter when the user is in as many groups as can be.
func (s *Service) Join(ctx context.Context, pool *userpool.Pool, username, group string) error {
	u, err := s.Find(ctx, pool, username)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		g, err := tx.Group(ctx, pool.Number, group)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchGroup())
		}
		in, err := tx.GroupsOf(ctx, u.Key)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(in, func(other userpool.Group) bool { return other.Number == g.Number }) {
			return nil
		}
		if len(in) >= groupQuota {
			return userpool.NewError(userpool.InvalidParameter, "A user can be in at most "+strconv.Itoa(groupQuota)+" groups.")
		}
		return userpool.OrNotFound(tx.PutMember(ctx, g, u.Key), userpool.NoSuchUser())
	})
}

// Leave takes a user out of a group, where they need not be (AdminRemoveUserFromGroup). Errors: UserNotFound,
// ResourceNotFound.
func (s *Service) Leave(ctx context.Context, pool *userpool.Pool, username, group string) error {
	u, err := s.Find(ctx, pool, username)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		g, err := tx.Group(ctx, pool.Number, group)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchGroup())
		}
		return tx.DeleteMember(ctx, g, u.Key)
	})
}

// Groups gives one page of the groups that a user is in, by name, with the next page's token
// (AdminListGroupsForUser).
func (s *Service) Groups(ctx context.Context, pool *userpool.Pool, username string, limit *int32, token string) ([]userpool.Group, string, error) {
	u, err := s.Find(ctx, pool, username)
	if err != nil {
		return nil, "", err
	}
	scope := []string{"AdminListGroupsForUser", strconv.FormatInt(pool.Number, 10), u.Sub}
	after, err := userpool.ReadToken(token, scope...)
	if err != nil {
		return nil, "", err
	}
	groups, err := s.Store.GroupsOf(ctx, u.Key) // few
	if err != nil {
		return nil, "", err
	}
	start, there := slices.BinarySearchFunc(groups, after, func(g userpool.Group, name string) int { return strings.Compare(g.Name, name) })
	if there {
		start++
	}
	groups = groups[start:]
	if size := userpool.PageSize(limit); len(groups) > size {
		groups = groups[:size]
		return groups, userpool.NextToken(groups[size-1].Name, scope...), nil
	}
	return groups, "", nil
}

// Members gives one page of the users who are in a group, with the next page's token (ListUsersInGroup).
func (s *Service) Members(ctx context.Context, pool *userpool.Pool, group string, limit *int32, token string) ([]*userpool.User, string, error) {
	g, err := s.Store.Group(ctx, pool.Number, group)
	if err != nil {
		return nil, "", userpool.OrNotFound(err, userpool.NoSuchGroup())
	}
	scope := []string{"ListUsersInGroup", strconv.FormatInt(g.Number, 10)}
	after, err := userpool.ReadToken(token, scope...)
	if err != nil {
		return nil, "", err
	}
	users, next, err := s.Store.Members(ctx, g, userpool.Page{After: after, Limit: userpool.PageSize(limit)})
	if err != nil {
		return nil, "", err
	}
	return users, userpool.NextToken(next, scope...), nil
}
