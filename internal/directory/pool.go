package directory

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// poolQuota is how many pools an account can have in a region.
const poolQuota = 1000

// PoolOptions are what a caller of the API cannot choose.
type PoolOptions struct {
	ID string // region_xxxxxxxxx; "" draws one
}

// CreatePool makes a pool with its signing keys (operation CreateUserPool). With a fixed id that is
// taken it returns userpool.ErrExists.
func (s *Service) CreatePool(ctx context.Context, region string, in *wire.CreateUserPoolRequest, opts PoolOptions) (*userpool.Pool, error) {
	settings, err := newPoolSettings(in)
	if err != nil {
		return nil, err
	}
	factors := keptFactors(nil, settings)
	if err := checkPool(&userpool.Pool{ID: region, Settings: settings, Factors: factors}); err != nil {
		return nil, err
	}
	tagged := ""
	if opts.ID == "" {
		if tagged, err = fixedPoolID(region, settings.UserPoolTags); err != nil {
			return nil, err
		}
		opts.ID = tagged
	}
	if err := s.poolsLeft(ctx, region); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		now := s.now()
		pool := &userpool.Pool{
			Number:   userpool.NewNumber(now),
			ID:       opts.ID,
			Name:     in.PoolName,
			Created:  now,
			Modified: now,
			Version:  1,
			Settings: settings,
			Factors:  factors,
		}
		if pool.ID == "" {
			pool.ID = newPoolID(region)
		}
		keys, err := s.Tokens.NewSigningKeys(ctx, pool.Number, pool.ID)
		if err != nil {
			return nil, err
		}
		err = s.Store.Write(ctx, func(tx userpool.Tx) error { return tx.CreatePool(ctx, pool, keys) })
		if errors.Is(err, userpool.ErrExists) && opts.ID == "" && attempt < drawAttempts {
			continue
		}
		if tagged != "" {
			err = takenID(err, poolIDTag, tagged)
		}
		if err != nil {
			return nil, err
		}
		return pool, nil
	}
}

// drawAttempts bounds how often an id that is taken is drawn again.
const drawAttempts = 5

func newPoolSettings(in *wire.CreateUserPoolRequest) (*wire.UserPoolType, error) {
	settings, err := poolSettings(nil, &wire.UpdateUserPoolRequest{
		AccountRecoverySetting:      in.AccountRecoverySetting,
		ACRConfiguration:            in.ACRConfiguration,
		AdminCreateUserConfig:       in.AdminCreateUserConfig,
		AutoVerifiedAttributes:      in.AutoVerifiedAttributes,
		DCRConfiguration:            in.DCRConfiguration,
		DeletionProtection:          in.DeletionProtection,
		DeviceConfiguration:         in.DeviceConfiguration,
		EmailConfiguration:          in.EmailConfiguration,
		EmailVerificationMessage:    in.EmailVerificationMessage,
		EmailVerificationSubject:    in.EmailVerificationSubject,
		IssuerConfiguration:         in.IssuerConfiguration,
		KeyConfiguration:            in.KeyConfiguration,
		LambdaConfig:                in.LambdaConfig,
		MFAConfiguration:            in.MFAConfiguration,
		Policies:                    in.Policies,
		SMSAuthenticationMessage:    in.SMSAuthenticationMessage,
		SMSConfiguration:            in.SMSConfiguration,
		SMSVerificationMessage:      in.SMSVerificationMessage,
		UserAttributeUpdateSettings: in.UserAttributeUpdateSettings,
		UserPoolAddOns:              in.UserPoolAddOns,
		UserPoolTags:                in.UserPoolTags,
		UserPoolTier:                in.UserPoolTier,
		VerificationMessageTemplate: in.VerificationMessageTemplate,
	})
	if err != nil {
		return nil, err
	}
	settings.AliasAttributes = distinct(in.AliasAttributes)
	settings.UsernameAttributes = distinct(in.UsernameAttributes)
	settings.UsernameConfiguration = in.UsernameConfiguration
	settings.SchemaAttributes, err = newSchema(in.Schema)
	return settings, err
}

