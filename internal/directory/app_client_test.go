package directory

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestCreateClientShowsTheRecordedAnswer(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	c := w.client(nil)
	wantJSON(t, DescribeClient(c), golden(t, "app_client.json"))
	wantJSON(t, DescribeClient(w.readClient()), golden(t, "app_client.json"))
}

func TestClientIDsAndSecrets(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	id := regexp.MustCompile(`^([1-7][0-9a-v]{25}|[1-9a-v][0-9a-v]{24})$`)
	secret := regexp.MustCompile(`^(1[0-9a-v]{51}|[1-9a-v][0-9a-v]{50})$`)
	seen := map[string]bool{}
	for range 40 {
		c, err := w.CreateClient(t.Context(), p, &wire.CreateUserPoolClientRequest{ClientName: "client", GenerateSecret: new(true)}, ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d := DescribeClient(c)
		if !id.MatchString(d.ClientID) || seen[d.ClientID] {
			t.Errorf("got id %q", d.ClientID)
		}
		if !secret.MatchString(d.ClientSecret) || seen[d.ClientSecret] {
			t.Errorf("got secret %q", d.ClientSecret)
		}
		seen[d.ClientID], seen[d.ClientSecret] = true, true
		if want := fmt.Sprintf("%s--%d", c.ID, w.clock.UnixMilli()); c.Secrets[0].ID != want {
			t.Errorf("got secret id %q, want %q", c.Secrets[0].ID, want)
		}
	}
}

func TestCreateClientUnderATakenID(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(nil)
	if _, err := w.tryClient(nil); !errors.Is(err, userpool.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
}

// TestClientSettings sets a member and looks at what Describe shows.
func TestClientSettings(t *testing.T) {
	type request = wire.CreateUserPoolClientRequest
	type client = wire.UserPoolClientType
	const ownSecret = "0123456789abcdefghijklmn"
	tests := []struct {
		name string
		in   func(*request)
		show func(*client) any
		want string
	}{
		{"own secret", func(in *request) { in.ClientSecret = ownSecret },
			func(d *client) any { return d.ClientSecret }, `"` + ownSecret + `"`},
		{"no secret", func(in *request) { in.GenerateSecret = new(false) },
			func(d *client) any { return d.ClientSecret }, `""`},
		{"lists are sorted sets", func(in *request) {
			in.CallbackURLs = []string{"https://b.example.com/", "https://a.example.com/", "https://b.example.com/"}
			in.LogoutURLs = []string{"z://x", "a://x"}
			in.DefaultRedirectURI = "https://b.example.com/"
			in.AllowedOAuthFlows = []wire.OAuthFlowType{"implicit", "code"}
			in.AllowedOAuthScopes = []string{"phone", "openid", "email"}
			in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
			in.ReadAttributes = []string{"name", "email", "sub", "email_verified", "identities"}
			in.WriteAttributes = []string{"name", "email", "custom:level"}
			in.SupportedIdentityProviders = []string{"COGNITO", "COGNITO"}
			in.AllowedOAuthFlowsUserPoolClient = new(true)
		}, func(d *client) any {
			return []any{d.CallbackURLs, d.LogoutURLs, d.DefaultRedirectURI, d.AllowedOAuthFlows, d.AllowedOAuthScopes, d.ExplicitAuthFlows,
				d.ReadAttributes, d.WriteAttributes, d.SupportedIdentityProviders, d.AllowedOAuthFlowsUserPoolClient}
		}, `[["https://a.example.com/","https://b.example.com/"],["a://x","z://x"],"https://b.example.com/",["code","implicit"],["email","openid","phone"],
		     ["ALLOW_REFRESH_TOKEN_AUTH","ALLOW_USER_SRP_AUTH"],["email","email_verified","identities","name","sub"],["custom:level","email","name"],["COGNITO"],true]`},
		{"empty lists are absent", func(in *request) {
			in.CallbackURLs, in.ReadAttributes, in.ExplicitAuthFlows = []string{}, []string{}, []wire.ExplicitAuthFlowsType{}
		}, func(d *client) any {
			return []any{d.CallbackURLs == nil, d.ReadAttributes == nil, d.ExplicitAuthFlows == nil}
		}, `[true,true,true]`},
		{"units are completed", func(in *request) {
			in.TokenValidityUnits = &wire.TokenValidityUnitsType{AccessToken: "minutes"}
			in.AccessTokenValidity = new(int32(5))
		}, func(d *client) any { return []any{d.TokenValidityUnits, d.AccessTokenValidity, d.IDTokenValidity} },
			`[{"AccessToken":"minutes","IdToken":"hours","RefreshToken":"days"},5,null]`},
		{"no refresh validity", func(in *request) { in.RefreshTokenValidity = new(int32(0)) },
			func(d *client) any { return d.RefreshTokenValidity }, `30`},
		{"no refresh validity, in hours", func(in *request) { in.TokenValidityUnits = &wire.TokenValidityUnitsType{RefreshToken: "hours"} },
			func(d *client) any { return d.RefreshTokenValidity }, `720`},
		{"no refresh validity, in minutes", func(in *request) { in.TokenValidityUnits = &wire.TokenValidityUnitsType{RefreshToken: "minutes"} },
			func(d *client) any { return d.RefreshTokenValidity }, `43200`},
		{"no refresh validity, in seconds", func(in *request) { in.TokenValidityUnits = &wire.TokenValidityUnitsType{RefreshToken: "seconds"} },
			func(d *client) any { return d.RefreshTokenValidity }, `2592000`},
		{"all set", func(in *request) {
			in.GenerateSecret = new(true)
			in.AuthSessionValidity = new(int32(15))
			in.EnableTokenRevocation = new(false)
			in.EnablePropagateAdditionalUserContextData = new(true)
			in.PreventUserExistenceErrors = "ENABLED"
			in.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: new(int32(10))}
			in.AnalyticsConfiguration = &wire.AnalyticsConfigurationType{ApplicationID: "a1", UserDataShared: new(true)}
		}, func(d *client) any {
			return []any{d.AuthSessionValidity, d.EnableTokenRevocation, d.EnablePropagateAdditionalUserContextData, d.PreventUserExistenceErrors,
				d.RefreshTokenRotation, d.AnalyticsConfiguration}
		}, `[15,false,true,"ENABLED",{"Feature":"ENABLED","RetryGracePeriodSeconds":10},{"ApplicationId":"a1","UserDataShared":true}]`},
		{"legacy flows", func(in *request) {
			in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}
		},
			func(d *client) any { return d.ExplicitAuthFlows }, `["ADMIN_NO_SRP_AUTH","USER_PASSWORD_AUTH"]`},
		{"tokens of a machine by the API", func(in *request) {
			in.GenerateSecret = new(true)
			in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_CLIENT_TOKEN_AUTH"}
		}, func(d *client) any { return d.ExplicitAuthFlows }, `["ALLOW_CLIENT_TOKEN_AUTH"]`},
		{"rotation without a list of flows", func(in *request) { in.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED"} },
			func(d *client) any { return d.RefreshTokenRotation }, `{"Feature":"ENABLED"}`},
		{"no rotation beside the refresh flow", func(in *request) {
			in.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "DISABLED"}
			in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_REFRESH_TOKEN_AUTH"}
		}, func(d *client) any { return d.ExplicitAuthFlows }, `["ALLOW_REFRESH_TOKEN_AUTH"]`},
		{"flow of machines", func(in *request) {
			in.GenerateSecret = new(true)
			in.AllowedOAuthFlows = []wire.OAuthFlowType{"client_credentials"}
		}, func(d *client) any { return d.AllowedOAuthFlows }, `["client_credentials"]`},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(func(in *wire.CreateUserPoolRequest) {
				in.Schema = []wire.SchemaAttributeType{{Name: "level", AttributeDataType: "Number"}}
			})
			w.client(tt.in)
			wantJSON(t, tt.show(DescribeClient(w.readClient())), []byte(tt.want))
		})
	}
}

