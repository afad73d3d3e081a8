package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetRiskConfiguration replaces the risk configuration of a pool or of an app client.
func (a *API) SetRiskConfiguration(ctx context.Context, in *wire.SetRiskConfigurationRequest) (*wire.SetRiskConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	configuration, err := a.Directory.SetRiskConfiguration(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.SetRiskConfigurationResponse{RiskConfiguration: configuration}, nil
}

// DescribeRiskConfiguration shows the risk configuration of a pool or of an app client.
func (a *API) DescribeRiskConfiguration(ctx context.Context, in *wire.DescribeRiskConfigurationRequest) (*wire.DescribeRiskConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	configuration, err := a.Directory.RiskConfiguration(ctx, pool, in.ClientID)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeRiskConfigurationResponse{RiskConfiguration: configuration}, nil
}
