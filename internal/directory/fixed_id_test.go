package directory

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestFixedIDs(t *testing.T) {
	w := newWorld(t)
	create := func(id string) (*userpool.Pool, error) {
		return w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "pool", UserPoolTags: map[string]string{
			"poolhouse:id": id, "poolhouse:client-id:web": "web1234", "poolhouse:client-id:bad": "no-dashes",
		}}, PoolOptions{})
	}
	for _, id := range []string{"eu-west-1_Local0001", "us-east-1_", "us-east-1_a b", "Local", ""} {
		_, err := create(id)
		wantError(t, err, userpool.InvalidParameter, "")
	}
	pool, err := create("us-east-1_Local0001")
	if err != nil || pool.ID != "us-east-1_Local0001" {
		t.Fatal(pool, err)
	}
	_, err = create("us-east-1_Local0001")
	wantError(t, err, userpool.InvalidParameter, "The id us-east-1_Local0001 is taken. Change the tag poolhouse:id or take it away.")

	client := func(name string) (*userpool.Client, error) {
		return w.CreateClient(t.Context(), pool, &wire.CreateUserPoolClientRequest{ClientName: name}, ClientOptions{})
	}
	web, err := client("web")
	if err != nil || web.ID != "web1234" {
		t.Fatal(web, err)
	}
	_, err = client("web")
	wantError(t, err, userpool.InvalidParameter, "The id web1234 is taken. Change the tag poolhouse:client-id:web or take it away.")
	_, err = client("bad")
	wantError(t, err, userpool.InvalidParameter, "")
	if other, err := client("other"); err != nil || len(other.ID) < 25 {
		t.Errorf("got %v, %v", other, err)
	}
}
