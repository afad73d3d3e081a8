package token

import (
	"context"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// claimsVersion is the claim version of tokens that are not those of a plain sign-in by API.
const claimsVersion = 2

// IssueToClient makes an access token with the scopes for an app client that acts for itself, not for a user
// (GetClientToken; RFC 6749, section 4.4). Nothing is stored: the token is good until it expires.
//
// Errors: UnexpectedLambda where a function would change the token; TooManyRequests.
func (s *Service) IssueToClient(ctx context.Context, client *userpool.Client, scopes []string) (*Issued, error) {
	if c := client.Pool.Settings.LambdaConfig; c != nil && c.PreTokenGenerationConfig != nil &&
		c.PreTokenGenerationConfig.LambdaVersion == wire.PreTokenGenerationLambdaVersionTypeV30 {
		if err := client.Pool.Invoke(userpool.PreTokenGeneration); err != nil {
			return nil, err
		}
	}
	ring, err := s.keyring(ctx, client.Pool.Number)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchPool(client.Pool.ID))
	}
	now := s.now()
	c := Claims{
		Subject: client.ID, ClientID: client.ID, Issuer: s.Issuer(client.Pool.ID), TokenUse: useAccess, Version: claimsVersion,
		Scope: strings.Join(scopes, " "), AuthTime: now.Unix(), IssuedAt: now.Unix(), Expires: now.Add(client.AccessTokenLifetime()).Unix(),
	}
	if client.Revocable() {
		c.JTI = uuid.NewString()
	}
	payload, err := json.Marshal(&c, payloadOptions)
	if err != nil {
		return nil, err
	}
	issued := &Issued{ExpiresIn: int32(client.AccessTokenLifetime() / time.Second)}
	err = s.queued(ctx, func() (err error) {
		issued.AccessToken, err = ring.access.sign(payload)
		return err
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}
