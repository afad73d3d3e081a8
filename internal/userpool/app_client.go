package userpool

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Client is one app client with its pool. Its Settings are what DescribeUserPoolClient shows, without
// the secret and the members that are columns of their own (ids, name, dates).
type Client struct {
	Pool       *Pool
	ID         string
	Name       string
	Created    time.Time
	Modified   time.Time
	Version    int64
	Settings   *wire.UserPoolClientType
	SSOSession *wire.ClientSSOSessionConfigType // nil: never configured
	Secrets    []ClientSecret                   // at most two, oldest first; empty for a public client
}

// ClientSecret is one active secret of an app client.
type ClientSecret struct {
	ID      string
	Value   string
	Created time.Time
}

// Flow is a way to sign in, by the name that AuthFlow has in InitiateAuth.
type Flow string

const (
	UserSRPAuth           Flow = "USER_SRP_AUTH"
	UserPasswordAuth      Flow = "USER_PASSWORD_AUTH"
	AdminUserPasswordAuth Flow = "ADMIN_USER_PASSWORD_AUTH"
	AdminNoSRPAuth        Flow = "ADMIN_NO_SRP_AUTH"
	RefreshTokenAuth      Flow = "REFRESH_TOKEN_AUTH"
	RefreshTokenFlow      Flow = "REFRESH_TOKEN"
	CustomAuth            Flow = "CUSTOM_AUTH"
	UserAuth              Flow = "USER_AUTH"
)

func (c *Client) has(flow string) bool {
	return slices.ContainsFunc(c.Settings.ExplicitAuthFlows, func(f wire.ExplicitAuthFlowsType) bool { return string(f) == flow })
}

// CustomOnly says whether only challenges by function are allowed (legacy CUSTOM_AUTH_FLOW_ONLY).
func (c *Client) CustomOnly() bool { return c.has("CUSTOM_AUTH_FLOW_ONLY") }

// Allows says whether the client may sign users in by that flow (ExplicitAuthFlows with its defaults
// and legacy values; rotation excludes the refresh flow).
func (c *Client) Allows(flow Flow) bool {
	flows := c.Settings.ExplicitAuthFlows
	legacy := len(flows) > 0 && !slices.ContainsFunc(flows, func(f wire.ExplicitAuthFlowsType) bool {
		return len(f) > 6 && f[:6] == "ALLOW_"
	})
	switch flow {
	case UserSRPAuth:
		return len(flows) == 0 || legacy && !c.CustomOnly() || c.has("ALLOW_USER_SRP_AUTH")
	case UserPasswordAuth:
		return !c.CustomOnly() && c.has("USER_PASSWORD_AUTH") || c.has("ALLOW_USER_PASSWORD_AUTH")
	case AdminUserPasswordAuth, AdminNoSRPAuth:
		return !c.CustomOnly() && c.has("ADMIN_NO_SRP_AUTH") || c.has("ALLOW_ADMIN_USER_PASSWORD_AUTH")
	case RefreshTokenAuth, RefreshTokenFlow:
		return !c.Rotates() && (len(flows) == 0 || legacy || c.has("ALLOW_REFRESH_TOKEN_AUTH"))
	case CustomAuth:
		return len(flows) == 0 || c.CustomOnly() || c.has("ALLOW_CUSTOM_AUTH")
	case UserAuth:
		return c.has("ALLOW_USER_AUTH")
	}
	return false
}

// HidesExistence says whether unknown users look like known ones (PreventUserExistenceErrors ENABLED).
func (c *Client) HidesExistence() bool {
	return c.Settings.PreventUserExistenceErrors == "ENABLED"
}

// Revocable says whether tokens carry jti and origin_jti and can be revoked (EnableTokenRevocation).
func (c *Client) Revocable() bool {
	return c.Settings.EnableTokenRevocation == nil || *c.Settings.EnableTokenRevocation
}

// Rotates says whether a refresh token is replaced at each use.
func (c *Client) Rotates() bool {
	return c.Settings.RefreshTokenRotation != nil && c.Settings.RefreshTokenRotation.Feature == "ENABLED"
}

// RetryGracePeriod is how long a refresh token is good after it was replaced.
func (c *Client) RetryGracePeriod() time.Duration {
	if r := c.Settings.RefreshTokenRotation; r != nil && r.RetryGracePeriodSeconds != nil {
		return time.Duration(*r.RetryGracePeriodSeconds) * time.Second
	}
	return 0
}

// ActsForItself says whether the client gets tokens without a user by the API (ALLOW_CLIENT_TOKEN_AUTH).
func (c *Client) ActsForItself() bool { return c.has("ALLOW_CLIENT_TOKEN_AUTH") }

// Public says whether the client has no secret.
func (c *Client) Public() bool { return len(c.Secrets) == 0 }

