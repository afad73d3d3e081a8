package poolhousetest_test

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// newIssuer starts an OpenID Connect provider that publishes its endpoints, and no more.
func newIssuer(t testing.TB) *httptest.Server {
	t.Helper()
	var issuer *httptest.Server
	issuer = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" || r.UserAgent() != "Amazon/Cognito" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"issuer":"%[1]s","authorization_endpoint":"%[1]s/a","token_endpoint":"%[1]s/t","userinfo_endpoint":"%[1]s/u","jwks_uri":"%[1]s/k"}`, issuer.URL)
	}))
	t.Cleanup(issuer.Close)
	return issuer
}

// An identity provider is made, shown, changed and deleted with the SDK. One on this machine is called only when that
// is allowed.
func TestIdentityProviderLife(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t)
	roots := x509.NewCertPool()
	roots.AddCert(issuer.Certificate())
	srv := poolhousetest.Start(t, poolhousetest.Config{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, OutboundRoots: roots})
	closed := poolhousetest.Start(t, poolhousetest.Config{OutboundRoots: roots})

	in := &sdk.CreateIdentityProviderInput{
		UserPoolId: &srv.PoolID, ProviderName: aws.String("MyIdP"), ProviderType: types.IdentityProviderTypeTypeOidc, IdpIdentifiers: []string{"example.com"},
		ProviderDetails: map[string]string{
			"client_id": "id", "client_secret": "of-the-provider", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": issuer.URL,
		},
		AttributeMapping: map[string]string{"username": "sub", "email": "email"},
	}
	elsewhere := *in
	elsewhere.UserPoolId = &closed.PoolID
	refuses[*types.InvalidParameterException](&poolLife{T: t, srv: closed}, newClient(closed).CreateIdentityProvider, &elsewhere)

	life := &poolLife{T: t, srv: srv, client: newClient(srv)}
	made := ask(life, life.client.CreateIdentityProvider, in).IdentityProvider
	if got := made.ProviderDetails["jwks_uri"]; got != issuer.URL+"/k" || made.ProviderDetails["client_secret"] != "of-the-provider" {
		t.Errorf("details: %v", made.ProviderDetails)
	}
	name := &sdk.DescribeIdentityProviderInput{UserPoolId: &srv.PoolID, ProviderName: made.ProviderName}
	if diff := cmp.Diff(made, ask(life, life.client.DescribeIdentityProvider, name).IdentityProvider, cmp.AllowUnexported(types.IdentityProviderType{}), ignoreDocument); diff != "" {
		t.Errorf("described (-created +described):\n%s", diff)
	}
	found := ask(life, life.client.GetIdentityProviderByIdentifier, &sdk.GetIdentityProviderByIdentifierInput{UserPoolId: &srv.PoolID, IdpIdentifier: aws.String("example.com")})
	if aws.ToString(found.IdentityProvider.ProviderName) != "MyIdP" {
		t.Errorf("found %s", aws.ToString(found.IdentityProvider.ProviderName))
	}
	changed := ask(life, life.client.UpdateIdentityProvider, &sdk.UpdateIdentityProviderInput{
		UserPoolId: &srv.PoolID, ProviderName: made.ProviderName, ProviderDetails: made.ProviderDetails, IdpIdentifiers: []string{"example.org"},
	}).IdentityProvider
	if !cmp.Equal(changed.ProviderDetails, made.ProviderDetails) || !cmp.Equal(changed.IdpIdentifiers, []string{"example.org"}) || !cmp.Equal(changed.AttributeMapping, made.AttributeMapping) {
		t.Errorf("changed: %+v", changed)
	}
	listed := every(life, sdk.NewListIdentityProvidersPaginator(life.client, &sdk.ListIdentityProvidersInput{UserPoolId: &srv.PoolID, MaxResults: aws.Int32(1)}),
		func(page *sdk.ListIdentityProvidersOutput) []types.ProviderDescription { return page.Providers })
	if len(listed) != 1 || aws.ToString(listed[0].ProviderName) != "MyIdP" || listed[0].ProviderType != types.IdentityProviderTypeTypeOidc {
		t.Errorf("listed: %+v", listed)
	}
	ask(life, life.client.UpdateUserPoolClient, &sdk.UpdateUserPoolClientInput{UserPoolId: &srv.PoolID, ClientId: &srv.ClientID, SupportedIdentityProviders: []string{"COGNITO", "MyIdP"}})
	ask(life, life.client.DeleteIdentityProvider, &sdk.DeleteIdentityProviderInput{UserPoolId: &srv.PoolID, ProviderName: made.ProviderName})
	refuses[*types.ResourceNotFoundException](life, life.client.DescribeIdentityProvider, name)
	if strings.Contains(srv.Log(), "of-the-provider") {
		t.Error("the client's secret at the provider is in the log")
	}
}

// ignoreDocument leaves out what the SDK keeps beside a shape's members.
var ignoreDocument = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())

// A risk configuration is set, shown and reset with the SDK.
func TestRiskConfigurationLife(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	life := &poolLife{T: t, srv: srv, client: newClient(srv)}
	pool := ask(life, life.client.CreateUserPool, &sdk.CreateUserPoolInput{
		PoolName: aws.String("protected"), UserPoolTier: types.UserPoolTierTypePlus,
		UserPoolAddOns: &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeAudit},
	}).UserPool.Id
	blocked := &types.RiskExceptionConfigurationType{BlockedIPRangeList: []string{"192.0.2.0/24"}}
	set := ask(life, life.client.SetRiskConfiguration, &sdk.SetRiskConfigurationInput{UserPoolId: pool, RiskExceptionConfiguration: blocked}).RiskConfiguration
	if !cmp.Equal(set.RiskExceptionConfiguration.BlockedIPRangeList, blocked.BlockedIPRangeList) || set.LastModifiedDate == nil {
		t.Errorf("set: %+v", set)
	}
	ask(life, life.client.SetRiskConfiguration, &sdk.SetRiskConfigurationInput{UserPoolId: pool})
	shown := ask(life, life.client.DescribeRiskConfiguration, &sdk.DescribeRiskConfigurationInput{UserPoolId: pool}).RiskConfiguration
	if aws.ToString(shown.UserPoolId) != *pool || shown.RiskExceptionConfiguration != nil || shown.LastModifiedDate != nil {
		t.Errorf("after the reset: %+v", shown)
	}
	refuses[*types.UserPoolAddOnNotEnabledException](life, life.client.DescribeRiskConfiguration, &sdk.DescribeRiskConfigurationInput{UserPoolId: &srv.PoolID})
}
