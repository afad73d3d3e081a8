package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// CreateUserPoolReplica gives a pool a replica in another region.
func (a *API) CreateUserPoolReplica(ctx context.Context, in *wire.CreateUserPoolReplicaRequest) (*wire.CreateUserPoolReplicaResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	replica, err := a.Directory.CreateReplica(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserPoolReplicaResponse{UserPoolReplica: replica}, nil
}

// UpdateUserPoolReplica switches a replica on or off.
func (a *API) UpdateUserPoolReplica(ctx context.Context, in *wire.UpdateUserPoolReplicaRequest) (*wire.UpdateUserPoolReplicaResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	replica, err := a.Directory.SetReplicaActive(ctx, pool, in.RegionName, in.Status == wire.UpdateReplicaStatusTypeActive)
	if err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolReplicaResponse{UserPoolReplica: replica}, nil
}

// DeleteUserPoolReplica takes a replica away.
func (a *API) DeleteUserPoolReplica(ctx context.Context, in *wire.DeleteUserPoolReplicaRequest) (*wire.DeleteUserPoolReplicaResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	replica, err := a.Directory.DeleteReplica(ctx, pool, in.RegionName)
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolReplicaResponse{UserPoolReplica: replica}, nil
}

// ListUserPoolReplicas shows in which regions a pool is.
func (a *API) ListUserPoolReplicas(ctx context.Context, in *wire.ListUserPoolReplicasRequest) (*wire.ListUserPoolReplicasResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	list, err := a.Directory.ListReplicas(pool, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &wire.ListUserPoolReplicasResponse{UserPoolReplicas: list}, nil
}

// seen gives the pool as the region sees it in which the operation was asked for. Signed operations are asked for in the
// region of the signature, unsigned ones in the server's, or in dev mode in the pool's own. A region that has neither the
// pool nor its replica does not know it, except that unsigned operations find every pool at every server.
func (a *API) seen(ctx context.Context, p *userpool.Pool) (*userpool.Pool, error) {
	signed := userpool.CallerFrom(ctx).Region
	region := signed
	if region == "" {
		region = a.Region
	}
	there := region != "" && region == p.ReplicaRegion()
	switch {
	case region == p.Region(), signed == "" && !there:
		return p, nil
	case !there:
		return nil, userpool.ErrNotFound
	}
	operation := noteOf(ctx).operation
	switch served := inReplica[operation]; {
	case served == always, served == whenActive && p.Replica.Active:
		return p.InReplica(), nil
	case served == whenActive:
		return nil, userpool.NewError(userpool.OperationNotEnabled,
			operation+" is not available in "+region+" while the replica of the user pool there is INACTIVE.")
	}
	return nil, userpool.NewError(userpool.OperationNotEnabled,
		operation+" is not available in "+region+", where the user pool has a replica. Use the Region "+p.Region()+".")
}

// service is when an operation works in the region of a replica.
type service int

const (
	never      service = iota // it changes what belongs to the primary
	whenActive                // it reads, signs in, ends a session, or changes what belongs to the region
	always                    // it shows the pool or switches its replica
	noPool                    // it names no pool
)

// inReplica decides for every operation.
var inReplica = map[string]service{
	"DescribeUserPool":      always,
	"ListUserPoolReplicas":  always,
	"UpdateUserPoolReplica": always,
	"ListTagsForResource":   always,
	"GetUserPoolMfaConfig":  always,

	"CreateUserPool":         noPool,
	"DescribeUserPoolDomain": noPool,
	"GetProvisionedLimit":    noPool,
	"ListUserPools":          noPool,
	"UpdateProvisionedLimit": noPool,

	"AdminGetDevice":                        whenActive,
	"AdminGetUser":                          whenActive,
	"AdminGetUserAuthFactors":               whenActive,
	"AdminInitiateAuth":                     whenActive,
	"AdminListDevices":                      whenActive,
	"AdminListGroupsForUser":                whenActive,
	"AdminListUserAuthEvents":               whenActive,
	"AdminListUserSessions":                 whenActive,
	"AdminRespondToAuthChallenge":           whenActive,
	"AdminRevokeUserSession":                whenActive,
	"AdminUserGlobalSignOut":                whenActive,
	"DescribeIdentityProvider":              whenActive,
	"DescribeManagedLoginBranding":          whenActive,
	"DescribeManagedLoginBrandingByClient":  whenActive,
	"DescribeResourceServer":                whenActive,
	"DescribeRiskConfiguration":             whenActive,
	"DescribeTerms":                         whenActive,
	"DescribeTermsByClient":                 whenActive,
	"DescribeUserImportJob":                 whenActive,
	"DescribeUserPoolClient":                whenActive,
	"GetCSVHeader":                          whenActive,
	"GetClientToken":                        whenActive,
	"GetDevice":                             whenActive,
	"GetGroup":                              whenActive,
	"GetIdentityProviderByIdentifier":       whenActive,
	"GetLogDeliveryConfiguration":           whenActive,
	"GetSigningCertificate":                 whenActive,
	"GetTokensFromRefreshToken":             whenActive,
	"GetUICustomization":                    whenActive,
	"GetUser":                               whenActive,
	"GetUserAuthFactors":                    whenActive,
	"GetUserPoolClientSessionConfiguration": whenActive,
	"GetUserPoolSessionConfiguration":       whenActive,
	"GlobalSignOut":                         whenActive,
	"InitiateAuth":                          whenActive,
	"ListDevices":                           whenActive,
	"ListGroups":                            whenActive,
	"ListIdentityProviders":                 whenActive,
	"ListResourceServers":                   whenActive,
	"ListTerms":                             whenActive,
	"ListUserImportJobs":                    whenActive,
	"ListUserPoolClientSecrets":             whenActive,
	"ListUserPoolClients":                   whenActive,
	"ListUserSessions":                      whenActive,
	"ListUsers":                             whenActive,
	"ListUsersInGroup":                      whenActive,
	"ListWebAuthnCredentials":               whenActive,
	"RespondToAuthChallenge":                whenActive,
	"RevokeToken":                           whenActive,
	"RevokeUserSession":                     whenActive,
	"TagResource":                           whenActive,
	"UntagResource":                         whenActive,
	"UpdateUserPool":                        whenActive,

	"AddCustomAttributes":                   never,
	"AddUserPoolClientSecret":               never,
	"AdminAddUserToGroup":                   never,
	"AdminConfirmSignUp":                    never,
	"AdminCreateUser":                       never,
	"AdminDeleteSoftwareToken":              never,
	"AdminDeleteUser":                       never,
	"AdminDeleteUserAttributes":             never,
	"AdminDisableProviderForUser":           never,
	"AdminDisableUser":                      never,
	"AdminEnableUser":                       never,
	"AdminForgetDevice":                     never,
	"AdminLinkProviderForUser":              never,
	"AdminRemoveUserFromGroup":              never,
	"AdminResetUserPassword":                never,
	"AdminSetUserMFAPreference":             never,
	"AdminSetUserPassword":                  never,
	"AdminSetUserSettings":                  never,
	"AdminUpdateAuthEventFeedback":          never,
	"AdminUpdateDeviceStatus":               never,
	"AdminUpdateUserAttributes":             never,
	"AssociateSoftwareToken":                never,
	"ChangePassword":                        never,
	"CompleteWebAuthnRegistration":          never,
	"ConfirmDevice":                         never,
	"ConfirmForgotPassword":                 never,
	"ConfirmSignUp":                         never,
	"CreateGroup":                           never,
	"CreateIdentityProvider":                never,
	"CreateManagedLoginBranding":            never,
	"CreateResourceServer":                  never,
	"CreateTerms":                           never,
	"CreateUserImportJob":                   never,
	"CreateUserPoolClient":                  never,
	"CreateUserPoolDomain":                  never,
	"CreateUserPoolReplica":                 never,
	"DeleteGroup":                           never,
	"DeleteIdentityProvider":                never,
	"DeleteManagedLoginBranding":            never,
	"DeleteResourceServer":                  never,
	"DeleteTerms":                           never,
	"DeleteUser":                            never,
	"DeleteUserAttributes":                  never,
	"DeleteUserPool":                        never,
	"DeleteUserPoolClient":                  never,
	"DeleteUserPoolClientSecret":            never,
	"DeleteUserPoolDomain":                  never,
	"DeleteUserPoolReplica":                 never,
	"DeleteWebAuthnCredential":              never,
	"ForgetDevice":                          never,
	"ForgotPassword":                        never,
	"GetUserAttributeVerificationCode":      never,
	"ResendConfirmationCode":                never,
	"SetLogDeliveryConfiguration":           never,
	"SetRiskConfiguration":                  never,
	"SetUICustomization":                    never,
	"SetUserMFAPreference":                  never,
	"SetUserPoolClientSessionConfiguration": never,
	"SetUserPoolMfaConfig":                  never,
	"SetUserPoolSessionConfiguration":       never,
	"SetUserSettings":                       never,
	"SignUp":                                never,
	"StartUserImportJob":                    never,
	"StartWebAuthnRegistration":             never,
	"StopUserImportJob":                     never,
	"UpdateAuthEventFeedback":               never,
	"UpdateDeviceStatus":                    never,
	"UpdateGroup":                           never,
	"UpdateIdentityProvider":                never,
	"UpdateManagedLoginBranding":            never,
	"UpdateResourceServer":                  never,
	"UpdateTerms":                           never,
	"UpdateUserAttributes":                  never,
	"UpdateUserPoolClient":                  never,
	"UpdateUserPoolDomain":                  never,
	"VerifySoftwareToken":                   never,
	"VerifyUserAttribute":                   never,
}
