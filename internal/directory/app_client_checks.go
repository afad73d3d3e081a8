package directory

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// checkClient judges the settings of an app client against its pool, what the pool has (r), and its secret, the plan first.
// doing is "creating" or "updating", for the texts that say so.
func checkClient(ctx context.Context, r userpool.DocumentReader, c *userpool.Client, doing string) error {
	if slices.Contains(c.Settings.ExplicitAuthFlows, wire.ExplicitAuthFlowsTypeAllowUserAuth) &&
		c.Pool.Settings.UserPoolTier == wire.UserPoolTierTypeLite {
		return aboveTier(wire.UserPoolTierTypeLite, passwordlessSignIn)
	}
	if isTrue(c.Settings.EnablePropagateAdditionalUserContextData) && c.Public() {
		return invalid("EnablePropagateAdditionalUserContextData can only be enabled for a client with a client secret.")
	}
	if err := checkAuthFlows(c); err != nil {
		return err
	}
	if err := checkValidity(c); err != nil {
		return err
	}
	if err := checkPermissions(c, doing); err != nil {
		return err
	}
	if err := checkProviders(ctx, r, c); err != nil {
		return err
	}
	if err := checkRedirects(c.Settings); err != nil {
		return err
	}
	if err := checkOAuth(c); err != nil {
		return err
	}
	return checkScopes(ctx, r, c)
}

func checkAuthFlows(c *userpool.Client) error {
	flows := c.Settings.ExplicitAuthFlows
	allow := func(f wire.ExplicitAuthFlowsType) bool { return strings.HasPrefix(string(f), "ALLOW_") }
	legacy := func(f wire.ExplicitAuthFlowsType) bool { return !allow(f) }
	if slices.ContainsFunc(flows, allow) && slices.ContainsFunc(flows, legacy) {
		return invalid("ExplicitAuthFlows can not hold values with the prefix ALLOW_ together with values without it.")
	}
	if slices.Contains(flows, wire.ExplicitAuthFlowsTypeAllowClientTokenAuth) {
		switch {
		case len(flows) > 1:
			return invalid("ALLOW_CLIENT_TOKEN_AUTH can not be combined with another authentication flow.")
		case c.Public():
			return invalid("ALLOW_CLIENT_TOKEN_AUTH can only be set for a client with a client secret.")
		}
	}
	if c.Rotates() && slices.Contains(flows, wire.ExplicitAuthFlowsTypeAllowRefreshTokenAuth) {
		return invalid("ALLOW_REFRESH_TOKEN_AUTH can not be set when refresh token rotation is enabled.")
	}
	return nil
}

// checkValidity bounds the lives of tokens after their units are applied.
func checkValidity(c *userpool.Client) error {
	const day = 24 * time.Hour
	access, id, refresh := c.AccessTokenLifetime(), c.IDTokenLifetime(), c.RefreshTokenLifetime()
	switch {
	case access < 5*time.Minute, access > day,
		id < 5*time.Minute, id > day,
		refresh < time.Hour, refresh > 3650*day,
		refresh < access, refresh < id:
		return invalid("Invalid range for token validity.")
	}
	return nil
}

// checkPermissions judges the attribute lists: known names, nothing that tokens can never reach, and
// every required attribute writable.
func checkPermissions(c *userpool.Client, doing string) error {
	for _, name := range c.Settings.ReadAttributes {
		if a := c.Pool.Attribute(name); a == nil || isTrue(a.DeveloperOnlyAttribute) {
			return invalid("Invalid read attributes specified while " + doing + " a client")
		}
	}
	write := c.Settings.WriteAttributes
	if len(write) == 0 {
		return nil
	}
	wrong := invalid("Invalid write attributes specified while " + doing + " a client")
	for _, name := range write {
		switch name {
		case userpool.Sub, "identities", userpool.EmailVerified, userpool.PhoneNumberVerified:
			return wrong
		}
		if a := c.Pool.Attribute(name); a == nil || isTrue(a.DeveloperOnlyAttribute) {
			return wrong
		}
	}
	for _, a := range c.Pool.Settings.SchemaAttributes {
		if isTrue(a.Required) && a.Name != userpool.Sub && a.Name != "identities" && !slices.Contains(write, a.Name) {
			return wrong
		}
	}
	return nil
}

