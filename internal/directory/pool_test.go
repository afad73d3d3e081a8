package directory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestCreatePoolShowsTheRecordedAnswer(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	wantJSON(t, w.DescribeNewPool(p), golden(t, "pool.json"))
	wantJSON(t, w.describe(), golden(t, "pool.json"))

	keys, err := w.Store.SigningKeys(t.Context(), p.Number)
	if err != nil || len(keys) != 2 {
		t.Errorf("the pool has %d signing keys (%v), want 2", len(keys), err)
	}
}

func TestCreatePoolDrawsAnID(t *testing.T) {
	w := newWorld(t)
	form := regexp.MustCompile(`^us-east-1_[0-9A-Za-z]{9}$`)
	seen := map[string]bool{}
	for range 20 {
		p, err := w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "pool"}, PoolOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(p.ID) || seen[p.ID] {
			t.Errorf("got id %q", p.ID)
		}
		seen[p.ID] = true
	}
}

func TestCreatePoolUnderATakenID(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	if _, err := w.tryPool(nil); !errors.Is(err, userpool.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
}

func TestPoolARN(t *testing.T) {
	w := newWorld(t)
	for region, want := range map[string]string{
		"eu-west-1":      "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x",
		"cn-north-1":     "arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_x",
		"us-gov-west-1":  "arn:aws-us-gov:cognito-idp:us-gov-west-1:123456789012:userpool/us-gov-west-1_x",
		"ap-southeast-3": "arn:aws:cognito-idp:ap-southeast-3:123456789012:userpool/ap-southeast-3_x",
	} {
		if got := w.arn(&userpool.Pool{ID: region + "_x"}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPoolSettings sets a member at creation and looks at what Describe shows.
func TestPoolSettings(t *testing.T) {
	type request = wire.CreateUserPoolRequest
	tests := []struct {
		name string
		in   func(*request)
		show func(*wire.UserPoolType) any
		want string
	}{
		{"password policy partly given", func(in *request) {
			in.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{RequireNumbers: new(true), PasswordHistorySize: new(int32(3))}}
		}, func(d *wire.UserPoolType) any { return d.Policies.PasswordPolicy },
			`{"MinimumLength":8,"RequireUppercase":false,"RequireLowercase":false,"RequireNumbers":true,"RequireSymbols":false,"TemporaryPasswordValidityDays":7,"PasswordHistorySize":3}`},
		{"password policy given", func(in *request) {
			in.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: new(int32(12)), TemporaryPasswordValidityDays: new(int32(30))}}
		}, func(d *wire.UserPoolType) any { return d.Policies.PasswordPolicy },
			`{"MinimumLength":12,"RequireUppercase":false,"RequireLowercase":false,"RequireNumbers":false,"RequireSymbols":false,"TemporaryPasswordValidityDays":30}`},
		{"no days of a temporary password", func(in *request) {
			in.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(int32(0))}}
		}, func(d *wire.UserPoolType) any { return d.Policies.PasswordPolicy.TemporaryPasswordValidityDays }, `7`},
		{"new expiry is mirrored", func(in *request) {
			in.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(int32(30))}}
			in.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{AllowAdminCreateUserOnly: new(true)}
		}, func(d *wire.UserPoolType) any { return d.AdminCreateUserConfig },
			`{"AllowAdminCreateUserOnly":true,"UnusedAccountValidityDays":30}`},
		{"legacy expiry sets the new one", func(in *request) {
			in.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: new(int32(20))}
		}, func(d *wire.UserPoolType) any {
			return []any{d.AdminCreateUserConfig, d.Policies.PasswordPolicy.TemporaryPasswordValidityDays}
		}, `[{"AllowAdminCreateUserOnly":false,"UnusedAccountValidityDays":20},20]`},
		{"sign-in policy", func(in *request) {
			in.Policies = &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []wire.AuthFactorType{"WEB_AUTHN", "PASSWORD", "EMAIL_OTP", "PASSWORD"}}}
		}, func(d *wire.UserPoolType) any { return d.Policies },
			`{"PasswordPolicy":{"MinimumLength":8,"RequireUppercase":true,"RequireLowercase":true,"RequireNumbers":true,"RequireSymbols":true,"TemporaryPasswordValidityDays":7},
			  "SignInPolicy":{"AllowedFirstAuthFactors":["WEB_AUTHN","PASSWORD","EMAIL_OTP"]}}`},
		{"no sign-in policy on Lite", func(in *request) { in.UserPoolTier = "LITE" },
			func(d *wire.UserPoolType) any { return []any{d.UserPoolTier, d.Policies.SignInPolicy} }, `["LITE",null]`},
		{"aliases keep their order", func(in *request) {
			in.AliasAttributes = []wire.AliasAttributeType{"preferred_username", "email", "preferred_username"}
			in.UsernameAttributes = []wire.UsernameAttributeType{}
		}, func(d *wire.UserPoolType) any { return []any{d.AliasAttributes, d.UsernameAttributes == nil} },
			`[["preferred_username","email"],true]`},
		{"user name attributes and case", func(in *request) {
			in.UsernameAttributes = []wire.UsernameAttributeType{"phone_number", "email"}
			in.UsernameConfiguration = &wire.UsernameConfigurationType{CaseSensitive: false}
		}, func(d *wire.UserPoolType) any { return []any{d.UsernameAttributes, d.UsernameConfiguration} },
			`[["phone_number","email"],{"CaseSensitive":false}]`},
		{"auto-verified attributes bring update settings", func(in *request) {
			in.AutoVerifiedAttributes = []wire.VerifiedAttributeType{"phone_number", "email"}
		}, func(d *wire.UserPoolType) any { return []any{d.AutoVerifiedAttributes, d.UserAttributeUpdateSettings} },
			`[["phone_number","email"],{"AttributesRequireVerificationBeforeUpdate":[]}]`},
		{"update settings given", func(in *request) {
			in.AutoVerifiedAttributes = []wire.VerifiedAttributeType{"email"}
			in.UserAttributeUpdateSettings = &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []wire.VerifiedAttributeType{"email"}}
		}, func(d *wire.UserPoolType) any { return d.UserAttributeUpdateSettings },
			`{"AttributesRequireVerificationBeforeUpdate":["email"]}`},
		{"update settings given empty", func(in *request) {
			in.UserAttributeUpdateSettings = &wire.UserAttributeUpdateSettingsType{}
		}, func(d *wire.UserPoolType) any { return d.UserAttributeUpdateSettings },
			`{"AttributesRequireVerificationBeforeUpdate":[]}`},
		{"device tracking with false", func(in *request) {
			in.DeviceConfiguration = &wire.DeviceConfigurationType{ChallengeRequiredOnNewDevice: new(false)}
		}, func(d *wire.UserPoolType) any { return d.DeviceConfiguration },
			`{"ChallengeRequiredOnNewDevice":false,"DeviceOnlyRememberedOnUserPrompt":false}`},
		{"email configuration", func(in *request) {
			in.EmailConfiguration = &wire.EmailConfigurationType{ReplyToEmailAddress: "reply@example.com"}
		}, func(d *wire.UserPoolType) any { return d.EmailConfiguration },
			`{"EmailSendingAccount":"COGNITO_DEFAULT","ReplyToEmailAddress":"reply@example.com"}`},
		{"developer email", func(in *request) {
			in.EmailConfiguration = &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceARN: "arn:aws:ses:us-east-1:123456789012:identity/example.com", From: "App <app@example.com>"}
		}, func(d *wire.UserPoolType) any { return d.EmailConfiguration },
			`{"EmailSendingAccount":"DEVELOPER","SourceArn":"arn:aws:ses:us-east-1:123456789012:identity/example.com","From":"App <app@example.com>"}`},
		{"SMS configuration and MFA", func(in *request) {
			in.SMSConfiguration = &wire.SMSConfigurationType{SNSCallerARN: role, ExternalID: "x", SNSRegion: "us-west-2"}
			in.MFAConfiguration = "ON"
			in.SMSAuthenticationMessage = "Code {####}"
		}, func(d *wire.UserPoolType) any {
			return []any{d.SMSConfiguration, d.MFAConfiguration, d.SMSAuthenticationMessage}
		}, `[{"SnsCallerArn":"` + role + `","ExternalId":"x","SnsRegion":"us-west-2"},"ON","Code {####}"]`},
		{"End User Messaging in the pool's region", func(in *request) {
			in.SMSConfiguration = &wire.SMSConfigurationType{EUMSSMS: &wire.EUMSSMSConfigurationType{CallerARN: role, Region: region}}
		}, func(d *wire.UserPoolType) any { return d.SMSConfiguration },
			`{"EumsSms":{"CallerArn":"` + role + `","Region":"us-east-1"}}`},
		{"template is mirrored", func(in *request) {
			in.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{EmailMessage: "mail {####}", EmailSubject: "subject", SMSMessage: "sms {####}", DefaultEmailOption: "CONFIRM_WITH_LINK", EmailMessageByLink: "{##click##}"}
		}, func(d *wire.UserPoolType) any {
			return []any{d.VerificationMessageTemplate, d.EmailVerificationMessage, d.EmailVerificationSubject, d.SMSVerificationMessage}
		}, `[{"EmailMessage":"mail {####}","EmailSubject":"subject","SmsMessage":"sms {####}","DefaultEmailOption":"CONFIRM_WITH_LINK","EmailMessageByLink":"{##click##}"},"mail {####}","subject","sms {####}"]`},
		{"legacy messages are mirrored", func(in *request) {
			in.EmailVerificationMessage, in.EmailVerificationSubject, in.SMSVerificationMessage = "mail {####}", "subject", "sms {####}"
		}, func(d *wire.UserPoolType) any {
			return []any{d.VerificationMessageTemplate, d.EmailVerificationMessage, d.EmailVerificationSubject, d.SMSVerificationMessage}
		}, `[{"EmailMessage":"mail {####}","EmailSubject":"subject","SmsMessage":"sms {####}","DefaultEmailOption":"CONFIRM_WITH_CODE"},"mail {####}","subject","sms {####}"]`},
		{"template wins", func(in *request) {
			in.EmailVerificationMessage = "old {####}"
			in.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{EmailMessage: "new {####}"}
		}, func(d *wire.UserPoolType) any {
			return []any{d.VerificationMessageTemplate.EmailMessage, d.EmailVerificationMessage}
		}, `["new {####}","new {####}"]`},
		{"invitation", func(in *request) {
			in.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{InviteMessageTemplate: &wire.MessageTemplateType{EmailMessage: "{username} {####}", SMSMessage: "{username} {####}"}}
		}, func(d *wire.UserPoolType) any { return d.AdminCreateUserConfig },
			`{"AllowAdminCreateUserOnly":false,"UnusedAccountValidityDays":7,"InviteMessageTemplate":{"EmailMessage":"{username} {####}","SMSMessage":"{username} {####}"}}`},
		{"add-ons", func(in *request) {
			in.UserPoolTier = "PLUS"
			in.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
		}, func(d *wire.UserPoolType) any { return d.UserPoolAddOns },
			`{"AdvancedSecurityMode":"AUDIT","AdvancedSecurityAdditionalFlows":{}}`},
		{"account recovery", func(in *request) {
			in.AccountRecoverySetting = &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{{Name: "admin_only", Priority: 1}}}
		}, func(d *wire.UserPoolType) any { return d.AccountRecoverySetting },
			`{"RecoveryMechanisms":[{"Name":"admin_only","Priority":1}]}`},
		{"old token trigger", func(in *request) {
			in.LambdaConfig = &wire.LambdaConfigType{PreTokenGeneration: function, PreSignUp: other}
		}, func(d *wire.UserPoolType) any { return d.LambdaConfig },
			`{"PreSignUp":"` + other + `","PreTokenGeneration":"` + function + `","PreTokenGenerationConfig":{"LambdaArn":"` + function + `","LambdaVersion":"V1_0"}}`},
		{"new token trigger", func(in *request) {
			in.LambdaConfig = &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: function, LambdaVersion: "V2_0"}}
		}, func(d *wire.UserPoolType) any { return d.LambdaConfig },
			`{"PreTokenGeneration":"` + function + `","PreTokenGenerationConfig":{"LambdaArn":"` + function + `","LambdaVersion":"V2_0"}}`},
		{"custom sender with its key", func(in *request) {
			in.LambdaConfig = &wire.LambdaConfigType{CustomSMSSender: &wire.CustomSMSLambdaVersionConfigType{LambdaARN: function, LambdaVersion: "V1_0"}, KMSKeyID: key}
		}, func(d *wire.UserPoolType) any { return d.LambdaConfig },
			`{"CustomSMSSender":{"LambdaArn":"` + function + `","LambdaVersion":"V1_0"},"KMSKeyID":"` + key + `"}`},
		{"tags, protection, issuer, key", func(in *request) {
			in.UserPoolTags = map[string]string{"team": "ä b/c"}
			in.DeletionProtection = "ACTIVE"
			in.IssuerConfiguration = &wire.IssuerConfigurationType{Type: "UPDATED"}
			in.KeyConfiguration = &wire.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY", KMSKeyARN: key}
		}, func(d *wire.UserPoolType) any {
			return []any{d.UserPoolTags, d.DeletionProtection, d.IssuerConfiguration, d.KeyConfiguration}
		}, `[{"team":"ä b/c"},"ACTIVE",{"Type":"UPDATED"},{"KeyType":"CUSTOMER_MANAGED_KEY","KmsKeyArn":"` + key + `"}]`},
		{"key without its type", func(in *request) { in.KeyConfiguration = &wire.KeyConfigurationType{KMSKeyARN: key} },
			func(d *wire.UserPoolType) any { return d.KeyConfiguration },
			`{"KeyType":"CUSTOMER_MANAGED_KEY","KmsKeyArn":"` + key + `"}`},
		{"levels and client registration", func(in *request) {
			in.ACRConfiguration = map[string]wire.ACRLevelConfigType{"Level1": {ACRValue: "low"}}
			in.DCRConfiguration = &wire.DCRConfigurationType{}
		}, func(d *wire.UserPoolType) any { return []any{d.ACRConfiguration, d.DCRConfiguration} },
			`[{"Level1":{"AcrValue":"low"}},{"EnableStatus":"Enabled","OpenDcrEnabled":false,"AuthenticatedGrantTypes":["code","client_credentials"],"OpenDcrGrantTypes":["code"]}]`},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(tt.in)
			wantJSON(t, tt.show(w.describe()), []byte(tt.want))
		})
	}
}