// UpdatePool changes the pool that the caller has seen (operation UpdateUserPool). A change in between
// is ConcurrentModification.
func (s *Service) UpdatePool(ctx context.Context, seen *userpool.Pool, in *wire.UpdateUserPoolRequest) error {
	return s.changeSeenPool(ctx, seen, func(tx userpool.Tx, pool *userpool.Pool) error {
		if err := noImport(ctx, tx, pool); err != nil {
			return err
		}
		if seen.Secondary {
			return updateReplica(pool, in)
		}
		settings, err := poolSettings(pool.Settings, in)
		if err != nil {
			return err
		}
		before := *pool
		pool.Name = firstOf(in.PoolName, pool.Name)
		pool.Settings = settings
		pool.Factors = keptFactors(&before, settings)
		if err := checkPool(pool); err != nil {
			return err
		}
		if pool.Replica != nil && settings.UserPoolTier == wire.UserPoolTierTypeLite {
			return userpool.NewError(userpool.TierChangeNotAllowed, "The tier of a user pool with a replica cannot be LITE. Delete the replica first.")
		}
		if settings.UserPoolTier == wire.UserPoolTierTypeLite && before.Settings.UserPoolTier != wire.UserPoolTierTypeLite {
			if err := checkClientsOfLite(ctx, tx, pool); err != nil {
				return err
			}
		}
		return checkDocumentsOfTier(ctx, tx, pool)
	})
}

// changeSeenPool changes the pool in one unit of work, unless it is no longer as the caller saw it: then the answer is
// ConcurrentModification. change may set the members of the pool that it is given, but nothing that they point to.
func (s *Service) changeSeenPool(ctx context.Context, seen *userpool.Pool, change func(userpool.Tx, *userpool.Pool) error) error {
	return s.changePool(ctx, seen, func(tx userpool.Tx, pool *userpool.Pool) error {
		if pool.Version != seen.Version {
			return changedInBetween()
		}
		return change(tx, pool)
	})
}

// changePool is changeSeenPool for what fits to any state of the pool.
func (s *Service) changePool(ctx context.Context, seen *userpool.Pool, change func(userpool.Tx, *userpool.Pool) error) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		changed := *pool
		if err := change(tx, &changed); err != nil {
			return err
		}
		followPool(&changed)
		changed.Modified = s.now()
		return lostRace(tx.UpdatePool(ctx, &changed), userpool.NoSuchPool(pool.ID))
	})
}

// DeletePool removes the pool with everything in it (operation DeleteUserPool).
func (s *Service) DeletePool(ctx context.Context, seen *userpool.Pool) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if err := noImport(ctx, tx, pool); err != nil {
			return err
		}
		if pool.Settings.DeletionProtection == wire.DeletionProtectionTypeActive {
			return invalid("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
		}
		if pool.Replica != nil {
			return invalid("User pool cannot be deleted. It has a replica in " + pool.Replica.Region + " that should be deleted first.")
		}
		domains, err := tx.CountDocuments(ctx, pool.Number, userpool.Domains)
		if err != nil {
			return err
		}
		if domains > 0 {
			return invalid("User pool cannot be deleted. It has a domain configured that should be deleted first.")
		}
		return userpool.OrNotFound(tx.DeletePool(ctx, pool.Number, s.now()), userpool.NoSuchPool(pool.ID))
	})
}

