package server_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// Fifty clients change one pool at the same time. No change that was answered with success is lost, and only operations
// that declare ConcurrentModificationException answer it, on both engines.
func TestPoolAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testPoolAtOnce)
}

func testPoolAtOnce(t *testing.T, srv *poolhousetest.Server) {
	const clients = 50
	c := caller{t, srv}
	describe := func() object {
		t.Helper()
		return c.must("DescribeUserPool", object{"UserPoolId": srv.PoolID})["UserPool"].(object)
	}
	arn := describe()["Arn"]
	names := make([]string, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			name := fmt.Sprintf("n%d", i)
			if out, exception := c.call("TagResource", object{"ResourceArn": arn, "Tags": object{name: name}}); exception != "" {
				t.Errorf("TagResource: %v", out)
			}
			if out, exception := c.call("AddCustomAttributes", object{"UserPoolId": srv.PoolID,
				"CustomAttributes": []object{{"Name": name, "AttributeDataType": "String"}}}); exception != "" {
				t.Errorf("AddCustomAttributes: %v", out)
			}
			switch out, exception := c.call("UpdateUserPool", object{"UserPoolId": srv.PoolID, "PoolName": name}); exception {
			case "":
				names[i] = name
			case "ConcurrentModificationException":
			default:
				t.Errorf("UpdateUserPool: %v", out)
			}
			switch out, exception := c.call("SetUserPoolMfaConfig", object{"UserPoolId": srv.PoolID, "MfaConfiguration": "OPTIONAL",
				"SoftwareTokenMfaConfiguration": object{"Enabled": true}}); exception {
			case "", "ConcurrentModificationException":
			default:
				t.Errorf("SetUserPoolMfaConfig: %v", out)
			}
		})
	}
	all.Wait()
	pool := describe()
	tags, schema := pool["UserPoolTags"].(object), map[any]bool{}
	for _, a := range pool["SchemaAttributes"].([]any) {
		schema[a.(object)["Name"]] = true
	}
	won := false
	for i := range clients {
		name := fmt.Sprintf("n%d", i)
		if tags[name] != name {
			t.Errorf("the tag %s is lost", name)
		}
		if !schema["custom:"+name] {
			t.Errorf("the attribute %s is lost", name)
		}
		won = won || names[i] != "" && pool["Name"] == names[i]
	}
	if !won && pool["Name"] != "demo" {
		t.Errorf("the pool is called %v, which nobody was told", pool["Name"])
	}
}