func TestClientValidity(t *testing.T) {
	type units = wire.TokenValidityUnitsType
	tests := []struct {
		name                string
		access, id, refresh int32 // 0 leaves the member out
		units               *units
		ok                  bool
	}{
		{name: "defaults", ok: true},
		{name: "shortest", access: 300, id: 300, refresh: 3600, units: &units{AccessToken: "seconds", IDToken: "seconds", RefreshToken: "seconds"}, ok: true},
		{name: "longest", access: 24, id: 1, refresh: 3650, units: &units{IDToken: "days"}, ok: true},
		{name: "longest in seconds", access: 86400, refresh: 315360000, units: &units{AccessToken: "seconds", RefreshToken: "seconds"}, ok: true},
		{name: "access too short", access: 4, units: &units{AccessToken: "minutes"}},
		{name: "access too long", access: 25},
		{name: "access far too long", access: 86400, units: &units{AccessToken: "days"}},
		{name: "ID too short", id: 299, units: &units{IDToken: "seconds"}},
		{name: "ID too long", id: 2, units: &units{IDToken: "days"}},
		{name: "refresh too short", refresh: 59, units: &units{RefreshToken: "minutes"}},
		{name: "refresh too long", refresh: 3651},
		{name: "refresh far too long", refresh: 315360000, units: &units{RefreshToken: "days"}},
		{name: "refresh as long as access", access: 2, refresh: 2, units: &units{RefreshToken: "hours"}, ok: true},
		{name: "refresh shorter than access", access: 3, refresh: 2, units: &units{RefreshToken: "hours"}},
		{name: "refresh shorter than ID", id: 3, refresh: 2, units: &units{RefreshToken: "hours"}},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			given := func(n int32) *int32 {
				if n == 0 {
					return nil
				}
				return &n
			}
			w.pool(nil)
			_, err := w.tryClient(func(in *wire.CreateUserPoolClientRequest) {
				in.AccessTokenValidity, in.IDTokenValidity, in.RefreshTokenValidity = given(tt.access), given(tt.id), given(tt.refresh)
				in.TokenValidityUnits = tt.units
			})
			if tt.ok {
				wantError(t, err, "", "")
				return
			}
			wantError(t, err, userpool.InvalidParameter, "Invalid range for token validity.")
		})
	}
}