// poolRefusals are the refusals that Create and Update share: only members of both stand in them.
var poolRefusals = []struct {
	name    string
	in      wire.UpdateUserPoolRequest
	code    userpool.ErrorCode
	message string
}{
	{"MFA without a factor", wire.UpdateUserPoolRequest{MFAConfiguration: "OPTIONAL"},
		userpool.InvalidParameter, "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"},
	{"required MFA with a code as first factor", wire.UpdateUserPoolRequest{MFAConfiguration: "ON", SMSConfiguration: sns, Policies: factors("PASSWORD", "EMAIL_OTP")},
		userpool.InvalidParameter, "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"},
	{"required MFA with a passkey as first factor", wire.UpdateUserPoolRequest{MFAConfiguration: "ON", SMSConfiguration: sns, Policies: factors("PASSWORD", "WEB_AUTHN")},
		userpool.InvalidParameter, "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor"},
	{"optional MFA with a code as first factor", wire.UpdateUserPoolRequest{MFAConfiguration: "OPTIONAL", SMSConfiguration: sns, Policies: factors("PASSWORD", "SMS_OTP")}, "", ""},
	{"SMS codes without SMS", wire.UpdateUserPoolRequest{Policies: factors("PASSWORD", "SMS_OTP")},
		userpool.InvalidParameter, "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration"},
	{"authenticator as first factor", wire.UpdateUserPoolRequest{Policies: factors("PASSWORD", "SOFTWARE_TOKEN")}, userpool.InvalidParameter, ""},
	{"no password as first factor", wire.UpdateUserPoolRequest{Policies: factors("EMAIL_OTP")}, userpool.InvalidParameter, ""},
	{"two lives of temporary passwords", wire.UpdateUserPoolRequest{
		Policies:              &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(int32(5))}},
		AdminCreateUserConfig: &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: new(int32(6))},
	}, userpool.InvalidParameter, "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"},
	{"two equal lives of temporary passwords", wire.UpdateUserPoolRequest{
		Policies:              &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(int32(5))}},
		AdminCreateUserConfig: &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: new(int32(5))},
	}, "", ""},
	{"developer email without an identity", wire.UpdateUserPoolRequest{EmailConfiguration: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER"}}, userpool.InvalidParameter, ""},
	{"a sender that is none", wire.UpdateUserPoolRequest{EmailConfiguration: &wire.EmailConfigurationType{From: "Pool"}}, userpool.InvalidParameter,
		"From of EmailConfiguration must be an email address, or a name with one in angle brackets."},
	{"a sender with a line of its own", wire.UpdateUserPoolRequest{EmailConfiguration: &wire.EmailConfigurationType{From: "a@example.com\r\nBcc: b@example.com"}}, userpool.InvalidParameter, ""},
	{"a sender and what follows", wire.UpdateUserPoolRequest{EmailConfiguration: &wire.EmailConfigurationType{From: "Me <a@example.com>, b@example.com"}}, userpool.InvalidParameter, ""},
	{"both ways of SMS", wire.UpdateUserPoolRequest{SMSConfiguration: &wire.SMSConfigurationType{SNSCallerARN: role, EUMSSMS: &wire.EUMSSMSConfigurationType{CallerARN: role}}}, userpool.InvalidParameter, ""},
	{"no way of SMS", wire.UpdateUserPoolRequest{SMSConfiguration: &wire.SMSConfigurationType{ExternalID: "x"}}, userpool.InvalidParameter, ""},
	{"End User Messaging elsewhere", wire.UpdateUserPoolRequest{SMSConfiguration: &wire.SMSConfigurationType{EUMSSMS: &wire.EUMSSMSConfigurationType{CallerARN: role, Region: "eu-west-1"}}}, userpool.InvalidParameter, ""},
	{"update settings without auto-verification", wire.UpdateUserPoolRequest{
		AutoVerifiedAttributes:      []wire.VerifiedAttributeType{"email"},
		UserAttributeUpdateSettings: &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []wire.VerifiedAttributeType{"email", "phone_number"}},
	}, userpool.InvalidParameter, "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"},
	{"recovery priority twice", wire.UpdateUserPoolRequest{AccountRecoverySetting: recovery("verified_email", 1, "verified_phone_number", 1)}, userpool.InvalidParameter, ""},
	{"recovery name twice", wire.UpdateUserPoolRequest{AccountRecoverySetting: recovery("verified_email", 1, "verified_email", 2)}, userpool.InvalidParameter, ""},
	{"recovery by administrators and email", wire.UpdateUserPoolRequest{AccountRecoverySetting: recovery("admin_only", 1, "verified_email", 2)}, userpool.InvalidParameter, ""},
	{"recovery by administrators second", wire.UpdateUserPoolRequest{AccountRecoverySetting: recovery("admin_only", 2)}, userpool.InvalidParameter, ""},
	{"two token triggers", wire.UpdateUserPoolRequest{LambdaConfig: &wire.LambdaConfigType{PreTokenGeneration: function, PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: other, LambdaVersion: "V1_0"}}}, userpool.InvalidParameter, ""},
	{"custom sender without a key", wire.UpdateUserPoolRequest{LambdaConfig: &wire.LambdaConfigType{CustomEmailSender: &wire.CustomEmailLambdaVersionConfigType{LambdaARN: function, LambdaVersion: "V1_0"}}}, userpool.InvalidParameter, ""},
	{"customer key without its name", wire.UpdateUserPoolRequest{KeyConfiguration: &wire.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY"}}, userpool.InvalidParameter, ""},
	{"owned key with a name", wire.UpdateUserPoolRequest{KeyConfiguration: &wire.KeyConfigurationType{KeyType: "AWS_OWNED_KEY", KMSKeyARN: key}}, userpool.InvalidParameter, ""},
	{"unknown level", wire.UpdateUserPoolRequest{ACRConfiguration: map[string]wire.ACRLevelConfigType{"Level5": {ACRValue: "x"}}}, userpool.InvalidParameter, ""},
	{"two levels of one name", wire.UpdateUserPoolRequest{ACRConfiguration: map[string]wire.ACRLevelConfigType{"Level1": {ACRValue: "x"}, "Level2": {ACRValue: "x"}}}, userpool.InvalidParameter, ""},
	{"level with another's default name", wire.UpdateUserPoolRequest{ACRConfiguration: map[string]wire.ACRLevelConfigType{"Level1": {ACRValue: "urn:cognito:loa:2"}}}, userpool.InvalidParameter, ""},

	{"threat protection below Plus", wire.UpdateUserPoolRequest{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}},
		userpool.FeatureUnavailableInTier, "The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection"},
	{"threat protection of custom challenges below Plus", wire.UpdateUserPoolRequest{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "OFF", AdvancedSecurityAdditionalFlows: &wire.AdvancedSecurityAdditionalFlowsType{CustomAuthMode: "AUDIT"}}},
		userpool.FeatureUnavailableInTier, ""},
	{"no threat protection", wire.UpdateUserPoolRequest{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "OFF"}}, "", ""},
	{"passwordless on Lite", wire.UpdateUserPoolRequest{UserPoolTier: "LITE", Policies: factors("PASSWORD", "WEB_AUTHN")},
		userpool.FeatureUnavailableInTier, "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In"},
	{"much on Lite", wire.UpdateUserPoolRequest{
		UserPoolTier: "LITE",
		Policies: &wire.UserPoolPolicyType{
			PasswordPolicy: &wire.PasswordPolicyType{PasswordHistorySize: new(int32(1))},
			SignInPolicy:   &wire.SignInPolicyType{AllowedFirstAuthFactors: []wire.AuthFactorType{"PASSWORD"}},
		},
		LambdaConfig:     &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: function, LambdaVersion: "V3_0"}},
		ACRConfiguration: map[string]wire.ACRLevelConfigType{"Level1": {ACRValue: "low"}},
		DCRConfiguration: &wire.DCRConfigurationType{},
	}, userpool.FeatureUnavailableInTier, "The following features need to be disabled for the LITE pricing tier configured: " +
		"Password History, Access Token Customization, Authentication Context Class References, Dynamic Client Registration"},
	{"little on Lite", wire.UpdateUserPoolRequest{
		UserPoolTier:     "LITE",
		Policies:         &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{PasswordHistorySize: new(int32(0))}},
		LambdaConfig:     &wire.LambdaConfigType{PreTokenGeneration: function},
		DCRConfiguration: &wire.DCRConfigurationType{EnableStatus: "Disabled"},
	}, "", ""},

	{"reserved tag", wire.UpdateUserPoolRequest{UserPoolTags: map[string]string{"AWS:x": "y"}}, userpool.UserPoolTagging, ""},
	{"tag key with a wrong character", wire.UpdateUserPoolRequest{UserPoolTags: map[string]string{"a#b": "y"}}, userpool.UserPoolTagging, ""},
	{"tag value with a wrong character", wire.UpdateUserPoolRequest{UserPoolTags: map[string]string{"a": "x\ny"}}, userpool.UserPoolTagging, ""},
	{"too many tags", wire.UpdateUserPoolRequest{UserPoolTags: manyTags(51)}, userpool.UserPoolTagging, ""},
	{"as many tags as allowed", wire.UpdateUserPoolRequest{UserPoolTags: manyTags(50)}, "", ""},
}

