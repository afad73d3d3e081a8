package poolhousetest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// poolLife is a pool whose life a test goes through with the SDK.
type poolLife struct {
	*testing.T
	srv    *poolhousetest.Server
	client *sdk.Client
	pool   *string
	app    *string
}

// A pool is made, used and deleted with the SDK: its shapes, its paginators and its errors fit.
func TestPoolLife(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	life := &poolLife{T: t, srv: srv, client: newClient(srv)}
	life.create()
	life.users()
	life.access()
	life.groups()
	life.search()
	life.pages()
	life.imports()
	life.end()
}

// ask calls an operation, which must succeed.
func ask[I, O any](life *poolLife, operation func(context.Context, *I, ...func(*sdk.Options)) (*O, error), in *I) *O {
	life.Helper()
	out, err := operation(life.Context(), in)
	if err != nil {
		life.Fatal(err)
	}
	return out
}

// refuses calls an operation, which must answer the exception E.
func refuses[E error, I, O any](life *poolLife, operation func(context.Context, *I, ...func(*sdk.Options)) (*O, error), in *I) {
	life.Helper()
	_, err := operation(life.Context(), in)
	if _, ok := errors.AsType[E](err); !ok {
		life.Errorf("got %v, want %T", err, *new(E))
	}
}

// every takes the items of all pages that a paginator has.
func every[O, T any](life *poolLife, pages interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*sdk.Options)) (*O, error)
}, items func(*O) []T) (all []T) {
	life.Helper()
	for pages.HasMorePages() {
		page, err := pages.NextPage(life.Context())
		if err != nil {
			life.Fatal(err)
		}
		all = append(all, items(page)...)
	}
	return all
}

func (life *poolLife) create() {
	created := ask(life, life.client.CreateUserPool, &sdk.CreateUserPoolInput{
		PoolName:               aws.String("life"),
		AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		UsernameAttributes:     []types.UsernameAttributeType{types.UsernameAttributeTypeEmail},
		UsernameConfiguration:  &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{
			MinimumLength: aws.Int32(12), RequireNumbers: true, TemporaryPasswordValidityDays: 1,
		}},
		Schema: []types.SchemaAttributeType{{
			Name: aws.String("shoe_size"), AttributeDataType: types.AttributeDataTypeNumber, Mutable: aws.Bool(true),
			NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MinValue: aws.String("10")},
		}},
		UserPoolTags: map[string]string{"team": "go"},
		UserPoolTier: types.UserPoolTierTypePlus, UserPoolAddOns: &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeAudit},
	}).UserPool
	life.pool = created.Id
	policy := created.Policies.PasswordPolicy
	if *policy.MinimumLength != 12 || policy.RequireSymbols || !policy.RequireNumbers || policy.TemporaryPasswordValidityDays != 1 ||
		created.UserPoolTags["team"] != "go" || time.Since(*created.CreationDate).Abs() > time.Minute {
		life.Errorf("created %+v with policy %+v", created, policy)
	}
	pools := every(life, sdk.NewListUserPoolsPaginator(life.client, &sdk.ListUserPoolsInput{MaxResults: aws.Int32(1)}),
		func(page *sdk.ListUserPoolsOutput) []types.UserPoolDescriptionType { return page.UserPools })
	if len(pools) != 2 || *pools[1].Id != *life.pool {
		life.Errorf("the pools are %v", pools)
	}
	app := ask(life, life.client.CreateUserPoolClient, &sdk.CreateUserPoolClientInput{
		UserPoolId: life.pool, ClientName: aws.String("go"), AccessTokenValidity: aws.Int32(15),
		TokenValidityUnits: &types.TokenValidityUnitsType{AccessToken: types.TimeUnitsTypeMinutes},
		ExplicitAuthFlows:  []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	}).UserPoolClient
	life.app = app.ClientId
	if *app.AccessTokenValidity != 15 || app.TokenValidityUnits.AccessToken != types.TimeUnitsTypeMinutes || !*app.EnableTokenRevocation {
		life.Errorf("the app client is %+v", app)
	}
}

// user creates a confirmed user.
func (life *poolLife) user(email string, attributes ...types.AttributeType) {
	ask(life, life.client.AdminCreateUser, &sdk.AdminCreateUserInput{
		UserPoolId: life.pool, Username: &email, MessageAction: types.MessageActionTypeSuppress, UserAttributes: attributes,
	})
	ask(life, life.client.AdminSetUserPassword, &sdk.AdminSetUserPasswordInput{
		UserPoolId: life.pool, Username: &email, Password: aws.String("correct-horse-7"), Permanent: true,
	})
}

