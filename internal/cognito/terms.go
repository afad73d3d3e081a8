package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateTerms makes a terms document of an app client.
func (a *API) CreateTerms(ctx context.Context, in *wire.CreateTermsRequest) (*wire.CreateTermsResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	terms, err := a.Directory.CreateTerms(ctx, client, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateTermsResponse{Terms: terms}, nil
}

// DescribeTerms shows a terms document.
func (a *API) DescribeTerms(ctx context.Context, in *wire.DescribeTermsRequest) (*wire.DescribeTermsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	terms, err := a.Directory.Terms(ctx, pool, in.TermsID)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeTermsResponse{Terms: terms}, nil
}

// DescribeTermsByClient shows the terms document of that name of an app client.
func (a *API) DescribeTermsByClient(ctx context.Context, in *wire.DescribeTermsByClientRequest) (*wire.DescribeTermsByClientResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	terms, err := a.Directory.ClientTerms(ctx, client, in.TermsName)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeTermsByClientResponse{Terms: terms}, nil
}

// UpdateTerms changes a terms document.
func (a *API) UpdateTerms(ctx context.Context, in *wire.UpdateTermsRequest) (*wire.UpdateTermsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	terms, err := a.Directory.UpdateTerms(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateTermsResponse{Terms: terms}, nil
}

// ListTerms lists the terms documents of a pool.
func (a *API) ListTerms(ctx context.Context, in *wire.ListTermsRequest) (*wire.ListTermsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	terms, next, err := a.Directory.ListTerms(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.ListTermsResponse{Terms: terms, NextToken: next}, nil
}

// DeleteTerms removes a terms document.
func (a *API) DeleteTerms(ctx context.Context, in *wire.DeleteTermsRequest) error {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return err
	}
	return a.Directory.DeleteTerms(ctx, pool, in.TermsID)
}
