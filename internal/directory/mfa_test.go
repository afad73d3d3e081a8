package directory

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var (
	developer = &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceARN: "arn:aws:ses:us-east-1:123456789012:identity/example.com"}
	smsMFA    = &wire.SMSMFAConfigType{SMSConfiguration: sns}
	app       = &wire.SoftwareTokenMFAConfigType{Enabled: new(true)}
	passkeys  = &wire.WebAuthnConfigurationType{FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION"}
	emailMFAs = &wire.EmailMFAConfigType{Message: "Your code is {####}", Subject: "Code"}
)

func TestSetMFA(t *testing.T) {
	type request = wire.SetUserPoolMFAConfigRequest
	type create = wire.CreateUserPoolRequest
	const (
		together = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
		allOff   = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
		passkey  = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
		first    = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
		single   = "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor"
		sender   = "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT"
	)
	firstFactors := func(f ...wire.AuthFactorType) func(*create) {
		return func(in *create) {
			in.Policies = &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: f}}
			in.SMSConfiguration, in.EmailConfiguration = sns, developer
		}
	}
	sends := func(in *create) { in.EmailConfiguration = developer }
	tests := []struct {
		name    string
		create  func(*create)
		set     request
		code    userpool.ErrorCode
		message string
		want    string
	}{
		{name: "nothing", want: `{"MfaConfiguration":"OFF"}`},
		{name: "off with a factor", set: request{MFAConfiguration: "OFF", SoftwareTokenMFAConfiguration: app}, code: userpool.InvalidParameter, message: together},
		{name: "left out with a factor that is off", set: request{SoftwareTokenMFAConfiguration: &wire.SoftwareTokenMFAConfigType{Enabled: new(false)}},
			code: userpool.InvalidParameter, message: together},
		{name: "off with passkeys", set: request{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyID: "auth.example.com"}},
			want: `{"MfaConfiguration":"OFF","WebAuthnConfiguration":{"RelyingPartyId":"auth.example.com"}}`},
		{name: "on without a factor", set: request{MFAConfiguration: "ON"}, code: userpool.InvalidParameter, message: allOff},
		{name: "optional with a factor that is off", set: request{MFAConfiguration: "OPTIONAL", SoftwareTokenMFAConfiguration: &wire.SoftwareTokenMFAConfigType{}},
			code: userpool.InvalidParameter, message: allOff},
		{name: "passkeys only", set: request{MFAConfiguration: "OPTIONAL", WebAuthnConfiguration: passkeys}, code: userpool.InvalidParameter, message: passkey},
		{name: "authenticator apps", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			want: `{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}}`},
		{name: "SMS with what sends it", set: request{MFAConfiguration: "OPTIONAL", SMSMFAConfiguration: &wire.SMSMFAConfigType{
			SMSAuthenticationMessage: "Code {####}", SMSConfiguration: sns}},
			want: `{"MfaConfiguration":"OPTIONAL","SmsMfaConfiguration":{"SmsAuthenticationMessage":"Code {####}","SmsConfiguration":{"SnsCallerArn":"` + role + `"}}}`},
		{name: "SMS with what the pool has", create: func(in *create) { in.SMSConfiguration = sns },
			set:  request{MFAConfiguration: "OPTIONAL", SMSMFAConfiguration: &wire.SMSMFAConfigType{}},
			want: `{"MfaConfiguration":"OPTIONAL","SmsMfaConfiguration":{"SmsConfiguration":{"SnsCallerArn":"` + role + `"}}}`},
		{name: "SMS that nothing sends", set: request{MFAConfiguration: "OPTIONAL", SMSMFAConfiguration: &wire.SMSMFAConfigType{}},
			code: userpool.InvalidParameter, message: mfaNeedsSMS},
		{name: "SMS is no factor any more", create: func(in *create) { in.SMSConfiguration, in.MFAConfiguration = sns, "ON" },
			set:  request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			want: `{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}}`},
		{name: "email from the standard sender", set: request{MFAConfiguration: "ON", EmailMFAConfiguration: emailMFAs}, code: userpool.InvalidParameter, message: sender},
		{name: "email", create: sends, set: request{MFAConfiguration: "ON", EmailMFAConfiguration: emailMFAs},
			want: `{"MfaConfiguration":"ON","EmailMfaConfiguration":{"Message":"Your code is {####}","Subject":"Code"}}`},
		{name: "email on Lite", create: func(in *create) { in.UserPoolTier = "LITE"; sends(in) }, set: request{MFAConfiguration: "ON", EmailMFAConfiguration: emailMFAs},
			code: userpool.FeatureUnavailableInTier, message: "The following features need to be disabled for the LITE pricing tier configured: Email MFA"},
		{name: "passkeys on Lite", create: func(in *create) { in.UserPoolTier = "LITE" }, set: request{WebAuthnConfiguration: passkeys},
			code: userpool.FeatureUnavailableInTier, message: "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In"},
		{name: "email where recovery has nothing else", create: func(in *create) {
			sends(in)
			in.AccountRecoverySetting = &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{{Name: "verified_email", Priority: 1}}}
		}, set: request{MFAConfiguration: "ON", EmailMFAConfiguration: emailMFAs}, code: userpool.InvalidParameter},
		{name: "codes first and MFA required", create: firstFactors("PASSWORD", "EMAIL_OTP"), set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			code: userpool.InvalidParameter, message: first},
		{name: "codes first and MFA optional", create: firstFactors("PASSWORD", "EMAIL_OTP"), set: request{MFAConfiguration: "OPTIONAL", SoftwareTokenMFAConfiguration: app},
			want: `{"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}}`},
		{name: "passkeys first as one factor", create: firstFactors("PASSWORD", "WEB_AUTHN"), set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			code: userpool.InvalidParameter, message: single},
		{name: "passkeys first as two factors", create: firstFactors("PASSWORD", "WEB_AUTHN"),
			set:  request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app, WebAuthnConfiguration: passkeys},
			want: `{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true},"WebAuthnConfiguration":{"FactorConfiguration":"MULTI_FACTOR_WITH_USER_VERIFICATION"}}`},
		{name: "a relying party that belongs to all", set: request{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyID: "co.uk"}}, code: userpool.InvalidParameter},
		{name: "a relying party with a port", set: request{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyID: "example.com:443"}}, code: userpool.InvalidParameter},
		{name: "an address as relying party", set: request{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyID: "127.0.0.1"}}, code: userpool.InvalidParameter},
		{name: "this machine as relying party", set: request{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyID: "localhost"}},
			want: `{"MfaConfiguration":"OFF","WebAuthnConfiguration":{"RelyingPartyId":"localhost"}}`},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(tt.create)
			out, err := w.SetMFA(t.Context(), w.stored(), &tt.set)
			wantError(t, err, tt.code, tt.message)
			if err == nil {
				wantJSON(t, out, []byte(tt.want))
				wantJSON(t, DescribeMFA(w.stored()), []byte(tt.want))
			}
		})
	}
}

