package token

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// AdminScope is the scope that every operation by access token asks for, and that sign-in by API gives.
const AdminScope = "aws.cognito.signin.user.admin"

// Values of the claim token_use.
const (
	useAccess = "access"
	useID     = "id"
)

// Claims are the claims of an access token. Times are seconds since the epoch.
type Claims struct {
	Subject   string `json:"sub"`
	Issuer    string `json:"iss"`
	ClientID  string `json:"client_id"`
	OriginJTI string `json:"origin_jti,omitempty"` // id of the grant; only where tokens can be revoked
	EventID   string `json:"event_id,omitempty"`
	TokenUse  string `json:"token_use"`
	Scope     string `json:"scope"` // separated by spaces
	AuthTime  int64  `json:"auth_time"`
	Expires   int64  `json:"exp"`
	IssuedAt  int64  `json:"iat"`
	JTI       string `json:"jti,omitempty"` // only where tokens can be revoked
	Username  string `json:"username,omitempty"`
	Version   int    `json:"version,omitzero"`

	Groups []string `json:"cognito:groups,omitempty"` // by precedence; left out for a user without any
}

// HasScope says whether the token carries the scope.
func (c *Claims) HasScope(scope string) bool {
	return slices.Contains(strings.Split(c.Scope, " "), scope)
}

// grant is the id of the token's grant. Where tokens cannot be revoked they have no origin_jti, and
// event_id is the grant's id, so that a global sign-out is compared with the moment of the sign-in.
func (c *Claims) grant() string {
	if c.OriginJTI == "" {
		return c.EventID
	}
	return c.OriginJTI
}

// subject is for whom two tokens are made. What depends on the user at the moment of issue, and is the
// same in both tokens, is worked out from here.
type subject struct {
	issuer string
	client *userpool.Client
	user   *userpool.User
	grant  *userpool.Grant
	groups []userpool.Group // by precedence
	at     time.Time
}

func (s *subject) groupNames() []string {
	var names []string
	for _, g := range s.groups {
		names = append(names, g.Name)
	}
	return names
}

func (s *subject) eventID() string {
	if s.client.Revocable() {
		return s.grant.EventID
	}
	return s.grant.ID // see Claims.grant
}

// accessClaims is the payload of the access token. jti is "" where tokens cannot be revoked.
func (s *subject) accessClaims(jti string) ([]byte, error) {
	c := Claims{
		Subject:  s.user.Sub,
		Issuer:   s.issuer,
		ClientID: s.client.ID,
		EventID:  s.eventID(),
		TokenUse: useAccess,
		Scope:    strings.Join(s.grant.Scopes, " "),
		AuthTime: s.grant.AuthTime.Unix(),
		Expires:  s.at.Add(s.client.AccessTokenLifetime()).Unix(),
		IssuedAt: s.at.Unix(),
		JTI:      jti,
		Username: s.user.Username,
		Groups:   s.groupNames(),
	}
	if jti != "" {
		c.OriginJTI = s.grant.ID
	}
	return json.Marshal(&c, payloadOptions)
}

// idClaims is the payload of the ID token: the attributes that the client may read, and above them the
// claims that no attribute can replace.
func (s *subject) idClaims(jti string) ([]byte, error) {
	c := make(map[string]any, 16+len(s.user.Attributes))
	for _, a := range s.client.Readable(s.user) {
		c[a.Name] = attributeClaim(a)
	}
	c["sub"] = s.user.Sub
	c["iss"] = s.issuer
	c["aud"] = s.client.ID
	c["event_id"] = s.eventID()
	c["token_use"] = useID
	c["auth_time"] = s.grant.AuthTime.Unix()
	c["exp"] = s.at.Add(s.client.IDTokenLifetime()).Unix()
	c["iat"] = s.at.Unix()
	c["cognito:username"] = s.user.Username
	if names := s.groupNames(); len(names) > 0 {
		c["cognito:groups"] = names
	}
	roles, preferred := userpool.Roles(s.groups)
	if len(roles) > 0 {
		c["cognito:roles"] = roles
	}
	if preferred != "" {
		c["cognito:preferred_role"] = preferred
	}
	if jti != "" {
		c["jti"] = jti
		c["origin_jti"] = s.grant.ID
	}
	return json.Marshal(c, payloadOptions)
}

// attributeClaim is an attribute as OpenID Connect Core 1.0, section 5.1, has it; custom attributes stay
// text, numbers too.
func attributeClaim(a userpool.Attribute) any {
	switch a.Name {
	case userpool.VerifiedFlag(userpool.Email), userpool.VerifiedFlag(userpool.PhoneNumber):
		return a.Value == "true"
	case userpool.Identities:
		return identitiesClaim(a.Value)
	case "address":
		return map[string]string{"formatted": a.Value}
	}
	return a.Value
}

// identitiesClaim is the attribute identities as a token has it: a list whose flags and times are text.
func identitiesClaim(attribute string) any {
	var identities []userpool.Identity
	if json.Unmarshal([]byte(attribute), &identities) != nil {
		return attribute
	}
	type claim struct {
		userpool.Identity
		Primary     string `json:"primary"`
		DateCreated string `json:"dateCreated"`
	}
	claims := make([]claim, len(identities))
	for i, id := range identities {
		claims[i] = claim{id, strconv.FormatBool(id.Primary), strconv.FormatInt(id.DateCreated, 10)}
	}
	return claims
}

var payloadOptions = json.JoinOptions(
	json.Deterministic(true),
	jsontext.AllowInvalidUTF8(true), // replaced by U+FFFD: a damaged character must not cost the sign-in
)
