package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// GetUser describes the user of the token with the attributes that its client may read.
func (a *API) GetUser(ctx context.Context, in *wire.GetUserRequest) (*wire.GetUserResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	return &wire.GetUserResponse{
		Username:            session.User.Username,
		UserAttributes:      attributeTypes(session.User.Sub, session.Client.Readable(session.User)),
		MFAOptions:          mfaOptions(session.User),
		UserMFASettingList:  session.User.MFA.Enabled,
		PreferredMFASetting: session.User.MFA.Preferred,
	}, nil
}

// UpdateUserAttributes changes attributes of the user of the token.
func (a *API) UpdateUserAttributes(ctx context.Context, in *wire.UpdateUserAttributesRequest) (*wire.UpdateUserAttributesResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	deliveries, err := a.Accounts.Update(ctx, session.Client, session.User, attributesOf(in.UserAttributes))
	if err != nil {
		return nil, err
	}
	out := &wire.UpdateUserAttributesResponse{}
	for _, d := range deliveries {
		out.CodeDeliveryDetailsList = append(out.CodeDeliveryDetailsList, *deliveryDetails(&d))
	}
	return out, nil
}

// AdminUpdateUserAttributes changes attributes of a user.
func (a *API) AdminUpdateUserAttributes(ctx context.Context, in *wire.AdminUpdateUserAttributesRequest) (*wire.AdminUpdateUserAttributesResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.UpdateByAdmin(ctx, pool, in.Username, attributesOf(in.UserAttributes)); err != nil {
		return nil, err
	}
	return &wire.AdminUpdateUserAttributesResponse{}, nil
}

// DeleteUserAttributes removes attributes of the user of the token.
func (a *API) DeleteUserAttributes(ctx context.Context, in *wire.DeleteUserAttributesRequest) (*wire.DeleteUserAttributesResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.DeleteAttributes(ctx, session.Client, session.User, in.UserAttributeNames); err != nil {
		return nil, err
	}
	return &wire.DeleteUserAttributesResponse{}, nil
}

// AdminDeleteUserAttributes removes attributes of a user.
func (a *API) AdminDeleteUserAttributes(ctx context.Context, in *wire.AdminDeleteUserAttributesRequest) (*wire.AdminDeleteUserAttributesResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.DeleteAttributesByAdmin(ctx, pool, in.Username, in.UserAttributeNames); err != nil {
		return nil, err
	}
	return &wire.AdminDeleteUserAttributesResponse{}, nil
}

// GetUserAttributeVerificationCode sends the user of the token a code for an address of theirs.
func (a *API) GetUserAttributeVerificationCode(ctx context.Context, in *wire.GetUserAttributeVerificationCodeRequest) (*wire.GetUserAttributeVerificationCodeResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	delivery, err := a.Accounts.SendVerification(ctx, session.Client, session.User, in.AttributeName)
	if err != nil {
		return nil, err
	}
	return &wire.GetUserAttributeVerificationCodeResponse{CodeDeliveryDetails: deliveryDetails(delivery)}, nil
}

// VerifyUserAttribute takes that code.
func (a *API) VerifyUserAttribute(ctx context.Context, in *wire.VerifyUserAttributeRequest) (*wire.VerifyUserAttributeResponse, error) {
	session, err := a.session(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.Verify(ctx, session.Pool, session.User, in.AttributeName, in.Code); err != nil {
		return nil, err
	}
	return &wire.VerifyUserAttributeResponse{}, nil
}

func attributesOf(in []wire.AttributeType) userpool.Attributes {
	out := make(userpool.Attributes, 0, len(in))
	for _, at := range in {
		out = append(out, userpool.Attribute{Name: at.Name, Value: at.Value})
	}
	return out
}

// attributeTypes lists attributes of a user, sub first.
func attributeTypes(sub string, attributes userpool.Attributes) []wire.AttributeType {
	out := make([]wire.AttributeType, 0, 1+len(attributes))
	out = append(out, wire.AttributeType{Name: userpool.Sub, Value: sub})
	for _, at := range attributes {
		out = append(out, wire.AttributeType{Name: at.Name, Value: at.Value})
	}
	return out
}
