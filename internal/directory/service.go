// Package directory makes, changes, lists and deletes user pools and what is configured under them:
// app clients now, resource servers, identity providers, domains and the rest as they come.
//
// An operation goes the same way each time. The request is turned into settings, which are the
// document that Describe shows: members that were given, kept, or filled in with their defaults
// (pool_settings.go, app_client_settings.go). The settings are judged as a whole (pool_checks.go,
// app_client_checks.go), so that Create and Update refuse the same things. Then one unit of work
// stores them. Settings that were read from the store are shared and never changed: a change builds
// new ones.
package directory

import (
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Service is the directory of pools.
type Service struct {
	Store   userpool.Store
	Tokens  *token.Service // makes the keys of a new pool, and of its SAML providers
	Fetcher userpool.Fetcher
	Now     func() time.Time
	Account string // account id in ARNs, twelve digits
	// PublicURL is where clients reach this server, without a slash at the end: for names of domains and links to images.
	PublicURL string
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// arn is the name of the pool in policies and tags.
func (s *Service) arn(pool *userpool.Pool) string { return s.arnIn(pool.SeenFrom(), pool.ID) }

func (s *Service) arnIn(region, pool string) string {
	return "arn:" + partition(region) + ":cognito-idp:" + region + ":" + s.Account + ":userpool/" + pool
}

// partition is the part of the cloud that a region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func invalid(message string) error {
	return userpool.NewError(userpool.InvalidParameter, message)
}
