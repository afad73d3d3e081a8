package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SignUp registers a user from an app.
func (a *API) SignUp(ctx context.Context, in *wire.SignUpRequest) (*wire.SignUpResponse, error) {
	client, err := a.publicClient(ctx, in.ClientID, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	user, delivery, err := a.Accounts.SignUp(a.withUserContext(ctx, client, in.UserContextData), account.SignUp{
		Client: client, Username: in.Username, Password: in.Password, Attributes: attributesOf(in.UserAttributes),
	})
	if err != nil {
		return nil, err
	}
	return &wire.SignUpResponse{
		UserSub:             user.Sub,
		UserConfirmed:       user.Status == userpool.Confirmed,
		CodeDeliveryDetails: deliveryDetails(delivery),
	}, nil
}

// ConfirmSignUp confirms a self-registered user with the code last sent to them.
func (a *API) ConfirmSignUp(ctx context.Context, in *wire.ConfirmSignUpRequest) (*wire.ConfirmSignUpResponse, error) {
	client, err := a.publicClient(ctx, in.ClientID, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	force := in.ForceAliasCreation != nil && *in.ForceAliasCreation
	if err := a.Accounts.Confirm(ctx, client, in.Username, in.ConfirmationCode, force); err != nil {
		return nil, err
	}
	return &wire.ConfirmSignUpResponse{}, nil
}

// ResendConfirmationCode sends another code to a user who has not confirmed yet.
func (a *API) ResendConfirmationCode(ctx context.Context, in *wire.ResendConfirmationCodeRequest) (*wire.ResendConfirmationCodeResponse, error) {
	client, err := a.publicClient(ctx, in.ClientID, in.SecretHash, in.Username)
	if err != nil {
		return nil, err
	}
	delivery, err := a.Accounts.ResendConfirmation(a.withUserContext(ctx, client, in.UserContextData), client, in.Username)
	if err != nil {
		return nil, err
	}
	return &wire.ResendConfirmationCodeResponse{CodeDeliveryDetails: deliveryDetails(delivery)}, nil
}

// deliveryDetails says where a code went; nil when none was sent.
func deliveryDetails(d *userpool.Delivery) *wire.CodeDeliveryDetailsType {
	if d == nil {
		return nil
	}
	return &wire.CodeDeliveryDetailsType{
		AttributeName:  d.Attribute,
		DeliveryMedium: wire.DeliveryMediumType(d.Medium),
		Destination:    d.Destination,
	}
}