func TestClientRefusals(t *testing.T) {
	type request = wire.CreateUserPoolClientRequest
	flows := func(f ...wire.ExplicitAuthFlowsType) []wire.ExplicitAuthFlowsType { return f }
	oauth := func(f ...wire.OAuthFlowType) []wire.OAuthFlowType { return f }
	const (
		wrongRead  = "Invalid read attributes specified while %s a client"
		wrongWrite = "Invalid write attributes specified while %s a client"
	)
	tests := []struct {
		name    string
		in      func(*request)
		code    userpool.ErrorCode
		message string // %s stands for creating or updating
	}{
		{"legacy flow beside a new one", func(in *request) { in.ExplicitAuthFlows = flows("USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH") }, userpool.InvalidParameter, ""},
		{"client tokens beside another flow", func(in *request) {
			in.ClientSecret = "0123456789abcdefghijklmn"
			in.ExplicitAuthFlows = flows("ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH")
		}, userpool.InvalidParameter, ""},
		{"client tokens without a secret", func(in *request) { in.ExplicitAuthFlows = flows("ALLOW_CLIENT_TOKEN_AUTH") }, userpool.InvalidParameter, ""},
		{"refresh flow with rotation", func(in *request) {
			in.ExplicitAuthFlows = flows("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
			in.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED"}
		}, userpool.InvalidParameter, ""},
		{"context data without a secret", func(in *request) { in.EnablePropagateAdditionalUserContextData = new(true) }, userpool.InvalidParameter, ""},
		{"unknown provider", func(in *request) { in.SupportedIdentityProviders = []string{"COGNITO", "Google"} },
			userpool.InvalidParameter, "The provider Google does not exist for User Pool " + poolID + "."},

		{"unknown attribute to read", func(in *request) { in.ReadAttributes = []string{"email", "level"} }, userpool.InvalidParameter, wrongRead},
		{"developers' attribute to read", func(in *request) { in.ReadAttributes = []string{"dev:custom:secret"} }, userpool.InvalidParameter, wrongRead},
		{"unknown attribute to write", func(in *request) { in.WriteAttributes = []string{"email", "custom:level"} }, userpool.InvalidParameter, wrongWrite},
		{"developers' attribute to write", func(in *request) { in.WriteAttributes = []string{"email", "dev:custom:secret"} }, userpool.InvalidParameter, wrongWrite},
		{"required attribute not writable", func(in *request) { in.WriteAttributes = []string{"name"} }, userpool.InvalidParameter, wrongWrite},
		{"verified email to write", func(in *request) { in.WriteAttributes = []string{"email", "email_verified"} }, userpool.InvalidParameter, wrongWrite},
		{"verified number to write", func(in *request) { in.WriteAttributes = []string{"email", "phone_number_verified"} }, userpool.InvalidParameter, wrongWrite},
		{"sub to write", func(in *request) { in.WriteAttributes = []string{"email", "sub"} }, userpool.InvalidParameter, wrongWrite},
		{"identities to write", func(in *request) { in.WriteAttributes = []string{"email", "identities"} }, userpool.InvalidParameter, wrongWrite},

		{"callback in the clear", func(in *request) { in.CallbackURLs = []string{"http://app.example.com/cb"} },
			userpool.InvalidParameter, "http://app.example.com/cb cannot use the HTTP protocol."},
		{"logout in the clear", func(in *request) { in.LogoutURLs = []string{"HTTP://localhost.example.com/"} },
			userpool.InvalidParameter, "HTTP://localhost.example.com/ cannot use the HTTP protocol."},
		{"callback that only looks local", func(in *request) { in.CallbackURLs = []string{"http://localhost@example.com/"} },
			userpool.InvalidParameter, "http://localhost@example.com/ cannot use the HTTP protocol."},
		{"relative callback", func(in *request) { in.CallbackURLs = []string{"/cb"} }, userpool.InvalidParameter, ""},
		{"callback without a host", func(in *request) { in.CallbackURLs = []string{"https:///cb"} }, userpool.InvalidParameter, ""},
		{"callback with a fragment", func(in *request) { in.CallbackURLs = []string{"https://app.example.com/#cb"} }, userpool.InvalidParameter, ""},
		{"callback with an empty fragment", func(in *request) { in.CallbackURLs = []string{"https://app.example.com/#"} }, userpool.InvalidParameter, ""},
		{"callback that is no URL", func(in *request) { in.CallbackURLs = []string{"https://[::1/"} }, userpool.InvalidParameter, ""},
		{"default that is no callback", func(in *request) {
			in.CallbackURLs, in.DefaultRedirectURI = []string{"https://a.example.com/"}, "https://b.example.com/"
		}, userpool.InvalidParameter, "The default redirect URI https://b.example.com/ is not in the callback URIs list."},

		{"OAuth without flows", func(in *request) {
			in.AllowedOAuthFlowsUserPoolClient, in.AllowedOAuthScopes = new(true), []string{"openid"}
		}, userpool.InvalidParameter, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."},
		{"OAuth without scopes", func(in *request) {
			in.AllowedOAuthFlowsUserPoolClient, in.AllowedOAuthFlows, in.CallbackURLs = new(true), oauth("code"), []string{"app://cb"}
		}, userpool.InvalidParameter, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."},
		{"code without a callback", func(in *request) { in.AllowedOAuthFlows = oauth("code") },
			userpool.InvalidOAuthFlow, "CallbackUrls can not be empty when code flow or implicit flow is selected"},
		{"implicit without a callback", func(in *request) { in.AllowedOAuthFlows = oauth("implicit") },
			userpool.InvalidOAuthFlow, "CallbackUrls can not be empty when code flow or implicit flow is selected"},
		{"machines beside users", func(in *request) {
			in.AllowedOAuthFlows, in.CallbackURLs = oauth("client_credentials", "code"), []string{"app://cb"}
		}, userpool.InvalidOAuthFlow, "client_credentials flow can not be selected along with code flow or implicit flow."},
		{"machines without a secret", func(in *request) { in.AllowedOAuthFlows = oauth("client_credentials") },
			userpool.InvalidOAuthFlow, "client_credentials flow can not be selected if client does not have a client secret."},
		{"machines with a user's scope", func(in *request) {
			in.ClientSecret, in.AllowedOAuthFlows, in.AllowedOAuthScopes = "0123456789abcdefghijklmn", oauth("client_credentials"), []string{"openid"}
		}, userpool.InvalidOAuthFlow, "openid is not supported with client_credentials flow"},
		{"scope of no resource server", func(in *request) { in.AllowedOAuthScopes = []string{"openid", "orders/read"} },
			userpool.ScopeDoesNotExist, "Invalid scope requested: orders/read"},
		{"scope in the wrong case", func(in *request) { in.AllowedOAuthScopes = []string{"OpenID"} },
			userpool.ScopeDoesNotExist, "Invalid scope requested: OpenID"},
	}
	w := newWorld(t)
	for _, tt := range tests {
		message := func(doing string) string {
			if strings.Contains(tt.message, "%s") {
				return fmt.Sprintf(tt.message, doing)
			}
			return tt.message
		}
		pool := func(in *wire.CreateUserPoolRequest) {
			in.Schema = []wire.SchemaAttributeType{
				{Name: "email", Required: new(true)},
				{Name: "secret", AttributeDataType: "String", DeveloperOnlyAttribute: new(true)},
			}
		}
		t.Run("create: "+tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(pool)
			_, err := w.tryClient(tt.in)
			wantError(t, err, tt.code, message("creating"))
			if _, err := w.Store.Client(t.Context(), clientID); !errors.Is(err, userpool.ErrNotFound) {
				t.Errorf("after the refusal the client is there: %v", err)
			}
		})
		t.Run("update: "+tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(pool)
			var in request
			tt.in(&in)
			w.client(func(first *request) { first.ClientSecret = in.ClientSecret })
			before := DescribeClient(w.readClient())
			_, err := w.UpdateClient(t.Context(), w.readClient(), clientMembers(&in))
			wantError(t, err, tt.code, message("updating"))
			if diff := cmp.Diff(before, DescribeClient(w.readClient())); diff != "" {
				t.Errorf("after the refusal the client is another:\n%s", diff)
			}
		})
	}
}

func TestRedirectsThatAreFine(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(func(in *wire.CreateUserPoolClientRequest) {
		in.CallbackURLs = []string{
			"https://app.example.com/cb?x=1", "https://app.example.com:8443", "http://localhost:3000/cb", "http://127.0.0.1/",
			"http://[::1]:8080/cb", "myapp://x", "myapp://", "com.example.app:/cb",
		}
	})
}

func TestClientsOfLite(t *testing.T) {
	w := newWorld(t)
	w.pool(func(in *wire.CreateUserPoolRequest) { in.UserPoolTier = "LITE" })
	choice := func(in *wire.CreateUserPoolClientRequest) {
		in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_USER_AUTH"}
	}
	_, err := w.tryClient(choice)
	wantError(t, err, userpool.FeatureUnavailableInTier, "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In")
	if err := w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = "ESSENTIALS" }); err != nil {
		t.Fatal(err)
	}
	w.client(choice)
}

