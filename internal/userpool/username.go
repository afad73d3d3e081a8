package userpool

import (
	"net/mail"
	"strings"
)

// CheckUsername checks the form of a new user's name. Where user names are addresses, attribute says
// which one the name is (email, phone_number); elsewhere it is "". Texts: the service's recorded answers.
func (p *Pool) CheckUsername(name string) (attribute string, err error) {
	email, phone := p.UsernameAttribute(Email), p.UsernameAttribute(PhoneNumber)
	switch {
	case email && IsEmail(name):
		return Email, nil
	case phone && IsPhoneNumber(name):
		return PhoneNumber, nil
	case email && phone:
		return "", NewError(InvalidParameter, "Username should be either an email or a phone number.")
	case email:
		return "", NewError(InvalidParameter, "Username should be an email.")
	case phone:
		return "", NewError(InvalidParameter, "Username should be a phone number.")
	case p.Alias(Email) && IsEmail(name):
		return "", NewError(InvalidParameter,
			"Username cannot be of email format, since user pool is configured for email alias.")
	case p.Alias(PhoneNumber) && IsPhoneNumber(name):
		return "", NewError(InvalidParameter,
			"Username cannot be of phone number format, since user pool is configured for phone number alias.")
	}
	return "", nil
}

// IsEmail says whether value is a bare address: local@domain without display name, comment or blank.
func IsEmail(value string) bool {
	if len(value) > 2048 || strings.ContainsAny(value, "\"()<>[],;:\\ \t\r\n") {
		return false
	}
	a, err := mail.ParseAddress(value)
	return err == nil && a.Name == "" && a.Address == value
}

// IsPhoneNumber says whether value has the form of E.164: + and at most 15 digits. A number of the North
// American plan (+1) has ten more digits, and neither its area nor its exchange begins with 0 or 1.
func IsPhoneNumber(value string) bool {
	digits, plus := strings.CutPrefix(value, "+")
	if !plus || len(digits) < 4 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	if digits[0] != '1' {
		return true
	}
	return len(digits) == 11 && digits[1] >= '2' && digits[4] >= '2'
}
