package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetUserPoolMfaConfig replaces the factors of a pool.
func (a *API) SetUserPoolMfaConfig(ctx context.Context, in *wire.SetUserPoolMFAConfigRequest) (*wire.SetUserPoolMFAConfigResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return a.Directory.SetMFA(ctx, pool, in)
}

// GetUserPoolMfaConfig shows the factors of a pool.
func (a *API) GetUserPoolMfaConfig(ctx context.Context, in *wire.GetUserPoolMFAConfigRequest) (*wire.GetUserPoolMFAConfigResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return directory.DescribeMFA(pool), nil
}

// AddCustomAttributes adds attributes to the schema of a pool.
func (a *API) AddCustomAttributes(ctx context.Context, in *wire.AddCustomAttributesRequest) (*wire.AddCustomAttributesResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Directory.AddCustomAttributes(ctx, pool, in.CustomAttributes); err != nil {
		return nil, err
	}
	return &wire.AddCustomAttributesResponse{}, nil
}

// SetLogDeliveryConfiguration says where the logs of a pool go.
func (a *API) SetLogDeliveryConfiguration(ctx context.Context, in *wire.SetLogDeliveryConfigurationRequest) (*wire.SetLogDeliveryConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	set, err := a.Directory.SetLogDelivery(ctx, pool, in.LogConfigurations)
	if err != nil {
		return nil, err
	}
	return &wire.SetLogDeliveryConfigurationResponse{LogDeliveryConfiguration: set}, nil
}

// GetLogDeliveryConfiguration shows where the logs of a pool go.
func (a *API) GetLogDeliveryConfiguration(ctx context.Context, in *wire.GetLogDeliveryConfigurationRequest) (*wire.GetLogDeliveryConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	set, err := a.Directory.LogDelivery(ctx, pool)
	if err != nil {
		return nil, err
	}
	return &wire.GetLogDeliveryConfigurationResponse{LogDeliveryConfiguration: set}, nil
}

// GetSigningCertificate shows the certificate that signs what a pool sends to SAML providers.
func (a *API) GetSigningCertificate(ctx context.Context, in *wire.GetSigningCertificateRequest) (*wire.GetSigningCertificateResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	certificate, err := a.Directory.SigningCertificate(ctx, pool)
	if err != nil {
		return nil, err
	}
	return &wire.GetSigningCertificateResponse{Certificate: certificate}, nil
}

// GetProvisionedLimit shows a request rate of the account in the region of the caller's signature.
func (a *API) GetProvisionedLimit(ctx context.Context, in *wire.GetProvisionedLimitRequest) (*wire.GetProvisionedLimitResponse, error) {
	limit, err := a.Directory.ProvisionedLimit(ctx, userpool.CallerFrom(ctx).Region, in.LimitDefinition)
	if err != nil {
		return nil, err
	}
	return &wire.GetProvisionedLimitResponse{Limit: limit}, nil
}

// UpdateProvisionedLimit changes a request rate of the account in the region of the caller's signature.
func (a *API) UpdateProvisionedLimit(ctx context.Context, in *wire.UpdateProvisionedLimitRequest) (*wire.UpdateProvisionedLimitResponse, error) {
	limit, err := a.Directory.SetProvisionedLimit(ctx, userpool.CallerFrom(ctx).Region, in.LimitDefinition, in.RequestedLimitValue)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateProvisionedLimitResponse{Limit: limit}, nil
}
