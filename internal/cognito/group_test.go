package cognito_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// TestLifeOfAGroup walks through the operations on groups and their members.
func TestLifeOfAGroup(t *testing.T) {
	api, ctx, pool, _ := newAccounts(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, want userpool.ErrorCode, text string) {
		t.Helper()
		var e *userpool.Error
		if !errors.As(err, &e) || e.Code != want || e.Message != text {
			t.Errorf("got %v, want %s %q", err, want, text)
		}
	}
	for _, name := range []string{"jane", "joe"} {
		_, err := api.AdminCreateUser(ctx, &wire.AdminCreateUserRequest{UserPoolID: pool, Username: name, MessageAction: "SUPPRESS"})
		must(err)
	}

	const role = "arn:aws:iam::123456789012:role/readers"
	made, err := api.CreateGroup(ctx, &wire.CreateGroupRequest{UserPoolID: pool, GroupName: "readers", Description: "who read", Precedence: new(int32(0))})
	must(err)
	want := &wire.GroupType{
		GroupName: "readers", UserPoolID: pool, Description: "who read", Precedence: new(int32(0)),
		CreationDate: made.Group.CreationDate, LastModifiedDate: made.Group.CreationDate,
	}
	if diff := cmp.Diff(want, made.Group); diff != "" {
		t.Errorf("CreateGroup (-want +got):\n%s", diff)
	}
	_, err = api.CreateGroup(ctx, &wire.CreateGroupRequest{UserPoolID: pool, GroupName: "readers"})
	refused(err, userpool.GroupExists, "A group with the name already exists.")
	_, err = api.GetGroup(ctx, &wire.GetGroupRequest{UserPoolID: pool, GroupName: "Readers"})
	refused(err, userpool.ResourceNotFound, "Group not found.")

	// What an update leaves out stays.
	_, err = api.UpdateGroup(ctx, &wire.UpdateGroupRequest{UserPoolID: pool, GroupName: "readers", RoleARN: role})
	must(err)
	got, err := api.GetGroup(ctx, &wire.GetGroupRequest{UserPoolID: pool, GroupName: "readers"})
	must(err)
	want.RoleARN, want.LastModifiedDate = role, got.Group.LastModifiedDate
	if diff := cmp.Diff(want, got.Group); diff != "" {
		t.Errorf("an updated group (-want +got):\n%s", diff)
	}

	for i := range 3 {
		_, err := api.CreateGroup(ctx, &wire.CreateGroupRequest{UserPoolID: pool, GroupName: fmt.Sprint("more", i)})
		must(err)
		must(api.AdminAddUserToGroup(ctx, &wire.AdminAddUserToGroupRequest{UserPoolID: pool, Username: "jane", GroupName: fmt.Sprint("more", i)}))
	}
	for _, name := range []string{"joe", "jane", "jane"} {
		must(api.AdminAddUserToGroup(ctx, &wire.AdminAddUserToGroupRequest{UserPoolID: pool, Username: name, GroupName: "readers"}))
	}
	refused(api.AdminAddUserToGroup(ctx, &wire.AdminAddUserToGroupRequest{UserPoolID: pool, Username: "nobody", GroupName: "readers"}),
		userpool.UserNotFound, "User does not exist.")

	names := func(groups []wire.GroupType) (names []string) {
		for _, g := range groups {
			names = append(names, g.GroupName)
		}
		return names
	}
	page, err := api.ListGroups(ctx, &wire.ListGroupsRequest{UserPoolID: pool, Limit: new(int32(3))})
	must(err)
	rest, err := api.ListGroups(ctx, &wire.ListGroupsRequest{UserPoolID: pool, NextToken: page.NextToken})
	must(err)
	all := []string{"more0", "more1", "more2", "readers"}
	if got := append(names(page.Groups), names(rest.Groups)...); !slices.Equal(got, all) || len(page.Groups) != 3 || rest.NextToken != "" {
		t.Errorf("ListGroups gave %v, then %v", names(page.Groups), names(rest.Groups))
	}
	_, err = api.AdminListGroupsForUser(ctx, &wire.AdminListGroupsForUserRequest{UserPoolID: pool, Username: "jane", NextToken: page.NextToken})
	if !userpool.IsCode(err, userpool.InvalidParameter) {
		t.Errorf("a token of another list: %v", err)
	}
	var of []string
	in := &wire.AdminListGroupsForUserRequest{UserPoolID: pool, Username: "jane", Limit: new(int32(3))}
	for pages := 1; ; pages++ {
		page, err := api.AdminListGroupsForUser(ctx, in)
		must(err)
		of = append(of, names(page.Groups)...)
		if in.NextToken = page.NextToken; in.NextToken == "" {
			if pages != 2 || !slices.Equal(of, all) {
				t.Errorf("the groups of a user in %d pages: %v", pages, of)
			}
			break
		}
	}
	var members []string
	list := &wire.ListUsersInGroupRequest{UserPoolID: pool, GroupName: "readers", Limit: new(int32(1))}
	for {
		page, err := api.ListUsersInGroup(ctx, list)
		must(err)
		for _, u := range page.Users {
			members = append(members, u.Username)
		}
		if list.NextToken = page.NextToken; list.NextToken == "" {
			break
		}
	}
	if !slices.Equal(members, []string{"jane", "joe"}) {
		t.Errorf("members are %v", members)
	}

	for range 2 {
		must(api.AdminRemoveUserFromGroup(ctx, &wire.AdminRemoveUserFromGroupRequest{UserPoolID: pool, Username: "jane", GroupName: "readers"}))
	}
	must(api.DeleteGroup(ctx, &wire.DeleteGroupRequest{UserPoolID: pool, GroupName: "more0"}))
	refused(api.DeleteGroup(ctx, &wire.DeleteGroupRequest{UserPoolID: pool, GroupName: "more0"}), userpool.ResourceNotFound, "Group not found.")
	left, err := api.AdminListGroupsForUser(ctx, &wire.AdminListGroupsForUserRequest{UserPoolID: pool, Username: "jane"})
	must(err)
	if got := names(left.Groups); !slices.Equal(got, []string{"more1", "more2"}) {
		t.Errorf("the groups that are left: %v", got)
	}
}
