package directory

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateReplica gives the pool a replica in another region, which begins inactive and with the pool's own regional
// settings, so that no function or sender is lost (operation CreateUserPoolReplica).
func (s *Service) CreateReplica(ctx context.Context, seen *userpool.Pool, in *wire.CreateUserPoolReplicaRequest) (*wire.UserPoolReplicaType, error) {
	switch {
	case !regionForm.MatchString(in.RegionName):
		return nil, invalid("RegionName is not the name of a Region: " + in.RegionName)
	case in.RegionName == seen.Region():
		return nil, invalid("RegionName must not be the Region of the user pool itself: " + in.RegionName)
	case partition(in.RegionName) != partition(seen.Region()):
		return nil, invalid("RegionName must be in the partition of the user pool: " + in.RegionName)
	}
	if err := checkTags(in.UserPoolTags); err != nil {
		return nil, err
	}
	var created *userpool.Pool
	err := s.changePool(ctx, seen, func(_ userpool.Tx, pool *userpool.Pool) error {
		created = pool
		if pool.Replica != nil {
			return userpool.NewError(userpool.LimitExceeded, "User pool replica limit exceeded.")
		}
		if pool.Settings.UserPoolTier == wire.UserPoolTierTypeLite {
			return aboveTier(pool.Settings.UserPoolTier, multiRegionReplication)
		}
		pool.Replica = &userpool.Replica{
			Region:             in.RegionName,
			UserPoolTags:       tags(nil, in.UserPoolTags),
			LambdaConfig:       pool.Settings.LambdaConfig,
			SMSConfiguration:   sendingFrom(in.RegionName, pool.Settings.SMSConfiguration),
			EmailConfiguration: pool.Settings.EmailConfiguration,
		}
		return checkReplica(pool)
	})
	if err != nil {
		return nil, err
	}
	return s.describeReplica(created, wire.ReplicaStatusTypeCreating), nil
}

