package server

import (
	"context"
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Demo is the pool with which a new dev server starts. The ids are always the same, so that they can stand in
// an app's settings.
type Demo struct{ PoolID, ClientID, Username, Password string }

// Demo makes the demo pool unless it is there, and says what is in it: a client without a secret and a
// confirmed user with an email address and a phone number, neither of them verified. It stays in the region in
// which it was made.
func (s *Server) Demo(ctx context.Context) (Demo, error) {
	region := s.cfg.Region
	d := Demo{
		PoolID:   region + "_Poolhouse",
		ClientID: "1poolhouse0demo0client0001",
		Username: "demo",
		Password: "Demo-Password-1",
	}
	switch client, err := s.store.Client(ctx, d.ClientID); {
	case err == nil:
		d.PoolID = client.Pool.ID
		return d, nil
	case !errors.Is(err, userpool.ErrNotFound):
		return d, err
	}
	ctx = userpool.WithCaller(ctx, userpool.Caller{Region: region})
	pool, err := s.store.Pool(ctx, d.PoolID)
	if errors.Is(err, userpool.ErrNotFound) {
		pool, err = s.directory.CreatePool(ctx, region, &wire.CreateUserPoolRequest{
			PoolName:               "demo",
			AutoVerifiedAttributes: []wire.VerifiedAttributeType{"email"},
			SMSConfiguration: &wire.SMSConfigurationType{
				SNSCallerARN: "arn:aws:iam::" + s.cfg.Account + ":role/poolhouse-demo", ExternalID: "poolhouse-demo",
			},
		}, directory.PoolOptions{ID: d.PoolID})
	}
	if err != nil {
		return d, err
	}
	user := &wire.AdminCreateUserRequest{
		UserPoolID: d.PoolID, Username: d.Username, TemporaryPassword: d.Password, MessageAction: "SUPPRESS",
		UserAttributes: []wire.AttributeType{
			{Name: userpool.Email, Value: "demo@example.com"},
			{Name: userpool.PhoneNumber, Value: "+12065550100"},
		},
	}
	if _, err := s.api.AdminCreateUser(ctx, user); err != nil && !userpool.IsCode(err, userpool.UsernameExists) {
		return d, err
	}
	if _, err := s.api.AdminSetUserPassword(ctx, &wire.AdminSetUserPasswordRequest{
		UserPoolID: d.PoolID, Username: d.Username, Password: d.Password, Permanent: new(true),
	}); err != nil {
		return d, err
	}
	// The client comes last: its presence says that the demo is complete.
	_, err = s.directory.CreateClient(ctx, pool, &wire.CreateUserPoolClientRequest{
		UserPoolID: d.PoolID, ClientName: "demo",
		ExplicitAuthFlows: []wire.ExplicitAuthFlowsType{
			"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		},
	}, directory.ClientOptions{ID: d.ClientID})
	return d, err
}
