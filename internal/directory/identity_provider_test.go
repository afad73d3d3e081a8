package directory

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/federation"
	"github.com/poolhouse-id/poolhouse/internal/outbound"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// publisher is a server of identity providers: what is put at a path is published there.
type publisher struct {
	*httptest.Server
	texts map[string]string
}

// publish starts a publisher that the world calls.
func (w *world) publish() *publisher {
	w.t.Helper()
	p := &publisher{texts: map[string]string{}}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		text, ok := p.texts[r.URL.Path]
		if !ok {
			http.Error(rw, "the publisher's own words", http.StatusNotFound)
			return
		}
		fmt.Fprint(rw, text)
	}))
	w.t.Cleanup(p.Close)
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	client := outbound.New(outbound.Config{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: roots})
	w.t.Cleanup(client.Close)
	w.Fetcher = client
	return p
}

// discovery publishes a discovery document and gives its issuer.
func (p *publisher) discovery() string {
	p.texts["/.well-known/openid-configuration"] = `{"issuer":"` + p.URL + `","authorization_endpoint":"` + p.URL + `/authorize",` +
		`"token_endpoint":"` + p.URL + `/token","userinfo_endpoint":"` + p.URL + `/userinfo","jwks_uri":"` + p.URL + `/keys","x":1}`
	return p.URL
}

// metadata are those of a SAML provider with one certificate that is in force at the world's time.
func (w *world) metadata(signOn string) string {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: w.clock.Add(-time.Hour), NotAfter: w.clock.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">
		<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
		<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(der) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
		<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/logout"/>
		<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + signOn + `"/>
		</IDPSSODescriptor></EntityDescriptor>`
}

