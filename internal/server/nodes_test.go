package server_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

// Two servers on one PostgreSQL are one: a sign-in that begins at the first goes on at the second, and what
// is revoked at one is refused by the other at once.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	in := install(t, postgrestest.Start(t))
	one, two := in.start(t), in.start(t)
	poolID, clientID := one.pool(t)
	one.confirmed(t, poolID, "jane")
	ctx := context.Background()

	_, poolName, _ := strings.Cut(poolID, "_")
	client := srp.NewClient(poolName)
	challenge, err := one.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &clientID,
		AuthParameters: map[string]string{"USERNAME": "jane", "SRP_A": client.SRPA()},
	})
	if err != nil {
		t.Fatal(err)
	}
	given := challenge.ChallengeParameters
	block, err := base64.StdEncoding.DecodeString(given["SECRET_BLOCK"])
	if err != nil {
		t.Fatal(err)
	}
	stamp := srp.FormatTimestamp(time.Now())
	signature, err := client.Respond(given["USER_ID_FOR_SRP"], password, given["SALT"], given["SRP_B"], block, stamp)
	if err != nil {
		t.Fatal(err)
	}
	answer := &cognitoidentityprovider.RespondToAuthChallengeInput{
		ChallengeName: types.ChallengeNameTypePasswordVerifier, ClientId: &clientID,
		ChallengeResponses: map[string]string{
			"USERNAME":                    given["USER_ID_FOR_SRP"],
			"PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE":    base64.StdEncoding.EncodeToString(signature),
			"TIMESTAMP":                   stamp,
		},
	}
	tokens, err := two.RespondToAuthChallenge(ctx, answer)
	if err != nil {
		t.Fatalf("the challenge of the first node at the second: %v", err)
	}
	var refused *types.NotAuthorizedException
	if _, err := one.RespondToAuthChallenge(ctx, answer); !errors.As(err, &refused) {
		t.Errorf("the same answer again at the first node: %v, want NotAuthorizedException", err)
	}

	access := tokens.AuthenticationResult.AccessToken
	for _, n := range []*node{one, two} {
		if _, err := n.GetUser(ctx, &cognitoidentityprovider.GetUserInput{AccessToken: access}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := one.GlobalSignOut(ctx, &cognitoidentityprovider.GlobalSignOutInput{AccessToken: access}); err != nil {
		t.Fatal(err)
	}
	_, err = two.GetUser(ctx, &cognitoidentityprovider.GetUserInput{AccessToken: access})
	if !errors.As(err, &refused) || aws.ToString(refused.Message) != "Access Token has been revoked" {
		t.Errorf("at the second node after signing out at the first: %v", err)
	}

	// A setting that was changed at one node is in force at the other.
	_, err = one.UpdateUserPoolClient(ctx, &cognitoidentityprovider.UpdateUserPoolClientInput{
		UserPoolId: &poolID, ClientId: &clientID, ClientName: aws.String("test"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	var invalid *types.InvalidParameterException
	_, err = two.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &clientID,
		AuthParameters: map[string]string{"USERNAME": "jane", "PASSWORD": password},
	})
	if !errors.As(err, &invalid) {
		t.Errorf("a flow that was switched off at the other node: %v, want InvalidParameterException", err)
	}
}
