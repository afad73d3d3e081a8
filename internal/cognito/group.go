package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateGroup makes a group in a pool.
func (a *API) CreateGroup(ctx context.Context, in *wire.CreateGroupRequest) (*wire.CreateGroupResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	group, err := a.Directory.CreateGroup(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateGroupResponse{Group: new(groupType(pool, group))}, nil
}

// GetGroup shows a group.
func (a *API) GetGroup(ctx context.Context, in *wire.GetGroupRequest) (*wire.GetGroupResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	group, err := a.Directory.Group(ctx, pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	return &wire.GetGroupResponse{Group: new(groupType(pool, group))}, nil
}

// UpdateGroup changes a group.
func (a *API) UpdateGroup(ctx context.Context, in *wire.UpdateGroupRequest) (*wire.UpdateGroupResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	group, err := a.Directory.UpdateGroup(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateGroupResponse{Group: new(groupType(pool, group))}, nil
}

// DeleteGroup removes a group.
func (a *API) DeleteGroup(ctx context.Context, in *wire.DeleteGroupRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteGroup(ctx, pool, in.GroupName)
}

// ListGroups lists the groups of a pool.
func (a *API) ListGroups(ctx context.Context, in *wire.ListGroupsRequest) (*wire.ListGroupsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	groups, next, err := a.Directory.ListGroups(ctx, pool, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.ListGroupsResponse{Groups: groupTypes(pool, groups), NextToken: next}, nil
}

// AdminAddUserToGroup puts a user into a group.
func (a *API) AdminAddUserToGroup(ctx context.Context, in *wire.AdminAddUserToGroupRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Accounts.Join(ctx, pool, in.Username, in.GroupName)
}

// AdminRemoveUserFromGroup takes a user out of a group.
func (a *API) AdminRemoveUserFromGroup(ctx context.Context, in *wire.AdminRemoveUserFromGroupRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Accounts.Leave(ctx, pool, in.Username, in.GroupName)
}

// AdminListGroupsForUser lists the groups that a user is in.
func (a *API) AdminListGroupsForUser(ctx context.Context, in *wire.AdminListGroupsForUserRequest) (*wire.AdminListGroupsForUserResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	groups, next, err := a.Accounts.Groups(ctx, pool, in.Username, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.AdminListGroupsForUserResponse{Groups: groupTypes(pool, groups), NextToken: next}, nil
}

// ListUsersInGroup lists the users who are in a group.
func (a *API) ListUsersInGroup(ctx context.Context, in *wire.ListUsersInGroupRequest) (*wire.ListUsersInGroupResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	users, next, err := a.Accounts.Members(ctx, pool, in.GroupName, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &wire.ListUsersInGroupResponse{Users: make([]wire.UserType, 0, len(users)), NextToken: next}
	for _, u := range users {
		out.Users = append(out.Users, *userType(u))
	}
	return out, nil
}

func groupTypes(pool *userpool.Pool, groups []userpool.Group) []wire.GroupType {
	out := make([]wire.GroupType, 0, len(groups))
	for i := range groups {
		out = append(out, groupType(pool, &groups[i]))
	}
	return out
}

func groupType(pool *userpool.Pool, g *userpool.Group) wire.GroupType {
	return wire.GroupType{
		GroupName:        g.Name,
		UserPoolID:       pool.ID,
		Description:      g.Description,
		RoleARN:          g.RoleARN,
		Precedence:       g.Precedence,
		CreationDate:     wire.NewTimestamp(g.Created),
		LastModifiedDate: wire.NewTimestamp(g.Modified),
	}
}