func TestTwoWaysToASecret(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	_, err := w.tryClient(func(in *wire.CreateUserPoolClientRequest) {
		in.GenerateSecret, in.ClientSecret = new(true), "0123456789abcdefghijklmn"
	})
	wantError(t, err, userpool.InvalidParameter, "")
}

func TestUpdateClient(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(func(in *wire.CreateUserPoolClientRequest) {
		in.ClientSecret = "0123456789abcdefghijklmn"
		in.AccessTokenValidity, in.IDTokenValidity, in.RefreshTokenValidity = new(int32(2)), new(int32(2)), new(int32(60))
		in.TokenValidityUnits = &wire.TokenValidityUnitsType{IDToken: "hours"}
		in.ReadAttributes, in.WriteAttributes = []string{"email"}, []string{"email"}
		in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
		in.SupportedIdentityProviders = []string{"COGNITO"}
		in.CallbackURLs, in.LogoutURLs, in.DefaultRedirectURI = []string{"app://cb"}, []string{"app://out"}, "app://cb"
		in.AllowedOAuthFlows, in.AllowedOAuthScopes = []wire.OAuthFlowType{"code"}, []string{"openid"}
		in.AllowedOAuthFlowsUserPoolClient = new(true)
		in.AnalyticsConfiguration = &wire.AnalyticsConfigurationType{ApplicationID: "a1"}
		in.PreventUserExistenceErrors = "ENABLED"
		in.EnableTokenRevocation, in.EnablePropagateAdditionalUserContextData = new(false), new(true)
		in.AuthSessionValidity = new(int32(10))
		in.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED"}
	})
	created := w.clock
	w.clock = w.clock.Add(time.Hour)
	shared := w.readClient()
	before := DescribeClient(shared)

	updated, err := w.UpdateClient(t.Context(), shared, &wire.UpdateUserPoolClientRequest{ClientName: "renamed"})
	if err != nil {
		t.Fatal(err)
	}
	want := &wire.UserPoolClientType{
		UserPoolID: poolID, ClientID: clientID, ClientName: "renamed", ClientSecret: "0123456789abcdefghijklmn",
		CreationDate: wire.NewTimestamp(created), LastModifiedDate: wire.NewTimestamp(w.clock),
		RefreshTokenValidity: new(int32(30)), TokenValidityUnits: &wire.TokenValidityUnitsType{},
		AllowedOAuthFlowsUserPoolClient: new(false), EnableTokenRevocation: new(true),
		EnablePropagateAdditionalUserContextData: new(false), AuthSessionValidity: new(int32(3)),
	}
	if diff := cmp.Diff(want, DescribeClient(updated)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, DescribeClient(w.readClient())); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, DescribeClient(shared)); diff != "" {
		t.Errorf("the update changed what a reader holds:\n%s", diff)
	}

	_, err = w.UpdateClient(t.Context(), shared, &wire.UpdateUserPoolClientRequest{})
	wantError(t, err, userpool.ConcurrentModification, "")
	kept, err := w.UpdateClient(t.Context(), w.readClient(), &wire.UpdateUserPoolClientRequest{})
	if err != nil || kept.Name != "renamed" {
		t.Errorf("without a name the client is called %q (%v)", kept.Name, err)
	}
}

