package directory

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetRiskConfiguration stores the risk configuration of a pool or, with a client id, of an app client (operation
// SetRiskConfiguration). Parts that are not given are reset; without any part, nothing is left of it.
func (s *Service) SetRiskConfiguration(ctx context.Context, seen *userpool.Pool, in *wire.SetRiskConfigurationRequest) (*wire.RiskConfigurationType, error) {
	content := &wire.RiskConfigurationType{
		AccountTakeoverRiskConfiguration:        in.AccountTakeoverRiskConfiguration,
		CompromisedCredentialsRiskConfiguration: distinctEvents(in.CompromisedCredentialsRiskConfiguration),
		RiskExceptionConfiguration:              in.RiskExceptionConfiguration,
	}
	reset := *content == wire.RiskConfigurationType{}
	var stored *userpool.Document
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if err := riskOwner(ctx, tx, pool, in.ClientID); err != nil {
			return err
		}
		if err := checkRisk(content); err != nil {
			return err
		}
		if reset {
			err := tx.DeleteDocument(ctx, pool.Number, userpool.RiskSettings, riskID(in.ClientID))
			if errors.Is(err, userpool.ErrNotFound) {
				return nil
			}
			return err
		}
		stored, err = s.putRisk(ctx, tx, pool, in.ClientID, content)
		return err
	})
	if err != nil {
		return nil, err
	}
	return describeRisk(seen, in.ClientID, content, stored), nil
}

// putRisk stores a configuration in the place of the former one, if there is one.
func (s *Service) putRisk(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, client string, content *wire.RiskConfigurationType) (*userpool.Document, error) {
	d, err := tx.Document(ctx, pool.Number, userpool.RiskSettings, riskID(client))
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		if d, err = s.newDocument(pool, userpool.RiskSettings, riskID(client), content); err != nil {
			return nil, err
		}
		d.Client = client
		return d, tx.CreateDocument(ctx, d)
	case err != nil:
		return nil, err
	}
	d.Modified = s.now()
	if err := setContent(d, content); err != nil {
		return nil, err
	}
	return d, tx.UpdateDocument(ctx, d)
}

// RiskConfiguration gives what was set for the pool or the app client, and only their ids where nothing was
// (operation DescribeRiskConfiguration).
func (s *Service) RiskConfiguration(ctx context.Context, pool *userpool.Pool, client string) (*wire.RiskConfigurationType, error) {
	if err := riskOwner(ctx, s.Store, pool, client); err != nil {
		return nil, err
	}
	d, err := s.Store.Document(ctx, pool.Number, userpool.RiskSettings, riskID(client))
	if errors.Is(err, userpool.ErrNotFound) {
		return describeRisk(pool, client, &wire.RiskConfigurationType{}, nil), nil
	}
	if err != nil {
		return nil, err
	}
	content, err := contentOf[wire.RiskConfigurationType](d)
	if err != nil {
		return nil, err
	}
	return describeRisk(pool, client, content, d), nil
}

// describeRisk gives what both operations show; d is nil where nothing is stored.
func describeRisk(pool *userpool.Pool, client string, content *wire.RiskConfigurationType, d *userpool.Document) *wire.RiskConfigurationType {
	shown := *content
	shown.UserPoolID, shown.ClientID = pool.ID, client
	if d != nil {
		shown.LastModifiedDate = wire.NewTimestamp(d.Modified)
	}
	return &shown
}

// riskOwner wants a pool with threat protection, and the app client if one is named.
func riskOwner(ctx context.Context, r userpool.ClientReader, pool *userpool.Pool, client string) error {
	if err := risk.Enabled(pool); err != nil {
		return err
	}
	if client == "" {
		return nil
	}
	_, err := clientOf(ctx, r, pool, client)
	return err
}

func riskID(client string) string {
	if client == "" {
		return risk.WholePool
	}
	return client
}

func distinctEvents(c *wire.CompromisedCredentialsRiskConfigurationType) *wire.CompromisedCredentialsRiskConfigurationType {
	if c == nil {
		return nil
	}
	kept := *c
	kept.EventFilter = distinct(c.EventFilter)
	return &kept
}

func checkRisk(c *wire.RiskConfigurationType) error {
	if takeover := c.AccountTakeoverRiskConfiguration; takeover != nil {
		if takeover.NotifyConfiguration == nil && notifies(takeover.Actions) {
			return invalid("NotifyConfiguration is required when Notify is true for an action.")
		}
		if err := checkNotices(takeover.NotifyConfiguration); err != nil {
			return err
		}
	}
	if c.RiskExceptionConfiguration == nil {
		return nil
	}
	for _, text := range slices.Concat(c.RiskExceptionConfiguration.BlockedIPRangeList, c.RiskExceptionConfiguration.SkippedIPRangeList) {
		if !isRange(text) {
			return invalid("The IP range " + excerpt(text) + " is not valid: it must be in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32.")
		}
	}
	return nil
}

// isRange takes IPv4 and IPv6 networks. One in the mapped form would contain no address of a client.
func isRange(text string) bool {
	p, err := netip.ParsePrefix(text)
	return err == nil && !p.Addr().Is4In6()
}

func notifies(a *wire.AccountTakeoverActionsType) bool {
	if a == nil {
		return false
	}
	return slices.ContainsFunc([]*wire.AccountTakeoverActionType{a.LowAction, a.MediumAction, a.HighAction},
		func(action *wire.AccountTakeoverActionType) bool { return action != nil && action.Notify })
}

func checkNotices(c *wire.NotifyConfigurationType) error {
	if c == nil {
		return nil
	}
	return cmp.Or(checkSender("From of NotifyConfiguration", c.From), checkSender("ReplyTo of NotifyConfiguration", c.ReplyTo))
}
