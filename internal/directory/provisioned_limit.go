package directory

import (
	"context"
	"errors"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// adjustable are the categories of request rates that an account can raise, with their defaults, in requests a second.
var adjustable = map[string]int32{
	"UserAuthentication": 120,
	"UserCreation":       50,
	"UserFederation":     25,
	"UserRead":           120,
	"UserToken":          120,
	"UserResourceRead":   50,
}

// limitFactor is how far above its default an account can raise a limit.
const limitFactor = 10

// provisionedLimit is what is stored of a limit.
type provisionedLimit struct{ Value int32 }

// ProvisionedLimit gives a limit of the account in a region (operation GetProvisionedLimit).
func (s *Service) ProvisionedLimit(ctx context.Context, region string, of *wire.LimitDefinitionType) (*wire.LimitType, error) {
	category, standard, err := limitCategory(of)
	if err != nil {
		return nil, err
	}
	limit := &wire.LimitType{LimitDefinition: of, FreeLimitValue: standard, ProvisionedLimitValue: standard}
	d, err := s.Store.Document(ctx, userpool.AccountPool, userpool.ProvisionedLimits, limitID(region, category))
	if errors.Is(err, userpool.ErrNotFound) {
		return limit, nil
	}
	if err != nil {
		return nil, err
	}
	stored, err := contentOf[provisionedLimit](d)
	if err != nil {
		return nil, err
	}
	limit.ProvisionedLimitValue = stored.Value
	return limit, nil
}

// SetProvisionedLimit changes a limit of the account in a region (operation UpdateProvisionedLimit).
func (s *Service) SetProvisionedLimit(ctx context.Context, region string, of *wire.LimitDefinitionType, value int32) (*wire.LimitType, error) {
	category, standard, err := limitCategory(of)
	switch {
	case err != nil:
		return nil, err
	case value < standard:
		return nil, invalid("RequestedLimitValue must not be below the default of " + category + ", " + strconv.Itoa(int(standard)) + ".")
	case value > standard*limitFactor:
		return nil, userpool.NewError(userpool.ServiceQuotaExceeded,
			"RequestedLimitValue is above the maximum of "+category+" in this account, "+strconv.Itoa(int(standard*limitFactor))+".")
	}
	if category == "UserAuthentication" || category == "UserFederation" {
		if err := s.noManagedLogin(ctx, region, category); err != nil {
			return nil, err
		}
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		return s.putDocument(ctx, tx, userpool.AccountPool, userpool.ProvisionedLimits, limitID(region, category), &provisionedLimit{value})
	})
	if err != nil {
		return nil, err
	}
	return &wire.LimitType{LimitDefinition: of, FreeLimitValue: standard, ProvisionedLimitValue: value}, nil
}

func limitCategory(of *wire.LimitDefinitionType) (category string, standard int32, err error) {
	category = of.Attributes["Category"]
	standard, ok := adjustable[category]
	if !ok || len(of.Attributes) != 1 {
		return "", 0, invalid("LimitDefinition must name one adjustable Category: UserAuthentication, UserCreation, UserFederation, " +
			"UserRead, UserResourceRead or UserToken.")
	}
	return category, standard, nil
}

// limitID is the id of a limit's document: every region has its own.
func limitID(region, category string) string { return region + "/" + category }

// noManagedLogin refuses to change a limit that the pages of a pool share. It runs before the unit of work: the rule is
// a guard, not an invariant.
func (s *Service) noManagedLogin(ctx context.Context, region, category string) error {
	for page := (userpool.Page{Limit: pageSize}); ; {
		pools, next, err := s.Store.Pools(ctx, region, page)
		if err != nil {
			return err
		}
		for _, pool := range pools {
			domains, err := s.Store.CountDocuments(ctx, pool.Number, userpool.Domains)
			if err != nil {
				return err
			}
			if domains > 0 {
				return invalid("The limit of " + category + " cannot be changed while a user pool has a domain: " + pool.ID)
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}
