package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newCertificate makes a certificate that is in force for an hour from start on, in base64.
func newCertificate(t testing.TB, start time.Time, subject string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: subject}, NotBefore: start, NotAfter: start.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// metadata are of one provider with a key and a place for sign-on.
func metadata(certificate string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
` + certificate + `
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/post"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>`
}

func TestParseMetadata(t *testing.T) {
	t.Parallel()
	valid, expired, future := newCertificate(t, now.Add(-time.Minute), "idp"), newCertificate(t, now.Add(-2*time.Hour), "idp"), newCertificate(t, now.Add(time.Minute), "idp")
	long := newCertificate(t, now, strings.Repeat("x", 4096))
	plain := metadata(valid)
	entity := strings.TrimPrefix(plain, `<?xml version="1.0" encoding="UTF-8"?>`)
	key := plain[strings.Index(plain, "<md:KeyDescriptor"):strings.Index(plain, "<md:SingleSignOnService")]
	replace := func(old, replacement string) string {
		t.Helper()
		if !strings.Contains(plain, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.ReplaceAll(plain, old, replacement)
	}
	const redirect = `Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"`
	tests := []struct {
		name string
		text string
		want Fault
	}{
		{name: "plain", text: plain},
		{name: "in a list", text: `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + entity + `</md:EntitiesDescriptor>`},
		{name: "key for anything", text: replace(` use="signing"`, "")},
		{name: "certificate in lines", text: replace(valid, valid[:60]+"\n  "+valid[60:])},
		{name: "a former certificate beside", text: replace(key, key+strings.ReplaceAll(key, valid, expired))},
		{name: "good for a day", text: replace("entityID=", `validUntil="2026-03-02T12:00:00Z" entityID=`)},
		{name: "expired", text: replace("entityID=", `validUntil="2026-03-01T12:00:00Z" entityID=`), want: "The SAML metadata has expired."},
		{name: "expired list", text: `<md:EntitiesDescriptor validUntil="2026-03-01T11:00:00Z" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + entity + `</md:EntitiesDescriptor>`, want: "The SAML metadata has expired."},
		{name: "two providers", text: `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + entity + entity + `</md:EntitiesDescriptor>`, want: "The SAML metadata does not describe one identity provider."},
		{name: "former certificate only", text: metadata(expired), want: "No signing certificate in the SAML metadata is in force."},
		{name: "coming certificate only", text: metadata(future), want: "No signing certificate in the SAML metadata is in force."},
		{name: "long certificate", text: metadata(long), want: "A signing certificate in the SAML metadata is longer than 4096 characters."},
		{name: "no base64", text: metadata("secret!"), want: "A signing certificate in the SAML metadata cannot be read."},
		{name: "no certificate in it", text: metadata("c2VjcmV0"), want: "A signing certificate in the SAML metadata cannot be read."},
		{name: "no key", text: replace(key, ""), want: "The SAML metadata has no signing certificate."},
		{name: "key for encryption", text: replace(`use="signing"`, `use="encryption"`), want: "The SAML metadata has no signing certificate."},
		{name: "many keys", text: replace(key, strings.Repeat(key, certificateCount+1)), want: "The SAML metadata has too many signing certificates."},
		{name: "no redirect binding", text: replace(redirect, strings.ReplaceAll(redirect, "HTTP-Redirect", "SOAP")), want: "The SAML metadata has no SingleSignOnService with the binding HTTP-Redirect."},
		{name: "script as address", text: replace("https://idp.example.com/sso", "javascript:alert(1)"), want: "The SAML metadata does not describe one identity provider."},
		{name: "no entity id", text: replace(` entityID="https://idp.example.com"`, ""), want: "The SAML metadata has no entityID of at most 1024 characters."},
		{name: "long entity id", text: replace(`entityID="https://idp.example.com"`, `entityID="`+strings.Repeat("x", 1025)+`"`), want: "The SAML metadata has no entityID of at most 1024 characters."},
		{name: "long address", text: replace("https://idp.example.com/sso", "https://idp.example.com/"+strings.Repeat("x", addressLimit)), want: "The SAML metadata has no SingleSignOnService with the binding HTTP-Redirect."},
		{name: "another protocol", text: replace("urn:oasis:names:tc:SAML:2.0:protocol", "x"), want: "The SAML metadata has no IDPSSODescriptor for SAML 2.0."},
		{name: "service provider", text: replace("IDPSSODescriptor", "SPSSODescriptor"), want: "The SAML metadata has no IDPSSODescriptor for SAML 2.0."},
		{name: "another namespace", text: replace("urn:oasis:names:tc:SAML:2.0:metadata", "x"), want: "The SAML metadata does not describe one identity provider."},
		{name: "document type", text: `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + entity, want: "The SAML metadata has a document type."},
		{name: "entity", text: replace("https://idp.example.com/sso", "&secret;"), want: "The SAML metadata is not well-formed XML."},
		{name: "cut", text: plain[:len(plain)-3], want: "The SAML metadata is not well-formed XML."},
		{name: "deep", text: strings.Repeat("<a>", depthLimit+1) + strings.Repeat("</a>", depthLimit+1), want: "The SAML metadata is nested too deep."},
		{name: "long", text: plain + strings.Repeat(" ", MetadataLimit), want: "The SAML metadata is too long."},
		{name: "HTML", text: "<html><body>secret</body></html>", want: "The SAML metadata does not describe one identity provider."},
		{name: "nothing", text: "", want: "The SAML metadata does not describe one identity provider."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMetadata([]byte(tt.text), now)
			var fault Fault
			if err != nil && !errors.As(err, &fault) {
				t.Fatalf("got %v, which is no fault", err)
			}
			if fault != tt.want {
				t.Fatalf("got %q, want %q", fault, tt.want)
			}
			if err == nil && (got.EntityID != "https://idp.example.com" || got.SignOnURL != "https://idp.example.com/sso" || got.LogoutURL != "" ||
				base64.StdEncoding.EncodeToString(got.Certificates[0]) != valid) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add([]byte(metadata(newCertificate(f, now, "idp"))))
	f.Add([]byte(`<!DOCTYPE x><x/>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ParseMetadata(text, now)
		if err == nil && (got.EntityID == "" || got.SignOnURL == "" || len(got.Certificates) == 0) {
			t.Errorf("accepted %+v", got)
		}
		if err != nil && !errors.As(err, new(Fault)) {
			t.Errorf("%v is no fault", err)
		}
	})
}

func TestParseDiscovery(t *testing.T) {
	t.Parallel()
	const (
		other = Fault("The discovery document is one of another issuer.")
		lacks = Fault("The discovery document lacks an endpoint that begins with https://.")
		none  = Fault("The discovery document is not the JSON of one.")
	)
	all := &Endpoints{Authorize: "https://a.example.com", Token: "https://t.example.com", UserInfo: "https://u.example.com", Keys: "https://k.example.com"}
	rest := `"authorization_endpoint":"https://a.example.com","token_endpoint":"https://t.example.com","userinfo_endpoint":"https://u.example.com","jwks_uri":"https://k.example.com"}`
	tests := []struct {
		name, text string
		want       *Endpoints
		fault      Fault
	}{
		{name: "all", text: `{"issuer":"https://i.example.com",` + rest, want: all},
		{name: "slash", text: `{"issuer":"https://i.example.com/",` + rest, want: all},
		{name: "two slashes", text: `{"issuer":"https://i.example.com//",` + rest, fault: other},
		{name: "another", text: `{"issuer":"https://i.example.org",` + rest, fault: other},
		{name: "none", text: `{` + rest, fault: other},
		{name: "without userinfo", text: strings.Replace(`{"issuer":"https://i.example.com",`+rest, `"userinfo_endpoint":"https://u.example.com",`, "", 1),
			want: &Endpoints{Authorize: "https://a.example.com", Token: "https://t.example.com", Keys: "https://k.example.com"}},
		{name: "plain", text: strings.Replace(`{"issuer":"https://i.example.com",`+rest, "https://u", "http://u", 1), fault: lacks},
		{name: "without keys", text: strings.Replace(`{"issuer":"https://i.example.com",`+rest, "jwks_uri", "x", 1), fault: lacks},
		{name: "twice", text: `{"issuer":"https://i.example.com","issuer":"https://i.example.com",` + rest, fault: none},
		{name: "list", text: `[]`, fault: none},
		{name: "HTML", text: `<html>`, fault: none},
		{name: "nothing", fault: none},
	}
	for _, tt := range tests {
		got, err := ParseDiscovery([]byte(tt.text), "https://i.example.com")
		var fault Fault
		errors.As(err, &fault)
		if fault != tt.fault || !cmp.Equal(got, tt.want) {
			t.Errorf("%s: got %+v, %v, want %+v, %v", tt.name, got, err, tt.want, tt.fault)
		}
	}
}

func FuzzParseDiscovery(f *testing.F) {
	f.Add([]byte(`{"issuer":"https://i.example.com","authorization_endpoint":"https://a","token_endpoint":"https://t","jwks_uri":"https://k"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ParseDiscovery(text, "https://i.example.com")
		if err == nil && (got.Authorize == "" || got.Token == "" || got.Keys == "") {
			t.Errorf("accepted %+v", got)
		}
	})
}