// appleKey is a key of the kind that Apple issues, as PEM.
func appleKey(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (w *world) createProvider(in *wire.CreateIdentityProviderRequest) (*wire.IdentityProviderType, error) {
	in.UserPoolID = poolID
	return w.CreateIdentityProvider(w.t.Context(), w.stored(), in)
}

func (w *world) updateProvider(in *wire.UpdateIdentityProviderRequest) (*wire.IdentityProviderType, error) {
	in.UserPoolID = poolID
	return w.UpdateIdentityProvider(w.t.Context(), w.stored(), in)
}

// google makes the simplest provider.
func (w *world) google(identifiers ...string) *wire.IdentityProviderType {
	w.t.Helper()
	p, err := w.createProvider(&wire.CreateIdentityProviderRequest{
		ProviderName: "Google", ProviderType: "Google", IDPIdentifiers: identifiers, ProviderDetails: googleDetails(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func googleDetails() map[string]string {
	return map[string]string{"client_id": "id", "client_secret": "s3cret", "authorize_scopes": "email openid"}
}

// What each kind of provider is shown as.
func TestProviderDetails(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	idp := w.publish()
	issuer := idp.discovery()
	private := appleKey(t)
	file := w.metadata("https://idp.example.com/sso?tenant=1&amp;x=2")
	tests := []struct {
		name    string
		t       wire.IdentityProviderTypeType
		details map[string]string
		mapping map[string]string
		want    map[string]string // beside what was given
		hidden  string            // given and not shown
		maps    map[string]string
	}{
		{
			name: "Google", t: "Google", details: googleDetails(), mapping: map[string]string{"email": "email"},
			want: map[string]string{
				"authorize_url": "https://accounts.google.com/o/oauth2/v2/auth", "token_url": "https://www.googleapis.com/oauth2/v4/token",
				"token_request_method": "POST", "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
				"attributes_url_add_attributes": "true", "oidc_issuer": "https://accounts.google.com",
			},
			maps: map[string]string{"email": "email", "username": "sub"},
		},
		{
			name: "Facebook", t: "Facebook", details: map[string]string{"client_id": "id", "client_secret": "s", "authorize_scopes": "public_profile, email", "api_version": "v12.0"},
			want: map[string]string{
				"authorize_url": "https://www.facebook.com/v12.0/dialog/oauth", "token_url": "https://graph.facebook.com/v12.0/oauth/access_token",
				"token_request_method": "GET", "attributes_url": "https://graph.facebook.com/v12.0/me?fields=", "attributes_url_add_attributes": "true",
			},
			maps: map[string]string{"username": "id"},
		},
		{
			name: "LoginWithAmazon", t: "LoginWithAmazon", details: map[string]string{"client_id": "id", "client_secret": "s", "authorize_scopes": "profile postal_code"},
			want: map[string]string{
				"authorize_url": "https://www.amazon.com/ap/oa", "token_url": "https://api.amazon.com/auth/o2/token",
				"token_request_method": "POST", "attributes_url": "https://api.amazon.com/user/profile", "attributes_url_add_attributes": "false",
			},
			maps: map[string]string{"username": "user_id"},
		},
		{
			name: "SignInWithApple", t: "SignInWithApple",
			details: map[string]string{"client_id": "id", "team_id": "t", "key_id": "k", "private_key": private, "authorize_scopes": "email name"},
			want: map[string]string{
				"authorize_url": "https://appleid.apple.com/auth/authorize", "token_url": "https://appleid.apple.com/auth/token",
				"token_request_method": "POST", "attributes_url_add_attributes": "false", "oidc_issuer": "https://appleid.apple.com",
			},
			hidden: "private_key", maps: map[string]string{"username": "sub"},
		},
		{
			name: "discovered", t: "OIDC",
			details: map[string]string{"client_id": "id", "client_secret": "s", "authorize_scopes": "openid email", "attributes_request_method": "GET", "oidc_issuer": issuer},
			want: map[string]string{
				"authorize_url": issuer + "/authorize", "token_url": issuer + "/token", "attributes_url": issuer + "/userinfo", "jwks_uri": issuer + "/keys",
				"attributes_url_add_attributes": "false",
			},
			maps: map[string]string{"username": "sub"},
		},
		{
			name: "one of its own", t: "OIDC",
			details: map[string]string{"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "POST", "oidc_issuer": issuer, "token_url": "https://other.example.com/t"},
			mapping: map[string]string{"email": "mail"},
			want: map[string]string{
				"authorize_url": issuer + "/authorize", "attributes_url": issuer + "/userinfo", "jwks_uri": issuer + "/keys",
				"attributes_url_add_attributes": "false",
			},
			maps: map[string]string{"email": "mail", "username": "sub"},
		},
		{
			name: "all its own", t: "OIDC", // nobody is asked
			details: map[string]string{
				"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "POST", "oidc_issuer": "https://nowhere.invalid",
				"authorize_url": "https://a.example.com", "token_url": "https://b.example.com", "attributes_url": "https://c.example.com", "jwks_uri": "https://d.example.com",
			},
			want: map[string]string{"attributes_url_add_attributes": "false"},
			maps: map[string]string{"username": "sub"},
		},
		{
			name: "file", t: "SAML", details: map[string]string{"MetadataFile": file, "IDPSignout": "true", "IDPInit": "false", "RequestSigningAlgorithm": "rsa-sha256"},
			want: map[string]string{"SSORedirectBindingURI": "https://idp.example.com/sso?tenant=1&x=2", "SLORedirectBindingURI": "https://idp.example.com/logout"},
		},
		{
			name: "address", t: "SAML", details: map[string]string{"MetadataURL": issuer + "/metadata", "EncryptedResponses": "true"},
			want: map[string]string{"SSORedirectBindingURI": "https://idp.example.com/sso?tenant=1&x=2", "SLORedirectBindingURI": "https://idp.example.com/logout"},
		},
	}
	idp.texts["/metadata"] = file
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := w.createProvider(&wire.CreateIdentityProviderRequest{
				ProviderName: tt.name, ProviderType: tt.t, ProviderDetails: tt.details, AttributeMapping: tt.mapping,
			})
			if strings.Contains(tt.name, " ") { // the name's form is the model's business
				defer func() {
					if err := w.DeleteIdentityProvider(t.Context(), w.stored(), tt.name); err != nil {
						t.Error(err)
					}
				}()
			}
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range tt.details {
				if key != tt.hidden {
					tt.want[key] = value
				}
			}
			if tt.t == "SAML" {
				certificate := got.ProviderDetails["ActiveEncryptionCertificate"]
				w.checkEncryptionKey(t, tt.name, certificate)
				tt.want["ActiveEncryptionCertificate"] = certificate
			}
			if diff := cmp.Diff(tt.want, got.ProviderDetails); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.maps, got.AttributeMapping); diff != "" {
				t.Errorf("mapping (-want +got):\n%s", diff)
			}
			described, err := w.IdentityProvider(t.Context(), w.stored(), tt.name)
			if diff := cmp.Diff(got, described); err != nil || diff != "" {
				t.Errorf("describe: %v (-created +described):\n%s", err, diff)
			}
		})
	}
}

// checkEncryptionKey checks that the certificate and the sealed key belong together.
func (w *world) checkEncryptionKey(t testing.TB, name, certificate string) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.Store.Document(t.Context(), w.stored().Number, userpool.IdentityProviders, name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(d.Secrets[federation.DecryptionKey])
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil || !private.(*rsa.PrivateKey).PublicKey.Equal(c.PublicKey) || !c.NotAfter.After(w.clock.AddDate(9, 0, 0)) {
		t.Errorf("certificate and key do not belong together: %v", err)
	}
}

// No secret is in the content of a document, which is not sealed.
func TestProviderSecrets(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	private := appleKey(t)
	w.google()
	if _, err := w.createProvider(&wire.CreateIdentityProviderRequest{
		ProviderName: "SignInWithApple", ProviderType: "SignInWithApple",
		ProviderDetails: map[string]string{"client_id": "id", "team_id": "t", "key_id": "k", "private_key": private, "authorize_scopes": "email"},
	}); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"Google": "s3cret", "SignInWithApple": "PRIVATE KEY"} {
		d, err := w.Store.Document(t.Context(), w.stored().Number, userpool.IdentityProviders, name)
		if err != nil || strings.Contains(string(d.Content), secret) {
			t.Errorf("%s: %v, %s", name, err, d.Content)
		}
	}
	// What Describe gives can be given back: Apple's key stays.
	described, err := w.IdentityProvider(t.Context(), w.stored(), "SignInWithApple")
	if err != nil {
		t.Fatal(err)
	}
	described.ProviderDetails["authorize_scopes"] = "name"
	if _, err := w.updateProvider(&wire.UpdateIdentityProviderRequest{ProviderName: "SignInWithApple", ProviderDetails: described.ProviderDetails}); err != nil {
		t.Fatal(err)
	}
	d, err := w.Store.Document(t.Context(), w.stored().Number, userpool.IdentityProviders, "SignInWithApple")
	if err != nil || d.Secrets["private_key"] != private {
		t.Errorf("the key after an update: %v", err)
	}
}

func TestProviderRefused(t *testing.T) {
	w := newWorld(t)
	w.pool(func(in *wire.CreateUserPoolRequest) {
		in.Schema = []wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String"}}
	})
	idp := w.publish()
	issuer := idp.discovery()
	w.google("example.com")
	oidc := func(change func(map[string]string)) map[string]string {
		d := map[string]string{"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": issuer}
		change(d)
		return d
	}
	idp.texts["/foreign/.well-known/openid-configuration"] = `{"issuer":"https://other.example.com"}`
	idp.texts["/short/.well-known/openid-configuration"] = `{"issuer":"` + issuer + `/short","authorization_endpoint":"http://a.example.com"}`
	idp.texts["/text/.well-known/openid-configuration"] = `the publisher's own words`
	idp.texts["/long"] = strings.Repeat("x", federation.MetadataLimit+1)
	idp.texts["/text"] = `the publisher's own words`
	const (
		three   = "clientId, clientSecret and authorizeScopes are all required idp details."
		apple   = "clientId, privateKey, teamId, and keyId are all required idp details."
		needed  = "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details."
		encrypt = "OIDC endpoint must start with https://"
	)
	tests := []struct {
		name    string
		as      string // name of the provider; "" is one that is fine
		t       wire.IdentityProviderTypeType
		details map[string]string
		edit    func(*wire.CreateIdentityProviderRequest)
		code    userpool.ErrorCode
		message string
	}{
		{name: "social under another name", as: "MyGoogle", t: "Google", details: googleDetails(), message: "Provider MyGoogle cannot be of type Google."},
		{name: "OIDC under a social name", as: "Facebook", t: "OIDC", message: "Provider Facebook cannot be of type OIDC."},
		{name: "the pool's own name", as: "COGNITO", t: "OIDC", message: "The provider name COGNITO is reserved."},
		{name: "the word for its users", as: "Cognito", t: "SAML", message: "The provider name Cognito is reserved."},
		{name: "Google without a secret", as: "Google", t: "Google", details: map[string]string{"client_id": "id", "authorize_scopes": "email"}, message: three},
		{name: "Facebook with a blank id", as: "Facebook", t: "Facebook", details: map[string]string{"client_id": "", "client_secret": "s", "authorize_scopes": "email"}, message: three},
		{name: "Facebook with a version", as: "Facebook", t: "Facebook", details: map[string]string{"client_id": "i", "client_secret": "s", "authorize_scopes": "email", "api_version": "v1/../x"},
			message: "api_version must be of the form v17.0."},
		{name: "Amazon without anything", as: "LoginWithAmazon", t: "LoginWithAmazon", message: three},
		{name: "Amazon with a plain address", as: "LoginWithAmazon", t: "LoginWithAmazon", details: map[string]string{"client_id": "i", "client_secret": "s", "authorize_scopes": "p", "token_url": "http://amazon.example.com"},
			message: encrypt},
		{name: "Apple without a key", as: "SignInWithApple", t: "SignInWithApple", details: map[string]string{"client_id": "id", "team_id": "t", "key_id": "k", "authorize_scopes": "email"}, message: apple},
		{name: "Apple with another key", as: "SignInWithApple", t: "SignInWithApple", details: map[string]string{"client_id": "id", "team_id": "t", "key_id": "k", "private_key": "x", "authorize_scopes": "email"},
			message: "privateKey must be the private key that Apple issued: PKCS #8 of an elliptic curve, with or without its PEM lines."},
		{name: "OIDC without an issuer", t: "OIDC", details: oidc(func(d map[string]string) { delete(d, "oidc_issuer") }), message: needed},
		{name: "OIDC without a method", t: "OIDC", details: oidc(func(d map[string]string) { delete(d, "attributes_request_method") }), message: needed},
		{name: "OIDC with a method", t: "OIDC", details: oidc(func(d map[string]string) { d["attributes_request_method"] = "PUT" }),
			message: "1 validation error detected: Value 'PUT' at 'attributesRequestMethod' failed to satisfy constraint: Member must satisfy enum value set: [POST, GET]"},
		{name: "OIDC without openid", t: "OIDC", details: oidc(func(d map[string]string) { d["authorize_scopes"] = "email openid2" }), message: "authorizeScopes must contain openid."},
		{name: "plain issuer", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] = "http://a.example.com" }), message: encrypt},
		{name: "issuer without a host", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] = "https://" }), message: encrypt},
		{name: "plain keys", t: "OIDC", details: oidc(func(d map[string]string) { d["jwks_uri"] = "http://a.example.com" }), message: encrypt},
		{name: "issuer with a slash", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] += "/" }), message: "oidcIssuer must have no slash at its end, no query and no fragment."},
		{name: "nobody there", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] += "/nothing" }), message: "Error retrieving metadata from " + issuer + "/nothing/.well-known/openid-configuration"},
		{name: "another issuer", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] += "/foreign" }), message: "The discovery document is one of another issuer."},
		{name: "plain endpoints", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] += "/short" }), message: "The discovery document lacks an endpoint that begins with https://."},
		{name: "no discovery document", t: "OIDC", details: oidc(func(d map[string]string) { d["oidc_issuer"] += "/text" }), message: "The discovery document is not the JSON of one."},
		{name: "SAML without metadata", t: "SAML", details: map[string]string{"MetadataURL": ""}, message: "At least one of the MetadataURL or MetadataFile should be provided."},
		{name: "SAML with both", t: "SAML", details: map[string]string{"MetadataURL": "x", "MetadataFile": "y"}, message: "Only one of the MetadataURL or MetadataFile should be provided."},
		{name: "SAML with a flag", t: "SAML", details: map[string]string{"MetadataFile": "y", "IDPInit": "yes"}, message: "IDPInit must be true or false."},
		{name: "SAML with an algorithm", t: "SAML", details: map[string]string{"MetadataFile": "y", "RequestSigningAlgorithm": "rsa-sha1"}, message: "RequestSigningAlgorithm must be rsa-sha256."},
		{name: "no metadata there", t: "SAML", details: map[string]string{"MetadataURL": issuer + "/nothing"}, message: "Error retrieving metadata from " + issuer + "/nothing"},
		{name: "long metadata", t: "SAML", details: map[string]string{"MetadataURL": issuer + "/long"}, message: "Error retrieving metadata from " + issuer + "/long"},
		{name: "metadata inside", t: "SAML", details: map[string]string{"MetadataURL": "http://169.254.169.254/latest"}, message: "Error retrieving metadata from http://169.254.169.254/latest"},
		{name: "metadata of a file", t: "SAML", details: map[string]string{"MetadataURL": "file:///etc/passwd"}, message: "Error retrieving metadata from file:///etc/passwd"},
		{name: "other text", t: "SAML", details: map[string]string{"MetadataURL": issuer + "/text"}, message: "The SAML metadata does not describe one identity provider."},
		{name: "too many details", t: "OIDC", details: oidc(func(d map[string]string) {
			for i := range detailQuota {
				d[strconv.Itoa(i)] = ""
			}
		}), message: "ProviderDetails can have at most 64 members."},
		{name: "unknown attribute", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.AttributeMapping = map[string]string{"custom:team": "team", "custom:other": "x"}
		}, message: "custom:other: Attribute does not exist in the schema."},
		{name: "sub", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.AttributeMapping = map[string]string{"sub": "sub"}
		}, message: "sub: Attribute cannot be updated."},
		{name: "other subject", as: "Facebook", t: "Facebook", details: googleDetails(), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.AttributeMapping = map[string]string{"username": "email"}
		}, message: "The attribute mapping of username cannot be changed for the provider type Facebook."},
		{name: "levels of a social provider", as: "Facebook", t: "Facebook", details: googleDetails(), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.ACRMapping = map[string]string{"Level1": "x"}
		}, message: "AcrMapping can be given for providers of type OIDC only."},
		{name: "unknown level", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.ACRMapping = map[string]string{"Level5": "x"}
		}, message: "AcrMapping can have the levels Level1, Level2, Level3, Level4 only."},
		{name: "blank level", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.ACRMapping = map[string]string{"Level1": ""}
		}, message: "AcrMapping of Level1 must have 1 to 2048 characters."},
		{name: "taken name", as: "Google", t: "Google", details: googleDetails(), code: userpool.DuplicateProvider, message: "A provider with the name Google exists already in the user pool."},
		{name: "taken name, folded", as: "google", t: "OIDC", details: oidc(func(map[string]string) {}), code: userpool.DuplicateProvider,
			message: "A provider with the name google exists already in the user pool."},
		{name: "taken identifier, folded", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.IDPIdentifiers = []string{"EXAMPLE.com"}
		}, code: userpool.DuplicateProvider, message: "The identifier example.com belongs to another provider of the user pool."},
		{name: "taken identifier", t: "OIDC", details: oidc(func(map[string]string) {}), edit: func(in *wire.CreateIdentityProviderRequest) {
			in.IDPIdentifiers = []string{"example.org", "example.com"}
		}, code: userpool.DuplicateProvider, message: "The identifier example.com belongs to another provider of the user pool."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &wire.CreateIdentityProviderRequest{ProviderName: "MyIdP", ProviderType: tt.t, ProviderDetails: tt.details}
			if tt.as != "" {
				in.ProviderName = tt.as
			}
			if tt.edit != nil {
				tt.edit(in)
			}
			if tt.code == "" {
				tt.code = userpool.InvalidParameter
			}
			_, err := w.createProvider(in)
			wantError(t, err, tt.code, tt.message)
		})
	}
	if n, err := w.Store.CountDocuments(t.Context(), w.stored().Number, userpool.IdentityProviders); err != nil || n != 1 {
		t.Errorf("%d providers, %v", n, err)
	}
}

