package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
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
	type fields = map[string]any
	call := func(operation string, in fields) (exception string, out fields) {
		body, _ := json.Marshal(in)
		status, answer := post(t, srv, operation, body)
		if len(answer) > 0 {
			if err := json.Unmarshal(answer, &out); err != nil {
				t.Error(err)
			}
		}
		if status != http.StatusOK {
			exception, _ = out["__type"].(string)
		}
		return exception, out
	}
	describe := func() fields {
		t.Helper()
		exception, out := call("DescribeUserPool", fields{"UserPoolId": srv.PoolID})
		if exception != "" {
			t.Fatal(out)
		}
		return out["UserPool"].(fields)
	}
	arn := describe()["Arn"]
	names := make([]string, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			name := fmt.Sprintf("n%d", i)
			if exception, out := call("TagResource", fields{"ResourceArn": arn, "Tags": fields{name: name}}); exception != "" {
				t.Errorf("TagResource: %v", out)
			}
			if exception, out := call("AddCustomAttributes", fields{"UserPoolId": srv.PoolID,
				"CustomAttributes": []fields{{"Name": name, "AttributeDataType": "String"}}}); exception != "" {
				t.Errorf("AddCustomAttributes: %v", out)
			}
			switch exception, out := call("UpdateUserPool", fields{"UserPoolId": srv.PoolID, "PoolName": name}); exception {
			case "":
				names[i] = name
			case "ConcurrentModificationException":
			default:
				t.Errorf("UpdateUserPool: %v", out)
			}
			switch exception, out := call("SetUserPoolMfaConfig", fields{"UserPoolId": srv.PoolID, "MfaConfiguration": "OPTIONAL",
				"SoftwareTokenMfaConfiguration": fields{"Enabled": true}}); exception {
			case "", "ConcurrentModificationException":
			default:
				t.Errorf("SetUserPoolMfaConfig: %v", out)
			}
		})
	}
	all.Wait()
	pool := describe()
	tags, schema := pool["UserPoolTags"].(fields), map[any]bool{}
	for _, a := range pool["SchemaAttributes"].([]any) {
		schema[a.(fields)["Name"]] = true
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
