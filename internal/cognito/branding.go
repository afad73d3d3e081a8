package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetUICustomization replaces style sheet and logo of the classic pages.
func (a *API) SetUICustomization(ctx context.Context, in *wire.SetUICustomizationRequest) (*wire.SetUICustomizationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	c, err := a.Directory.Customize(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.SetUICustomizationResponse{UICustomization: c}, nil
}

// GetUICustomization shows style sheet and logo of the classic pages.
func (a *API) GetUICustomization(ctx context.Context, in *wire.GetUICustomizationRequest) (*wire.GetUICustomizationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	c, err := a.Directory.Customization(ctx, pool, in.ClientID)
	if err != nil {
		return nil, err
	}
	return &wire.GetUICustomizationResponse{UICustomization: c}, nil
}

// CreateManagedLoginBranding gives an app client a style.
func (a *API) CreateManagedLoginBranding(ctx context.Context, in *wire.CreateManagedLoginBrandingRequest) (*wire.CreateManagedLoginBrandingResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	style, err := a.Directory.CreateBranding(ctx, client, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateManagedLoginBrandingResponse{ManagedLoginBranding: style}, nil
}

// DescribeManagedLoginBranding shows a style.
func (a *API) DescribeManagedLoginBranding(ctx context.Context, in *wire.DescribeManagedLoginBrandingRequest) (*wire.DescribeManagedLoginBrandingResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	style, err := a.Directory.Branding(ctx, pool, in.ManagedLoginBrandingID, isSet(in.ReturnMergedResources))
	if err != nil {
		return nil, err
	}
	return &wire.DescribeManagedLoginBrandingResponse{ManagedLoginBranding: style}, nil
}

// DescribeManagedLoginBrandingByClient shows the style of an app client.
func (a *API) DescribeManagedLoginBrandingByClient(ctx context.Context, in *wire.DescribeManagedLoginBrandingByClientRequest) (*wire.DescribeManagedLoginBrandingByClientResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	style, err := a.Directory.ClientBranding(ctx, client, isSet(in.ReturnMergedResources))
	if err != nil {
		return nil, err
	}
	return &wire.DescribeManagedLoginBrandingByClientResponse{ManagedLoginBranding: style}, nil
}

// UpdateManagedLoginBranding changes a style.
func (a *API) UpdateManagedLoginBranding(ctx context.Context, in *wire.UpdateManagedLoginBrandingRequest) (*wire.UpdateManagedLoginBrandingResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	style, err := a.Directory.UpdateBranding(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateManagedLoginBrandingResponse{ManagedLoginBranding: style}, nil
}

// DeleteManagedLoginBranding removes a style.
func (a *API) DeleteManagedLoginBranding(ctx context.Context, in *wire.DeleteManagedLoginBrandingRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteBranding(ctx, pool, in.ManagedLoginBrandingID)
}

func isSet(b *bool) bool { return b != nil && *b }