var sns = &wire.SMSConfigurationType{SNSCallerARN: role}

func factors(f ...wire.AuthFactorType) *wire.UserPoolPolicyType {
	return &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: f}}
}

func recovery(pairs ...any) *wire.AccountRecoverySettingType {
	s := &wire.AccountRecoverySettingType{}
	for i := 0; i < len(pairs); i += 2 {
		s.RecoveryMechanisms = append(s.RecoveryMechanisms, wire.RecoveryOptionType{
			Name: wire.RecoveryOptionNameType(pairs[i].(string)), Priority: int32(pairs[i+1].(int)),
		})
	}
	return s
}

func manyTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprint("key", i)] = "value"
	}
	return tags
}

func TestPoolRefusals(t *testing.T) {
	w := newWorld(t)
	for _, tt := range poolRefusals {
		t.Run("create: "+tt.name, func(t *testing.T) {
			w := w.row(t)
			_, err := w.tryPool(func(in *wire.CreateUserPoolRequest) {
				in.MFAConfiguration, in.SMSConfiguration, in.Policies = tt.in.MFAConfiguration, tt.in.SMSConfiguration, tt.in.Policies
				in.AdminCreateUserConfig, in.EmailConfiguration = tt.in.AdminCreateUserConfig, tt.in.EmailConfiguration
				in.AutoVerifiedAttributes, in.UserAttributeUpdateSettings = tt.in.AutoVerifiedAttributes, tt.in.UserAttributeUpdateSettings
				in.AccountRecoverySetting, in.LambdaConfig, in.KeyConfiguration = tt.in.AccountRecoverySetting, tt.in.LambdaConfig, tt.in.KeyConfiguration
				in.ACRConfiguration, in.DCRConfiguration = tt.in.ACRConfiguration, tt.in.DCRConfiguration
				in.UserPoolAddOns, in.UserPoolTier, in.UserPoolTags = tt.in.UserPoolAddOns, tt.in.UserPoolTier, tt.in.UserPoolTags
			})
			wantError(t, err, tt.code, tt.message)
			if _, err := w.Store.Pool(t.Context(), poolID); tt.code != "" && !errors.Is(err, userpool.ErrNotFound) {
				t.Errorf("after the refusal the pool is there: %v", err)
			}
		})
		t.Run("update: "+tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(nil)
			before := w.describe()
			err := w.update(func(in *wire.UpdateUserPoolRequest) { *in = tt.in; in.UserPoolID = poolID })
			wantError(t, err, tt.code, tt.message)
			if diff := cmp.Diff(before, w.describe()); tt.code != "" && diff != "" {
				t.Errorf("after the refusal the pool is another:\n%s", diff)
			}
		})
	}
}

