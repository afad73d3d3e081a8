package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Issued is what a sign-in or a refresh gives.
type Issued struct {
	AccessToken  string
	IDToken      string
	RefreshToken string                 // "" after a refresh without rotation
	ExpiresIn    int32                  // seconds that the access token lives
	Grant        *userpool.Grant        // nil for a client that acts for itself
	Refresh      *userpool.RefreshToken // nil where there is no RefreshToken
}

// Issue makes the tokens of a completed sign-in by API. It stores nothing: the caller writes Grant and
// Refresh with Keep in the unit of work that completes the sign-in. Errors: TooManyRequests when too much waits to
// be signed, ResourceNotFound when the pool is gone. event is the id of the sign-in, the claim event_id; no other has it.
func (s *Service) Issue(ctx context.Context, client *userpool.Client, user *userpool.User, event string) (*Issued, error) {
	now := s.now()
	grant := &userpool.Grant{
		Pool:     user.Key.Pool,
		ID:       newGrantID(),
		User:     user.Key.User,
		ClientID: client.ID,
		Scopes:   []string{AdminScope},
		EventID:  event,
		AuthTime: now,
		Created:  after(user.ValidAfter, now),
	}
	if !client.Revocable() {
		grant.ID = event // the only claim that such tokens are known by
	}
	refreshToken := newRefreshToken(grant.ID)
	refresh := &userpool.RefreshToken{
		Hash:    sha256.Sum256([]byte(refreshToken)),
		Pool:    grant.Pool,
		GrantID: grant.ID,
		Issued:  now,
		Expires: now.Add(client.RefreshTokenLifetime()),
	}
	grant.Expires = refresh.Expires

	issued, err := s.sign(ctx, client, user, grant, now)
	if err != nil {
		return nil, err
	}
	issued.RefreshToken = refreshToken
	issued.Refresh = refresh
	return issued, nil
}

// sign makes an access and an ID token for a grant.
func (s *Service) sign(ctx context.Context, client *userpool.Client, user *userpool.User, grant *userpool.Grant, now time.Time) (*Issued, error) {
	ring, err := s.keyring(ctx, client.Pool.Number)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NoSuchPool(client.Pool.ID))
	}
	groups, err := s.Store.GroupsOf(ctx, user.Key)
	if err != nil {
		return nil, err
	}
	of := &subject{
		issuer: s.Issuer(client.Pool.ID), client: client, user: user, grant: grant,
		groups: userpool.ByPrecedence(groups), at: now,
	}
	var accessJTI, idJTI string
	if client.Revocable() {
		accessJTI, idJTI = uuid.NewString(), uuid.NewString()
	}
	access, err := of.accessClaims(accessJTI)
	if err != nil {
		return nil, err
	}
	id, err := of.idClaims(idJTI)
	if err != nil {
		return nil, err
	}

	issued := &Issued{
		ExpiresIn: int32(client.AccessTokenLifetime() / time.Second),
		Grant:     grant,
	}
	err = s.queued(ctx, func() (err error) {
		if issued.AccessToken, err = ring.access.sign(access); err != nil {
			return err
		}
		issued.IDToken, err = ring.id.sign(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}

// queued signs when its turn comes. Error: TooManyRequests when too much waits.
func (s *Service) queued(ctx context.Context, sign func() error) error {
	var failed error
	err := s.Queue.Do(ctx, func() { failed = sign() })
	if errors.Is(err, limits.ErrOverload) {
		return userpool.Overloaded()
	}
	return errors.Join(err, failed)
}

// newGrantID draws a UUID of version 7, so that grants that are made together lie together in the store.
func newGrantID() string { return uuid.Must(uuid.NewV7()).String() }

// newRefreshToken is the grant's id and 256 random bits. It has no dots, so it is never taken for a JWT.
func newRefreshToken(grantID string) string {
	raw := make([]byte, refreshTokenSize)
	id := uuid.MustParse(grantID)
	copy(raw, id[:])
	rand.Read(raw[len(id):])
	return base64.RawURLEncoding.EncodeToString(raw)
}

const refreshTokenSize = 16 + 32 // bytes

// grantOf gives the id of the grant that token names, if it has the form that newRefreshToken gives.
func grantOf(token string) (grantID string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != refreshTokenSize {
		return "", false
	}
	return uuid.UUID(raw[:16]).String(), true
}

// after is now, or the first moment after t if now is not later than t.
func after(t, now time.Time) time.Time {
	if now.After(t) {
		return now
	}
	return t.Add(time.Microsecond)
}