// signIn signs a user in and gives the tokens.
func (life *poolLife) signIn(email string) *types.AuthenticationResultType {
	life.Helper()
	return ask(life, life.client.InitiateAuth, &sdk.InitiateAuthInput{
		ClientId: life.app, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": "correct-horse-7"},
	}).AuthenticationResult
}

func (life *poolLife) users() {
	for i := range 5 {
		life.user(fmt.Sprintf("user%d@example.com", i), types.AttributeType{Name: aws.String("custom:shoe_size"), Value: aws.String("42")})
	}
	tokens := life.signIn("USER1@example.com") // the pool folds case
	if tokens.ExpiresIn != 15*60 {
		life.Errorf("the access token lives for %d seconds", tokens.ExpiresIn)
	}
	user := ask(life, life.client.GetUser, &sdk.GetUserInput{AccessToken: tokens.AccessToken})
	if len(user.UserAttributes) < 3 {
		life.Errorf("the user is %+v", user)
	}
	events := every(life, sdk.NewAdminListUserAuthEventsPaginator(life.client, &sdk.AdminListUserAuthEventsInput{
		UserPoolId: life.pool, Username: user.Username, MaxResults: aws.Int32(1),
	}), func(page *sdk.AdminListUserAuthEventsOutput) []types.AuthEventType { return page.AuthEvents })
	if len(events) != 1 || events[0].EventType != types.EventTypeSignIn || events[0].EventResponse != types.EventResponseTypePass {
		life.Errorf("what the user did: %+v", events)
	}
	refuses[*types.UserNotFoundException](life, life.client.AdminGetUser, &sdk.AdminGetUserInput{UserPoolId: life.pool, Username: aws.String("nobody@example.com")})
}

