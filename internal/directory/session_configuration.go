package directory

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// defaultSSOMinutes bounds how long a client lets a browser's session be used again, unless it says otherwise.
const defaultSSOMinutes = 60

// SetSessions replaces how the pool that the caller has seen keeps sessions of its users (operation
// SetUserPoolSessionConfiguration). A change in between is ConcurrentModification.
func (s *Service) SetSessions(ctx context.Context, seen *userpool.Pool, in *wire.SetUserPoolSessionConfigurationRequest) (*wire.SetUserPoolSessionConfigurationResponse, error) {
	var changed *userpool.Pool
	err := s.changeSeenPool(ctx, seen, func(_ userpool.Tx, pool *userpool.Pool) error {
		changed = pool
		if pool.Settings.UserPoolTier == wire.UserPoolTierTypeLite {
			return aboveTier(wire.UserPoolTierTypeLite, sessionTracking)
		}
		pool.Sessions = userpool.SessionTracking{
			Enabled: in.UserSessionTracking == wire.UserSessionTrackingTypeEnabled, MaxPerUser: in.TokenSession.MaxPerUser,
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return new(wire.SetUserPoolSessionConfigurationResponse(*DescribeSessions(changed))), nil
}

// DescribeSessions gives what GetUserPoolSessionConfiguration shows.
func DescribeSessions(pool *userpool.Pool) *wire.GetUserPoolSessionConfigurationResponse {
	out := &wire.GetUserPoolSessionConfigurationResponse{
		UserPoolID:          pool.ID,
		UserSessionTracking: wire.UserSessionTrackingTypeDisabled,
		TokenSession:        &wire.UserPoolTokenSessionConfigType{MaxPerUser: pool.Sessions.Limit()},
	}
	if pool.Sessions.Enabled {
		out.UserSessionTracking = wire.UserSessionTrackingTypeEnabled
	}
	return out
}

// SetClientSessions replaces how long the client that the caller has seen lets a browser's session be used again
// (operation SetUserPoolClientSessionConfiguration). A change in between is ConcurrentModification.
func (s *Service) SetClientSessions(ctx context.Context, seen *userpool.Client, in *wire.SetUserPoolClientSessionConfigurationRequest) (*wire.SetUserPoolClientSessionConfigurationResponse, error) {
	var changed userpool.Client
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		client, err := clientOf(ctx, tx, seen.Pool, seen.ID)
		switch {
		case err != nil:
			return err
		case client.Version != seen.Version:
			return changedInBetween()
		case client.Pool.Settings.UserPoolTier == wire.UserPoolTierTypeLite:
			return aboveTier(wire.UserPoolTierTypeLite, sessionTracking)
		case !client.Pool.Sessions.Enabled:
			return invalid("User session tracking is not enabled for the user pool.")
		}
		changed = *client
		changed.Modified = s.now()
		changed.SSOSession = in.SSOSession
		return lostRace(tx.UpdateClient(ctx, &changed), userpool.NoSuchClient(seen.ID))
	})
	if err != nil {
		return nil, err
	}
	return new(wire.SetUserPoolClientSessionConfigurationResponse(*DescribeClientSessions(&changed))), nil
}

// DescribeClientSessions gives what GetUserPoolClientSessionConfiguration shows.
func DescribeClientSessions(c *userpool.Client) *wire.GetUserPoolClientSessionConfigurationResponse {
	out := &wire.GetUserPoolClientSessionConfigurationResponse{UserPoolID: c.Pool.ID, ClientID: c.ID, SSOSession: c.SSOSession}
	if out.SSOSession == nil {
		out.SSOSession = &wire.ClientSSOSessionConfigType{MaxValidityMinutes: defaultSSOMinutes}
	}
	return out
}