func TestCreatePoolRefusals(t *testing.T) {
	type request = wire.CreateUserPoolRequest
	tests := []struct {
		name    string
		in      func(*request)
		message string
	}{
		{"aliases and user name attributes", func(in *request) {
			in.AliasAttributes = []wire.AliasAttributeType{"email"}
			in.UsernameAttributes = []wire.UsernameAttributeType{"email"}
		}, "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."},
		{"required preferred_username as an alias", func(in *request) {
			in.AliasAttributes = []wire.AliasAttributeType{"preferred_username"}
			in.Schema = []wire.SchemaAttributeType{{Name: "preferred_username", Required: new(true)}}
		}, ""},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.row(t).tryPool(tt.in)
			wantError(t, err, userpool.InvalidParameter, tt.message)
		})
	}
}

// fullPool sets every member that an update can change, away from its default.
func fullPool(in *wire.CreateUserPoolRequest) {
	in.UserPoolTier = "PLUS"
	in.DeletionProtection = "ACTIVE"
	in.SMSConfiguration = sns
	in.MFAConfiguration = "OFF"
	in.UserPoolTags = map[string]string{"team": "a"}
	in.KeyConfiguration = &wire.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY", KMSKeyARN: key}
	in.IssuerConfiguration = &wire.IssuerConfigurationType{Type: "UPDATED"}
	in.DCRConfiguration = &wire.DCRConfigurationType{EnableStatus: "Disabled"}
	in.Policies = &wire.UserPoolPolicyType{
		PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: new(int32(20)), TemporaryPasswordValidityDays: new(int32(9))},
		SignInPolicy:   &wire.SignInPolicyType{AllowedFirstAuthFactors: []wire.AuthFactorType{"PASSWORD", "WEB_AUTHN"}},
	}
	in.LambdaConfig = &wire.LambdaConfigType{PreSignUp: function}
	in.AutoVerifiedAttributes = []wire.VerifiedAttributeType{"email"}
	in.DeviceConfiguration = &wire.DeviceConfigurationType{ChallengeRequiredOnNewDevice: new(true)}
	in.EmailConfiguration = &wire.EmailConfigurationType{ReplyToEmailAddress: "reply@example.com"}
	in.SMSAuthenticationMessage = "sms {####}"
	in.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
	in.AccountRecoverySetting = recovery("admin_only", 1)
	in.ACRConfiguration = map[string]wire.ACRLevelConfigType{"Level1": {ACRValue: "low"}}
	in.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{AllowAdminCreateUserOnly: new(true), InviteMessageTemplate: &wire.MessageTemplateType{EmailSubject: "welcome"}}
	in.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{EmailMessage: "mail {####}", EmailSubject: "subject", SMSMessage: "sms {####}", DefaultEmailOption: "CONFIRM_WITH_LINK"}
	in.UsernameAttributes = []wire.UsernameAttributeType{"email"}
	in.UsernameConfiguration = &wire.UsernameConfigurationType{CaseSensitive: false}
	in.Schema = []wire.SchemaAttributeType{{Name: "level", AttributeDataType: "Number"}}
}

