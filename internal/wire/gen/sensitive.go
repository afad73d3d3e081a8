package main

import "fmt"

// maskedShapes are kept out of logs beside those that the model marks: codes,
// addresses, tokens for the next page, data that clients and triggers pass
// through, and whatever may hold a password, key or session.
var maskedShapes = []string{
	"ChallengeParametersType", // SRP values, the user's name, codes' destinations
	"ClientMetadataType",
	"ConfirmationCodeType",
	"DeviceNameType",
	"EmailAddressType",
	"PaginationKey",
	"PaginationKeyType",
	"PreSignedUrlType",    // whoever holds it may upload
	"ProviderDetailsType", // client secrets and private keys of providers
	"SearchPaginationTokenType",
	"SessionCityType",
	"SessionCountryType",
	"SessionIdType",
	"UserFilterType", // ListUsers: an attribute's value
}

// maskedMembers are single members of shapes that are harmless elsewhere.
var maskedMembers = map[string][]string{
	"CodeDeliveryDetailsType":             {"Destination"},
	"CompleteWebAuthnRegistrationRequest": {"Credential"},
	"ContextDataType":                     {"EncodedData", "IpAddress"},
	"DeleteWebAuthnCredentialRequest":     {"CredentialId"},
	"DeviceSecretVerifierConfigType":      {"PasswordVerifier", "Salt"},
	"EmailConfigurationType":              {"From"},
	"EventContextDataType":                {"City", "Country", "DeviceName", "IpAddress"},
	"EventFeedbackType":                   {"Provider"}, // the user or administrator who judged
	"HttpHeader":                          {"headerValue"},
	"ListTermsRequest":                    {"NextToken"},
	"ListTermsResponse":                   {"NextToken"},
	"NotifyConfigurationType":             {"From", "ReplyTo"},
	"ProviderUserIdentifierType":          {"ProviderAttributeValue"},
	"StartWebAuthnRegistrationResponse":   {"CredentialCreationOptions"},
	"UserContextDataType":                 {"EncodedData", "IpAddress"},
	"VerifySoftwareTokenRequest":          {"FriendlyDeviceName"},
	"WebAuthnCredentialDescription":       {"CredentialId", "FriendlyCredentialName"},
}

// masks knows which members a log must not show.
type masks struct {
	model   *model
	shapes  map[string]bool
	members map[string]bool // "Shape.Member"
}

func newMasks(m *model) (masks, error) {
	k := masks{model: m, shapes: make(map[string]bool), members: make(map[string]bool)}
	for _, name := range maskedShapes {
		if m.Shapes[name] == nil {
			return k, fmt.Errorf("masked shape %s does not exist", name)
		}
		k.shapes[name] = true
	}
	for name, members := range maskedMembers {
		for _, member := range members {
			if s := m.Shapes[name]; s == nil || s.Members[member] == nil {
				return k, fmt.Errorf("masked member %s.%s does not exist", name, member)
			}
			k.members[name+"."+member] = true
		}
	}
	return k, nil
}

// hide reports whether a log must not show the member of structure.
func (k masks) hide(structure, member string) bool {
	m := k.model.Shapes[structure].Members[member]
	return m.Sensitive || k.members[structure+"."+member] || k.secret(m.Shape)
}

// secret reports whether a shape's value is masked as a whole. A structure that
// is not is masked by its own members.
func (k masks) secret(name string) bool {
	s := k.model.Shapes[name]
	switch {
	case s.Sensitive || k.shapes[name]:
		return true
	case s.Type == "list":
		return k.secret(s.Member)
	case s.Type == "map":
		return k.secret(s.Key) || k.secret(s.Value)
	default:
		return false
	}
}
