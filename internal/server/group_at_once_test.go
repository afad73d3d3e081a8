package server_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// Fifty clients that work on one group at once lose nothing, on both engines.
func TestGroupAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testGroupAtOnce)
}

func testGroupAtOnce(t *testing.T, srv *poolhousetest.Server) {
	c := caller{t, srv}
	call := func(operation string, in object) object {
		in["UserPoolId"] = srv.PoolID
		out, exception := c.call(operation, in)
		if exception != "" {
			t.Errorf("%s: %v", operation, out)
		}
		return out
	}
	const clients = 50
	group := func(more object) object {
		in := object{"GroupName": "all"}
		for name, value := range more {
			in[name] = value
		}
		return in
	}
	user := func(i int) object { return group(object{"Username": fmt.Sprint("member", i)}) }
	call("CreateGroup", group(object{"Precedence": 100}))
	for i := range clients {
		call("AdminCreateUser", object{"Username": fmt.Sprint("member", i), "MessageAction": "SUPPRESS"})
	}
	for i := 1; i < clients; i += 2 {
		call("AdminAddUserToGroup", user(i))
	}
	// Each client puts a user in or takes one out, and changes one member of the group of three: what it leaves out
	// must not bring back what another one has changed.
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			if i%2 == 0 {
				call("AdminAddUserToGroup", user(i))
			} else {
				call("AdminRemoveUserFromGroup", user(i))
			}
			call("UpdateGroup", group([]object{
				{"Precedence": 1}, {"Description": "changed"}, {"RoleArn": "arn:aws:iam::123456789012:role/changed"},
			}[i%3]))
		})
	}
	all.Wait()

	members := map[any]bool{}
	in := group(nil)
	for {
		page := call("ListUsersInGroup", in)
		for _, u := range page["Users"].([]any) {
			members[u.(object)["Username"]] = true
		}
		if in["NextToken"] = page["NextToken"]; in["NextToken"] == nil {
			break
		}
	}
	for i := range clients {
		if name := fmt.Sprint("member", i); members[name] != (i%2 == 0) {
			t.Errorf("%s is a member: %v", name, members[name])
		}
	}
	g := call("GetGroup", group(nil))["Group"].(object)
	if g["Precedence"] != 1.0 || g["Description"] != "changed" || g["RoleArn"] == nil {
		t.Errorf("a change was lost: %v", g)
	}
}