// SetReplicaActive begins or ends that the replica serves sign-in and reads (operation UpdateUserPoolReplica).
func (s *Service) SetReplicaActive(ctx context.Context, seen *userpool.Pool, region string, active bool) (*wire.UserPoolReplicaType, error) {
	var changed *userpool.Pool
	err := s.changePool(ctx, seen, func(_ userpool.Tx, pool *userpool.Pool) error {
		changed = pool
		if err := hasReplica(pool, region); err != nil {
			return err
		}
		replica := *pool.Replica
		replica.Active = active
		pool.Replica = &replica
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.describeReplica(changed, replicaStatus(changed.Replica)), nil
}

// sendingFrom is the configuration of SMS for another region: End User Messaging sends from the region of the pool.
func sendingFrom(region string, c *wire.SMSConfigurationType) *wire.SMSConfigurationType {
	if c == nil || c.EUMSSMS == nil || c.EUMSSMS.Region == "" {
		return c
	}
	there, eum := *c, *c.EUMSSMS
	eum.Region = region
	there.EUMSSMS = &eum
	return &there
}

// DeleteReplica takes the pool's replica away; it must not be active (operation DeleteUserPoolReplica).
func (s *Service) DeleteReplica(ctx context.Context, seen *userpool.Pool, region string) (*wire.UserPoolReplicaType, error) {
	var deleted userpool.Pool
	err := s.changePool(ctx, seen, func(tx userpool.Tx, pool *userpool.Pool) error {
		if err := hasReplica(pool, region); err != nil {
			return err
		}
		domains, err := poolDomains(ctx, tx, pool)
		if err != nil {
			return err
		}
		for _, domain := range domains {
			if domain.Routing != nil {
				return invalid("The domain " + domain.Domain + " is routed to the replica in " + region + ".")
			}
		}
		if pool.Replica.Active {
			return invalid("The replica in " + region + " must be INACTIVE before it can be deleted.")
		}
		deleted = *pool
		pool.Replica = nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.describeReplica(&deleted, wire.ReplicaStatusTypeDeleting), nil
}

// ListReplicas gives the pool in its own region and then its replica, if there is one (operation
// ListUserPoolReplicas). They fit on one page, so no token is good.
func (s *Service) ListReplicas(pool *userpool.Pool, token string) ([]wire.UserPoolReplicaType, error) {
	if token != "" {
		if _, err := userpool.ReadToken(token, "ListUserPoolReplicas", pool.ID); err != nil {
			return nil, err
		}
	}
	list := []wire.UserPoolReplicaType{{
		RegionName: pool.Region(), Role: wire.ReplicaRoleTypePrimary, Status: wire.ReplicaStatusTypeActive,
		UserPoolARN: s.arnIn(pool.Region(), pool.ID),
	}}
	if pool.Replica != nil {
		list = append(list, *s.describeReplica(pool, replicaStatus(pool.Replica)))
	}
	return list, nil
}

func (s *Service) describeReplica(pool *userpool.Pool, status wire.ReplicaStatusType) *wire.UserPoolReplicaType {
	return &wire.UserPoolReplicaType{
		RegionName: pool.Replica.Region, Role: wire.ReplicaRoleTypeSecondary, Status: status,
		UserPoolARN: s.arnIn(pool.Replica.Region, pool.ID),
	}
}

func replicaStatus(r *userpool.Replica) wire.ReplicaStatusType {
	if r.Active {
		return wire.ReplicaStatusTypeActive
	}
	return wire.ReplicaStatusTypeInactive
}

func hasReplica(pool *userpool.Pool, region string) error {
	switch {
	case region == pool.Region():
		return invalid("RegionName must be the Region of a replica, not of the user pool itself: " + region)
	case pool.ReplicaRegion() != region:
		return userpool.NewError(userpool.ResourceNotFound, "User pool "+pool.ID+" has no replica in "+region+".")
	}
	return nil
}

// updateReplica is an update that is asked for in the replica's region: it changes what can differ there, and everything
// else must be as it is.
func updateReplica(pool *userpool.Pool, in *wire.UpdateUserPoolRequest) error {
	view := pool.InReplica()
	settings, err := poolSettings(view.Settings, in)
	if err != nil {
		return err
	}
	same, err := sameGlobally(view.Settings, settings)
	if err != nil {
		return err
	}
	if !same || firstOf(in.PoolName, pool.Name) != pool.Name {
		return invalid("In the Region of a replica only LambdaConfig, EmailConfiguration, SmsConfiguration and UserPoolTags can be changed; " +
			"all else must be given as it is.")
	}
	view.Settings = settings
	if pool.Factors.SMS && settings.SMSConfiguration == nil {
		return invalid(mfaNeedsSMS)
	}
	if err := checkPool(view); err != nil {
		return err
	}
	replica := *pool.Replica
	replica.UserPoolTags = settings.UserPoolTags
	replica.LambdaConfig = settings.LambdaConfig
	replica.SMSConfiguration = settings.SMSConfiguration
	replica.EmailConfiguration = settings.EmailConfiguration
	pool.Replica = &replica
	return nil
}

// sameGlobally compares settings without what can differ in a replica.
func sameGlobally(a, b *wire.UserPoolType) (bool, error) {
	var texts [2][]byte
	for i, settings := range []*wire.UserPoolType{a, b} {
		global := *settings
		global.UserPoolTags, global.LambdaConfig, global.SMSConfiguration, global.EmailConfiguration = nil, nil, nil, nil
		admin := *global.AdminCreateUserConfig
		admin.UnusedAccountValidityDays = nil // says only how the validity was named
		global.AdminCreateUserConfig = &admin
		var err error
		if texts[i], err = json.Marshal(&global, json.Deterministic(true)); err != nil {
			return false, fmt.Errorf("directory: compare settings: %w", err)
		}
	}
	return bytes.Equal(texts[0], texts[1]), nil
}

// followPool gives a replica what a factor of the pool needs to send its codes, where the replica has nothing of its
// own: a factor that could not be asked for there would weaken a sign-in.
func followPool(pool *userpool.Pool) {
	if pool.Replica == nil {
		return
	}
	replica := *pool.Replica
	if pool.SMSFactor() && replica.SMSConfiguration == nil {
		replica.SMSConfiguration = pool.Settings.SMSConfiguration
	}
	if pool.EmailFactor() && replica.EmailConfiguration.EmailSendingAccount != wire.EmailSendingAccountTypeDeveloper {
		replica.EmailConfiguration = pool.Settings.EmailConfiguration
	}
	pool.Replica = &replica
}

// checkReplica demands what a replica needs of its pool.
func checkReplica(pool *userpool.Pool) error {
	if pool.Replica == nil {
		return nil
	}
	if k := pool.Settings.KeyConfiguration; k.KeyType != wire.EncryptionKeyTypeCustomerManagedKey || !isARNOf(k.KMSKeyARN, "kms", multiRegionKey) {
		return invalid("A user pool with a replica needs a KeyConfiguration with the KeyType CUSTOMER_MANAGED_KEY and the ARN of a multi-Region key.")
	}
	return nil
}