func TestUpdateProvider(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	idp := w.publish()
	idp.texts["/metadata"] = w.metadata("https://idp.example.com/one")
	made, err := w.createProvider(&wire.CreateIdentityProviderRequest{
		ProviderName: "MyIdP", ProviderType: "SAML", ProviderDetails: map[string]string{"MetadataURL": idp.URL + "/metadata"},
		AttributeMapping: map[string]string{"email": "mail"}, IDPIdentifiers: []string{"b.example.com", "a.example.com", "b.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Minute)
	w.google("example.net")

	// Without details nobody is called.
	delete(idp.texts, "/metadata")
	got, err := w.updateProvider(&wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", AttributeMapping: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	want := *made
	want.IDPIdentifiers = []string{"b.example.com", "a.example.com"}
	want.AttributeMapping = nil
	want.LastModifiedDate = wire.NewTimestamp(w.clock)
	if got.AttributeMapping = nil; cmp.Diff(&want, got) != "" {
		t.Errorf("without details (-want +got):\n%s", cmp.Diff(&want, got))
	}

	// What Describe gave can be given back; the addresses follow the metadata, and the certificate stays.
	idp.texts["/metadata"] = w.metadata("https://idp.example.com/two")
	got, err = w.updateProvider(&wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", ProviderDetails: made.ProviderDetails, IDPIdentifiers: []string{"c.example.com", "a.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	want.ProviderDetails = map[string]string{
		"MetadataURL": idp.URL + "/metadata", "SSORedirectBindingURI": "https://idp.example.com/two", "SLORedirectBindingURI": "https://idp.example.com/logout",
		"ActiveEncryptionCertificate": made.ProviderDetails["ActiveEncryptionCertificate"],
	}
	want.IDPIdentifiers = []string{"c.example.com", "a.example.com"}
	if got.AttributeMapping = nil; cmp.Diff(&want, got) != "" {
		t.Errorf("with details (-want +got):\n%s", cmp.Diff(&want, got))
	}
	w.checkEncryptionKey(t, "MyIdP", got.ProviderDetails["ActiveEncryptionCertificate"])
	for identifier, name := range map[string]string{"a.example.com": "MyIdP", "c.example.com": "MyIdP", "example.net": "Google", "b.example.com": ""} {
		found, err := w.IdentityProviderByIdentifier(t.Context(), w.stored(), identifier)
		if name == "" {
			wantError(t, err, userpool.ResourceNotFound, "Identity provider with identifier b.example.com does not exist.")
		} else if err != nil || found.ProviderName != name {
			t.Errorf("%s: %v, %v", identifier, found, err)
		}
	}

	refused := []struct {
		name    string
		in      wire.UpdateIdentityProviderRequest
		code    userpool.ErrorCode
		message string
	}{
		{"identifier of another", wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", IDPIdentifiers: []string{"example.net"}}, userpool.InvalidParameter, "The identifier example.net belongs to another provider of the user pool."},
		{"levels", wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", ACRMapping: map[string]string{"Level1": "x"}}, userpool.InvalidParameter, "AcrMapping can be given for providers of type OIDC only."},
		{"mapping", wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", AttributeMapping: map[string]string{"custom:x": "x"}}, userpool.InvalidParameter, "custom:x: Attribute does not exist in the schema."},
		{"details", wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", ProviderDetails: map[string]string{}}, userpool.InvalidParameter, "At least one of the MetadataURL or MetadataFile should be provided."},
		{"the secret left out", wire.UpdateIdentityProviderRequest{ProviderName: "Google", ProviderDetails: map[string]string{"client_id": "x", "authorize_scopes": "openid"}}, userpool.InvalidParameter, "clientId, clientSecret and authorizeScopes are all required idp details."},
		{"unknown", wire.UpdateIdentityProviderRequest{ProviderName: "Other"}, userpool.ResourceNotFound, "Identity provider Other does not exist."},
		{"the pool itself", wire.UpdateIdentityProviderRequest{ProviderName: "COGNITO"}, userpool.UnsupportedIdentityProvider, "The provider COGNITO is the user pool itself and cannot be changed."},
	}
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.updateProvider(&tt.in)
			wantError(t, err, tt.code, tt.message)
		})
	}
}

// A change while the provider was being called, which takes long, is not overwritten.
func TestUpdateProviderRace(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	idp := w.publish()
	idp.texts["/metadata"] = w.metadata("https://idp.example.com/one")
	if _, err := w.createProvider(&wire.CreateIdentityProviderRequest{
		ProviderName: "MyIdP", ProviderType: "SAML", ProviderDetails: map[string]string{"MetadataURL": idp.URL + "/metadata"},
	}); err != nil {
		t.Fatal(err)
	}
	calls := w.Fetcher
	w.Fetcher = fetchThen{calls, func() {
		w.Fetcher = calls
		if _, err := w.updateProvider(&wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", IDPIdentifiers: []string{"x"}}); err != nil {
			t.Error(err)
		}
	}}
	_, err := w.updateProvider(&wire.UpdateIdentityProviderRequest{ProviderName: "MyIdP", ProviderDetails: map[string]string{"MetadataURL": idp.URL + "/metadata"}})
	wantError(t, err, userpool.ConcurrentModification, "")
}

// fetchThen changes something after each call.
type fetchThen struct {
	userpool.Fetcher
	then func()
}

func (f fetchThen) Fetch(ctx context.Context, call userpool.FetchCall) (*userpool.FetchAnswer, error) {
	answer, err := f.Fetcher.Fetch(ctx, call)
	f.then()
	return answer, err
}

func TestDeleteProvider(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.google("example.com")
	pool := w.stored()
	w.client(func(in *wire.CreateUserPoolClientRequest) {
		in.SupportedIdentityProviders = []string{"Google", "COGNITO"}
	})
	update := func() error {
		_, err := w.UpdateClient(t.Context(), w.readClient(), &wire.UpdateUserPoolClientRequest{SupportedIdentityProviders: []string{"Google"}})
		return err
	}
	if err := update(); err != nil {
		t.Error(err)
	}
	if err := w.DeleteIdentityProvider(t.Context(), pool, "Google"); err != nil {
		t.Fatal(err)
	}
	// The client keeps the name, and cannot be given it again.
	if got := w.readClient().Settings.SupportedIdentityProviders; !cmp.Equal(got, []string{"Google"}) {
		t.Errorf("the client's providers: %v", got)
	}
	wantError(t, update(), userpool.InvalidParameter, "The provider Google does not exist for User Pool "+poolID+".")
	_, err := w.IdentityProvider(t.Context(), pool, "Google")
	wantError(t, err, userpool.ResourceNotFound, "Identity provider Google does not exist.")
	wantError(t, w.DeleteIdentityProvider(t.Context(), pool, "Google"), userpool.ResourceNotFound, "Identity provider Google does not exist.")
	wantError(t, w.DeleteIdentityProvider(t.Context(), pool, "COGNITO"), userpool.UnsupportedIdentityProvider, "")
	w.google("example.com") // both are free again
}

func TestListProviders(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.google()
	for i := range 64 {
		w.provider(t, fmt.Sprintf("p%03d", i))
	}
	pool := w.stored()
	list := func(max *int32, token string) ([]wire.ProviderDescription, string) {
		t.Helper()
		page, next, err := w.ListIdentityProviders(t.Context(), pool, &wire.ListIdentityProvidersRequest{MaxResults: max, NextToken: token})
		if err != nil {
			t.Fatal(err)
		}
		return page, next
	}
	for _, max := range []*int32{nil, new(int32(0))} {
		first, token := list(max, "")
		second, end := list(max, token)
		if len(first) != 60 || len(second) != 5 || end != "" || first[0].ProviderName != "Google" || first[0].ProviderType != "Google" || second[4].ProviderName != "p063" {
			t.Errorf("pages of %d and %d, then %q", len(first), len(second), end)
		}
	}
	_, token := list(new(int32(2)), "")
	_, _, err := w.ListIdentityProviders(t.Context(), &userpool.Pool{ID: "us-east-1_other", Number: 1}, &wire.ListIdentityProvidersRequest{NextToken: token})
	wantError(t, err, userpool.InvalidParameter, "")
}

// provider stores one without the work of making it.
func (w *world) provider(t testing.TB, name string) {
	t.Helper()
	err := w.Store.Write(t.Context(), func(tx userpool.Tx) error {
		d, err := w.newDocument(w.stored(), userpool.IdentityProviders, name, federation.Provider{Type: "OIDC"})
		if err != nil {
			return err
		}
		return tx.CreateDocument(t.Context(), d)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestProviderQuota(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	for i := range providerQuota - 1 {
		w.provider(t, fmt.Sprintf("p%03d", i))
	}
	w.google()
	_, err := w.createProvider(&wire.CreateIdentityProviderRequest{ProviderName: "Facebook", ProviderType: "Facebook", ProviderDetails: googleDetails()})
	wantError(t, err, userpool.LimitExceeded, "Identity provider limit exceeded.")
}
