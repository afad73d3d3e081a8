package directory

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const books = "https://books.example.com/api"

// resourceServer makes the resource server books with these scopes.
func (w *world) resourceServer(scopes ...string) *wire.ResourceServerType {
	w.t.Helper()
	server, err := w.CreateResourceServer(w.t.Context(), w.stored(), &wire.CreateResourceServerRequest{
		UserPoolID: poolID, Identifier: books, Name: "Books", Scopes: scopeList(scopes...),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return server
}

func scopeList(names ...string) (list []wire.ResourceServerScopeType) {
	for _, name := range names {
		list = append(list, wire.ResourceServerScopeType{ScopeName: name, ScopeDescription: "to " + name})
	}
	return list
}

func TestResourceServers(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	want := &wire.ResourceServerType{UserPoolID: poolID, Identifier: books, Name: "Books", Scopes: scopeList("read", "write")}
	if diff := cmp.Diff(want, w.resourceServer("write", "read")); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	_, err := w.CreateResourceServer(t.Context(), p, &wire.CreateResourceServerRequest{Identifier: books, Name: "again"})
	wantError(t, err, userpool.InvalidParameter, books+" already exists in user pool "+poolID+".")
	_, err = w.CreateResourceServer(t.Context(), p, &wire.CreateResourceServerRequest{Identifier: "aws.cognito/dcr", Name: "system"})
	wantError(t, err, userpool.InvalidParameter, "")
	_, err = w.UpdateResourceServer(t.Context(), p, &wire.UpdateResourceServerRequest{Identifier: books, Name: "B", Scopes: scopeList("read", "read")})
	wantError(t, err, userpool.InvalidParameter, "")
	if _, err = w.UpdateResourceServer(t.Context(), p, &wire.UpdateResourceServerRequest{Identifier: books, Name: "B"}); err != nil {
		t.Fatal(err)
	}
	got, err := w.ResourceServer(t.Context(), p, books)
	if diff := cmp.Diff(&wire.ResourceServerType{UserPoolID: poolID, Identifier: books, Name: "B"}, got); err != nil || diff != "" {
		t.Errorf("updated (-want +got): %v\n%s", err, diff)
	}
	if err := w.DeleteResourceServer(t.Context(), p, books); err != nil {
		t.Fatal(err)
	}
	_, err = w.ResourceServer(t.Context(), p, books)
	wantError(t, err, userpool.ResourceNotFound, "Resource server "+books+" does not exist.")
}

func TestListResourceServers(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	for i := range resourceServerQuota {
		_, err := w.CreateResourceServer(t.Context(), p, &wire.CreateResourceServerRequest{Identifier: fmt.Sprintf("server-%02d", i), Name: "server"})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.CreateResourceServer(t.Context(), p, &wire.CreateResourceServerRequest{Identifier: books, Name: "server"})
	wantError(t, err, userpool.LimitExceeded, "Resource server limit exceeded.")
	in := &wire.ListResourceServersRequest{MaxResults: new(int32(20))}
	first, next, err := w.ListResourceServers(t.Context(), p, in)
	if err != nil || len(first) != 20 || next == "" || first[0].Identifier != "server-00" {
		t.Fatalf("got %d servers, next %q, %v", len(first), next, err)
	}
	in.NextToken = next
	if rest, next, err := w.ListResourceServers(t.Context(), p, in); err != nil || len(rest) != 5 || next != "" {
		t.Errorf("got %d servers, next %q, %v", len(rest), next, err)
	}
}

// A client may have the scopes that exist when it is stored. What goes later stays with it.
func TestScopesOfClients(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.resourceServer("read")
	machine := func(scope string) func(*wire.CreateUserPoolClientRequest) {
		return func(in *wire.CreateUserPoolClientRequest) {
			in.GenerateSecret = new(true)
			in.AllowedOAuthFlows = []wire.OAuthFlowType{"client_credentials"}
			in.AllowedOAuthScopes = []string{scope}
		}
	}
	for _, scope := range []string{books, books + "/write", books + "/Read", books + "/read/", "read", "/read", registrationScope} {
		_, err := w.tryClient(machine(scope))
		wantError(t, err, userpool.ScopeDoesNotExist, "Invalid scope requested: "+scope)
	}
	w.client(machine(books + "/read"))
	if err := w.DeleteResourceServer(t.Context(), p, books); err != nil {
		t.Fatal(err)
	}
	if got := w.readClient().Settings.AllowedOAuthScopes; len(got) != 1 {
		t.Errorf("the client has the scopes %v", got)
	}
}

// A client that acts for itself gets what it has, as long as its resource server has it.
func TestClientScopes(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.resourceServer("read", "write")
	read, write := books+"/read", books+"/write"
	w.client(func(in *wire.CreateUserPoolClientRequest) {
		in.GenerateSecret, in.ExplicitAuthFlows = new(true), []wire.ExplicitAuthFlowsType{"ALLOW_CLIENT_TOKEN_AUTH"}
		in.AllowedOAuthScopes = []string{read, write, "openid"}
	})
	const none = "The client has no scopes of resource servers."
	is := func(asked []string, refused string, want ...string) {
		t.Helper()
		got, err := w.ClientScopes(t.Context(), w.readClient(), asked)
		if refused != "" {
			wantError(t, err, userpool.InvalidParameter, refused)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %v (-want +got): %v\n%s", asked, err, diff)
		}
	}
	is(nil, "", read, write)
	is([]string{write, write}, "", write)
	is([]string{"openid"}, "Invalid scope requested: openid")
	is([]string{read, books + "/burn"}, "Invalid scope requested: "+books+"/burn")
	if _, err := w.UpdateResourceServer(t.Context(), p, &wire.UpdateResourceServerRequest{Identifier: books, Name: "B", Scopes: scopeList("read")}); err != nil {
		t.Fatal(err)
	}
	is(nil, "", read)
	is([]string{write}, "Invalid scope requested: "+write)
	if err := w.DeleteResourceServer(t.Context(), p, books); err != nil {
		t.Fatal(err)
	}
	is(nil, none)
	is([]string{read}, "Invalid scope requested: "+read)
	c := w.readClient()
	c.Settings.ExplicitAuthFlows = nil
	_, err := w.ClientScopes(t.Context(), c, nil)
	wantError(t, err, userpool.InvalidParameter, "ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client.")
}
