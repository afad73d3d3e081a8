package ledger

import (
	"testing"
	"time"
)

func TestRevokeToken(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client, other := w.client(pool, nil), w.client(pool, nil)
	kept := w.client(pool, M{"EnableTokenRevocation": false})
	tokens := w.signedIn(pool, client, "jane")
	revoke := M{"ClientId": client, "Token": tokens.refresh}
	w.provoke("RevokeToken", with(revoke, M{"ClientId": noClient}), "UnauthorizedException", "there is no such app client")
	w.provoke("RevokeToken", with(revoke, M{"ClientId": other}), "UnauthorizedException", "the token was another app client's")
	w.provoke("RevokeToken", with(revoke, M{"ClientId": w.client(pool, M{"GenerateSecret": true})}), "UnauthorizedException",
		"the app client has a secret, and none was sent")
	w.provoke("RevokeToken", with(revoke, M{"Token": tokens.access}), "UnsupportedTokenTypeException", "the token was an access token")
	w.provoke("RevokeToken", M{"ClientId": kept, "Token": w.signIn(kept, "jane").refresh}, "UnsupportedOperationException",
		"revocation is off for the app client")
}

// guessed has the form of an app client's secret.
const guessed = "guessedguessedguessedguessed"

func TestGetTokensFromRefreshToken(t *testing.T) {
	w := newWorld(t)
	const operation = "GetTokensFromRefreshToken"
	pool := w.pool(nil)
	plain := w.client(pool, nil)
	rotating := w.client(pool, M{"ExplicitAuthFlows": L{"ALLOW_USER_PASSWORD_AUTH"}, "RefreshTokenRotation": M{"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}})
	tokens := w.signedIn(pool, plain, "jane")
	refresh := M{"ClientId": plain, "RefreshToken": tokens.refresh}
	result := w.do(operation, refresh)["AuthenticationResult"].(M)
	if result["RefreshToken"] != nil || result["AccessToken"] == nil || result["IdToken"] == nil || result["TokenType"] != "Bearer" || result["ExpiresIn"] != 3600.0 {
		t.Errorf("without rotation: %v", result)
	}
	first := M{"ClientId": rotating, "RefreshToken": w.signIn(rotating, "jane").refresh}
	rotated := w.do(operation, first)["AuthenticationResult"].(M)
	w.do(operation, first) // within the grace period
	w.advance(11 * time.Second)
	w.provoke(operation, first, "RefreshTokenReuseException", "the token was replaced eleven seconds ago")
	w.do(operation, with(first, M{"RefreshToken": rotated["RefreshToken"]}))
	w.refused("InitiateAuth", M{"ClientId": rotating, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": M{"REFRESH_TOKEN": rotated["RefreshToken"]}},
		"InvalidParameterException", "the app client rotates refresh tokens")

	w.provoke(operation, with(refresh, M{"ClientId": noClient}), "ResourceNotFoundException", "there is no such app client")
	w.provoke(operation, with(refresh, M{"ClientId": rotating}), "NotAuthorizedException", "the token was another app client's")
	w.provoke(operation, with(refresh, M{"ClientSecret": guessed}), "NotAuthorizedException", "the app client has no secret")
	w.provoke(operation, with(refresh, M{"ClientId": w.client(pool, M{"GenerateSecret": true})}), "NotAuthorizedException", "the app client's secret was not sent")
	w.do("UpdateUserPool", M{"UserPoolId": pool, "LambdaConfig": M{"PreTokenGeneration": "arn:aws:lambda:us-east-1:123456789012:function:tokens"}})
	w.provoke(operation, refresh, "UnexpectedLambdaException", "a function would change the tokens, and cannot be invoked")
	w.do("UpdateUserPool", M{"UserPoolId": pool})
	w.do("AdminDeleteUser", M{"UserPoolId": pool, "Username": "jane"})
	w.provoke(operation, refresh, "NotAuthorizedException", "the user was deleted")

	mfa := w.pool(nil)
	app := w.client(mfa, nil)
	john := w.signedIn(mfa, app, "john")
	w.do("SetUserPoolMfaConfig", M{"UserPoolId": mfa, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": M{"Enabled": true}})
	w.do(operation, M{"ClientId": app, "RefreshToken": john.refresh}) // a refresh asks for no factor
}

func TestGetClientToken(t *testing.T) {
	w := newWorld(t)
	const operation = "GetClientToken"
	pool := w.pool(nil)
	w.do("CreateResourceServer", M{"UserPoolId": pool, "Identifier": "books", "Name": "Books",
		"Scopes": L{M{"ScopeName": "read", "ScopeDescription": "Read"}, M{"ScopeName": "write", "ScopeDescription": "Write"}}})
	app := func(more M) M {
		made := w.do("CreateUserPoolClient", with(M{"UserPoolId": pool, "ClientName": "machine", "GenerateSecret": true,
			"ExplicitAuthFlows": L{"ALLOW_CLIENT_TOKEN_AUTH"}, "AllowedOAuthScopes": L{"books/read"}}, more))["UserPoolClient"].(M)
		return M{"ClientId": made["ClientId"], "Secret": made["ClientSecret"]}
	}
	machine := app(nil)
	result := w.do(operation, machine)["ClientAuthenticationResult"].(M)
	if result["TokenType"] != "Bearer" || result["ExpiresIn"] != 3600.0 || result["IdToken"] != nil {
		t.Errorf("result: %v", result)
	}
	if claims := (tokens{id: result["AccessToken"].(string)}).claims(t); claims["scope"] != "books/read" || claims["sub"] != machine["ClientId"] || claims["username"] != nil {
		t.Errorf("claims: %v", claims)
	}
	w.do(operation, with(machine, M{"Scopes": L{"books/read"}}))
	second := w.do("AddUserPoolClientSecret", M{"UserPoolId": pool, "ClientId": machine["ClientId"]})["ClientSecretDescriptor"].(M)
	w.do(operation, with(machine, M{"Secret": second["ClientSecretValue"]}))

	w.provoke(operation, with(machine, M{"ClientId": noClient}), "ResourceNotFoundException", "there is no such app client")
	w.provoke(operation, with(machine, M{"Secret": guessed}), "NotAuthorizedException", "the secret was wrong")
	w.provoke(operation, with(machine, M{"Scopes": L{"books/write"}}), "InvalidParameterException", "the app client does not have the scope")
	w.provoke(operation, app(M{"AllowedOAuthScopes": L{}}), "InvalidParameterException", "the app client has no scopes")
	w.provoke(operation, app(M{"ExplicitAuthFlows": L{"ALLOW_USER_SRP_AUTH"}}), "InvalidParameterException", "the app client signs users in instead")
	w.do("UpdateResourceServer", M{"UserPoolId": pool, "Identifier": "books", "Name": "Books"})
	w.provoke(operation, machine, "InvalidParameterException", "the resource server has the scope no more")
	w.refused("GetUser", M{"AccessToken": result["AccessToken"]}, "NotAuthorizedException", "the token was an app client's own")
}
