package wire

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MarshalJSONTo writes {} where there is no certificate: that is what a prefix domain shows.
func (v CustomDomainConfigType) MarshalJSONTo(e *jsontext.Encoder) error {
	return json.MarshalEncode(e, struct {
		CertificateARN string             `json:"CertificateArn,omitempty"`
		SecurityPolicy SecurityPolicyType `json:"SecurityPolicy,omitempty"`
	}(v))
}