// SecretHashMatches says whether hash is the SECRET_HASH of username under any active secret:
// Base64(HMAC-SHA256(secret, username ‖ client id)).
func (c *Client) SecretHashMatches(hash, username string) bool {
	ok := false
	for _, s := range c.Secrets {
		mac := hmac.New(sha256.New, []byte(s.Value))
		mac.Write([]byte(username))
		mac.Write([]byte(c.ID))
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		ok = hmac.Equal([]byte(want), []byte(hash)) || ok
	}
	return ok
}

// SecretMatches says whether secret is any active secret of the client.
func (c *Client) SecretMatches(secret string) bool {
	ok := false
	for _, s := range c.Secrets {
		ok = hmac.Equal([]byte(s.Value), []byte(secret)) || ok
	}
	return ok
}

// CheckSecret is the check of the public operations that take the secret itself.
func (c *Client) CheckSecret(secret string) error {
	switch {
	case c.Public() && secret == "":
		return nil
	case secret == "":
		return NewError(NotAuthorized, "Client "+c.ID+" is configured with secret but secret was not received")
	case c.SecretMatches(secret):
		return nil
	}
	return NewError(NotAuthorized, "Unable to verify secret for client "+c.ID)
}

// CheckSecretHash is the check of every public operation with a client id. names are the user names
// over which the hash may be made.
func (c *Client) CheckSecretHash(hash string, names ...string) error {
	switch {
	case c.Public() && hash == "":
		return nil
	case hash == "":
		return NewError(NotAuthorized, "Client "+c.ID+" is configured with secret but SECRET_HASH was not received")
	}
	for _, name := range names {
		if c.SecretHashMatches(hash, name) {
			return nil
		}
	}
	return NewError(NotAuthorized, "Unable to verify secret hash for client "+c.ID)
}

// AccessTokenLifetime, IDTokenLifetime and RefreshTokenLifetime are the validities in force.
func (c *Client) AccessTokenLifetime() time.Duration {
	return lifetime(c.Settings.AccessTokenValidity, c.units().AccessToken, time.Hour, time.Hour)
}

func (c *Client) IDTokenLifetime() time.Duration {
	return lifetime(c.Settings.IDTokenValidity, c.units().IDToken, time.Hour, time.Hour)
}

func (c *Client) RefreshTokenLifetime() time.Duration {
	return lifetime(c.Settings.RefreshTokenValidity, c.units().RefreshToken, 24*time.Hour, 30*24*time.Hour)
}

// SessionLifetime is how long a challenge can be answered (AuthSessionValidity, 3 to 15 minutes).
func (c *Client) SessionLifetime() time.Duration {
	if v := c.Settings.AuthSessionValidity; v != nil && *v > 0 {
		return time.Duration(*v) * time.Minute
	}
	return 3 * time.Minute
}

func (c *Client) units() *wire.TokenValidityUnitsType {
	if c.Settings.TokenValidityUnits == nil {
		return &wire.TokenValidityUnitsType{}
	}
	return c.Settings.TokenValidityUnits
}

// lifetime turns a validity and its unit into a duration, the longest there is if it is longer; unset or zero means the
// default, and a number without a unit counts in the member's own.
func lifetime(v *int32, unit wire.TimeUnitsType, own, unset time.Duration) time.Duration {
	if v == nil || *v == 0 {
		return unset
	}
	switch unit {
	case "seconds":
		own = time.Second
	case "minutes":
		own = time.Minute
	case "hours":
		own = time.Hour
	case "days":
		own = 24 * time.Hour
	}
	if time.Duration(*v) > math.MaxInt64/own {
		return math.MaxInt64
	}
	return time.Duration(*v) * own
}

// Reads says whether tokens of the client may read the attribute (ReadAttributes; sub always; no list
// means every attribute but developer-only ones).
func (c *Client) Reads(name string) bool {
	if developerOnly(name) {
		return false
	}
	return name == "sub" || len(c.Settings.ReadAttributes) == 0 || slices.Contains(c.Settings.ReadAttributes, name)
}

// Writes says whether users of the client may write the attribute (WriteAttributes; no list means every
// attribute but sub, identities, the verified flags and developer-only ones).
func (c *Client) Writes(name string) bool {
	switch name {
	case "sub", "identities", "email_verified", "phone_number_verified":
		return false
	}
	if developerOnly(name) {
		return false
	}
	return len(c.Settings.WriteAttributes) == 0 || slices.Contains(c.Settings.WriteAttributes, name)
}

// CheckWrites checks that users of the client may write every one of the attributes.
func (c *Client) CheckWrites(attributes Attributes) error {
	for _, a := range attributes {
		if !c.Writes(a.Name) {
			return NewError(NotAuthorized, "A client attempted to write unauthorized attribute")
		}
	}
	return nil
}

// Readable gives those of the user's attributes that tokens of the client may read, without sub.
func (c *Client) Readable(u *User) Attributes {
	var readable Attributes
	for _, a := range u.Attributes {
		if c.Reads(a.Name) {
			readable = append(readable, a)
		}
	}
	return readable
}

func developerOnly(name string) bool { return len(name) > 4 && name[:4] == "dev:" }
