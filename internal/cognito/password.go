package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ChangePassword replaces the password of the user of the token.
func (a *API) ChangePassword(ctx context.Context, in *wire.ChangePasswordRequest) (*wire.ChangePasswordResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = a.Accounts.ChangePassword(ctx, session.Client, session.User, in.PreviousPassword, in.ProposedPassword)
	if err != nil {
		return nil, err
	}
	return &wire.ChangePasswordResponse{}, nil
}

// ForgotPassword sends a code with which a new password can be set.
func (a *API) ForgotPassword(ctx context.Context, in *wire.ForgotPasswordRequest) (*wire.ForgotPasswordResponse, error) {
	client, err := a.publicClient(ctx, in.ClientID, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	delivery, err := a.Accounts.ForgotPassword(a.withUserContext(ctx, client, in.UserContextData), client, in.Username)
	if err != nil {
		return nil, err
	}
	return &wire.ForgotPasswordResponse{CodeDeliveryDetails: deliveryDetails(delivery)}, nil
}

// ConfirmForgotPassword sets a new password with that code.
func (a *API) ConfirmForgotPassword(ctx context.Context, in *wire.ConfirmForgotPasswordRequest) (*wire.ConfirmForgotPasswordResponse, error) {
	client, err := a.publicClient(ctx, in.ClientID, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	ctx = a.withUserContext(ctx, client, in.UserContextData)
	if err := a.Accounts.ConfirmForgotPassword(ctx, client, in.Username, in.ConfirmationCode, in.Password); err != nil {
		return nil, err
	}
	return &wire.ConfirmForgotPasswordResponse{}, nil
}

// AdminSetUserPassword sets a user's password, permanent or temporary.
func (a *API) AdminSetUserPassword(ctx context.Context, in *wire.AdminSetUserPasswordRequest) (*wire.AdminSetUserPasswordResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	permanent := in.Permanent != nil && *in.Permanent
	if err := a.Accounts.SetPassword(ctx, pool, in.Username, in.Password, permanent); err != nil {
		return nil, err
	}
	return &wire.AdminSetUserPasswordResponse{}, nil
}

// AdminResetUserPassword makes a user set another password with the code that is sent.
func (a *API) AdminResetUserPassword(ctx context.Context, in *wire.AdminResetUserPasswordRequest) (*wire.AdminResetUserPasswordResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.ResetByAdmin(ctx, pool, in.Username); err != nil {
		return nil, err
	}
	return &wire.AdminResetUserPasswordResponse{}, nil
}
