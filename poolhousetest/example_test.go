package poolhousetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// newClient is an AWS SDK client whose only peculiarity is its endpoint.
func newClient(srv *poolhousetest.Server) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       srv.Region,
		BaseEndpoint: aws.String(srv.Endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

// signIn signs the demo user in and gives the access token.
func signIn(t *testing.T, srv *poolhousetest.Server, client *cognitoidentityprovider.Client) *string {
	t.Helper()
	out, err := client.InitiateAuth(context.Background(), &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		ClientId: aws.String(srv.ClientID),
		AuthParameters: map[string]string{
			"USERNAME": srv.Username,
			"PASSWORD": srv.Password,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.AuthenticationResult.AccessToken
}

// The documentation of the package has this test.
func TestSignUp(t *testing.T) {
	srv := poolhousetest.NewServer(t)
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       srv.Region,
		BaseEndpoint: &srv.Endpoint,
		Credentials:  credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	jane, email := "jane", "jane@example.com"
	_, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: &srv.ClientID, Username: &jane, Password: aws.String("Sign-me-up-1"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	})
	if err != nil {
		t.Fatal(err)
	}
	confirm := &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: &srv.ClientID, Username: &jane, ConfirmationCode: aws.String(srv.Code(t, email)),
	}
	srv.Advance(25 * time.Hour) // codes are good for 24 hours
	var expired *types.ExpiredCodeException
	if _, err := client.ConfirmSignUp(t.Context(), confirm); !errors.As(err, &expired) {
		t.Errorf("the next day: %v", err)
	}
}

// A code arrives, verifies once, and expires with the clock.
func TestVerifyAttribute(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	client := newClient(srv)
	ctx := context.Background()
	access := signIn(t, srv, client)

	sent, err := client.GetUserAttributeVerificationCode(ctx, &cognitoidentityprovider.GetUserAttributeVerificationCodeInput{
		AccessToken: access, AttributeName: aws.String("email"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := aws.ToString(sent.CodeDeliveryDetails.Destination), "d***@e***"; got != want {
		t.Errorf("destination %q, want %q", got, want)
	}
	verify := &cognitoidentityprovider.VerifyUserAttributeInput{
		AccessToken: access, AttributeName: aws.String("email"), Code: aws.String(srv.Code(t, "demo@example.com")),
	}
	if _, err := client.VerifyUserAttribute(ctx, verify); err != nil {
		t.Fatal(err)
	}
	var expired *types.ExpiredCodeException
	if _, err := client.VerifyUserAttribute(ctx, verify); !errors.As(err, &expired) {
		t.Errorf("a code that was used: %v, want ExpiredCodeException", err)
	}
	user, err := client.GetUser(ctx, &cognitoidentityprovider.GetUserInput{AccessToken: access})
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{}
	for _, a := range user.UserAttributes {
		attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	if got := attributes["email_verified"]; got != "true" {
		t.Errorf("email_verified is %q", got)
	}
}

// Time travel: a code is good for a day.
func TestCodeExpires(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	client := newClient(srv)
	ctx := context.Background()
	_, err := client.GetUserAttributeVerificationCode(ctx, &cognitoidentityprovider.GetUserAttributeVerificationCodeInput{
		AccessToken: signIn(t, srv, client), AttributeName: aws.String("phone_number"),
	})
	if err != nil {
		t.Fatal(err)
	}
	code := srv.Code(t, "+12065550100")
	srv.Advance(25 * time.Hour)
	var expired *types.ExpiredCodeException
	_, err = client.VerifyUserAttribute(ctx, &cognitoidentityprovider.VerifyUserAttributeInput{
		AccessToken: signIn(t, srv, client), AttributeName: aws.String("phone_number"), Code: aws.String(code),
	})
	if !errors.As(err, &expired) {
		t.Errorf("after 25 hours: %v, want ExpiredCodeException", err)
	}
}
