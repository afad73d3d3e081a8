package directory

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// clientQuota is how many app clients a pool can have.
const clientQuota = 1000

// ClientOptions are what a caller of the API cannot choose.
type ClientOptions struct {
	ID string // "" draws one
}

// CreateClient makes an app client (operation CreateUserPoolClient). With a fixed id that is taken it
// returns userpool.ErrExists.
func (s *Service) CreateClient(ctx context.Context, seen *userpool.Pool, in *wire.CreateUserPoolClientRequest, opts ClientOptions) (*userpool.Client, error) {
	if isTrue(in.GenerateSecret) && in.ClientSecret != "" {
		return nil, invalid("Only one of GenerateSecret and ClientSecret can be given.")
	}
	secret := in.ClientSecret
	if isTrue(in.GenerateSecret) {
		secret = newClientSecret()
	}
	tagged := ""
	if opts.ID == "" {
		var err error
		if tagged, err = fixedClientID(seen, in.ClientName); err != nil {
			return nil, err
		}
		opts.ID = tagged
	}
	members := clientMembers(in)
	if err := s.clientsLeft(ctx, seen); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		client := &userpool.Client{ID: opts.ID, Name: in.ClientName, Version: 1}
		if client.ID == "" {
			client.ID = newClientID()
		}
		client.Created = s.now()
		client.Modified = client.Created
		if secret != "" {
			client.Secrets = []userpool.ClientSecret{{
				ID: secretID(client.ID, client.Created), Value: secret, Created: client.Created,
			}}
		}
		err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
			if client.Pool, err = samePool(ctx, tx, seen); err != nil {
				return err
			}
			client.Settings = clientSettings(members)
			if err := checkClient(ctx, tx, client, "creating"); err != nil {
				return err
			}
			return tx.CreateClient(ctx, client)
		})
		if errors.Is(err, userpool.ErrExists) && opts.ID == "" && attempt < drawAttempts {
			continue
		}
		if tagged != "" {
			err = takenID(err, clientIDTag+in.ClientName, tagged)
		}
		if err != nil {
			return nil, err
		}
		return client, nil
	}
}

// clientMembers are the members that Create and Update have in common.
func clientMembers(in *wire.CreateUserPoolClientRequest) *wire.UpdateUserPoolClientRequest {
	return &wire.UpdateUserPoolClientRequest{
		AccessTokenValidity:                      in.AccessTokenValidity,
		AllowedOAuthFlows:                        in.AllowedOAuthFlows,
		AllowedOAuthFlowsUserPoolClient:          in.AllowedOAuthFlowsUserPoolClient,
		AllowedOAuthScopes:                       in.AllowedOAuthScopes,
		AnalyticsConfiguration:                   in.AnalyticsConfiguration,
		AuthSessionValidity:                      in.AuthSessionValidity,
		CallbackURLs:                             in.CallbackURLs,
		DefaultRedirectURI:                       in.DefaultRedirectURI,
		EnablePropagateAdditionalUserContextData: in.EnablePropagateAdditionalUserContextData,
		EnableTokenRevocation:                    in.EnableTokenRevocation,
		ExplicitAuthFlows:                        in.ExplicitAuthFlows,
		IDTokenValidity:                          in.IDTokenValidity,
		LogoutURLs:                               in.LogoutURLs,
		PreventUserExistenceErrors:               in.PreventUserExistenceErrors,
		ReadAttributes:                           in.ReadAttributes,
		RefreshTokenRotation:                     in.RefreshTokenRotation,
		RefreshTokenValidity:                     in.RefreshTokenValidity,
		SupportedIdentityProviders:               in.SupportedIdentityProviders,
		TokenValidityUnits:                       in.TokenValidityUnits,
		WriteAttributes:                          in.WriteAttributes,
	}
}

// Client finds an app client of the pool.
func (s *Service) Client(ctx context.Context, pool *userpool.Pool, id string) (*userpool.Client, error) {
	return clientOf(ctx, s.Store, pool, id)
}

func clientOf(ctx context.Context, r userpool.ClientReader, pool *userpool.Pool, id string) (*userpool.Client, error) {
	c, err := r.Client(ctx, id)
	if err == nil && c.Pool.Number != pool.Number {
		err = userpool.ErrNotFound
	}
	return c, userpool.OrNotFound(err, userpool.NoSuchClient(id))
}

