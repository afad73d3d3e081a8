package directory

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// domainLabel is one part of a domain name.
var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkPool judges the settings and factors of a pool as a whole, the plan first.
func checkPool(pool *userpool.Pool) error {
	if err := checkTier(pool); err != nil {
		return err
	}
	if err := checkTags(pool.Settings.UserPoolTags); err != nil {
		return err
	}
	for _, check := range []func(*wire.UserPoolType) error{
		checkIdentifiers,
		checkFirstFactors,
		checkEmail,
		func(s *wire.UserPoolType) error { return checkSMS(pool.SeenFrom(), s.SMSConfiguration) },
		func(*wire.UserPoolType) error { return checkMFA(pool) },
		func(*wire.UserPoolType) error { return checkRelyingParty(pool) },
		checkUpdateSettings,
		checkRecovery,
		checkTriggers,
		checkKey,
		func(*wire.UserPoolType) error { return checkReplica(pool) },
		checkLevels,
	} {
		if err := check(pool.Settings); err != nil {
			return err
		}
	}
	return nil
}

func checkIdentifiers(s *wire.UserPoolType) error {
	if len(s.AliasAttributes) > 0 && len(s.UsernameAttributes) > 0 {
		return invalid("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
	}
	if !slices.Contains(s.AliasAttributes, wire.AliasAttributeTypePreferredUsername) {
		return nil
	}
	for _, a := range s.SchemaAttributes {
		if a.Name == userpool.PreferredUsername && isTrue(a.Required) {
			return invalid("preferred_username can not be a required attribute when it is an alias attribute.")
		}
	}
	return nil
}

func checkFirstFactors(s *wire.UserPoolType) error {
	factors := firstFactors(s)
	if len(factors) == 0 {
		return nil
	}
	if slices.Contains(factors, wire.AuthFactorTypeSoftwareToken) {
		return invalid("SOFTWARE_TOKEN can not be configured as AuthFactor")
	}
	if !slices.Contains(factors, wire.AuthFactorTypePassword) {
		return invalid("PASSWORD must be enabled as an auth factor")
	}
	if slices.Contains(factors, wire.AuthFactorTypeSmsOtp) && s.SMSConfiguration == nil {
		return invalid("SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration")
	}
	return nil
}

func checkEmail(s *wire.UserPoolType) error {
	if s.EmailConfiguration.EmailSendingAccount == wire.EmailSendingAccountTypeDeveloper && s.EmailConfiguration.SourceARN == "" {
		return invalid("SourceArn is required when EmailSendingAccount is DEVELOPER.")
	}
	if source := s.EmailConfiguration.SourceARN; source != "" && !isARNOf(source, "ses", emailIdentity) {
		return userpool.NewError(userpool.InvalidEmailRoleAccessPolicy, "SourceArn is not the ARN of an identity of Amazon SES: "+source)
	}
	return checkSender("From of EmailConfiguration", s.EmailConfiguration.From)
}

// checkSender wants an address, alone or with a name ("" for none), since what cannot be sent from would be found out by
// users. Nothing in it may end a line of a message.
func checkSender(member, sender string) error {
	if sender == "" {
		return nil
	}
	if _, err := mail.ParseAddress(sender); err != nil || strings.ContainsFunc(sender, unicode.IsControl) {
		return invalid(member + " must be an email address, or a name with one in angle brackets.")
	}
	return nil
}

func checkSMS(region string, c *wire.SMSConfigurationType) error {
	switch {
	case c == nil:
		return nil
	case c.SNSCallerARN != "" && c.EUMSSMS != nil:
		return invalid("Only one of SnsCallerArn and EumsSms can be set in an SMS configuration.")
	case c.SNSCallerARN == "" && c.EUMSSMS == nil:
		return invalid("One of SnsCallerArn and EumsSms is required in an SMS configuration.")
	case c.EUMSSMS != nil && c.EUMSSMS.Region != "" && c.EUMSSMS.Region != region:
		return invalid("The Region of EumsSms must be the Region of the user pool.")
	case c.SNSRegion != "" && !regionForm.MatchString(c.SNSRegion):
		return invalid("SnsRegion is not the name of a Region: " + c.SNSRegion)
	case c.SNSCallerARN != "" && !isRole(c.SNSCallerARN), c.EUMSSMS != nil && !isRole(c.EUMSSMS.CallerARN):
		return userpool.NewError(userpool.InvalidSMSRoleTrustRelationship, "Role does not have a trust relationship allowing Cognito to assume the role")
	}
	return nil
}

func checkUpdateSettings(s *wire.UserPoolType) error {
	if s.UserAttributeUpdateSettings == nil {
		return nil
	}
	for _, a := range s.UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate {
		if !slices.Contains(s.AutoVerifiedAttributes, a) {
			return invalid("All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes")
		}
	}
	return nil
}

func checkRecovery(s *wire.UserPoolType) error {
	options := s.AccountRecoverySetting.RecoveryMechanisms
	for i, o := range options {
		for _, other := range options[:i] {
			if o.Priority == other.Priority {
				return invalid("Account recovery mechanisms must have different priorities.")
			}
			if o.Name == other.Name {
				return invalid("Account recovery mechanism " + string(o.Name) + " is given more than once.")
			}
		}
		if o.Name == wire.RecoveryOptionNameTypeAdminOnly && (len(options) > 1 || o.Priority != 1) {
			return invalid("Account recovery mechanism admin_only must be the only one and have priority 1.")
		}
	}
	return nil
}

func checkTriggers(s *wire.UserPoolType) error {
	c := s.LambdaConfig
	if c.PreTokenGenerationConfig != nil && c.PreTokenGenerationConfig.LambdaARN != c.PreTokenGeneration {
		return invalid("PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be equal when both are given.")
	}
	if (c.CustomSMSSender != nil || c.CustomEmailSender != nil) && c.KMSKeyID == "" {
		return invalid("KMSKeyID is required when CustomSMSSender or CustomEmailSender is given.")
	}
	return nil
}

func checkKey(s *wire.UserPoolType) error {
	customer := s.KeyConfiguration.KeyType == wire.EncryptionKeyTypeCustomerManagedKey
	switch {
	case customer && s.KeyConfiguration.KMSKeyARN == "":
		return invalid("KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY.")
	case !customer && s.KeyConfiguration.KMSKeyARN != "":
		return invalid("KmsKeyArn can only be given when KeyType is CUSTOMER_MANAGED_KEY.")
	}
	return nil
}

// checkLevels judges the names of the authentication levels; a level without a name has the default one.
func checkLevels(s *wire.UserPoolType) error {
	levels := []string{"Level1", "Level2", "Level3", "Level4"}
	for level := range s.ACRConfiguration {
		if !slices.Contains(levels, level) {
			return invalid("AcrConfiguration can have the levels " + strings.Join(levels, ", ") + " only.")
		}
	}
	if len(s.ACRConfiguration) == 0 {
		return nil
	}
	names := map[string]bool{}
	for i, level := range levels {
		name := "urn:cognito:loa:" + string(rune('1'+i))
		if c, ok := s.ACRConfiguration[level]; ok {
			name = c.ACRValue
		}
		if names[name] {
			return invalid("The AcrValue of each level must be unique.")
		}
		names[name] = true
	}
	return nil
}
