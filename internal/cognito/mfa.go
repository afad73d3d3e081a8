package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetUserSettings switches SMS as the second factor of the user of the token on or off.
func (a *API) SetUserSettings(ctx context.Context, in *wire.SetUserSettingsRequest) (*wire.SetUserSettingsResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.SetOptions(ctx, session.User.Key, optionsOf(in.MFAOptions)); err != nil {
		return nil, err
	}
	return &wire.SetUserSettingsResponse{}, nil
}

// AdminSetUserSettings switches SMS as the second factor of a user on or off.
func (a *API) AdminSetUserSettings(ctx context.Context, in *wire.AdminSetUserSettingsRequest) (*wire.AdminSetUserSettingsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.SetOptions(ctx, user.Key, optionsOf(in.MFAOptions)); err != nil {
		return nil, err
	}
	return &wire.AdminSetUserSettingsResponse{}, nil
}

func optionsOf(in []wire.MFAOptionType) []account.MFAOption {
	options := make([]account.MFAOption, 0, len(in))
	for _, o := range in {
		options = append(options, account.MFAOption{Medium: string(o.DeliveryMedium), Attribute: o.AttributeName})
	}
	return options
}

// mfaOptions is what the older operations have set; nil when they have not.
func mfaOptions(u *userpool.User) []wire.MFAOptionType {
	if !u.MFA.Options {
		return nil
	}
	return []wire.MFAOptionType{{DeliveryMedium: wire.DeliveryMediumTypeSms, AttributeName: userpool.PhoneNumber}}
}