func checkRedirects(s *wire.UserPoolClientType) error {
	for _, target := range slices.Concat(s.CallbackURLs, s.LogoutURLs) {
		if err := checkRedirect(target); err != nil {
			return err
		}
	}
	if uri := s.DefaultRedirectURI; uri != "" && !slices.Contains(s.CallbackURLs, uri) {
		return invalid("The default redirect URI " + uri + " is not in the callback URIs list.")
	}
	return nil
}

// checkRedirect wants an absolute URL without a fragment (RFC 6749, section 3.1.2), encrypted unless it
// stays on the machine. Schemes of apps are fine.
func checkRedirect(target string) error {
	u, err := url.Parse(target)
	if err != nil || !u.IsAbs() || strings.Contains(target, "#") {
		return invalid(target + " is not a valid redirect URL. It must be absolute and without a fragment.")
	}
	switch u.Scheme {
	case "http":
		switch strings.ToLower(u.Hostname()) {
		case "localhost", "127.0.0.1", "::1":
		default:
			return invalid(target + " cannot use the HTTP protocol.")
		}
	case "https":
		if u.Hostname() == "" {
			return invalid(target + " is not a valid redirect URL. It must name a host.")
		}
	}
	return nil
}

// openIDScopes stand for a user; so does the scope of the API's own operations.
var openIDScopes = []string{"aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"}

func checkOAuth(c *userpool.Client) error {
	s := c.Settings
	if isTrue(s.AllowedOAuthFlowsUserPoolClient) && (len(s.AllowedOAuthFlows) == 0 || len(s.AllowedOAuthScopes) == 0) {
		return invalid("AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.")
	}
	machine := slices.Contains(s.AllowedOAuthFlows, wire.OAuthFlowTypeClientCredentials)
	switch {
	case machine && len(s.AllowedOAuthFlows) > 1:
		return wrongFlow("client_credentials flow can not be selected along with code flow or implicit flow.")
	case machine && c.Public():
		return wrongFlow("client_credentials flow can not be selected if client does not have a client secret.")
	case !machine && len(s.AllowedOAuthFlows) > 0 && len(s.CallbackURLs) == 0:
		return wrongFlow("CallbackUrls can not be empty when code flow or implicit flow is selected")
	}
	for _, scope := range s.AllowedOAuthScopes {
		if machine && slices.Contains(openIDScopes, scope) {
			return wrongFlow(scope + " is not supported with client_credentials flow")
		}
	}
	return nil
}

// checkScopes refuses scopes that no resource server of the pool has.
func checkScopes(ctx context.Context, r userpool.DocumentReader, c *userpool.Client) error {
	for _, scope := range c.Settings.AllowedOAuthScopes {
		known, err := scopeExists(ctx, r, c.Pool, scope)
		if err != nil {
			return err
		}
		if !known {
			return userpool.NewError(userpool.ScopeDoesNotExist, "Invalid scope requested: "+scope)
		}
	}
	return nil
}

// scopeExists says whether a client can be given the scope.
func scopeExists(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, scope string) (bool, error) {
	if slices.Contains(openIDScopes, scope) || scope == registrationScope && registersClients(pool) {
		return true, nil
	}
	server, name, ok := cutScope(scope)
	if !ok {
		return false, nil
	}
	d, err := r.Document(ctx, pool.Number, userpool.ResourceServers, server)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	content, err := contentOf[wire.ResourceServerType](d)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(content.Scopes, func(s wire.ResourceServerScopeType) bool { return s.ScopeName == name }), nil
}

// cutScope divides a scope of a resource server at its last slash, since identifiers may hold slashes.
func cutScope(scope string) (server, name string, ok bool) {
	at := strings.LastIndexByte(scope, '/')
	if at < 0 {
		return "", "", false
	}
	return scope[:at], scope[at+1:], true
}

// registrationScope lets a client register others, in pools where clients register themselves.
const registrationScope = "aws.cognito/dcr/register"

func registersClients(pool *userpool.Pool) bool {
	d := pool.Settings.DCRConfiguration
	return d != nil && d.EnableStatus == wire.StatusTypeEnabled
}

func wrongFlow(message string) error {
	return userpool.NewError(userpool.InvalidOAuthFlow, message)
}