// UpdateClient changes the client that the caller has seen (operation UpdateUserPoolClient): all members
// but the name go back to their defaults unless given. A change in between is ConcurrentModification.
func (s *Service) UpdateClient(ctx context.Context, seen *userpool.Client, in *wire.UpdateUserPoolClientRequest) (*userpool.Client, error) {
	var changed userpool.Client
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		client, err := clientOf(ctx, tx, seen.Pool, seen.ID)
		if err != nil {
			return err
		}
		if client.Version != seen.Version {
			return changedInBetween()
		}
		changed = *client
		changed.Name = firstOf(in.ClientName, client.Name)
		changed.Modified = s.now()
		changed.Settings = clientSettings(in)
		changed.Settings.ClientType = client.Settings.ClientType // how it came into being
		if err := checkClient(ctx, tx, &changed, "updating"); err != nil {
			return err
		}
		return lostRace(tx.UpdateClient(ctx, &changed), userpool.NoSuchClient(seen.ID))
	})
	if err != nil {
		return nil, err
	}
	return &changed, nil
}

// DeleteClient removes the client that the caller has seen, with what is configured for it; its tokens stop
// working (operation DeleteUserPoolClient). A change in between is ConcurrentModification.
func (s *Service) DeleteClient(ctx context.Context, seen *userpool.Client) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		client, err := clientOf(ctx, tx, seen.Pool, seen.ID)
		if err != nil {
			return err
		}
		if client.Version != seen.Version {
			return changedInBetween()
		}
		if err := lostRace(tx.DeleteClient(ctx, client), userpool.NoSuchClient(seen.ID)); err != nil {
			return err
		}
		return tx.DeleteClientDocuments(ctx, client.Pool.Number, client.ID)
	})
}

// ListClients gives one page of a pool's app clients by id, with the next page's token, which is "" on
// the last one (operation ListUserPoolClients).
func (s *Service) ListClients(ctx context.Context, pool *userpool.Pool, in *wire.ListUserPoolClientsRequest) ([]wire.UserPoolClientDescription, string, error) {
	scope := []string{"ListUserPoolClients", pool.ID, strconv.FormatInt(pool.Number, 10), string(in.ClientType)}
	after, err := userpool.ReadToken(in.NextToken, scope...)
	if err != nil {
		return nil, "", err
	}
	page := userpool.Page{After: after, Limit: pageSize}
	if in.MaxResults != nil {
		page.Limit = int(*in.MaxResults)
	}
	clients, next, err := s.Store.Clients(ctx, pool, page)
	if err != nil {
		return nil, "", err
	}
	list := make([]wire.UserPoolClientDescription, 0, len(clients))
	for _, c := range clients {
		// A page may be short where clients of the other type lie in it.
		if in.ClientType != "" && in.ClientType != firstOf(c.Settings.ClientType, wire.ClientTypeTypeRegular) {
			continue
		}
		list = append(list, wire.UserPoolClientDescription{ClientID: c.ID, ClientName: c.Name, UserPoolID: pool.ID})
	}
	return list, userpool.NextToken(next, scope...), nil
}

// DescribeClient gives what DescribeUserPoolClient shows, the oldest secret included.
func DescribeClient(c *userpool.Client) *wire.UserPoolClientType {
	d := *c.Settings
	d.UserPoolID = c.Pool.ID
	d.ClientID = c.ID
	d.ClientName = c.Name
	d.CreationDate = wire.NewTimestamp(c.Created)
	d.LastModifiedDate = wire.NewTimestamp(c.Modified)
	if !c.Public() {
		d.ClientSecret = c.Secrets[0].Value
	}
	return &d
}

// clientsLeft refuses when the pool has as many clients as it can have; like poolsLeft.
func (s *Service) clientsLeft(ctx context.Context, pool *userpool.Pool) error {
	clients, err := s.Store.CountClients(ctx, pool.Number)
	if err != nil {
		return err
	}
	if clients >= clientQuota {
		return userpool.NewError(userpool.LimitExceeded, "App client limit exceeded.")
	}
	return nil
}

// checkClientsOfLite refuses the smallest plan to a pool whose clients use more.
func checkClientsOfLite(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
	for page := (userpool.Page{Limit: pageSize}); ; {
		clients, next, err := tx.Clients(ctx, pool, page)
		if err != nil {
			return err
		}
		for _, c := range clients {
			if slices.Contains(c.Settings.ExplicitAuthFlows, wire.ExplicitAuthFlowsTypeAllowUserAuth) {
				return aboveTier(wire.UserPoolTierTypeLite, passwordlessSignIn)
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}
