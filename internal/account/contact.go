package account

import "github.com/poolhouse-id/poolhouse/internal/userpool"

// contacts are the attributes that are addresses.
var contacts = []string{userpool.Email, userpool.PhoneNumber}

// checkContact says whether the attribute is an address, which alone can be verified.
func checkContact(attribute string) error {
	if attribute == userpool.Email || attribute == userpool.PhoneNumber {
		return nil
	}
	return userpool.NewError(userpool.InvalidParameter,
		"Invalid attribute name. Only phone_number and email can be verified.")
}

// noAddress is the answer for a user without that contact attribute.
func noAddress(attribute string) error {
	text := "User does not have a valid registered email address"
	if attribute == userpool.PhoneNumber {
		text = "User does not have a valid registered phone number"
	}
	return userpool.NewError(userpool.InvalidParameter, text)
}

// contactOf is the address that a code for the attribute goes to: the new one that waits to be verified,
// else the present one.
func contactOf(u *userpool.User, attribute string) (string, error) {
	if err := checkContact(attribute); err != nil {
		return "", err
	}
	if pending := u.Pending.Get(attribute); pending != "" {
		return pending, nil
	}
	if present := u.Attributes.Get(attribute); present != "" {
		return present, nil
	}
	return "", noAddress(attribute)
}