// ListPools gives one page of the pools of a region by creation, with the next page's token, which is
// "" on the last one (operation ListUserPools).
func (s *Service) ListPools(ctx context.Context, region string, limit int, token string) ([]wire.UserPoolDescriptionType, string, error) {
	after, err := userpool.ReadToken(token, "ListUserPools", region)
	if err != nil {
		return nil, "", err
	}
	pools, next, err := s.Store.Pools(ctx, region, userpool.Page{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	list := make([]wire.UserPoolDescriptionType, 0, len(pools))
	for _, p := range pools {
		if p.Region() != region && p.ReplicaRegion() == region {
			p = p.InReplica()
		}
		var replicas []string
		if p.Replica != nil {
			replicas = []string{p.Replica.Region}
		}
		list = append(list, wire.UserPoolDescriptionType{
			ID:               p.ID,
			Name:             p.Name,
			LambdaConfig:     p.Settings.LambdaConfig,
			ReplicaRegions:   replicas,
			CreationDate:     wire.NewTimestamp(p.Created),
			LastModifiedDate: wire.NewTimestamp(p.Modified),
		})
	}
	return list, userpool.NextToken(next, "ListUserPools", region), nil
}

// DescribePool gives what DescribeUserPool shows.
func (s *Service) DescribePool(ctx context.Context, pool *userpool.Pool) (*wire.UserPoolType, error) {
	users, err := s.Store.CountUsers(ctx, pool.Number)
	if err != nil {
		return nil, err
	}
	domains, _, err := s.Store.Documents(ctx, pool.Number, userpool.Domains, userpool.Page{Limit: pageSize})
	if err != nil {
		return nil, err
	}
	d := s.describePool(pool, users)
	for _, domain := range domains {
		if strings.Contains(domain.ID, ".") {
			d.CustomDomain = domain.ID
		} else {
			d.Domain = domain.ID
		}
	}
	return d, nil
}

// DescribeNewPool gives what CreateUserPool shows: the same, without users.
func (s *Service) DescribeNewPool(pool *userpool.Pool) *wire.UserPoolType {
	return s.describePool(pool, 0)
}

func (s *Service) describePool(pool *userpool.Pool, users int64) *wire.UserPoolType {
	d := *pool.Settings
	d.ID = pool.ID
	d.ARN = s.arn(pool)
	d.Name = pool.Name
	d.CreationDate = wire.NewTimestamp(pool.Created)
	d.LastModifiedDate = wire.NewTimestamp(pool.Modified)
	d.EstimatedNumberOfUsers = new(int32(min(users, math.MaxInt32)))
	admin := *d.AdminCreateUserConfig
	admin.UnusedAccountValidityDays = d.Policies.PasswordPolicy.TemporaryPasswordValidityDays
	d.AdminCreateUserConfig = &admin
	return &d
}

// poolsLeft refuses when the region has as many pools as it can have. It runs before the unit of work:
// the quota is a guard, not an invariant.
func (s *Service) poolsLeft(ctx context.Context, region string) error {
	pools, err := s.Store.CountPools(ctx, region)
	if err != nil {
		return err
	}
	if pools >= poolQuota {
		return userpool.NewError(userpool.LimitExceeded, "User pool limit exceeded.")
	}
	return nil
}

// samePool reads the pool again inside a unit of work; another one under the same id is none.
func samePool(ctx context.Context, tx userpool.Tx, seen *userpool.Pool) (*userpool.Pool, error) {
	pool, err := tx.Pool(ctx, seen.ID)
	if err == nil && pool.Number != seen.Number {
		err = userpool.ErrNotFound
	}
	return pool, userpool.OrNotFound(err, userpool.NoSuchPool(seen.ID))
}

// lostRace gives the caller's error for a compare-and-swap that did not succeed.
func lostRace(err error, gone *userpool.Error) error {
	if errors.Is(err, userpool.ErrVersion) {
		return changedInBetween()
	}
	return userpool.OrNotFound(err, gone)
}

func changedInBetween() error {
	return userpool.NewError(userpool.ConcurrentModification, "The resource was changed by another request at the same time. Try again.")
}

// noImport refuses a change of a pool while users are being imported into it.
func noImport(ctx context.Context, tx userpool.Tx, pool *userpool.Pool) error {
	job, err := tx.ActiveImportJob(ctx)
	switch {
	case errors.Is(err, userpool.ErrNotFound) || err == nil && job.Pool != pool.Number:
		return nil
	case err != nil:
		return err
	}
	return userpool.NewError(userpool.UserImportInProgress, "The user import job "+job.ID+" is in progress.")
}
