package main

import (
	"regexp"
	"strings"
	"unicode"
)

// initialisms are the words that Go spells in capitals.
var initialisms = map[string]string{
	"Acr": "ACR", "Arn": "ARN", "Css": "CSS", "Dcr": "DCR", "Eums": "EUMS", "Html": "HTML",
	"Http": "HTTP", "Id": "ID", "Ids": "IDs", "Idp": "IDP", "Ip": "IP", "Json": "JSON", "Kms": "KMS", "Mfa": "MFA",
	"Otp": "OTP", "Sms": "SMS", "Sns": "SNS", "Sso": "SSO", "Uri": "URI", "Url": "URL", "Urls": "URLs",
}

var word = regexp.MustCompile(`[A-Z][a-z]+`)

// goName spells a shape's or a member's name Go's way: UserPoolId is UserPoolID.
func goName(name string) string {
	name = word.ReplaceAllStringFunc(name, func(w string) string {
		if capitals, ok := initialisms[w]; ok {
			return capitals
		}
		return w
	})
	return strings.ToUpper(name[:1]) + name[1:]
}

// valueName is the part of an enum constant that says the value: in camel case,
// so RESET_REQUIRED is ResetRequired.
func valueName(value string) string {
	var b strings.Builder
	for w := range strings.FieldsFuncSeq(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w == strings.ToUpper(w) {
			w = strings.ToLower(w)
		}
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
