package userpool

import "github.com/poolhouse-id/poolhouse/internal/wire"

// Factors are a pool's factors beside the password, as SetUserPoolMfaConfig sets them. DescribeUserPool does not show
// them. What sends SMS, and the text, are in the pool's Settings.
type Factors struct {
	SMS           bool                             `json:",omitzero"` // SMS codes are a second factor
	SoftwareToken *wire.SoftwareTokenMFAConfigType `json:",omitzero"` // nil: never configured
	Email         *wire.EmailMFAConfigType         `json:",omitzero"` // nil: no email codes as second factor
	WebAuthn      *wire.WebAuthnConfigurationType  `json:",omitzero"` // nil: the defaults
}

// SMSFactor says whether users can have SMS codes as their second factor.
func (p *Pool) SMSFactor() bool {
	return p.secondFactors() && p.Factors.SMS && p.Settings.SMSConfiguration != nil
}

// SoftwareTokenFactor says whether users can have an authenticator app as their second factor.
func (p *Pool) SoftwareTokenFactor() bool {
	return p.secondFactors() && p.Factors.SoftwareTokenEnabled()
}

// EmailFactor says whether users can have codes by email as their second factor.
func (p *Pool) EmailFactor() bool { return p.secondFactors() && p.Factors.Email != nil }

func (p *Pool) secondFactors() bool {
	return p.Settings.MFAConfiguration == wire.UserPoolMFATypeOn || p.Settings.MFAConfiguration == wire.UserPoolMFATypeOptional
}

// SoftwareTokenEnabled says whether authenticator apps are switched on.
func (f Factors) SoftwareTokenEnabled() bool {
	return f.SoftwareToken != nil && f.SoftwareToken.Enabled != nil && *f.SoftwareToken.Enabled
}

// PasskeyIsTwoFactors says whether a passkey that verified its user stands for a second factor, too.
func (f Factors) PasskeyIsTwoFactors() bool {
	return f.WebAuthn != nil &&
		f.WebAuthn.FactorConfiguration == wire.WebAuthnFactorConfigurationTypeMultiFactorWithUserVerification
}
