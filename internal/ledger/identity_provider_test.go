package ledger

import (
	"fmt"
	"testing"
)

func TestIdentityProviders(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	google := M{
		"UserPoolId": pool, "ProviderName": "Google", "ProviderType": "Google", "IdpIdentifiers": L{"example.com"},
		"ProviderDetails": M{"client_id": "id", "client_secret": "secret", "authorize_scopes": "email openid"},
	}
	w.do("CreateIdentityProvider", google)
	name := M{"UserPoolId": pool, "ProviderName": "Google"}

	w.provoke("CreateIdentityProvider", google, "DuplicateProviderException", "a provider of that name is there")
	w.provoke("CreateIdentityProvider", with(google, M{"ProviderName": "MyGoogle"}), "InvalidParameterException", "a social provider was to have a name of its own")
	w.provoke("CreateIdentityProvider", M{
		"UserPoolId": pool, "ProviderName": "Inside", "ProviderType": "SAML", "ProviderDetails": M{"MetadataURL": "http://169.254.169.254/latest/meta-data"},
	}, "InvalidParameterException", "the metadata were at an address that is not public")
	w.provoke("UpdateIdentityProvider", with(name, M{"AttributeMapping": M{"custom:nothing": "x"}}), "InvalidParameterException", "the schema does not have the attribute")
	w.race("UpdateIdentityProvider", func(i int) M {
		return with(name, M{"IdpIdentifiers": L{fmt.Sprintf("%d.example.com", i)}})
	}, "ConcurrentModificationException", "two changed the provider at the same time")
	w.provoke("ListIdentityProviders", M{"UserPoolId": pool, "NextToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	for _, operation := range []string{"UpdateIdentityProvider", "DeleteIdentityProvider"} {
		w.provoke(operation, M{"UserPoolId": pool, "ProviderName": "COGNITO"}, "UnsupportedIdentityProviderException", "the provider was the pool itself")
	}
	w.do("DeleteIdentityProvider", name)
	for _, operation := range []string{"DescribeIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider"} {
		w.provoke(operation, name, "ResourceNotFoundException", "the provider had been deleted")
	}
	w.provoke("GetIdentityProviderByIdentifier", M{"UserPoolId": pool, "IdpIdentifier": "example.com"}, "ResourceNotFoundException", "the provider had been deleted")

	full := w.pool(nil)
	for i := range 300 {
		w.do("CreateIdentityProvider", M{
			"UserPoolId": full, "ProviderName": fmt.Sprintf("provider%d", i), "ProviderType": "OIDC",
			"ProviderDetails": M{
				"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": "https://idp.example.com",
				"authorize_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t",
				"attributes_url": "https://idp.example.com/u", "jwks_uri": "https://idp.example.com/k",
			},
		})
	}
	w.provoke("CreateIdentityProvider", with(google, M{"UserPoolId": full}), "LimitExceededException", "the user pool had 300 providers")
}
