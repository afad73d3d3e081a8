package directory

import (
	"context"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// ClientScopes are the scopes of a token for an app client that acts for itself (GetClientToken): those that were asked
// for, each once, or without any all that the client has. A scope that its resource server has no more is the client's
// no more; what stands for a user means nothing without one. Errors: InvalidParameter when the client may not do so, for
// a scope that it does not have, and when it has none.
func (s *Service) ClientScopes(ctx context.Context, client *userpool.Client, asked []string) ([]string, error) {
	if !client.ActsForItself() {
		return nil, invalid("ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client.")
	}
	var has []string
	for _, scope := range client.Settings.AllowedOAuthScopes {
		exists, err := scopeExists(ctx, s.Store, client.Pool, scope)
		if err != nil {
			return nil, err
		}
		if exists && !slices.Contains(openIDScopes, scope) {
			has = append(has, scope)
		}
	}
	if len(asked) == 0 {
		asked = has
	}
	if len(asked) == 0 {
		return nil, invalid("The client has no scopes of resource servers.")
	}
	for _, scope := range asked {
		if !slices.Contains(has, scope) {
			return nil, invalid("Invalid scope requested: " + scope)
		}
	}
	return distinct(asked), nil
}
