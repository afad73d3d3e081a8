package ledger

import (
	"context"
	"fmt"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestAppClients(t *testing.T) {
	w := newWorld(t)
	pool, lite := w.pool(nil), w.pool(M{"UserPoolTier": "LITE"})
	client, liteClient := w.client(pool, nil), w.client(lite, nil)
	for operation, in := range map[string]func(pool, client string) M{
		"CreateUserPoolClient": func(pool, _ string) M { return M{"UserPoolId": pool, "ClientName": "ledger"} },
		"UpdateUserPoolClient": func(pool, client string) M { return M{"UserPoolId": pool, "ClientId": client} },
	} {
		in, choice := in(pool, client), in(lite, liteClient)
		w.provoke(operation, with(choice, M{"ExplicitAuthFlows": L{"ALLOW_USER_AUTH"}}), "FeatureUnavailableInTierException",
			"the sign-in that begins with a choice was asked for in the plan Lite")
		w.provoke(operation, with(in, M{"AllowedOAuthFlows": L{"client_credentials"}, "AllowedOAuthScopes": L{"books/read"}}),
			"InvalidOAuthFlowException", "client credentials were asked for without a secret")
		w.provoke(operation, with(in, M{"AllowedOAuthFlows": L{"code"}, "AllowedOAuthScopes": L{"openid"}}),
			"InvalidOAuthFlowException", "the code flow was asked for without a callback URL")
		w.provoke(operation, with(in, M{"AllowedOAuthFlows": L{"code"}, "AllowedOAuthScopes": L{"books/read"}, "CallbackURLs": L{"https://example.com/"}}),
			"ScopeDoesNotExistException", "no resource server has the scope")
		w.provoke(operation, with(in, M{"RefreshTokenValidity": 1, "TokenValidityUnits": M{"RefreshToken": "seconds"}}),
			"InvalidParameterException", "refresh tokens were to live for a second")
		w.provoke(operation, with(in, M{"SupportedIdentityProviders": L{"Nobody"}}), "InvalidParameterException", "there is no such identity provider")
	}
	w.race("UpdateUserPoolClient", func(i int) M {
		return M{"UserPoolId": pool, "ClientId": client, "ClientName": fmt.Sprintf("ledger-%d", i)}
	}, "ConcurrentModificationException", "two changed the app client at the same time")
	w.raceAmong("DeleteUserPoolClient", func() []rival {
		doomed := M{"UserPoolId": pool, "ClientId": w.client(pool, nil)}
		return []rival{{"UpdateUserPoolClient", doomed}, {"DeleteUserPoolClient", doomed}, {"UpdateUserPoolClient", doomed}}
	}, "ConcurrentModificationException", "somebody changed the app client at the same time")
	w.provoke("ListUserPoolClients", M{"UserPoolId": pool, "NextToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	w.do("DeleteUserPoolClient", M{"UserPoolId": pool, "ClientId": client})
	for _, operation := range []string{"DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient"} {
		w.provoke(operation, M{"UserPoolId": pool, "ClientId": client}, "ResourceNotFoundException", "the app client had been deleted")
		w.provoke(operation, M{"UserPoolId": pool, "ClientId": liteClient}, "ResourceNotFoundException", "the app client was another pool's")
	}
}

// A user pool has room for 1,000 app clients.
func TestTooManyAppClients(t *testing.T) {
	w, pool := newWorldWith(t, func(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
		for i := range 1000 {
			c := userpool.Client{Pool: pool, ID: fmt.Sprint("client", i), Settings: &wire.UserPoolClientType{}, Created: pool.Created, Modified: pool.Modified}
			if err := tx.CreateClient(ctx, &c); err != nil {
				return err
			}
		}
		return nil
	})
	w.provoke("CreateUserPoolClient", M{"UserPoolId": pool, "ClientName": "ledger"}, "LimitExceededException", "the user pool had 1,000 app clients")
}
