package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
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
	type fields = map[string]any
	call := func(operation string, in fields) (out fields) {
		in["UserPoolId"] = srv.PoolID
		body, _ := json.Marshal(in)
		status, answer := post(t, srv, operation, body)
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", operation, status, answer)
		}
		if len(answer) > 0 {
			if err := json.Unmarshal(answer, &out); err != nil {
				t.Error(err)
			}
		}
		return out
	}
	const clients = 50
	group := func(more fields) fields {
		in := fields{"GroupName": "all"}
		for name, value := range more {
			in[name] = value
		}
		return in
	}
	user := func(i int) fields { return group(fields{"Username": fmt.Sprint("member", i)}) }
	call("CreateGroup", group(fields{"Precedence": 100}))
	for i := range clients {
		call("AdminCreateUser", fields{"Username": fmt.Sprint("member", i), "MessageAction": "SUPPRESS"})
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
			call("UpdateGroup", group([]fields{
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
			members[u.(fields)["Username"]] = true
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
	g := call("GetGroup", group(nil))["Group"].(fields)
	if g["Precedence"] != 1.0 || g["Description"] != "changed" || g["RoleArn"] == nil {
		t.Errorf("a change was lost: %v", g)
	}
}
