package ledger

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestLinkedUsers(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"Schema": L{M{"Name": "fixed", "AttributeDataType": "String", "Mutable": false}}})
	w.do("CreateIdentityProvider", M{"UserPoolId": pool, "ProviderName": "Google", "ProviderType": "Google",
		"ProviderDetails": M{"client_id": "ledger", "client_secret": "ledger", "authorize_scopes": "openid"}})
	client := w.client(pool, nil)
	w.user(pool, "jane", "email", "jane@example.com", "email_verified", "true")
	w.user(pool, "joe")
	w.user(pool, "ann", "custom:fixed", "for ever")
	identity := func(provider, attribute, value string) M {
		return M{"ProviderName": provider, "ProviderAttributeName": attribute, "ProviderAttributeValue": value}
	}
	google := func(subject string) M { return identity("Google", "Cognito_Subject", subject) }
	link := func(name string, source M) M {
		return M{"UserPoolId": pool, "DestinationUser": identity("Cognito", "anything", name), "SourceUser": source}
	}
	const operation = "AdminLinkProviderForUser"
	w.do(operation, link("jane", google("1")))

	// It is shown directly after sub.
	attributes := w.do("AdminGetUser", M{"UserPoolId": pool, "Username": "jane"})["UserAttributes"].(L)
	if first, second := attributes[0].(M), attributes[1].(M); first["Name"] != "sub" || second["Name"] != "identities" {
		t.Errorf("the attributes are %v", attributes)
	} else {
		var identities L
		if err := json.Unmarshal([]byte(second["Value"].(string)), &identities); err != nil || len(identities) != 1 {
			t.Fatalf("identities are %v (%v)", second["Value"], err)
		}
		got := identities[0].(M)
		made, isNumber := got["dateCreated"].(float64)
		if got["userId"] != "1" || got["providerName"] != "Google" || got["providerType"] != "Google" || got["issuer"] != nil ||
			got["primary"] != false || !isNumber || int64(made) > w.srv.Now().UnixMilli() {
			t.Errorf("an identity is %v", got)
		}
	}
	claims := w.signIn(client, "jane").claims(t)["identities"].(L)[0].(M)
	if claims["userId"] != "1" || claims["primary"] != "false" || fmt.Sprintf("%T", claims["dateCreated"]) != "string" {
		t.Errorf("an identity in the token is %v", claims)
	}

	w.provoke(operation, link("joe", google("1")), "AliasExistsException", "the identity was linked to another user")
	w.provoke(operation, link("jane", google("1")), "InvalidParameterException", "the identity was linked to the user already")
	w.provoke(operation, link("joe", google("\x00")), "InvalidParameterException", "the subject had a zero byte")
	w.provoke(operation, link("nobody", google("2")), "UserNotFoundException", "there is no such user")
	w.provoke(operation, link("joe", identity("Nobodys", "Cognito_Subject", "2")), "InvalidParameterException", "the user pool has no such identity provider")
	w.provoke(operation, link("joe", identity("Google", "email", "joe@example.com")), "InvalidParameterException", "a social identity was named by an attribute")
	w.provoke(operation, link("joe", identity("Cognito", "Cognito_Subject", "jane")), "InvalidParameterException", "the source was a user of the pool")
	w.provoke(operation, link("ann", google("3")), "InvalidParameterException", "the user had an attribute that cannot change")
	for _, subject := range []string{"2", "3", "4", "5"} {
		w.do(operation, link("jane", google(subject)))
	}
	w.provoke(operation, link("jane", google("6")), "LimitExceededException", "five identities were linked to the user")
	// A linked identity names its user, too.
	w.provoke(operation, M{"UserPoolId": pool, "DestinationUser": google("1"), "SourceUser": google("6")}, "LimitExceededException",
		"five identities were linked to the user")

	const disable = "AdminDisableProviderForUser"
	of := func(user M) M { return M{"UserPoolId": pool, "User": user} }
	w.provoke(disable, of(google("6")), "UserNotFoundException", "the identity was linked to nobody")
	w.provoke(disable, of(identity("Cognito", "Cognito_Subject", "nobody")), "UserNotFoundException", "there is no such user")
	w.provoke(disable, of(identity("Nobodys", "Cognito_Subject", "1")), "InvalidParameterException", "the user pool has no such identity provider")
	w.provoke(disable, of(identity("Cognito", "email", "jane")), "InvalidParameterException", "the user was named by an attribute")
	w.do(disable, of(google("2")))
	w.do(operation, link("joe", google("2")))

	// Without the local user no password helps.
	asked := M{"ClientId": client, "Username": "jane"}
	w.do("ForgotPassword", asked)
	code := w.code("jane@example.com")
	tokens := w.signIn(client, "jane")
	w.do(disable, of(identity("Cognito", "Cognito_Subject", "jane")))
	w.refused("InitiateAuth", passwordAuth(client, "jane", password), "NotAuthorizedException", "the local user was disabled")
	w.refused("AdminInitiateAuth", M{"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": M{"USERNAME": "jane", "PASSWORD": password}}, "NotAuthorizedException", "the local user was disabled")
	w.refused("ChangePassword", M{"AccessToken": tokens.access, "PreviousPassword": password, "ProposedPassword": password + "8"},
		"NotAuthorizedException", "the local user was disabled")
	w.refused("ChangePassword", M{"AccessToken": tokens.access, "ProposedPassword": password + "8"}, "NotAuthorizedException", "the local user was disabled")
	w.refused("ForgotPassword", asked, "NotAuthorizedException", "the local user was disabled")
	w.refused("ConfirmForgotPassword", with(asked, M{"ConfirmationCode": code, "Password": password + "8"}), "ExpiredCodeException",
		"the local user was disabled")
	w.do("AdminSetUserPassword", M{"UserPoolId": pool, "Username": "jane", "Password": password + "8", "Permanent": true})
	w.do("InitiateAuth", passwordAuth(client, "jane", password+"8")) // the administrator's word
}

