package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// The features that need a plan, in the service's words where they are known (the first two and Managed Login).
const (
	threatProtection         = "Threat Protection"
	passwordlessSignIn       = "Passwordless Sign-In"
	passwordHistory          = "Password History"
	accessTokenCustomization = "Access Token Customization"
	authenticationLevels     = "Authentication Context Class References"
	clientRegistration       = "Dynamic Client Registration"
	emailMFA                 = "Email MFA"
	managedLogin             = "Managed Login Version 2"
	multiRegionReplication   = "Multi-Region Replication"
	activityLogs             = "User Activity Log Export"
	sessionTracking          = "User Session Tracking"
)

// checkTier refuses settings that use features above the pool's plan.
func checkTier(pool *userpool.Pool) error {
	s := pool.Settings
	var above []string
	if s.UserPoolTier != wire.UserPoolTierTypePlus && usesThreatProtection(s.UserPoolAddOns) {
		above = append(above, threatProtection)
	}
	if s.UserPoolTier == wire.UserPoolTierTypeLite {
		if slices.ContainsFunc(firstFactors(s), func(f wire.AuthFactorType) bool { return f != wire.AuthFactorTypePassword }) ||
			pool.Factors.WebAuthn != nil {
			above = append(above, passwordlessSignIn)
		}
		if pool.Factors.Email != nil {
			above = append(above, emailMFA)
		}
		if n := s.Policies.PasswordPolicy.PasswordHistorySize; n != nil && *n > 0 {
			above = append(above, passwordHistory)
		}
		if c := s.LambdaConfig.PreTokenGenerationConfig; c != nil && c.LambdaVersion != wire.PreTokenGenerationLambdaVersionTypeV10 {
			above = append(above, accessTokenCustomization)
		}
		if pool.Sessions.Enabled {
			above = append(above, sessionTracking)
		}
		if len(s.ACRConfiguration) > 0 {
			above = append(above, authenticationLevels)
		}
		if s.DCRConfiguration != nil && s.DCRConfiguration.EnableStatus == wire.StatusTypeEnabled {
			above = append(above, clientRegistration)
		}
	}
	return aboveTier(s.UserPoolTier, above...)
}

// aboveTier is the refusal of features, or nil when there are none.
func aboveTier(tier wire.UserPoolTierType, features ...string) error {
	if len(features) == 0 {
		return nil
	}
	return userpool.NewError(userpool.FeatureUnavailableInTier, "The following features need to be disabled for the "+
		string(tier)+" pricing tier configured: "+strings.Join(features, ", "))
}

func usesThreatProtection(a *wire.UserPoolAddOnsType) bool {
	return a != nil && (a.AdvancedSecurityMode != wire.AdvancedSecurityModeTypeOff ||
		a.AdvancedSecurityAdditionalFlows != nil && a.AdvancedSecurityAdditionalFlows.CustomAuthMode != "")
}

// firstFactors are the factors that can start a sign-in; none where the plan has no choice.
func firstFactors(s *wire.UserPoolType) []wire.AuthFactorType {
	if s.Policies.SignInPolicy == nil {
		return nil
	}
	return s.Policies.SignInPolicy.AllowedFirstAuthFactors
}

// checkDocumentsOfTier refuses a plan below what is configured beside the pool's own settings.
func checkDocumentsOfTier(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
	tier := pool.Settings.UserPoolTier
	var above []string
	if tier == wire.UserPoolTierTypeLite {
		domains, _, err := tx.Documents(ctx, pool.Number, userpool.Domains, userpool.Page{Limit: pageSize})
		if err != nil {
			return err
		}
		for _, d := range domains {
			domain, err := contentOf[struct{ ManagedLoginVersion *int32 }](d)
			if err != nil {
				return err
			}
			if domain.ManagedLoginVersion != nil && *domain.ManagedLoginVersion == 2 && !slices.Contains(above, managedLogin) {
				above = append(above, managedLogin)
			}
		}
		styles, err := tx.CountDocuments(ctx, pool.Number, userpool.Brandings)
		if err != nil {
			return err
		}
		if styles > 0 && !slices.Contains(above, managedLogin) {
			above = append(above, managedLogin)
		}
	}
	if tier != wire.UserPoolTierTypePlus {
		logs, err := logConfigurations(ctx, tx, pool)
		if err != nil {
			return err
		}
		if exportsActivity(logs) {
			above = append(above, activityLogs)
		}
	}
	return aboveTier(tier, above...)
}
