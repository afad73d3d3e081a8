package directory

import (
	"cmp"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// clientSettings builds the settings of an app client from a request: what is left out has its default,
// at creation and at an update alike. Lists are sets and shown in the order of the alphabet.
func clientSettings(in *wire.UpdateUserPoolClientRequest) *wire.UserPoolClientType {
	s := &wire.UserPoolClientType{
		AccessTokenValidity:                      in.AccessTokenValidity,
		IDTokenValidity:                          in.IDTokenValidity,
		TokenValidityUnits:                       validityUnits(in.TokenValidityUnits),
		AllowedOAuthFlows:                        sorted(in.AllowedOAuthFlows),
		AllowedOAuthFlowsUserPoolClient:          new(isTrue(in.AllowedOAuthFlowsUserPoolClient)),
		AllowedOAuthScopes:                       sorted(in.AllowedOAuthScopes),
		AnalyticsConfiguration:                   in.AnalyticsConfiguration,
		AuthSessionValidity:                      new(int32(3)),
		CallbackURLs:                             sorted(in.CallbackURLs),
		DefaultRedirectURI:                       in.DefaultRedirectURI,
		EnablePropagateAdditionalUserContextData: new(isTrue(in.EnablePropagateAdditionalUserContextData)),
		EnableTokenRevocation:                    new(in.EnableTokenRevocation == nil || *in.EnableTokenRevocation),
		ExplicitAuthFlows:                        sorted(in.ExplicitAuthFlows),
		LogoutURLs:                               sorted(in.LogoutURLs),
		PreventUserExistenceErrors:               in.PreventUserExistenceErrors,
		ReadAttributes:                           sorted(in.ReadAttributes),
		RefreshTokenRotation:                     in.RefreshTokenRotation,
		SupportedIdentityProviders:               sorted(in.SupportedIdentityProviders),
		WriteAttributes:                          sorted(in.WriteAttributes),
	}
	if in.AuthSessionValidity != nil {
		s.AuthSessionValidity = in.AuthSessionValidity
	}
	s.RefreshTokenValidity = in.RefreshTokenValidity
	if !positive(in.RefreshTokenValidity) {
		s.RefreshTokenValidity = new(thirtyDays(s.TokenValidityUnits.RefreshToken))
	}
	return s
}

// validityUnits are completed as soon as one is given.
func validityUnits(in *wire.TokenValidityUnitsType) *wire.TokenValidityUnitsType {
	if in == nil || *in == (wire.TokenValidityUnitsType{}) {
		return &wire.TokenValidityUnitsType{}
	}
	return &wire.TokenValidityUnitsType{
		AccessToken:  firstOf(in.AccessToken, wire.TimeUnitsTypeHours),
		IDToken:      firstOf(in.IDToken, wire.TimeUnitsTypeHours),
		RefreshToken: firstOf(in.RefreshToken, wire.TimeUnitsTypeDays),
	}
}

// thirtyDays is the default life of refresh tokens, counted in the client's unit.
func thirtyDays(unit wire.TimeUnitsType) int32 {
	const days = 30
	switch unit {
	case wire.TimeUnitsTypeSeconds:
		return days * 24 * 60 * 60
	case wire.TimeUnitsTypeMinutes:
		return days * 24 * 60
	case wire.TimeUnitsTypeHours:
		return days * 24
	}
	return days
}

// sorted gives the values once each in their order; nil when there are none.
func sorted[T cmp.Ordered](in []T) []T {
	if len(in) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(in)))
}