func TestUpdatePoolKeepsAndResets(t *testing.T) {
	w := newWorld(t)
	w.pool(fullPool)
	before := w.describe()
	shared := w.stored()
	w.clock = w.clock.Add(time.Hour)
	if err := w.update(nil); err != nil {
		t.Fatal(err)
	}

	want := *before
	want.LastModifiedDate = wire.NewTimestamp(w.clock)
	want.LambdaConfig = &wire.LambdaConfigType{}
	want.AutoVerifiedAttributes = nil
	want.UserAttributeUpdateSettings = nil
	want.DeviceConfiguration = nil
	want.EmailConfiguration = &wire.EmailConfigurationType{EmailSendingAccount: "COGNITO_DEFAULT"}
	want.SMSConfiguration = nil
	want.SMSAuthenticationMessage = ""
	want.UserPoolAddOns = nil
	want.AccountRecoverySetting = recovery("verified_email", 1, "verified_phone_number", 2)
	want.ACRConfiguration = nil
	want.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{AllowAdminCreateUserOnly: new(false), UnusedAccountValidityDays: new(int32(9))}
	want.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_CODE"}
	want.EmailVerificationMessage, want.EmailVerificationSubject, want.SMSVerificationMessage = "", "", ""
	if diff := cmp.Diff(&want, w.describe()); diff != "" {
		t.Errorf("after an empty update (-want +got):\n%s", diff)
	}

	was := w.describePool(shared, 0)
	if diff := cmp.Diff(before, was); diff != "" {
		t.Errorf("the update changed what a reader holds:\n%s", diff)
	}
}

