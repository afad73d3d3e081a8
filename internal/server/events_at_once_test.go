package server_test

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// A user who signs in many times at the same moment, under threat protection, is signed in and remembered each time, on
// both engines. A refresh token that is used many times at the same moment is replaced once.
func TestSignInsAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, srv *poolhousetest.Server) {
		c := caller{t, srv}
		pool := c.must("CreateUserPool", object{"PoolName": "crowd", "UserPoolTier": "PLUS",
			"UserPoolAddOns": object{"AdvancedSecurityMode": "AUDIT"}})["UserPool"].(object)["Id"].(string)
		client := c.must("CreateUserPoolClient", object{"UserPoolId": pool, "ClientName": "crowd", "ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH"},
			"RefreshTokenRotation": object{"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}})["UserPoolClient"].(object)["ClientId"].(string)
		c.user(pool, "jane", nil)
		c.must("AdminSetUserPassword", object{"UserPoolId": pool, "Username": "jane", "Password": "Passw0rd!", "Permanent": true})
		signIn := object{"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": "jane", "PASSWORD": "Passw0rd!"}}

		c.want("sign-ins of one user", c.together(func(int) string {
			_, exception := c.call("InitiateAuth", signIn)
			return exception
		}), map[string]int{"": crowd})
		events := c.must("AdminListUserAuthEvents", object{"UserPoolId": pool, "Username": "jane"})["AuthEvents"].([]any)
		if len(events) != crowd {
			t.Errorf("%d events of %d sign-ins", len(events), crowd)
		}

		token := c.must("InitiateAuth", signIn)["AuthenticationResult"].(object)["RefreshToken"]
		c.want("uses of one refresh token", c.together(func(int) string {
			_, exception := c.call("GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": token})
			return exception
		}), map[string]int{"": 1, "RefreshTokenReuseException": crowd - 1})
	})
}
