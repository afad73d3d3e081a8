package server_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// Callers who change users at the same moment lose nothing of each other's, and no two users ever have one alias, on
// both engines.
func TestUsersAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testUsersAtOnce)
}

func attributes(pairs ...string) (list []object) {
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, object{"Name": pair[0], "Value": pair[1]})
	}
	return list
}

// user creates a user.
func (c caller) user(pool, name string, list []object) {
	c.t.Helper()
	c.must("AdminCreateUser", object{"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": list})
}

// attribute reads one of a user's attributes.
func (c caller) attribute(pool, name, attribute string) string {
	c.t.Helper()
	for _, at := range c.must("AdminGetUser", object{"UserPoolId": pool, "Username": name})["UserAttributes"].([]any) {
		if at := at.(object); at["Name"] == attribute {
			return at["Value"].(string)
		}
	}
	return ""
}

func testUsersAtOnce(t *testing.T, srv *poolhousetest.Server) {
	c := caller{t, srv}
	var schema []object
	for i := range crowd {
		schema = append(schema, object{"Name": fmt.Sprint("a", i), "AttributeDataType": "String"})
	}
	pool := c.must("CreateUserPool", object{"PoolName": "crowd", "Schema": schema, "AliasAttributes": []string{"email"}})["UserPool"].(object)["Id"].(string)
	client := c.must("CreateUserPoolClient", object{"UserPoolId": pool, "ClientName": "crowd",
		"ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH"}})["UserPoolClient"].(object)["ClientId"].(string)

	// Half of the callers are administrators, half have the user's token.
	c.user(pool, "jane", nil)
	c.must("AdminSetUserPassword", object{"UserPoolId": pool, "Username": "jane", "Password": "Passw0rd!", "Permanent": true})
	token := c.must("InitiateAuth", object{"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
		"AuthParameters": object{"USERNAME": "jane", "PASSWORD": "Passw0rd!"}})["AuthenticationResult"].(object)["AccessToken"]
	c.want("attributes of one user", c.together(func(i int) (exception string) {
		list := attributes(fmt.Sprint("custom:a", i), fmt.Sprint(i))
		if i%2 == 0 {
			_, exception = c.call("UpdateUserAttributes", object{"AccessToken": token, "UserAttributes": list})
		} else {
			_, exception = c.call("AdminUpdateUserAttributes", object{"UserPoolId": pool, "Username": "jane", "UserAttributes": list})
		}
		return exception
	}), map[string]int{"": crowd})
	for i := range crowd {
		if got := c.attribute(pool, "jane", fmt.Sprint("custom:a", i)); got != fmt.Sprint(i) {
			t.Errorf("custom:a%d is %q", i, got)
		}
	}

	const address = "all@example.com"
	for i := range crowd {
		c.user(pool, fmt.Sprint("user", i), attributes("email", address))
	}
	verify := func(i int, flag string) string {
		_, exception := c.call("AdminUpdateUserAttributes", object{"UserPoolId": pool, "Username": fmt.Sprint("user", i),
			"UserAttributes": attributes("email_verified", flag)})
		return exception
	}
	owner := func() (owner string) {
		t.Helper()
		for i := range crowd {
			name := fmt.Sprint("user", i)
			if c.attribute(pool, name, "email_verified") != "true" {
				continue
			}
			if owner != "" {
				t.Errorf("%s and %s have the alias", owner, name)
			}
			owner = name
		}
		out, exception := c.call("AdminGetUser", object{"UserPoolId": pool, "Username": address})
		if found, _ := out["Username"].(string); found != owner || (exception == "") != (owner != "") {
			t.Errorf("the alias finds %q %s, and belongs to %q", found, exception, owner)
		}
		return owner
	}
	c.want("one alias", c.together(func(i int) string { return verify(i, "true") }), map[string]int{"": 1, "AliasExistsException": crowd - 1})
	for round := range 3 { // the owner gives it up while the others want it
		before := owner()
		answers := c.together(func(i int) string {
			if fmt.Sprint("user", i) == before {
				return verify(i, "false")
			}
			return verify(i, "true")
		})
		after := owner()
		if answers[""] > 2 || answers[""]+answers["AliasExistsException"] != crowd || after == before {
			t.Errorf("round %d: %v, from %q to %q", round, answers, before, after)
		}
		if after == "" {
			c.want("one alias again", c.together(func(i int) string { return verify(i, "true") }),
				map[string]int{"": 1, "AliasExistsException": crowd - 1})
		}
	}
	testListAtOnce(c, pool)
}

// testListAtOnce lists a pool's users over and over while others come and go: who stays is there once each time.
func testListAtOnce(c caller, pool string) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			name := fmt.Sprintf("user%d.%d", i%crowd, i) // among the others, in every order
			c.call("AdminCreateUser", object{"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": attributes("name", name)})
			c.call("AdminDeleteUser", object{"UserPoolId": pool, "Username": name})
		}
	}()
	for _, filter := range []string{``, `username ^= "user"`, `status = "Enabled"`, `email = "all@example.com"`} {
		times := map[string]int{}
		in := object{"UserPoolId": pool, "Filter": filter, "Limit": 7}
		for {
			out := c.must("ListUsers", in)
			for _, u := range out["Users"].([]any) {
				times[u.(object)["Username"].(string)]++
			}
			token, more := out["PaginationToken"]
			if !more {
				break
			}
			in["PaginationToken"] = token
		}
		for i := range crowd {
			if name := fmt.Sprint("user", i); times[name] != 1 {
				c.t.Errorf("the filter %q lists %s %d times", filter, name, times[name])
			}
		}
	}
	close(stop)
	<-stopped
}
