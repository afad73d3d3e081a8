package directory

import (
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// poolSettings builds the settings of a pool from a request and the settings before it, nil at creation.
// Each member is given, kept or back at its default; which of the two last is measured member by member
// and differs from the documentation, which lets everything go back.
func poolSettings(old *wire.UserPoolType, in *wire.UpdateUserPoolRequest) (*wire.UserPoolType, error) {
	if old == nil {
		old = &wire.UserPoolType{}
	}
	s := &wire.UserPoolType{
		// Fixed at creation.
		SchemaAttributes:      old.SchemaAttributes,
		AliasAttributes:       old.AliasAttributes,
		UsernameAttributes:    old.UsernameAttributes,
		UsernameConfiguration: old.UsernameConfiguration,

		// Kept when left out.
		UserPoolTier:        firstOf(in.UserPoolTier, old.UserPoolTier, wire.UserPoolTierTypeEssentials),
		DeletionProtection:  firstOf(in.DeletionProtection, old.DeletionProtection, wire.DeletionProtectionTypeInactive),
		MFAConfiguration:    firstOf(in.MFAConfiguration, old.MFAConfiguration, wire.UserPoolMFATypeOff),
		UserPoolTags:        tags(old.UserPoolTags, in.UserPoolTags),
		KeyConfiguration:    keyConfiguration(old.KeyConfiguration, in.KeyConfiguration),
		IssuerConfiguration: issuerConfiguration(old.IssuerConfiguration, in.IssuerConfiguration),
		DCRConfiguration:    clientRegistrationConfiguration(old.DCRConfiguration, in.DCRConfiguration),

		// Back at the default when left out.
		LambdaConfig:             lambdaConfig(in.LambdaConfig),
		AutoVerifiedAttributes:   distinct(in.AutoVerifiedAttributes),
		DeviceConfiguration:      deviceConfiguration(in.DeviceConfiguration),
		EmailConfiguration:       emailConfiguration(in.EmailConfiguration),
		SMSConfiguration:         in.SMSConfiguration,
		SMSAuthenticationMessage: in.SMSAuthenticationMessage,
		UserPoolAddOns:           addOns(in.UserPoolAddOns),
		AccountRecoverySetting:   accountRecovery(in.AccountRecoverySetting),
	}
	if len(in.ACRConfiguration) > 0 {
		s.ACRConfiguration = in.ACRConfiguration
	}
	s.UserAttributeUpdateSettings = updateSettings(in.UserAttributeUpdateSettings, s.AutoVerifiedAttributes)
	setTemplate(s, in)
	if err := setPolicies(s, old, in); err != nil {
		return nil, err
	}
	return s, nil
}

// setPolicies fills Policies and AdminCreateUserConfig, which share the life of temporary passwords:
// UnusedAccountValidityDays is the old name of TemporaryPasswordValidityDays and always shown equal.
// The document holds the old name's value as long as the new one was never given, since afterwards the
// old one is refused.
func setPolicies(s, old *wire.UserPoolType, in *wire.UpdateUserPoolRequest) error {
	given := in.Policies
	if given == nil {
		given = &wire.UserPoolPolicyType{}
	}
	s.Policies = &wire.UserPoolPolicyType{
		PasswordPolicy: passwordPolicy(old.Policies, given.PasswordPolicy),
		SignInPolicy:   signInPolicy(old, s.UserPoolTier, given.SignInPolicy),
	}

	admin := wire.AdminCreateUserConfigType{}
	if in.AdminCreateUserConfig != nil {
		admin = *in.AdminCreateUserConfig
	}
	admin.AllowAdminCreateUserOnly = new(isTrue(admin.AllowAdminCreateUserOnly))

	newName := given.PasswordPolicy != nil && positive(given.PasswordPolicy.TemporaryPasswordValidityDays)
	newNameBefore := old.AdminCreateUserConfig != nil && old.AdminCreateUserConfig.UnusedAccountValidityDays == nil
	days := *s.Policies.PasswordPolicy.TemporaryPasswordValidityDays
	if positive(admin.UnusedAccountValidityDays) && *admin.UnusedAccountValidityDays != days {
		if newName || newNameBefore {
			return invalid("Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")
		}
		days = *admin.UnusedAccountValidityDays
		policy := *s.Policies.PasswordPolicy
		policy.TemporaryPasswordValidityDays = new(days)
		s.Policies.PasswordPolicy = &policy
	}
	admin.UnusedAccountValidityDays = nil
	if !newName && !newNameBefore {
		admin.UnusedAccountValidityDays = new(days)
	}
	s.AdminCreateUserConfig = &admin
	return nil
}

// passwordPolicy is kept when left out. In a given one, a requirement that is left out is off.
func passwordPolicy(old *wire.UserPoolPolicyType, in *wire.PasswordPolicyType) *wire.PasswordPolicyType {
	switch {
	case in == nil && old != nil:
		return old.PasswordPolicy
	case in == nil:
		return &wire.PasswordPolicyType{
			MinimumLength:                 new(int32(8)),
			RequireUppercase:              new(true),
			RequireLowercase:              new(true),
			RequireNumbers:                new(true),
			RequireSymbols:                new(true),
			TemporaryPasswordValidityDays: new(int32(7)),
		}
	}
	p := &wire.PasswordPolicyType{
		MinimumLength:                 new(int32(8)),
		RequireUppercase:              new(isTrue(in.RequireUppercase)),
		RequireLowercase:              new(isTrue(in.RequireLowercase)),
		RequireNumbers:                new(isTrue(in.RequireNumbers)),
		RequireSymbols:                new(isTrue(in.RequireSymbols)),
		TemporaryPasswordValidityDays: new(int32(7)),
		PasswordHistorySize:           in.PasswordHistorySize,
	}
	if in.MinimumLength != nil {
		p.MinimumLength = in.MinimumLength
	}
	if positive(in.TemporaryPasswordValidityDays) {
		p.TemporaryPasswordValidityDays = in.TemporaryPasswordValidityDays
	}
	return p
}

// signInPolicy is kept when left out. The default exists only above Lite, so it comes and goes with the plan.
func signInPolicy(old *wire.UserPoolType, tier wire.UserPoolTierType, in *wire.SignInPolicyType) *wire.SignInPolicyType {
	if in != nil && len(in.AllowedFirstAuthFactors) > 0 {
		return &wire.SignInPolicyType{AllowedFirstAuthFactors: distinct(in.AllowedFirstAuthFactors)}
	}
	var kept *wire.SignInPolicyType
	if old.Policies != nil {
		kept = old.Policies.SignInPolicy
	}
	standard := []wire.AuthFactorType{wire.AuthFactorTypePassword}
	switch {
	case tier != wire.UserPoolTierTypeLite && kept == nil:
		return &wire.SignInPolicyType{AllowedFirstAuthFactors: standard}
	case tier == wire.UserPoolTierTypeLite && old.UserPoolTier != tier &&
		kept != nil && slices.Equal(kept.AllowedFirstAuthFactors, standard):
		return nil
	}
	return kept
}

// setTemplate fills the verification messages. The three old members mirror the template; where both
// are given the template wins.
func setTemplate(s *wire.UserPoolType, in *wire.UpdateUserPoolRequest) {
	t := wire.VerificationMessageTemplateType{}
	if in.VerificationMessageTemplate != nil {
		t = *in.VerificationMessageTemplate
	}
	t.DefaultEmailOption = firstOf(t.DefaultEmailOption, wire.DefaultEmailOptionTypeConfirmWithCode)
	t.EmailMessage = firstOf(t.EmailMessage, in.EmailVerificationMessage)
	t.EmailSubject = firstOf(t.EmailSubject, in.EmailVerificationSubject)
	t.SMSMessage = firstOf(t.SMSMessage, in.SMSVerificationMessage)
	s.VerificationMessageTemplate = &t
	s.EmailVerificationMessage = t.EmailMessage
	s.EmailVerificationSubject = t.EmailSubject
	s.SMSVerificationMessage = t.SMSMessage
}

// updateSettings are shown once a pool verifies anything by itself.
func updateSettings(in *wire.UserAttributeUpdateSettingsType, verified []wire.VerifiedAttributeType) *wire.UserAttributeUpdateSettingsType {
	if in == nil && len(verified) == 0 {
		return nil
	}
	out := &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []wire.VerifiedAttributeType{}}
	if in != nil {
		out.AttributesRequireVerificationBeforeUpdate = append(out.AttributesRequireVerificationBeforeUpdate,
			distinct(in.AttributesRequireVerificationBeforeUpdate)...)
	}
	return out
}