// An update judges and keeps the factors that were set.
func TestUpdatePoolWithFactors(t *testing.T) {
	type update = wire.UpdateUserPoolRequest
	type request = wire.SetUserPoolMFAConfigRequest
	tests := []struct {
		name   string
		set    request
		update func(*update)
		code   userpool.ErrorCode
		want   string
	}{
		{name: "apps stay", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app, WebAuthnConfiguration: passkeys},
			want: `{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true},"WebAuthnConfiguration":{"FactorConfiguration":"MULTI_FACTOR_WITH_USER_VERIFICATION"}}`},
		{name: "from required to optional", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			update: func(in *update) { in.MFAConfiguration = "OPTIONAL" }, want: `{"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}}`},
		{name: "off", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			update: func(in *update) { in.MFAConfiguration = "OFF" }, want: `{"MfaConfiguration":"OFF"}`},
		{name: "SMS stays no factor", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			update: func(in *update) { in.SMSConfiguration = sns }, want: `{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}}`},
		{name: "what sends SMS goes", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app, SMSMFAConfiguration: smsMFA},
			code: userpool.InvalidParameter},
		{name: "the sender of codes goes", set: request{MFAConfiguration: "ON", EmailMFAConfiguration: emailMFAs},
			update: func(in *update) { in.EmailConfiguration = nil }, code: userpool.InvalidParameter},
		{name: "codes first", set: request{MFAConfiguration: "ON", SoftwareTokenMFAConfiguration: app},
			update: func(in *update) { in.Policies = factors("PASSWORD", "EMAIL_OTP") }, code: userpool.InvalidParameter},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(func(in *wire.CreateUserPoolRequest) { in.EmailConfiguration = developer })
			if _, err := w.SetMFA(t.Context(), w.stored(), &tt.set); err != nil {
				t.Fatal(err)
			}
			err := w.update(func(in *update) {
				in.EmailConfiguration = developer
				if tt.update != nil {
					tt.update(in)
				}
			})
			wantError(t, err, tt.code, "")
			if tt.want != "" {
				wantJSON(t, DescribeMFA(w.stored()), []byte(tt.want))
			}
		})
	}
}

func TestSetMFAAfterAnotherChange(t *testing.T) {
	w := newWorld(t)
	seen := w.pool(nil)
	if err := w.update(nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.SetMFA(t.Context(), seen, &wire.SetUserPoolMFAConfigRequest{})
	wantError(t, err, userpool.ConcurrentModification, "")
}
