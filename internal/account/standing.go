package account

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// SetEnabled lets a user sign in or not (AdminEnableUser, AdminDisableUser). Disabling revokes every token for good.
// A user who is so already stays untouched.
func (s *Service) SetEnabled(ctx context.Context, pool *userpool.Pool, name string, enabled bool) error {
	found, err := s.Find(ctx, pool, name)
	if err != nil {
		return err
	}
	now := s.now()
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := tx.User(ctx, found.Key)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchUser())
		}
		if u.Enabled == enabled {
			return nil
		}
		u.Enabled, u.Modified = enabled, now
		if !enabled {
			u.RevokeTokens(now)
		}
		return tx.UpdateUser(ctx, u)
	})
}
