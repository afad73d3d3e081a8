package federation

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlsp"
)

// MetadataLimit bounds SAML metadata, in bytes.
const MetadataLimit = 1 << 20

const (
	// certificateLimit is the service's bound of a signing certificate, in characters of base64.
	certificateLimit = 4096
	// certificateCount bounds how many signing certificates one provider has.
	certificateCount = 50
	// entityIDLimit is the specification's bound of an entityID, in characters (SAML Core 2.0, section 8.3.6).
	entityIDLimit = 1024
	// depthLimit bounds how deep elements may be nested.
	depthLimit = 64
)

// SAMLIssuer is what the metadata of a SAML provider say.
type SAMLIssuer struct {
	EntityID     string    `json:"entity_id"`
	SignOnURL    string    `json:"sign_on_url"`          // takes requests by HTTP-Redirect
	LogoutURL    string    `json:"logout_url,omitempty"` // the same for logout; "" for none
	Certificates [][]byte  `json:"certificates"`         // DER; one of them signs
	ValidUntil   time.Time `json:"valid_until,omitzero"` // of the metadata
}

// Fault says what is wrong with what a provider published. It quotes nothing of it.
type Fault string

func (f Fault) Error() string { return string(f) }

// ParseMetadata reads SAML 2.0 metadata of one identity provider. Every error is a Fault.
func ParseMetadata(text []byte, now time.Time) (*SAMLIssuer, error) {
	if len(text) > MetadataLimit {
		return nil, Fault("The SAML metadata is too long.")
	}
	if err := plainXML(text); err != nil {
		return nil, err
	}
	entity, err := samlsp.ParseMetadata(text)
	if err != nil {
		return nil, Fault("The SAML metadata does not describe one identity provider.")
	}
	switch {
	case entity.EntityID == "" || utf8.RuneCountInString(entity.EntityID) > entityIDLimit:
		return nil, Fault("The SAML metadata has no entityID of at most 1024 characters.")
	case !entity.ValidUntil.IsZero() && !now.Before(entity.ValidUntil):
		return nil, Fault("The SAML metadata has expired.")
	}
	for _, idp := range entity.IDPSSODescriptors {
		if strings.Contains(" "+idp.ProtocolSupportEnumeration+" ", " "+protocol+" ") {
			return issuer(entity, idp, now)
		}
	}
	return nil, Fault("The SAML metadata has no IDPSSODescriptor for SAML 2.0.")
}

const protocol = "urn:oasis:names:tc:SAML:2.0:protocol"

func issuer(entity *saml.EntityDescriptor, idp saml.IDPSSODescriptor, now time.Time) (*SAMLIssuer, error) {
	s := &SAMLIssuer{
		EntityID:   entity.EntityID,
		SignOnURL:  redirectBinding(idp.SingleSignOnServices),
		LogoutURL:  redirectBinding(idp.SingleLogoutServices),
		ValidUntil: entity.ValidUntil,
	}
	if s.SignOnURL == "" {
		return nil, Fault("The SAML metadata has no SingleSignOnService with the binding HTTP-Redirect.")
	}
	var err error
	if s.Certificates, err = signingCertificates(idp.KeyDescriptors, now); err != nil {
		return nil, err
	}
	return s, nil
}

// redirectBinding gives the first location of that binding, "" for none.
func redirectBinding(endpoints []saml.Endpoint) string {
	for _, e := range endpoints {
		u, err := url.Parse(e.Location)
		if e.Binding == saml.HTTPRedirectBinding && err == nil && len(e.Location) <= addressLimit && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" {
			return e.Location
		}
	}
	return ""
}

// signingCertificates gives those that sign, of which one at least is in force.
func signingCertificates(keys []saml.KeyDescriptor, now time.Time) ([][]byte, error) {
	var found [][]byte
	inForce := false
	for _, key := range keys {
		if key.Use != "" && key.Use != "signing" {
			continue
		}
		for _, data := range key.KeyInfo.X509Data.X509Certificates {
			c, err := certificate(data.Data)
			if err != nil {
				return nil, err
			}
			inForce = inForce || !now.Before(c.NotBefore) && !now.After(c.NotAfter)
			found = append(found, c.Raw)
		}
	}
	switch {
	case len(found) == 0:
		return nil, Fault("The SAML metadata has no signing certificate.")
	case len(found) > certificateCount:
		return nil, Fault("The SAML metadata has too many signing certificates.")
	case !inForce:
		return nil, Fault("No signing certificate in the SAML metadata is in force.")
	}
	return found, nil
}

// certificate reads base64 with white space in it.
func certificate(text string) (*x509.Certificate, error) {
	text = strings.Join(strings.Fields(text), "")
	if len(text) > certificateLimit {
		return nil, Fault("A signing certificate in the SAML metadata is longer than 4096 characters.")
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, Fault("A signing certificate in the SAML metadata cannot be read.")
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, Fault("A signing certificate in the SAML metadata cannot be read.")
	}
	return c, nil
}

// plainXML refuses what is not well-formed, has a document type, or is nested too deep.
func plainXML(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for depth := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return Fault("The SAML metadata is not well-formed XML.")
		}
		switch token.(type) {
		case xml.Directive:
			return Fault("The SAML metadata has a document type.")
		case xml.StartElement:
			if depth++; depth > depthLimit {
				return Fault("The SAML metadata is nested too deep.")
			}
		case xml.EndElement:
			depth--
		}
	}
}