func TestDeleteClient(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	c := w.client(nil)
	if err := w.DeleteClient(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	gone := "User pool client " + clientID + " does not exist."
	wantError(t, w.DeleteClient(t.Context(), c), userpool.ResourceNotFound, gone)
	_, err := w.UpdateClient(t.Context(), c, &wire.UpdateUserPoolClientRequest{})
	wantError(t, err, userpool.ResourceNotFound, gone)
	_, err = w.Client(t.Context(), w.stored(), clientID)
	wantError(t, err, userpool.ResourceNotFound, gone)
}

func TestClientOfAnotherPool(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(nil)
	other, err := w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "other"}, PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Client(t.Context(), other, clientID)
	wantError(t, err, userpool.ResourceNotFound, "User pool client "+clientID+" does not exist.")
}

func TestListClients(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	var want []string
	for i := range 5 {
		c, err := w.CreateClient(t.Context(), p, &wire.CreateUserPoolClientRequest{ClientName: fmt.Sprint("client", i)}, ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, c.ID)
	}
	slices.Sort(want)

	var got []string
	var first string
	in := &wire.ListUserPoolClientsRequest{UserPoolID: poolID, MaxResults: new(int32(2))}
	for page := 0; page == 0 || in.NextToken != ""; page++ {
		list, next, err := w.ListClients(t.Context(), p, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			got = append(got, c.ClientID)
			if c.UserPoolID != poolID || c.ClientName == "" {
				t.Errorf("got %+v", c)
			}
		}
		if page == 0 {
			first = next
		}
		in.NextToken = next
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	foreign := &wire.ListUserPoolClientsRequest{UserPoolID: poolID, ClientType: "REGULAR", NextToken: first}
	_, _, err := w.ListClients(t.Context(), p, foreign)
	wantError(t, err, userpool.InvalidParameter, "Paging marker "+first+" is invalid for this request")
	other, err := w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "other"}, PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.ListClients(t.Context(), other, &wire.ListUserPoolClientsRequest{UserPoolID: other.ID, NextToken: first})
	wantError(t, err, userpool.InvalidParameter, "")

	for filter, count := range map[wire.ClientTypeType]int{"REGULAR": 5, "DCR": 0} {
		list, next, err := w.ListClients(t.Context(), p, &wire.ListUserPoolClientsRequest{UserPoolID: poolID, ClientType: filter})
		if err != nil || next != "" || len(list) != count {
			t.Errorf("%s: got %d clients, token %q, %v", filter, len(list), next, err)
		}
	}
}

func TestClientQuota(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	c := w.client(nil)
	err := w.Store.Write(t.Context(), func(tx userpool.Tx) error {
		for i := range clientQuota - 2 {
			next := *c
			next.ID = fmt.Sprintf("client%06d", i)
			if err := tx.CreateClient(t.Context(), &next); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	create := func() error {
		_, err := w.CreateClient(t.Context(), w.stored(), &wire.CreateUserPoolClientRequest{ClientName: "client"}, ClientOptions{})
		return err
	}
	wantError(t, create(), "", "")
	wantError(t, create(), userpool.LimitExceeded, "App client limit exceeded.")
}