// TestUpdatePoolGives sets every member by an update of a bare pool: the two requests mean the same.
func TestUpdatePoolGives(t *testing.T) {
	w := newWorld(t)
	w.pool(func(in *wire.CreateUserPoolRequest) {
		var full wire.CreateUserPoolRequest
		fullPool(&full)
		in.UsernameAttributes, in.UsernameConfiguration, in.Schema = full.UsernameAttributes, full.UsernameConfiguration, full.Schema
	})
	err := w.update(func(in *wire.UpdateUserPoolRequest) {
		var full wire.CreateUserPoolRequest
		fullPool(&full)
		in.PoolName = "renamed"
		in.UserPoolTier, in.DeletionProtection, in.SMSConfiguration = full.UserPoolTier, full.DeletionProtection, full.SMSConfiguration
		in.MFAConfiguration, in.UserPoolTags, in.KeyConfiguration = full.MFAConfiguration, full.UserPoolTags, full.KeyConfiguration
		in.IssuerConfiguration, in.DCRConfiguration, in.Policies = full.IssuerConfiguration, full.DCRConfiguration, full.Policies
		in.LambdaConfig, in.AutoVerifiedAttributes, in.DeviceConfiguration = full.LambdaConfig, full.AutoVerifiedAttributes, full.DeviceConfiguration
		in.EmailConfiguration, in.SMSAuthenticationMessage, in.UserPoolAddOns = full.EmailConfiguration, full.SMSAuthenticationMessage, full.UserPoolAddOns
		in.AccountRecoverySetting, in.ACRConfiguration, in.AdminCreateUserConfig = full.AccountRecoverySetting, full.ACRConfiguration, full.AdminCreateUserConfig
		in.VerificationMessageTemplate = full.VerificationMessageTemplate
	})
	if err != nil {
		t.Fatal(err)
	}
	other := newWorld(t)
	other.pool(fullPool)
	want := other.describe()
	want.Name = "renamed"
	if diff := cmp.Diff(want, w.describe()); diff != "" {
		t.Errorf("(-created +updated):\n%s", diff)
	}
}

