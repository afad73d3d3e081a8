package cognito

import (
	"context"
	"slices"

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
		MFAOptions:           mfaOptions(user),
		UserMFASettingList:   user.MFA.Enabled,
		PreferredMFASetting:  user.MFA.Preferred,
		UserCreateDate:       wire.NewTimestamp(user.Created),
		UserLastModifiedDate: wire.NewTimestamp(user.Modified),
		Enabled:              new(user.Enabled),
		UserStatus:           user.Status,
	}, nil
}

// ListUsers lists the users of a pool, those whom a filter finds.
func (a *API) ListUsers(ctx context.Context, in *wire.ListUsersRequest) (*wire.ListUsersResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	list := account.List{Pool: pool, Filter: in.Filter, Attributes: in.AttributesToGet, Token: in.PaginationToken}
	if in.Limit != nil {
		list.Limit = int(*in.Limit)
	}
	users, token, err := a.Accounts.List(ctx, list)
	if err != nil {
		return nil, err
	}
	out := &wire.ListUsersResponse{Users: make([]wire.UserType, 0, len(users)), PaginationToken: token}
	for _, u := range users {
		shown := userType(u)
		shown.Attributes = chosen(shown.Attributes, in.AttributesToGet)
		out.Users = append(out.Users, *shown)
	}
	return out, nil
}

// chosen gives the attributes with those names: all for nil, and for an empty list none at all.
func chosen(attributes []wire.AttributeType, names []string) []wire.AttributeType {
	switch {
	case names == nil:
		return attributes
	case len(names) == 0:
		return nil
	}
	return slices.DeleteFunc(attributes, func(at wire.AttributeType) bool { return !slices.Contains(names, at.Name) })
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

// DeleteUser deletes the user of the token.
func (a *API) DeleteUser(ctx context.Context, in *wire.DeleteUserRequest) error {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return err
	}
	return a.Accounts.Delete(ctx, session.User.Key)
}

// AdminEnableUser lets a user sign in again.
func (a *API) AdminEnableUser(ctx context.Context, in *wire.AdminEnableUserRequest) (*wire.AdminEnableUserResponse, error) {
	return &wire.AdminEnableUserResponse{}, a.setEnabled(ctx, in.UserPoolID, in.Username, true)
}

// AdminDisableUser lets a user not sign in, and revokes their tokens.
func (a *API) AdminDisableUser(ctx context.Context, in *wire.AdminDisableUserRequest) (*wire.AdminDisableUserResponse, error) {
	return &wire.AdminDisableUserResponse{}, a.setEnabled(ctx, in.UserPoolID, in.Username, false)
}

func (a *API) setEnabled(ctx context.Context, poolID, username string, enabled bool) error {
	pool, err := a.pool(ctx, poolID)
	if err != nil {
		return err
	}
	return a.Accounts.SetEnabled(ctx, pool, username, enabled)
}

// userType is the user as lists and AdminCreateUser show it.
func userType(u *userpool.User) *wire.UserType {
	return &wire.UserType{
		Username:             u.Username,
		Attributes:           attributeTypes(u.Sub, u.Attributes),
		MFAOptions:           mfaOptions(u),
		UserCreateDate:       wire.NewTimestamp(u.Created),
		UserLastModifiedDate: wire.NewTimestamp(u.Modified),
		Enabled:              new(u.Enabled),
		UserStatus:           u.Status,
	}
}
