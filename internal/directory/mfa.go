package directory

import (
	"context"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetMFA replaces the factors of the pool that the caller has seen (operation SetUserPoolMfaConfig): what is
// left out is off. A change in between is ConcurrentModification.
func (s *Service) SetMFA(ctx context.Context, seen *userpool.Pool, in *wire.SetUserPoolMFAConfigRequest) (*wire.SetUserPoolMFAConfigResponse, error) {
	var changed *userpool.Pool
	err := s.changeSeenPool(ctx, seen, func(_ userpool.Tx, pool *userpool.Pool) error {
		changed = pool
		if err := setFactors(pool, in); err != nil {
			return err
		}
		return checkPool(pool)
	})
	if err != nil {
		return nil, err
	}
	set := wire.SetUserPoolMFAConfigResponse(*DescribeMFA(changed))
	return &set, nil
}

// DescribeMFA gives what GetUserPoolMfaConfig shows.
func DescribeMFA(pool *userpool.Pool) *wire.GetUserPoolMFAConfigResponse {
	out := &wire.GetUserPoolMFAConfigResponse{
		MFAConfiguration:              pool.Settings.MFAConfiguration,
		SoftwareTokenMFAConfiguration: pool.Factors.SoftwareToken,
		EmailMFAConfiguration:         pool.Factors.Email,
		WebAuthnConfiguration:         pool.Factors.WebAuthn,
	}
	if pool.Factors.SMS {
		out.SMSMFAConfiguration = &wire.SMSMFAConfigType{
			SMSAuthenticationMessage: pool.Settings.SMSAuthenticationMessage,
			SMSConfiguration:         pool.Settings.SMSConfiguration,
		}
	}
	return out
}

// setFactors puts what the request says into the pool. SMS may go on being sent for other purposes when it is
// no factor, so that what sends it stays.
func setFactors(pool *userpool.Pool, in *wire.SetUserPoolMFAConfigRequest) error {
	mfa := firstOf(in.MFAConfiguration, wire.UserPoolMFATypeOff)
	sms, app, email := in.SMSMFAConfiguration, in.SoftwareTokenMFAConfiguration, in.EmailMFAConfiguration
	if mfa == wire.UserPoolMFATypeOff && (sms != nil || app != nil || email != nil) {
		return invalid("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
	}
	settings := *pool.Settings
	settings.MFAConfiguration = mfa
	if sms != nil {
		settings.SMSAuthenticationMessage = sms.SMSAuthenticationMessage
		if sms.SMSConfiguration != nil {
			settings.SMSConfiguration = sms.SMSConfiguration
		}
		if settings.SMSConfiguration == nil {
			return invalid(mfaNeedsSMS)
		}
	}
	pool.Settings = &settings
	pool.Factors = userpool.Factors{SMS: sms != nil, SoftwareToken: app, Email: email, WebAuthn: in.WebAuthnConfiguration}
	if mfa != wire.UserPoolMFATypeOff && !hasSecondFactor(pool) {
		if in.WebAuthnConfiguration != nil {
			return invalid("Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.")
		}
		return invalid("Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.")
	}
	return nil
}

// keptFactors are the factors after a creation or an update, which can switch multi-factor authentication and what
// sends SMS, but no factor itself: with an SMS configuration SMS is one unless SetUserPoolMfaConfig said otherwise.
func keptFactors(old *userpool.Pool, settings *wire.UserPoolType) userpool.Factors {
	if old == nil {
		old = &userpool.Pool{Settings: &wire.UserPoolType{MFAConfiguration: wire.UserPoolMFATypeOff}}
	}
	if settings.MFAConfiguration == wire.UserPoolMFATypeOff {
		return userpool.Factors{WebAuthn: old.Factors.WebAuthn}
	}
	f := old.Factors
	f.SMS = f.SMS || settings.SMSConfiguration != nil && !f.SoftwareTokenEnabled() && f.Email == nil
	return f
}

func hasSecondFactor(pool *userpool.Pool) bool {
	return pool.SMSFactor() || pool.SoftwareTokenFactor() || pool.EmailFactor()
}

const mfaNeedsSMS = "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"

// checkMFA demands a factor that users can have, and first factors that go with it.
func checkMFA(pool *userpool.Pool) error {
	s := pool.Settings
	if s.MFAConfiguration == wire.UserPoolMFATypeOff {
		return nil
	}
	if !hasSecondFactor(pool) || pool.Factors.SMS && s.SMSConfiguration == nil {
		return invalid(mfaNeedsSMS)
	}
	if pool.EmailFactor() {
		if s.EmailConfiguration.EmailSendingAccount != wire.EmailSendingAccountTypeDeveloper {
			return invalid("Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT")
		}
		if m := s.AccountRecoverySetting.RecoveryMechanisms; len(m) == 1 && m[0].Name == wire.RecoveryOptionNameTypeVerifiedEmail {
			return invalid("Cannot set EmailMfaConfiguration when verified_email is the only account recovery mechanism.")
		}
	}
	if s.MFAConfiguration != wire.UserPoolMFATypeOn {
		return nil
	}
	for _, factor := range firstFactors(s) {
		switch factor {
		case wire.AuthFactorTypeEmailOtp, wire.AuthFactorTypeSmsOtp:
			return invalid("Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled")
		}
	}
	if slices.Contains(firstFactors(s), wire.AuthFactorTypeWebAuthn) && !pool.Factors.PasskeyIsTwoFactors() {
		return invalid("Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor")
	}
	return nil
}

// checkRelyingParty refuses what no browser takes for a relying party's id: no domain, or one that belongs to all.
func checkRelyingParty(pool *userpool.Pool) error {
	if pool.Factors.WebAuthn == nil || pool.Factors.WebAuthn.RelyingPartyID == "" {
		return nil
	}
	id := pool.Factors.WebAuthn.RelyingPartyID
	if id == "localhost" {
		return nil
	}
	for label := range strings.SplitSeq(id, ".") {
		if !domainLabel.MatchString(label) {
			return invalid("RelyingPartyId must be a domain name in lower case, without scheme and port: " + id)
		}
	}
	if suffix, _ := publicsuffix.PublicSuffix(id); suffix == id || net.ParseIP(id) != nil {
		return invalid("RelyingPartyId must not be a public suffix: " + id)
	}
	return nil
}
