package poolhousetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
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
	refuses[*types.UserNotFoundException](life, life.client.AdminGetUser, &sdk.AdminGetUserInput{UserPoolId: life.pool, Username: aws.String("nobody@example.com")})
}

func (life *poolLife) end() {
	ask(life, life.client.DeleteUserPool, &sdk.DeleteUserPoolInput{UserPoolId: life.pool})
	refuses[*types.ResourceNotFoundException](life, life.client.DescribeUserPool, &sdk.DescribeUserPoolInput{UserPoolId: life.pool})
}
