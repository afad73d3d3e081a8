package store

import (
	"context"
	"math"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const groupColumns = `g.pool_number, g.number, g.name, g.description, g.role_arn, coalesce(g.precedence, -1), g.created, g.modified`

// noPrecedence is how groupColumns shows a group without a precedence.
const noPrecedence = -1

var (
	groupByName = newStatement("find a group",
		`SELECT `+groupColumns+` FROM groups g WHERE g.pool_number = $1 AND g.name = $2 AND g.deleted = 0`)
	groupsOfPool = newStatement("list groups",
		`SELECT `+groupColumns+` FROM groups g WHERE g.pool_number = $1 AND g.deleted = 0 AND g.name > $2 ORDER BY g.name LIMIT $3`)
	countGroups  = newStatement("count groups", `SELECT count(*) FROM groups WHERE pool_number = $1 AND deleted = 0`)
	groupsOfUser = newStatement("list the groups of a user",
		`SELECT `+groupColumns+` FROM memberships m JOIN groups g ON g.number = m.group_number
		WHERE m.pool_number = $1 AND m.user_number = $2 AND g.deleted = 0 ORDER BY g.name`)
	usersOfGroup = newStatement("list the users of a group",
		`SELECT `+userColumns+` FROM memberships m JOIN users u ON u.pool_number = m.pool_number AND u.number = m.user_number
		WHERE m.pool_number = $1 AND m.group_number = $2 AND m.user_number > $3 ORDER BY m.user_number LIMIT $4`)
	insertGroup = newStatement("create a group",
		`INSERT INTO groups (number, pool_number, name, description, role_arn, precedence, created, modified, deleted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT DO NOTHING`)
	updateGroup = newStatement("change a group",
		`UPDATE groups SET description = $1, role_arn = $2, precedence = $3, modified = $4 WHERE number = $5 AND deleted = 0`)
	deleteGroup = newStatement("delete a group", `UPDATE groups SET deleted = $1 WHERE number = $2 AND deleted = 0`)
	putMember   = newStatement("put a user into a group",
		`INSERT INTO memberships (pool_number, group_number, user_number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`)
	deleteMember = newStatement("take a user out of a group",
		`DELETE FROM memberships WHERE pool_number = $1 AND group_number = $2 AND user_number = $3`)

	deletedGroups = newStatement("list deleted groups",
		`SELECT number, pool_number FROM groups WHERE deleted > 0 ORDER BY deleted, number LIMIT $1`)
	sweepMembers = newStatement("sweep the memberships of a group",
		`DELETE FROM memberships WHERE (pool_number, group_number, user_number) IN
		(SELECT pool_number, group_number, user_number FROM memberships WHERE pool_number = $1 AND group_number = $2 LIMIT $3)`)
	sweepGroup        = newStatement("sweep a group", `DELETE FROM groups WHERE number = $1 AND deleted > 0`)
	sweepGroupsOfPool = newStatement("sweep the groups of a pool",
		`DELETE FROM groups WHERE number IN (SELECT number FROM groups WHERE pool_number = $1 LIMIT $2)`)
)

func (q *queries) groups(ctx context.Context, st *statement, args ...any) (groups []userpool.Group, err error) {
	err = q.list(ctx, st, args, func(scan scanner) error {
		var g userpool.Group
		var precedence, created, modified int64
		if err := scan(&g.Pool, &g.Number, &g.Name, &g.Description, &g.RoleARN, &precedence, &created, &modified); err != nil {
			return err
		}
		if precedence != noPrecedence {
			g.Precedence = new(int32(precedence))
		}
		g.Created, g.Modified = fromMicros(created), fromMicros(modified)
		groups = append(groups, g)
		return nil
	})
	return groups, err
}

// Group implements userpool.GroupReader.
func (r reads) Group(ctx context.Context, pool int64, name string) (*userpool.Group, error) {
	groups, err := r.groups(ctx, groupByName, pool, name)
	if err == nil && len(groups) == 0 {
		err = userpool.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &groups[0], nil
}

// Groups implements userpool.GroupReader. The key of a page is the last name.
func (r reads) Groups(ctx context.Context, pool int64, page userpool.Page) (groups []userpool.Group, next string, err error) {
	groups, err = r.groups(ctx, groupsOfPool, pool, page.After, page.Limit+1)
	if err == nil && len(groups) > page.Limit {
		groups = groups[:page.Limit]
		if page.Limit > 0 {
			next = groups[page.Limit-1].Name
		}
	}
	return groups, next, err
}

// CountGroups implements userpool.GroupReader.
func (r reads) CountGroups(ctx context.Context, pool int64) (n int, err error) {
	err = r.one(ctx, countGroups, []any{pool}, &n)
	return n, err
}

// GroupsOf implements userpool.GroupReader.
func (r reads) GroupsOf(ctx context.Context, key userpool.UserKey) ([]userpool.Group, error) {
	return r.groups(ctx, groupsOfUser, key.Pool, key.User)
}

// Members implements userpool.GroupReader. The key of a page is the last user's number; one that is something else
// starts from the beginning.
func (r reads) Members(ctx context.Context, g *userpool.Group, page userpool.Page) (users []*userpool.User, next string, err error) {
	after, err := strconv.ParseInt(page.After, 10, 64)
	if err != nil {
		after = math.MinInt64
	}
	err = r.list(ctx, usersOfGroup, []any{g.Pool, g.Number, after, page.Limit + 1}, func(scan scanner) error {
		var row userRow
		if err := scan(row.fields()...); err != nil {
			return err
		}
		u, err := row.open()
		users = append(users, u)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(users) > page.Limit {
		users = users[:page.Limit]
		if page.Limit > 0 {
			next = strconv.FormatInt(users[page.Limit-1].Key.User, 10)
		}
	}
	return users, next, nil
}

// CreateGroup implements userpool.GroupWriter. ErrNotFound when the pool is gone.
func (t *tx) CreateGroup(ctx context.Context, g *userpool.Group) error {
	if err := t.needPool(ctx, g.Pool); err != nil {
		return err
	}
	g.Number = newStamp()
	n, err := t.exec(ctx, insertGroup, g.Number, g.Pool, g.Name, g.Description, g.RoleARN, precedenceColumn(g),
		micros(g.Created), micros(g.Modified))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// precedenceColumn is null for a group without a precedence.
func precedenceColumn(g *userpool.Group) any {
	if g.Precedence == nil {
		return nil
	}
	return int64(*g.Precedence)
}

// UpdateGroup implements userpool.GroupWriter.
func (t *tx) UpdateGroup(ctx context.Context, g *userpool.Group) error {
	n, err := t.exec(ctx, updateGroup, g.Description, g.RoleARN, precedenceColumn(g), micros(g.Modified), g.Number)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}

// DeleteGroup implements userpool.GroupWriter. The group vanishes at once; the sweeper removes its memberships and
// its row.
func (t *tx) DeleteGroup(ctx context.Context, g *userpool.Group) error {
	n, err := t.exec(ctx, deleteGroup, micros(t.now()), g.Number)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}

// PutMember implements userpool.GroupWriter. ErrNotFound when the user is gone.
func (t *tx) PutMember(ctx context.Context, g *userpool.Group, user userpool.UserKey) error {
	_, err := t.exec(ctx, putMember, g.Pool, g.Number, user.User)
	return err
}

// DeleteMember implements userpool.GroupWriter.
func (t *tx) DeleteMember(ctx context.Context, g *userpool.Group, user userpool.UserKey) error {
	_, err := t.exec(ctx, deleteMember, g.Pool, g.Number, user.User)
	return err
}

// sweepGroups removes the memberships of deleted groups in small units of work, and then the groups.
func (s *Store) sweepGroups(ctx context.Context) (int, error) {
	var groups []userpool.Group
	err := s.list(ctx, deletedGroups, []any{sweepBatch}, func(scan scanner) error {
		var g userpool.Group
		err := scan(&g.Number, &g.Pool)
		groups = append(groups, g)
		return err
	})
	total := 0
	for _, g := range groups {
		n, err := s.sweepAll(ctx, sweepMembers, g.Pool, g.Number)
		total += n
		if err != nil {
			return total, err
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.exec(ctx, sweepGroup, g.Number)
			return err
		})
		if err != nil {
			return total, err
		}
		total++
	}
	return total, err
}
