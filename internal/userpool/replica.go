package userpool

import "github.com/poolhouse-id/poolhouse/internal/wire"

// Replica is a pool in a second region. All of its data is the pool's own; what is here can differ from it.
type Replica struct {
	Region             string
	Active             bool
	UserPoolTags       map[string]string
	LambdaConfig       *wire.LambdaConfigType
	SMSConfiguration   *wire.SMSConfigurationType `json:",omitzero"`
	EmailConfiguration *wire.EmailConfigurationType
}

// InReplica is the pool as its replica's region sees it. There must be one.
func (p *Pool) InReplica() *Pool {
	settings := *p.Settings
	settings.UserPoolTags = p.Replica.UserPoolTags
	settings.LambdaConfig = p.Replica.LambdaConfig
	settings.SMSConfiguration = p.Replica.SMSConfiguration
	settings.EmailConfiguration = p.Replica.EmailConfiguration
	view := *p
	view.Settings = &settings
	view.Secondary = true
	return &view
}

// ReplicaRegion is the region of the pool's replica, or "".
func (p *Pool) ReplicaRegion() string {
	if p.Replica == nil {
		return ""
	}
	return p.Replica.Region
}

// ServedIn says whether the pool is in the region, by itself or by an active replica.
func (p *Pool) ServedIn(region string) bool {
	return region == p.Region() || p.Replica != nil && p.Replica.Active && p.Replica.Region == region
}

// SeenFrom is the region from which the pool is seen: its own, or that of its replica.
func (p *Pool) SeenFrom() string {
	if p.Secondary {
		return p.Replica.Region
	}
	return p.Region()
}