// lambdaConfig shows the two members of the token trigger together, whichever was given.
func lambdaConfig(in *wire.LambdaConfigType) *wire.LambdaConfigType {
	if in == nil {
		return &wire.LambdaConfigType{}
	}
	c := *in
	switch {
	case c.PreTokenGenerationConfig != nil && c.PreTokenGeneration == "":
		c.PreTokenGeneration = c.PreTokenGenerationConfig.LambdaARN
	case c.PreTokenGenerationConfig == nil && c.PreTokenGeneration != "":
		c.PreTokenGenerationConfig = &wire.PreTokenGenerationVersionConfigType{
			LambdaARN: c.PreTokenGeneration, LambdaVersion: wire.PreTokenGenerationLambdaVersionTypeV10,
		}
	}
	return &c
}

// deviceConfiguration tells tracking with both answers "no" apart from no tracking, which is nil.
func deviceConfiguration(in *wire.DeviceConfigurationType) *wire.DeviceConfigurationType {
	if in == nil {
		return nil
	}
	return &wire.DeviceConfigurationType{
		ChallengeRequiredOnNewDevice:     new(isTrue(in.ChallengeRequiredOnNewDevice)),
		DeviceOnlyRememberedOnUserPrompt: new(isTrue(in.DeviceOnlyRememberedOnUserPrompt)),
	}
}

