// Package risk is threat protection: the risk configuration of pools and app clients, which one holds and what it
// demands at each moment; and what is remembered of users, by which a sign-in is rated.
package risk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// WholePool is the id of the document that holds a pool's own risk configuration. An app client's has its id.
const WholePool = "pool"

// Mode is the pool's AdvancedSecurityMode: OFF, AUDIT or ENFORCED.
func Mode(pool *userpool.Pool) wire.AdvancedSecurityModeType {
	if a := pool.Settings.UserPoolAddOns; a != nil && a.AdvancedSecurityMode != "" {
		return a.AdvancedSecurityMode
	}
	return wire.AdvancedSecurityModeTypeOff
}

// Configuration gives what was set for an app client ("" for none), else for its pool, else what holds nothing.
func Configuration(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, client string) (*wire.RiskConfigurationType, error) {
	for _, id := range []string{client, WholePool} {
		if id == "" {
			continue
		}
		d, err := r.Document(ctx, pool.Number, userpool.RiskSettings, id)
		if errors.Is(err, userpool.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c := new(wire.RiskConfigurationType)
		if err := json.Unmarshal(d.Content, c); err != nil {
			return nil, fmt.Errorf("risk: decode a configuration: %w", err)
		}
		return c, nil
	}
	return new(wire.RiskConfigurationType), nil
}

// HonourSignUp refuses a sign-up where the configuration that was set might block it, which this version cannot
// tell: a rule never goes by unseen.
func HonourSignUp(ctx context.Context, r userpool.DocumentReader, client *userpool.Client) error {
	return honour(ctx, r, client.Pool, client.ID, func(c *wire.RiskConfigurationType) bool {
		return blocksPasswords(c, wire.EventFilterTypeSignUp) || blocksAddresses(c)
	})
}

// HonourNewPassword does the same for a password that a user sets with an app client.
func HonourNewPassword(ctx context.Context, r userpool.DocumentReader, client *userpool.Client) error {
	return honour(ctx, r, client.Pool, client.ID, func(c *wire.RiskConfigurationType) bool {
		return blocksPasswords(c, wire.EventFilterTypePasswordChange) || blocksAddresses(c)
	})
}

// HonourPasswordOfAdmin does the same for a lasting password that an administrator sets, from anywhere.
func HonourPasswordOfAdmin(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool) error {
	return honour(ctx, r, pool, "", func(c *wire.RiskConfigurationType) bool {
		return blocksPasswords(c, wire.EventFilterTypePasswordChange)
	})
}

func honour(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, client string, blocks func(*wire.RiskConfigurationType) bool) error {
	if Mode(pool) != wire.AdvancedSecurityModeTypeEnforced {
		return nil
	}
	c, err := Configuration(ctx, r, pool, client)
	if err == nil && blocks(c) {
		err = userpool.NewError(userpool.NotAuthorized,
			"This version of Poolhouse cannot honour the risk configuration of the user pool, so it refuses what that might block.")
	}
	return err
}

// blocksPasswords says whether passwords that others know are blocked at an event; without a filter they are at each.
func blocksPasswords(c *wire.RiskConfigurationType, event wire.EventFilterType) bool {
	p := c.CompromisedCredentialsRiskConfiguration
	return p != nil && p.Actions != nil && p.Actions.EventAction == wire.CompromisedCredentialsEventActionTypeBlock &&
		(len(p.EventFilter) == 0 || slices.Contains(p.EventFilter, event))
}

func blocksAddresses(c *wire.RiskConfigurationType) bool {
	return c.RiskExceptionConfiguration != nil && len(c.RiskExceptionConfiguration.BlockedIPRangeList) > 0
}
