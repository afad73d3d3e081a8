package ledger

import (
	"context"
	"fmt"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestGroups(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	w.user(pool, "jane")
	group := M{"UserPoolId": pool, "GroupName": "readers"}
	none := with(group, M{"GroupName": "nobodys"})
	jane, nobody := M{"Username": "jane"}, M{"Username": "nobody"}
	w.do("CreateGroup", with(group, M{"Precedence": 3}))
	w.provoke("CreateGroup", group, "GroupExistsException", "a group of that name was there")
	for operation, in := range map[string]M{"CreateGroup": none, "UpdateGroup": group} {
		w.provoke(operation, with(in, M{"Description": "\x00"}), "InvalidParameterException", "the description had a zero byte")
	}
	for _, operation := range []string{"GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"} {
		w.provoke(operation, none, "ResourceNotFoundException", "there is no such group")
	}
	for _, operation := range []string{"AdminAddUserToGroup", "AdminRemoveUserFromGroup"} {
		w.provoke(operation, with(none, jane), "ResourceNotFoundException", "there is no such group")
		w.provoke(operation, with(group, nobody), "UserNotFoundException", "there is no such user")
	}
	w.provoke("AdminListGroupsForUser", with(M{"UserPoolId": pool}, nobody), "UserNotFoundException", "there is no such user")

	token := M{"NextToken": "nobodys"}
	w.provoke("ListGroups", with(M{"UserPoolId": pool}, token), "InvalidParameterException", "the token was not of this list")
	w.provoke("AdminListGroupsForUser", with(with(M{"UserPoolId": pool}, jane), token), "InvalidParameterException", "the token was not of this list")
	w.provoke("ListUsersInGroup", with(group, token), "InvalidParameterException", "the token was not of this list")

	for i := range 100 {
		numbered := M{"UserPoolId": pool, "GroupName": fmt.Sprint("group", i)}
		w.do("CreateGroup", numbered)
		w.do("AdminAddUserToGroup", with(numbered, jane))
	}
	w.provoke("AdminAddUserToGroup", with(group, jane), "InvalidParameterException", "the user was in 100 groups")
}

// A user pool has room for 10,000 groups.
func TestTooManyGroups(t *testing.T) {
	w, pool := newWorldWith(t, func(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
		for i := range 10_000 {
			g := userpool.Group{Pool: pool.Number, Name: fmt.Sprint("group", i), Created: pool.Created, Modified: pool.Modified}
			if err := tx.CreateGroup(ctx, &g); err != nil {
				return err
			}
		}
		return nil
	})
	w.provoke("CreateGroup", M{"UserPoolId": pool, "GroupName": "one-more"}, "LimitExceededException", "the user pool had 10,000 groups")
}
