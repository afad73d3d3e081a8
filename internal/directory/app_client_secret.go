package directory

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// secretQuota is how many active secrets an app client can have: the one in use and the one that comes.
const secretQuota = 2

// AddClientSecret gives the client a further secret, value or, if that is "", one that is drawn (operation
// AddUserPoolClientSecret). From then on either is good; a public client has to show it from then on. Two is the
// most: LimitExceeded.
func (s *Service) AddClientSecret(ctx context.Context, seen *userpool.Client, value string) (*userpool.ClientSecret, error) {
	if value == "" {
		value = newClientSecret()
	}
	now := s.now()
	var added userpool.ClientSecret
	err := s.changeSecrets(ctx, seen, func(c *userpool.Client) error {
		if len(c.Secrets) >= secretQuota {
			return userpool.NewError(userpool.LimitExceeded, "Client secret limit exceeded.")
		}
		added = userpool.ClientSecret{ID: freeSecretID(c, now), Value: value, Created: now}
		userpool.AuditFrom(ctx).Names("ClientSecretId", added.ID)
		c.Secrets = append(slices.Clip(c.Secrets), added)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &added, nil
}

// DeleteClientSecret takes a secret away; the last one stays (operation DeleteUserPoolClientSecret).
func (s *Service) DeleteClientSecret(ctx context.Context, seen *userpool.Client, id string) error {
	return s.changeSecrets(ctx, seen, func(c *userpool.Client) error {
		at := slices.IndexFunc(c.Secrets, func(s userpool.ClientSecret) bool { return s.ID == id })
		switch {
		case at < 0:
			return userpool.NewError(userpool.ResourceNotFound, "Client secret "+id+" does not exist.")
		case len(c.Secrets) == 1:
			return invalid("The only secret of a client cannot be deleted.")
		}
		c.Secrets = slices.Delete(slices.Clone(c.Secrets), at, at+1)
		return nil
	})
}

// ClientSecrets describes the secrets of a client, without their values (operation ListUserPoolClientSecrets).
func ClientSecrets(c *userpool.Client) ([]wire.ClientSecretDescriptorType, error) {
	if err := keepsOwnSecrets(c); err != nil {
		return nil, err
	}
	list := make([]wire.ClientSecretDescriptorType, len(c.Secrets))
	for i, secret := range c.Secrets {
		list[i] = wire.ClientSecretDescriptorType{
			ClientSecretID: secret.ID, ClientSecretCreateDate: wire.NewTimestamp(secret.Created),
		}
	}
	return list, nil
}

// changeSecrets is one unit of work on the secrets of the client as it stands then: a change of another member in
// between loses nothing and hinders nobody.
func (s *Service) changeSecrets(ctx context.Context, seen *userpool.Client, change func(*userpool.Client) error) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		client, err := clientOf(ctx, tx, seen.Pool, seen.ID)
		if err != nil {
			return err
		}
		if err := keepsOwnSecrets(client); err != nil {
			return err
		}
		changed := *client
		changed.Modified = s.now()
		if err := change(&changed); err != nil {
			return err
		}
		return lostRace(tx.UpdateClient(ctx, &changed), userpool.NoSuchClient(seen.ID))
	})
}

// keepsOwnSecrets refuses clients that registered themselves: their secret is between them and the registration.
func keepsOwnSecrets(c *userpool.Client) error {
	if c.Settings.ClientType == wire.ClientTypeTypeDcr {
		return invalid("The secrets of a dynamically registered client cannot be managed.")
	}
	return nil
}

// freeSecretID names a new secret of the client by the millisecond of its creation, or by the next one that is free.
func freeSecretID(c *userpool.Client, created time.Time) string {
	for {
		id := secretID(c.ID, created)
		if !slices.ContainsFunc(c.Secrets, func(s userpool.ClientSecret) bool { return s.ID == id }) {
			return id
		}
		created = created.Add(time.Millisecond)
	}
}

// secretID names a secret of a client by the millisecond of its creation, so that no later one has the name of one that was
// deleted.
func secretID(clientID string, created time.Time) string {
	return clientID + "--" + strconv.FormatInt(created.UnixMilli(), 10)
}