// At an OIDC provider an identity can be named by what its claims will say.
func TestUsersLinkedByAttribute(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	w.do("CreateIdentityProvider", M{"UserPoolId": pool, "ProviderName": "Other", "ProviderType": "OIDC", "ProviderDetails": M{
		"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": "https://idp.example.com",
		"authorize_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t",
		"attributes_url": "https://idp.example.com/u", "jwks_uri": "https://idp.example.com/k",
	}})
	identity := func(attribute, value string) M {
		return M{"ProviderName": "Other", "ProviderAttributeName": attribute, "ProviderAttributeValue": value}
	}
	local := func(name string) M {
		return M{"ProviderName": "Cognito", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": name}
	}
	w.user(pool, "jane")
	link := func(source M) M { return M{"UserPoolId": pool, "DestinationUser": local("jane"), "SourceUser": source} }
	attributes := []string{"email", "name", "given_name", "family_name", "nickname"}
	for _, attribute := range attributes {
		w.do("AdminLinkProviderForUser", link(identity(attribute, "x")))
	}
	w.provoke("AdminLinkProviderForUser", link(identity("shoe_size", "9")), "InvalidParameterException", "the schema does not have the attribute")
	w.provoke("AdminDisableProviderForUser", M{"UserPoolId": pool, "User": identity("Cognito_Subject", "x")}, "UserNotFoundException",
		"the identity was named in another way than when it was linked")
	w.do("AdminDisableProviderForUser", M{"UserPoolId": pool, "User": identity("nickname", "x")})
	w.do("AdminLinkProviderForUser", link(identity("nickname", "x")))
	w.user(pool, "joe")
	w.provoke("AdminLinkProviderForUser", M{"UserPoolId": pool, "DestinationUser": local("joe"), "SourceUser": identity("website", "x")},
		"LimitExceededException", "identities of the provider were linked by five other attributes")
}