// access configures what apps ask for: scopes, a second secret, providers, a domain.
func (life *poolLife) access() {
	for _, name := range []string{"books", "films"} {
		ask(life, life.client.CreateResourceServer, &sdk.CreateResourceServerInput{
			UserPoolId: life.pool, Identifier: &name, Name: &name,
			Scopes: []types.ResourceServerScopeType{{ScopeName: aws.String("read"), ScopeDescription: aws.String("Read")}},
		})
	}
	servers := every(life, sdk.NewListResourceServersPaginator(life.client, &sdk.ListResourceServersInput{UserPoolId: life.pool, MaxResults: aws.Int32(1)}),
		func(page *sdk.ListResourceServersOutput) []types.ResourceServerType { return page.ResourceServers })
	if len(servers) != 2 || *servers[1].Identifier != "films" || *servers[1].Scopes[0].ScopeName != "read" {
		life.Errorf("the resource servers are %+v", servers)
	}
	refuses[*types.ResourceNotFoundException](life, life.client.DescribeResourceServer, &sdk.DescribeResourceServerInput{UserPoolId: life.pool, Identifier: aws.String("plays")})

	machine := ask(life, life.client.CreateUserPoolClient, &sdk.CreateUserPoolClientInput{
		UserPoolId: life.pool, ClientName: aws.String("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthFlows: []types.OAuthFlowType{types.OAuthFlowTypeClientCredentials}, AllowedOAuthScopes: []string{"books/read"},
	}).UserPoolClient
	secret := ask(life, life.client.AddUserPoolClientSecret, &sdk.AddUserPoolClientSecretInput{
		UserPoolId: life.pool, ClientId: machine.ClientId, ClientSecret: aws.String("A+secret+of+my+own+choice+12"),
	}).ClientSecretDescriptor
	refuses[*types.LimitExceededException](life, life.client.AddUserPoolClientSecret, &sdk.AddUserPoolClientSecretInput{UserPoolId: life.pool, ClientId: machine.ClientId})
	ask(life, life.client.DeleteUserPoolClientSecret, &sdk.DeleteUserPoolClientSecretInput{
		UserPoolId: life.pool, ClientId: machine.ClientId, ClientSecretId: secret.ClientSecretId,
	})
	clients := every(life, sdk.NewListUserPoolClientsPaginator(life.client, &sdk.ListUserPoolClientsInput{UserPoolId: life.pool, MaxResults: aws.Int32(1)}),
		func(page *sdk.ListUserPoolClientsOutput) []types.UserPoolClientDescription {
			return page.UserPoolClients
		})
	if len(clients) != 2 {
		life.Errorf("the app clients are %+v", clients)
	}

	ask(life, life.client.CreateIdentityProvider, &sdk.CreateIdentityProviderInput{
		UserPoolId: life.pool, ProviderName: aws.String("Upstream"), ProviderType: types.IdentityProviderTypeTypeOidc,
		ProviderDetails: map[string]string{
			"client_id": "poolhouse", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": "https://idp.example.com",
			"authorize_url": "https://idp.example.com/authorize", "token_url": "https://idp.example.com/token",
			"attributes_url": "https://idp.example.com/userinfo", "jwks_uri": "https://idp.example.com/jwks",
		},
		AttributeMapping: map[string]string{"email": "email"},
	})
	provider := ask(life, life.client.DescribeIdentityProvider, &sdk.DescribeIdentityProviderInput{UserPoolId: life.pool, ProviderName: aws.String("Upstream")}).IdentityProvider
	if provider.ProviderDetails["token_url"] != "https://idp.example.com/token" || provider.AttributeMapping["email"] != "email" {
		life.Errorf("the provider is %+v", provider)
	}
	refuses[*types.DuplicateProviderException](life, life.client.CreateIdentityProvider, &sdk.CreateIdentityProviderInput{
		UserPoolId: life.pool, ProviderName: aws.String("Upstream"), ProviderType: types.IdentityProviderTypeTypeOidc, ProviderDetails: provider.ProviderDetails,
	})
}

// groups puts users into groups, which their tokens name.
func (life *poolLife) groups() {
	email := "user1@example.com"
	for i, name := range []string{"readers", "writers"} {
		ask(life, life.client.CreateGroup, &sdk.CreateGroupInput{UserPoolId: life.pool, GroupName: &name, Precedence: aws.Int32(int32(2 - i))})
		ask(life, life.client.AdminAddUserToGroup, &sdk.AdminAddUserToGroupInput{UserPoolId: life.pool, Username: &email, GroupName: &name})
	}
	refuses[*types.GroupExistsException](life, life.client.CreateGroup, &sdk.CreateGroupInput{UserPoolId: life.pool, GroupName: aws.String("readers")})
	groups := every(life, sdk.NewListGroupsPaginator(life.client, &sdk.ListGroupsInput{UserPoolId: life.pool, Limit: aws.Int32(1)}),
		func(page *sdk.ListGroupsOutput) []types.GroupType { return page.Groups })
	mine := every(life, sdk.NewAdminListGroupsForUserPaginator(life.client, &sdk.AdminListGroupsForUserInput{UserPoolId: life.pool, Username: &email, Limit: aws.Int32(1)}),
		func(page *sdk.AdminListGroupsForUserOutput) []types.GroupType { return page.Groups })
	members := every(life, sdk.NewListUsersInGroupPaginator(life.client, &sdk.ListUsersInGroupInput{UserPoolId: life.pool, GroupName: aws.String("readers"), Limit: aws.Int32(1)}),
		func(page *sdk.ListUsersInGroupOutput) []types.UserType { return page.Users })
	if len(groups) != 2 || len(mine) != 2 || len(members) != 1 {
		life.Errorf("%d groups, %d of the user, with %d members", len(groups), len(mine), len(members))
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*life.signIn(email).AccessToken, ".")[1])
	if err != nil || !strings.Contains(string(payload), `"cognito:groups":["writers","readers"]`) {
		life.Errorf("the access token says %s, %v", payload, err)
	}
}

// search finds users by filter, a page at a time.
func (life *poolLife) search() {
	find := func(filter string) []types.UserType {
		return every(life, sdk.NewListUsersPaginator(life.client, &sdk.ListUsersInput{UserPoolId: life.pool, Filter: &filter, Limit: aws.Int32(2)}),
			func(page *sdk.ListUsersOutput) []types.UserType { return page.Users })
	}
	for filter, want := range map[string]int{"": 5, `email ^= "user"`: 5, `email = "user3@example.com"`: 1, `status = "Disabled"`: 0} {
		if got := find(filter); len(got) != want {
			life.Errorf("%d users with %s, want %d", len(got), filter, want)
		}
	}
}

