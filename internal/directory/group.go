package directory

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// groupQuota is how many groups a pool can have.
const groupQuota = 10_000

// CreateGroup makes a group in the pool (operation CreateGroup).
func (s *Service) CreateGroup(ctx context.Context, pool *userpool.Pool, in *wire.CreateGroupRequest) (*userpool.Group, error) {
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	if err := s.groupsLeft(ctx, pool); err != nil {
		return nil, err
	}
	now := s.now()
	g := &userpool.Group{
		Pool: pool.Number, Name: in.GroupName, Description: in.Description, RoleARN: in.RoleARN, Precedence: in.Precedence,
		Created: now, Modified: now,
	}
	err := s.Store.Write(ctx, func(tx userpool.Tx) error { return tx.CreateGroup(ctx, g) })
	if errors.Is(err, userpool.ErrExists) {
		return nil, userpool.NewError(userpool.GroupExists, "A group with the name already exists.")
	}
	return g, userpool.OrNotFound(err, userpool.NoSuchPool(pool.ID))
}

// checkDescription refuses what no database holds as text.
func checkDescription(text string) error {
	if strings.ContainsRune(text, 0) {
		return invalid("Description contains a character that cannot be stored.")
	}
	return nil
}

// groupsLeft refuses when the pool has as many groups as it can have; like poolsLeft.
func (s *Service) groupsLeft(ctx context.Context, pool *userpool.Pool) error {
	n, err := s.Store.CountGroups(ctx, pool.Number)
	if err == nil && n >= groupQuota {
		err = userpool.NewError(userpool.LimitExceeded, "Group limit exceeded.")
	}
	return err
}

// Group finds a group of the pool.
func (s *Service) Group(ctx context.Context, pool *userpool.Pool, name string) (*userpool.Group, error) {
	g, err := s.Store.Group(ctx, pool.Number, name)
	return g, userpool.OrNotFound(err, userpool.NoSuchGroup())
}

// UpdateGroup changes those members of a group that are given (operation UpdateGroup).
func (s *Service) UpdateGroup(ctx context.Context, pool *userpool.Pool, in *wire.UpdateGroupRequest) (*userpool.Group, error) {
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	now := s.now()
	var g *userpool.Group
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if g, err = tx.Group(ctx, pool.Number, in.GroupName); err != nil {
			return err
		}
		g.Description = cmp.Or(in.Description, g.Description)
		g.RoleARN = cmp.Or(in.RoleARN, g.RoleARN)
		g.Precedence = cmp.Or(in.Precedence, g.Precedence)
		g.Modified = now
		return tx.UpdateGroup(ctx, g)
	})
	return g, userpool.OrNotFound(err, userpool.NoSuchGroup())
}

// DeleteGroup removes a group, whether it has members or not (operation DeleteGroup).
func (s *Service) DeleteGroup(ctx context.Context, pool *userpool.Pool, name string) error {
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		g, err := tx.Group(ctx, pool.Number, name)
		if err != nil {
			return err
		}
		return tx.DeleteGroup(ctx, g)
	})
	return userpool.OrNotFound(err, userpool.NoSuchGroup())
}

// ListGroups gives one page of a pool's groups by name, with the next page's token, which is "" on the last one
// (operation ListGroups).
func (s *Service) ListGroups(ctx context.Context, pool *userpool.Pool, limit *int32, token string) ([]userpool.Group, string, error) {
	scope := []string{"ListGroups", strconv.FormatInt(pool.Number, 10)}
	after, err := userpool.ReadToken(token, scope...)
	if err != nil {
		return nil, "", err
	}
	groups, next, err := s.Store.Groups(ctx, pool.Number, userpool.Page{After: after, Limit: userpool.PageSize(limit)})
	if err != nil {
		return nil, "", err
	}
	return groups, userpool.NextToken(next, scope...), nil
}