func emailConfiguration(in *wire.EmailConfigurationType) *wire.EmailConfigurationType {
	c := wire.EmailConfigurationType{}
	if in != nil {
		c = *in
	}
	c.EmailSendingAccount = firstOf(c.EmailSendingAccount, wire.EmailSendingAccountTypeCognitoDefault)
	return &c
}

func addOns(in *wire.UserPoolAddOnsType) *wire.UserPoolAddOnsType {
	if in == nil {
		return nil
	}
	a := *in
	if a.AdvancedSecurityAdditionalFlows == nil {
		a.AdvancedSecurityAdditionalFlows = &wire.AdvancedSecurityAdditionalFlowsType{}
	}
	return &a
}

func accountRecovery(in *wire.AccountRecoverySettingType) *wire.AccountRecoverySettingType {
	if in != nil && len(in.RecoveryMechanisms) > 0 {
		return in
	}
	return &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
		{Priority: 1, Name: wire.RecoveryOptionNameTypeVerifiedEmail},
		{Priority: 2, Name: wire.RecoveryOptionNameTypeVerifiedPhoneNumber},
	}}
}

func keyConfiguration(old, in *wire.KeyConfigurationType) *wire.KeyConfigurationType {
	switch {
	case in == nil && old != nil:
		return old
	case in == nil:
		return &wire.KeyConfigurationType{KeyType: wire.EncryptionKeyTypeAwsOwnedKey}
	}
	c := *in
	if c.KeyType == "" && c.KMSKeyARN != "" {
		c.KeyType = wire.EncryptionKeyTypeCustomerManagedKey
	}
	c.KeyType = firstOf(c.KeyType, wire.EncryptionKeyTypeAwsOwnedKey)
	return &c
}

func issuerConfiguration(old, in *wire.IssuerConfigurationType) *wire.IssuerConfigurationType {
	switch {
	case in == nil && old != nil:
		return old
	case in == nil:
		in = &wire.IssuerConfigurationType{}
	}
	return &wire.IssuerConfigurationType{Type: firstOf(in.Type, wire.IssuerTypeOriginal)}
}

func clientRegistrationConfiguration(old, in *wire.DCRConfigurationType) *wire.DCRConfigurationType {
	if in == nil {
		return old
	}
	c := *in
	c.EnableStatus = firstOf(c.EnableStatus, wire.StatusTypeEnabled)
	c.OpenDCREnabled = new(isTrue(c.OpenDCREnabled))
	if len(c.AuthenticatedGrantTypes) == 0 {
		c.AuthenticatedGrantTypes = []wire.OAuthFlowType{wire.OAuthFlowTypeCode, wire.OAuthFlowTypeClientCredentials}
	}
	if len(c.OpenDCRGrantTypes) == 0 {
		c.OpenDCRGrantTypes = []wire.OAuthFlowType{wire.OAuthFlowTypeCode}
	}
	return &c
}

// tags are kept when left out and replaced when given, even by none.
func tags(old, in map[string]string) map[string]string {
	switch {
	case in != nil:
		return in
	case old != nil:
		return old
	}
	return map[string]string{}
}

// firstOf gives the first value that is set.
func firstOf[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// distinct drops repetitions and keeps the order; nil when nothing is left.
func distinct[T comparable](in []T) []T {
	var out []T
	for _, v := range in {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func positive(n *int32) bool { return n != nil && *n > 0 }