// pages gives the pool a domain with a style, terms and tags.
func (life *poolLife) pages() {
	domain := aws.String("life-with-the-sdk-for-go")
	ask(life, life.client.CreateUserPoolDomain, &sdk.CreateUserPoolDomainInput{UserPoolId: life.pool, Domain: domain})
	described := ask(life, life.client.DescribeUserPool, &sdk.DescribeUserPoolInput{UserPoolId: life.pool}).UserPool
	if aws.ToString(described.Domain) != *domain {
		life.Errorf("the domain of the pool is %v", described.Domain)
	}
	style := ask(life, life.client.CreateManagedLoginBranding, &sdk.CreateManagedLoginBrandingInput{
		UserPoolId: life.pool, ClientId: life.app,
		Settings: document.NewLazyDocument(map[string]any{"components": map[string]any{"form": map[string]any{"borderRadius": 4}}}),
	}).ManagedLoginBranding
	var settings struct {
		Components struct {
			Form struct{ BorderRadius float64 }
		}
	}
	if err := style.Settings.UnmarshalSmithyDocument(&settings); err != nil || settings.Components.Form.BorderRadius != 4 {
		life.Errorf("the style has %+v, %v", settings, err)
	}
	terms := ask(life, life.client.CreateTerms, &sdk.CreateTermsInput{
		UserPoolId: life.pool, ClientId: life.app, TermsName: aws.String("privacy-policy"), TermsSource: types.TermsSourceTypeLink,
		Enforcement: types.TermsEnforcementTypeNone, Links: map[string]string{"cognito:default": "https://example.com/privacy"},
	}).Terms
	if *terms.ClientId != *life.app || terms.Links["cognito:default"] != "https://example.com/privacy" {
		life.Errorf("the terms are %+v", terms)
	}
	ask(life, life.client.TagResource, &sdk.TagResourceInput{ResourceArn: described.Arn, Tags: map[string]string{"stage": "life"}})
	tags := ask(life, life.client.ListTagsForResource, &sdk.ListTagsForResourceInput{ResourceArn: described.Arn}).Tags
	if len(tags) != 2 || tags["stage"] != "life" {
		life.Errorf("the tags are %v", tags)
	}
	ask(life, life.client.DeleteUserPoolDomain, &sdk.DeleteUserPoolDomainInput{UserPoolId: life.pool, Domain: domain})
}

// imports fills the pool from a file.
func (life *poolLife) imports() {
	header := ask(life, life.client.GetCSVHeader, &sdk.GetCSVHeaderInput{UserPoolId: life.pool}).CSVHeader
	user := map[string]string{"cognito:username": "carl@example.com", "cognito:mfa_enabled": "false", "email": "carl@example.com", "email_verified": "true"}
	row := make([]string, len(header))
	for i, column := range header {
		row[i] = user[column]
	}
	job := ask(life, life.client.CreateUserImportJob, &sdk.CreateUserImportJobInput{
		UserPoolId: life.pool, JobName: aws.String("staff"), CloudWatchLogsRoleArn: aws.String("arn:aws:iam::123456789012:role/logs"),
	}).UserImportJob
	upload, err := http.NewRequestWithContext(life.Context(), http.MethodPut, *job.PreSignedUrl,
		strings.NewReader(strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"))
	if err != nil {
		life.Fatal(err)
	}
	upload.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	answer, err := http.DefaultClient.Do(upload)
	if err != nil {
		life.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		life.Fatalf("the upload answered %s", answer.Status)
	}
	ask(life, life.client.StartUserImportJob, &sdk.StartUserImportJobInput{UserPoolId: life.pool, JobId: job.JobId})
	for job.Status != types.UserImportJobStatusTypeSucceeded {
		job = ask(life, life.client.DescribeUserImportJob, &sdk.DescribeUserImportJobInput{UserPoolId: life.pool, JobId: job.JobId}).UserImportJob
		if job.Status != types.UserImportJobStatusTypePending && job.Status != types.UserImportJobStatusTypeInProgress &&
			job.Status != types.UserImportJobStatusTypeSucceeded {
			life.Fatalf("the job ended as %s: %s", job.Status, aws.ToString(job.CompletionMessage))
		}
	}
	carl := ask(life, life.client.AdminGetUser, &sdk.AdminGetUserInput{UserPoolId: life.pool, Username: aws.String("carl@example.com")})
	if job.ImportedUsers != 1 || carl.UserStatus != types.UserStatusTypeResetRequired {
		life.Errorf("%d users were imported, one is %s", job.ImportedUsers, carl.UserStatus)
	}
}

func (life *poolLife) end() {
	ask(life, life.client.DeleteUserPool, &sdk.DeleteUserPoolInput{UserPoolId: life.pool})
	refuses[*types.ResourceNotFoundException](life, life.client.DescribeUserPool, &sdk.DescribeUserPoolInput{UserPoolId: life.pool})
}
