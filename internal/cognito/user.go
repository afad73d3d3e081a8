package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// AdminCreateUser creates a user and invites them, or repeats the invitation.
func (a *API) AdminCreateUser(ctx context.Context, in *wire.AdminCreateUserRequest) (*wire.AdminCreateUserResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	invitation := account.Invitation{
		Pool:              pool,
		Username:          in.Username,
		TemporaryPassword: in.TemporaryPassword,
		Attributes:        attributesOf(in.UserAttributes),
		Suppress:          in.MessageAction == "SUPPRESS",
		Resend:            in.MessageAction == "RESEND",
		ForceAlias:        in.ForceAliasCreation != nil && *in.ForceAliasCreation,
	}
	for _, medium := range in.DesiredDeliveryMediums {
		invitation.Mediums = append(invitation.Mediums, userpool.Medium(medium))
	}
	user, err := a.Accounts.Invite(ctx, invitation)
	if err != nil {
		return nil, err
	}
	return &wire.AdminCreateUserResponse{User: userType(user)}, nil
}

// AdminGetUser describes a user.
func (a *API) AdminGetUser(ctx context.Context, in *wire.AdminGetUserRequest) (*wire.AdminGetUserResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return nil, err
	}
	return &wire.AdminGetUserResponse{
		Username:             user.Username,
		UserAttributes:       attributeTypes(user.Sub, user.Attributes),
		UserCreateDate:       wire.NewTimestamp(user.Created),
		UserLastModifiedDate: wire.NewTimestamp(user.Modified),
		Enabled:              new(user.Enabled),
		UserStatus:           user.Status,
	}, nil
}

// AdminConfirmSignUp confirms a self-registered user without a code.
func (a *API) AdminConfirmSignUp(ctx context.Context, in *wire.AdminConfirmSignUpRequest) (*wire.AdminConfirmSignUpResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.ConfirmByAdmin(ctx, pool, in.Username); err != nil {
		return nil, err
	}
	return &wire.AdminConfirmSignUpResponse{}, nil
}

// AdminDeleteUser deletes a user.
func (a *API) AdminDeleteUser(ctx context.Context, in *wire.AdminDeleteUserRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	user, err := a.Accounts.Find(ctx, pool, in.Username)
	if err != nil {
		return err
	}
	return a.Accounts.Delete(ctx, user.Key)
}

// userType is the user as lists and AdminCreateUser show it.
func userType(u *userpool.User) *wire.UserType {
	return &wire.UserType{
		Username:             u.Username,
		Attributes:           attributeTypes(u.Sub, u.Attributes),
		UserCreateDate:       wire.NewTimestamp(u.Created),
		UserLastModifiedDate: wire.NewTimestamp(u.Modified),
		Enabled:              new(u.Enabled),
		UserStatus:           u.Status,
	}
}