func TestUpdatePool(t *testing.T) {
	type create = wire.CreateUserPoolRequest
	type update = wire.UpdateUserPoolRequest
	days := func(n int32) *wire.UserPoolPolicyType {
		return &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(n)}}
	}
	unused := func(n int32) *wire.AdminCreateUserConfigType {
		return &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: new(n)}
	}
	expiry := func(d *wire.UserPoolType) any {
		return []any{d.Policies.PasswordPolicy.TemporaryPasswordValidityDays, d.AdminCreateUserConfig.UnusedAccountValidityDays}
	}
	const useNew = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
	tests := []struct {
		name    string
		create  func(*create)
		update  func(*update)
		code    userpool.ErrorCode
		message string
		show    func(*wire.UserPoolType) any
		want    string
	}{
		{name: "legacy expiry in a pool that never had the new one", update: func(in *update) { in.AdminCreateUserConfig = unused(20) },
			show: expiry, want: `[20,20]`},
		{name: "legacy expiry again", create: func(in *create) { in.AdminCreateUserConfig = unused(20) },
			update: func(in *update) { in.AdminCreateUserConfig = unused(30) }, show: expiry, want: `[30,30]`},
		{name: "legacy expiry left out", create: func(in *create) { in.AdminCreateUserConfig = unused(20) }, show: expiry, want: `[20,20]`},
		{name: "legacy expiry after the new one", create: func(in *create) { in.Policies = days(10) },
			update: func(in *update) { in.AdminCreateUserConfig = unused(20) }, code: userpool.InvalidParameter, message: useNew},
		{name: "legacy expiry equal to the new one", create: func(in *create) { in.Policies = days(10) },
			update: func(in *update) { in.AdminCreateUserConfig = unused(10) }, show: expiry, want: `[10,10]`},
		{name: "new expiry after the legacy one", create: func(in *create) { in.AdminCreateUserConfig = unused(20) },
			update: func(in *update) { in.Policies = days(10) }, show: expiry, want: `[10,10]`},
		{name: "password policy alone", create: fullPool, update: func(in *update) { in.Policies = days(3) },
			show: func(d *wire.UserPoolType) any {
				return []any{d.Policies.PasswordPolicy.MinimumLength, d.Policies.SignInPolicy.AllowedFirstAuthFactors}
			}, want: `[8,["PASSWORD","WEB_AUTHN"]]`},
		{name: "sign-in policy alone", create: fullPool, update: func(in *update) { in.Policies = factors("PASSWORD") },
			show: func(d *wire.UserPoolType) any {
				return []any{d.Policies.PasswordPolicy.MinimumLength, d.Policies.SignInPolicy.AllowedFirstAuthFactors}
			}, want: `[20,["PASSWORD"]]`},
		{name: "tags replaced by none", create: fullPool, update: func(in *update) { in.UserPoolTags = map[string]string{} },
			show: func(d *wire.UserPoolType) any { return d.UserPoolTags }, want: `{}`},
		{name: "MFA stays on with its SMS", create: func(in *create) { in.SMSConfiguration, in.MFAConfiguration = sns, "OPTIONAL" },
			update: func(in *update) { in.SMSConfiguration = sns },
			show:   func(d *wire.UserPoolType) any { return d.MFAConfiguration }, want: `"OPTIONAL"`},
		{name: "MFA stays on and SMS goes", create: func(in *create) { in.SMSConfiguration, in.MFAConfiguration = sns, "OPTIONAL" },
			code: userpool.InvalidParameter, message: "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"},
		{name: "update settings against the request's auto-verification, not the stored one",
			create: func(in *create) { in.AutoVerifiedAttributes = []wire.VerifiedAttributeType{"email"} },
			update: func(in *update) {
				in.UserAttributeUpdateSettings = &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []wire.VerifiedAttributeType{"email"}}
			}, code: userpool.InvalidParameter, message: "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"},
		{name: "from Essentials to Lite", update: func(in *update) { in.UserPoolTier = "LITE" },
			show: func(d *wire.UserPoolType) any { return []any{d.UserPoolTier, d.Policies.SignInPolicy} }, want: `["LITE",null]`},
		{name: "from Lite to Plus", create: func(in *create) { in.UserPoolTier = "LITE" }, update: func(in *update) { in.UserPoolTier = "PLUS" },
			show: func(d *wire.UserPoolType) any { return []any{d.UserPoolTier, d.Policies.SignInPolicy} },
			want: `["PLUS",{"AllowedFirstAuthFactors":["PASSWORD"]}]`},
		{name: "to Lite with passwordless sign-in", create: fullPool, update: func(in *update) { in.UserPoolTier = "LITE" },
			code: userpool.FeatureUnavailableInTier, message: "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In"},
		{name: "to Essentials with threat protection", create: fullPool,
			update: func(in *update) {
				in.UserPoolTier = "ESSENTIALS"
				in.UserPoolAddOns = &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
			},
			code: userpool.FeatureUnavailableInTier, message: "The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection"},
		{name: "to Essentials, threat protection goes with the reset", create: fullPool, update: func(in *update) { in.UserPoolTier = "ESSENTIALS" },
			show: func(d *wire.UserPoolType) any { return []any{d.UserPoolTier, d.UserPoolAddOns} }, want: `["ESSENTIALS",null]`},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(tt.create)
			wantError(t, w.update(tt.update), tt.code, tt.message)
			if tt.show != nil {
				wantJSON(t, tt.show(w.describe()), []byte(tt.want))
			}
		})
	}
}

