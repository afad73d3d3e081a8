package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateUserPoolClient makes an app client in a pool.
func (a *API) CreateUserPoolClient(ctx context.Context, in *wire.CreateUserPoolClientRequest) (*wire.CreateUserPoolClientResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	client, err := a.Directory.CreateClient(ctx, pool, in, directory.ClientOptions{})
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserPoolClientResponse{UserPoolClient: directory.DescribeClient(client)}, nil
}

// DescribeUserPoolClient shows an app client with its secret.
func (a *API) DescribeUserPoolClient(ctx context.Context, in *wire.DescribeUserPoolClientRequest) (*wire.DescribeUserPoolClientResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeUserPoolClientResponse{UserPoolClient: directory.DescribeClient(client)}, nil
}

// UpdateUserPoolClient replaces the settings of an app client.
func (a *API) UpdateUserPoolClient(ctx context.Context, in *wire.UpdateUserPoolClientRequest) (*wire.UpdateUserPoolClientResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	if client, err = a.Directory.UpdateClient(ctx, client, in); err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolClientResponse{UserPoolClient: directory.DescribeClient(client)}, nil
}

// ListUserPoolClients lists the app clients of a pool.
func (a *API) ListUserPoolClients(ctx context.Context, in *wire.ListUserPoolClientsRequest) (*wire.ListUserPoolClientsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	clients, next, err := a.Directory.ListClients(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.ListUserPoolClientsResponse{UserPoolClients: clients, NextToken: next}, nil
}

// DeleteUserPoolClient removes an app client.
func (a *API) DeleteUserPoolClient(ctx context.Context, in *wire.DeleteUserPoolClientRequest) error {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteClient(ctx, client)
}

// AddUserPoolClientSecret gives an app client a second secret. Its value is shown only if it was drawn here.
func (a *API) AddUserPoolClientSecret(ctx context.Context, in *wire.AddUserPoolClientSecretRequest) (*wire.AddUserPoolClientSecretResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	secret, err := a.Directory.AddClientSecret(ctx, client, in.ClientSecret)
	if err != nil {
		return nil, err
	}
	shown := &wire.ClientSecretDescriptorType{
		ClientSecretID: secret.ID, ClientSecretCreateDate: wire.NewTimestamp(secret.Created),
	}
	if in.ClientSecret == "" {
		shown.ClientSecretValue = secret.Value
	}
	return &wire.AddUserPoolClientSecretResponse{ClientSecretDescriptor: shown}, nil
}

// ListUserPoolClientSecrets lists the secrets of an app client without their values.
func (a *API) ListUserPoolClientSecrets(ctx context.Context, in *wire.ListUserPoolClientSecretsRequest) (*wire.ListUserPoolClientSecretsResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	if _, err := userpool.ReadToken(in.NextToken, "ListUserPoolClientSecrets"); err != nil {
		return nil, err // there is one page
	}
	secrets, err := directory.ClientSecrets(client)
	if err != nil {
		return nil, err
	}
	return &wire.ListUserPoolClientSecretsResponse{ClientSecrets: secrets}, nil
}

// DeleteUserPoolClientSecret takes a secret of an app client away.
func (a *API) DeleteUserPoolClientSecret(ctx context.Context, in *wire.DeleteUserPoolClientSecretRequest) (*wire.DeleteUserPoolClientSecretResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolClientSecretResponse{}, a.Directory.DeleteClientSecret(ctx, client, in.ClientSecretID)
}
