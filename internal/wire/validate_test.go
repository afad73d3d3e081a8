package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestValidate pins the service's texts. Rows marked recorded hold whole items
// as the service has answered them.
func TestValidate(t *testing.T) {
	const (
		usernamePattern = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`
		urlRules        = `[Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+]`
		userPoolClient  = `"UserPoolId":"p_1","ClientName":"n"`
	)
	long := strings.Repeat("a", 300)
	tests := []struct {
		name      string
		operation string
		body      string
		want      []string // items, in order
	}{
		{"recorded: sensitive members", "SignUp", `{"ClientId":"c","Password":" ","Username":""}`, []string{
			`Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+`,
			`Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1`,
			`Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: ` + usernamePattern,
		}},
		{"recorded: required", "DescribeUserPool", `{}`, []string{
			`Value null at 'userPoolId' failed to satisfy constraint: Member must not be null`,
		}},
		{"required and sensitive", "GetUser", `{"AccessToken":null}`, []string{
			`Value null at 'accessToken' failed to satisfy constraint: Member must not be null`,
		}},
		{"recorded: pattern shows the value", "DescribeUserPool", `{"UserPoolId":"YOUR-USER-POOL-ID"}`, []string{
			`Value 'YOUR-USER-POOL-ID' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`,
		}},
		{"recorded: length in a list of structures", "CreateUserPool", `{"PoolName":"n","Schema":[{"Name":"ok"},{"Name":"phone_number_verified"}]}`, []string{
			`Value 'phone_number_verified' at 'schema.2.member.name' failed to satisfy constraint: Member must have length less than or equal to 20`,
		}},
		{"nested structure", "CreateUserPool", `{"PoolName":"n","Policies":{"PasswordPolicy":{"MinimumLength":5,"TemporaryPasswordValidityDays":366}}}`, []string{
			`Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6`,
			`Value '366' at 'policies.passwordPolicy.temporaryPasswordValidityDays' failed to satisfy constraint: Member must have value less than or equal to 365`,
		}},
		{"required in a nested structure", "CreateUserPool", `{"PoolName":"n","UsernameConfiguration":{}}`, []string{
			`Value null at 'usernameConfiguration.caseSensitive' failed to satisfy constraint: Member must not be null`,
		}},
		{"shown code", "ConfirmSignUp", `{"ClientId":"c","ConfirmationCode":"12 34","Username":"u"}`, []string{
			`Value '12 34' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+`,
		}},
		{"length and pattern of one member", "DescribeUserPool", `{"UserPoolId":""}`, []string{
			`Value '' at 'userPoolId' failed to satisfy constraint: Member must have length greater than or equal to 1`,
			`Value '' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`,
		}},
		{"enumeration", "AdminCreateUser", `{"UserPoolId":"p_1","Username":"u","MessageAction":"resend"}`, []string{
			`Value 'resend' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]`,
		}},
		{"recorded but for the order of values: enumeration in a list", "CreateUserPoolClient", `{` + userPoolClient + `,"AllowedOAuthFlows":["code","token"]}`, []string{
			`Value '[code, token]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [code, implicit, client_credentials]]`,
		}},
		{"recorded: all rules of an element", "CreateUserPoolClient", `{` + userPoolClient + `,"CallbackURLs":["https://a.example","h t"]}`, []string{
			`Value '[https://a.example, h t]' at 'callbackURLs' failed to satisfy constraint: Member must satisfy constraint: ` + urlRules,
		}},
		{"list too long, and its elements", "CreateUserPoolClient", `{` + userPoolClient + `,"AllowedOAuthFlows":["x","code","code","code"]}`, []string{
			`Value '[x, code, code, code]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must have length less than or equal to 3`,
			`Value '[x, code, code, code]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [code, implicit, client_credentials]]`,
		}},
		{"empty list of structures", "AddCustomAttributes", `{"UserPoolId":"p_1","CustomAttributes":[]}`, []string{
			`Value '[]' at 'customAttributes' failed to satisfy constraint: Member must have length greater than or equal to 1`,
		}},
		{"too many structures", "AddCustomAttributes", `{"UserPoolId":"p_1","CustomAttributes":[` + strings.Repeat(`{"Name":"a"},`, 25) + `{"Name":"a"}]}`, []string{
			`Value at 'customAttributes' failed to satisfy constraint: Member must have length less than or equal to 25`,
		}},
		{"null in a list", "CreateUserPoolClient", `{` + userPoolClient + `,"LogoutURLs":["a",null]}`, []string{
			`Value '[a, null]' at 'logoutURLs' failed to satisfy constraint: Member must satisfy constraint: [Member must not be null]`,
		}},
		{"null in a list of structures", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"n"},null]}`, []string{
			`Value null at 'userAttributes.2.member' failed to satisfy constraint: Member must not be null`,
		}},
		{"attribute values are hidden", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"","Value":"` + strings.Repeat("v", 2049) + `"}]}`, []string{
			`Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1`,
			`Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+`,
			`Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048`,
		}},
		{"map keys and values", "TagResource", `{"ResourceArn":"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/p_1","Tags":{"":"` + strings.Repeat("v", 257) + `"}}`, []string{
			`Value '{=` + strings.Repeat("v", 254) + `...' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]`,
			`Value '{=` + strings.Repeat("v", 254) + `...' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0]`,
		}},
		{"map size", "CreateTerms", `{"UserPoolId":"p_1","ClientId":"c","TermsName":"terms-of-use","TermsSource":"LINK","Enforcement":"NONE","Links":{}}`, []string{
			`Value '{}' at 'links' failed to satisfy constraint: Member must have length greater than or equal to 1`,
		}},
		{"shown map", "CreateTerms", `{"UserPoolId":"p_1","ClientId":"c","TermsName":"terms-of-use","TermsSource":"LINK","Enforcement":"NONE","Links":{"cognito:default":"u","cognito:klingon":"v"}}`, []string{
			`Value '{cognito:default=u, cognito:klingon=v}' at 'links' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ` +
				`^cognito:(default|dutch|english|french|spanish|german|bahasa-indonesia|italian|japanese|korean|portuguese-brazil|chinese-(simplified|traditional))$]`,
		}},
		{"map of structures", "UpdateUserPool", `{"UserPoolId":"p_1","AcrConfiguration":{"Level1":{"AcrValue":"a b"}}}`, []string{
			`Value 'a b' at 'acrConfiguration.Level1.member.acrValue' failed to satisfy constraint: Member must satisfy regular expression pattern: [\x21\x23-\x5B\x5D-\x7E]+`,
		}},
		{"sensitive map", "InitiateAuth", `{"AuthFlow":"USER_AUTH","ClientId":"c","AuthParameters":{"PASSWORD":"` + strings.Repeat("s", 131073) + `"}}`, []string{
			`Value at 'authParameters' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 131072, Member must have length greater than or equal to 0]`,
		}},
		{"inside a sensitive structure", "SignUp", `{"ClientId":"c","Username":"u","UserContextData":{"IpAddress":"` + strings.Repeat("s", 131073) + `"}}`, []string{
			`Value at 'userContextData.ipAddress' failed to satisfy constraint: Member must have length less than or equal to 131072`,
		}},
		{"blob", "CreateManagedLoginBranding", `{"UserPoolId":"p_1","ClientId":"c","Assets":[{"Category":"FORM_LOGO","ColorMode":"LIGHT","Extension":"PNG","Bytes":"` + strings.Repeat("AAAA", 333334) + `"}]}`, []string{
			`Value at 'assets.1.member.bytes' failed to satisfy constraint: Member must have length less than or equal to 1000000`,
		}},
		{"long values are cut", "DescribeUserPool", `{"UserPoolId":"` + long + `"}`, []string{
			`Value '` + long[:256] + `...' at 'userPoolId' failed to satisfy constraint: Member must have length less than or equal to 55`,
			`Value '` + long[:256] + `...' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`,
		}},
		{"length in UTF-16 units", "CreateGroup", `{"UserPoolId":"p_1","GroupName":"` + strings.Repeat("\U0001F511", 65) + `"}`, []string{
			`Value '` + strings.Repeat("\U0001F511", 64) + `...' at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 128`,
		}},
		{"capital initials", "SetUICustomization", `{"UserPoolId":"p_1","ClientId":"ALL","CSS":"` + strings.Repeat("c", 131073) + `"}`, []string{
			`Value '` + strings.Repeat("c", 256) + `...' at 'cSS' failed to satisfy constraint: Member must have length less than or equal to 131072`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, err := operationNamed(t, tt.operation).Decode([]byte(tt.body))
			noun := "error"
			if len(tt.want) > 1 {
				noun = "errors"
			}
			want := fmt.Sprintf("%d validation %s detected: %s", len(tt.want), noun, strings.Join(tt.want, "; "))
			e, ok := errors.AsType[*Exception](err)
			if !ok || in != nil || e.Name != "InvalidParameterException" || e.Status != 400 || e.Message != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestValidateAccepts(t *testing.T) {
	tests := []struct{ name, operation, body string }{
		{"limits", "DescribeUserPool", `{"UserPoolId":"` + strings.Repeat("a", 53) + `_1"}`},
		{"128 UTF-16 units", "AdminGetUser", `{"UserPoolId":"p_1","Username":"` + strings.Repeat("\U0001F511", 64) + `"}`},
		{"token", "GetUser", `{"AccessToken":"eyJ-_=.0aZ"}`},
		{"blank is allowed where nothing forbids it", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"a b","Value":""}]}`},
		{"own anchors", "CreateUserPoolDomain", `{"UserPoolId":"p_1","Domain":"my-domain"}`},
		{"optional ARN", "CreateUserPool", `{"PoolName":"n","SmsConfiguration":{"SnsCallerArn":""}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := operationNamed(t, tt.operation).Decode([]byte(tt.body)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestManyViolations checks that all are counted while the message stays short.
func TestManyViolations(t *testing.T) {
	body := `{"ClientId":"c","Username":"u","UserAttributes":[` + strings.Repeat(`{},`, 9_999) + `{}]}`
	_, err := operationNamed(t, "SignUp").Decode([]byte(body))
	e, ok := errors.AsType[*Exception](err)
	if !ok || !strings.HasPrefix(e.Message, "10000 validation errors detected: Value null at 'userAttributes.1.member.name'") {
		t.Fatalf("got %.100s", err)
	}
	if n := strings.Count(e.Message, "; "); n != maxViolations-1 {
		t.Errorf("%d items, want %d", n+1, maxViolations)
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		schema  *schema
		class   bool // matched by table
		match   []string
		differs []string
	}{
		{&schemaTokenModelType, true, []string{"a", "A-Z_=.9"}, []string{"", "a b", "a+", "é", "a\n"}},
		{&schemaPasswordType, true, []string{"", "a", "ü🔑", "\u00a0", "\u2028"}, []string{" ", "a b", "a\t", "a\v", "\f"}},
		{&schemaUserPoolNameType, true, []string{"My pool\t\n\v\f\r=,.@-+"}, []string{"é", "a/b"}},
		{&schemaUsernameType, true, []string{"ü", "a\u0301", "日本", "€", "٣", "🔑"}, []string{"", "a b", "\u00a0", "a\n", "\u200b", "\x00"}},
		{&schemaEmailInviteMessageType, true, []string{"", "Hi {username}\n\v*"}, []string{"\x00"}},
		{&schemaUserPoolIDType, false, []string{"eu-west-1_a1B2", "a_b_c"}, []string{"a", "_a", "a_", "a_b-", "é_a", "eu_a\n"}},
		{&schemaARNType, false, []string{"arn:aws:iam::111122223333:role/x", "arn:aws:cognito-idp:eu-west-1:1:userpool/p_1"}, []string{"arn", "arn:aws:iam::x:role/x"}},
		{&schemaS3ARNType, false, []string{"arn:aws:s3:::bucket/key"}, []string{"arn:aws:s3:r::bucket"}},
		{&schemaSMSVerificationMessageType, false, []string{"{####}", "Your code: {####}."}, []string{"", "{###}", "a\n{####}", "{####}\r", "\u2028{####}", "\u0085{####}"}},
		{&schemaSMSInviteMessageType, false, []string{"", "a\nb"}, nil},
		{&schemaEmailVerificationMessageByLinkType, false, []string{"<a>{##Click##}</a>\v"}, []string{"{####"}},
		{&schemaTermsNameType, false, []string{"terms-of-use", "privacy-policy"}, []string{"terms", "terms-of-use "}},
		{&schemaProviderNameTypeV2, false, []string{"abc", "Okta"}, []string{"ab", "_abc", "a b"}},
	}
	for _, tt := range tests {
		p := tt.schema.pattern
		t.Run(p.text, func(t *testing.T) {
			if p.fast() != tt.class {
				t.Errorf("matched by table: %t", p.fast())
			}
			for _, s := range tt.match {
				if !p.match(s) {
					t.Errorf("%q does not match", s)
				}
			}
			for _, s := range tt.differs {
				if p.match(s) {
					t.Errorf("%q matches", s)
				}
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc..."}, {"aé", 2, "a..."}, {"é", 1, "..."}, {"", 0, ""}} {
		if got := cut(tt.in, tt.limit); got != tt.want || !utf8.ValidString(got) {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func BenchmarkAccessTokenPattern(b *testing.B) {
	token := strings.Repeat("eyJraWQiOi", 100)
	b.SetBytes(int64(len(token)))
	for b.Loop() {
		if !schemaTokenModelType.pattern.match(token) {
			b.Fatal("no match")
		}
	}
}