func TestDescribePoolCountsUsers(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	err := w.Store.Write(t.Context(), func(tx userpool.Tx) error {
		return tx.CreateUser(t.Context(), &userpool.User{
			Key: userpool.UserKey{Pool: p.Number, User: userpool.NewNumber(w.clock)}, Username: "alice", Sub: "c1d2",
			Status: userpool.Confirmed, Enabled: true, Created: w.clock, Modified: w.clock,
		}, "alice")
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := *w.describe().EstimatedNumberOfUsers; got != 1 {
		t.Errorf("got %d users, want 1", got)
	}
}

func TestMoveToLiteWithClients(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(func(in *wire.CreateUserPoolClientRequest) {
		in.ExplicitAuthFlows = []wire.ExplicitAuthFlowsType{"ALLOW_USER_AUTH"}
	})
	err := w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = "LITE" })
	wantError(t, err, userpool.FeatureUnavailableInTier, "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In")
}

func TestUpdatePoolAfterAnotherChange(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	seen := w.stored()
	if err := w.update(func(in *wire.UpdateUserPoolRequest) { in.PoolName = "first" }); err != nil {
		t.Fatal(err)
	}
	err := w.UpdatePool(t.Context(), seen, &wire.UpdateUserPoolRequest{UserPoolID: poolID, PoolName: "second"})
	wantError(t, err, userpool.ConcurrentModification, "")
	if got := w.stored().Name; got != "first" {
		t.Errorf("the pool is called %q", got)
	}
}

func TestDeletePool(t *testing.T) {
	w := newWorld(t)
	p := w.pool(func(in *wire.CreateUserPoolRequest) { in.DeletionProtection = "ACTIVE" })
	c := w.client(nil)
	wantError(t, w.DeletePool(t.Context(), p), userpool.InvalidParameter,
		"The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	if err := w.update(func(in *wire.UpdateUserPoolRequest) { in.DeletionProtection = "INACTIVE" }); err != nil {
		t.Fatal(err)
	}
	if err := w.DeletePool(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	gone := "User pool " + poolID + " does not exist."
	wantError(t, w.DeletePool(t.Context(), p), userpool.ResourceNotFound, gone)
	wantError(t, w.UpdatePool(t.Context(), p, &wire.UpdateUserPoolRequest{}), userpool.ResourceNotFound, gone)
	_, err := w.CreateClient(t.Context(), p, &wire.CreateUserPoolClientRequest{ClientName: "late"}, ClientOptions{})
	wantError(t, err, userpool.ResourceNotFound, gone)
	if _, err := w.Store.Client(t.Context(), c.ID); !errors.Is(err, userpool.ErrNotFound) {
		t.Errorf("the client is still there: %v", err)
	}

	// A pool made again under the same id is another one.
	w.clock = w.clock.Add(time.Second)
	w.pool(nil)
	wantError(t, w.DeletePool(t.Context(), p), userpool.ResourceNotFound, gone)
	_, err = w.Client(t.Context(), w.stored(), c.ID)
	wantError(t, err, userpool.ResourceNotFound, "User pool client "+c.ID+" does not exist.")
}

func TestListPools(t *testing.T) {
	w := newWorld(t)
	create := func(region, name string) {
		if _, err := w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{
			PoolName: name, LambdaConfig: &wire.LambdaConfigType{PreSignUp: function},
		}, PoolOptions{}); err != nil {
			t.Fatal(err)
		}
		w.clock = w.clock.Add(time.Second)
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		create(region, name)
	}
	create("eu-west-1", "elsewhere")

	var names []string
	token := ""
	for page := 0; page == 0 || token != ""; page++ {
		list, next, err := w.ListPools(t.Context(), region, 2, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			names = append(names, p.Name)
			if p.LambdaConfig.PreSignUp != function || p.ID == "" || p.Status != "" || p.CreationDate.IsZero() || p.LastModifiedDate.IsZero() {
				t.Errorf("got %+v", p)
			}
		}
		token = next
	}
	if got := strings.Join(names, ""); got != "abcde" {
		t.Errorf("got pools %q", got)
	}

	_, next, err := w.ListPools(t.Context(), region, 2, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{next + "x", "x", "%", userpool.NextToken("key", "ListUserPools", "eu-west-1"), strings.Repeat("A", 5000)} {
		_, _, err := w.ListPools(t.Context(), region, 2, foreign)
		wantError(t, err, userpool.InvalidParameter, "")
		if len(err.Error()) > 400 {
			t.Errorf("the refusal has %d bytes", len(err.Error()))
		}
	}
	_, _, err = w.ListPools(t.Context(), "eu-west-1", 2, next)
	wantError(t, err, userpool.InvalidParameter, "Paging marker "+next+" is invalid for this request")

	list, next, err := w.ListPools(t.Context(), "ap-south-1", 60, "")
	if err != nil || next != "" {
		t.Fatal(next, err)
	}
	wantJSON(t, &wire.ListUserPoolsResponse{UserPools: list, NextToken: next}, []byte(`{"UserPools":[]}`))
}

func TestPoolQuota(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	err := w.Store.Write(t.Context(), func(tx userpool.Tx) error {
		for i := range poolQuota - 2 {
			next := *p
			next.Number = userpool.NewNumber(p.Created)
			next.ID = fmt.Sprintf("%s_%09d", region, i)
			if err := tx.CreatePool(t.Context(), &next, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	create := func(region string) error {
		_, err := w.CreatePool(t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "pool"}, PoolOptions{})
		return err
	}
	wantError(t, create(region), "", "")
	wantError(t, create(region), userpool.LimitExceeded, "User pool limit exceeded.")
	wantError(t, create("eu-west-1"), "", "")
}
