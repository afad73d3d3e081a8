package userpool

import "testing"

func TestPageTokens(t *testing.T) {
	token := NextToken("key", "List", "pool")
	if key, err := ReadToken(token, "List", "pool"); err != nil || key != "key" {
		t.Errorf("got %q, %v", key, err)
	}
	if key, err := ReadToken(NextToken("", "List"), "List"); err != nil || key != "" {
		t.Errorf("last page: got %q, %v", key, err)
	}
	for _, scope := range [][]string{{"List"}, {"List", "other"}, {"Listpool"}, {"List", "pool", ""}} {
		if _, err := ReadToken(token, scope...); !IsCode(err, InvalidParameter) {
			t.Errorf("in scope %q: %v", scope, err)
		}
	}
}
