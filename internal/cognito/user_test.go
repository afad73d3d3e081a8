package cognito_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// newAccounts is the door with what the operations on users need, a pool that verifies email addresses, and
// an app client that may not read names.
func newAccounts(t *testing.T) (api *cognito.API, ctx context.Context, pool, client string) {
	t.Helper()
	api = newDirectory(t)
	sealer := api.Store.(userpool.Sealer)
	inbox := &delivery.Inbox{Store: api.Store, Now: time.Now}
	passwords := &password.Service{Store: api.Store, Queue: limits.NewQueue(2, 16), Now: time.Now}
	log := slog.New(slog.DiscardHandler)
	api.Tokens.Issuer = func(poolID string) string { return "http://localhost/" + poolID }
	api.SignIn = &signin.Service{Store: api.Store, Sealer: sealer, Tokens: api.Tokens, Passwords: passwords, Now: time.Now}
	api.Risk = &risk.Service{Store: api.Store, Sealer: sealer, Now: time.Now}
	api.Accounts = &account.Service{
		Store: api.Store, Sealer: sealer, Messenger: &delivery.Messenger{Email: inbox}, Passwords: passwords, Now: time.Now, Log: log,
		AttemptLimits: true,
	}
	ctx = userpool.WithCaller(t.Context(), userpool.Caller{Region: "us-east-1"})
	made, err := api.CreateUserPool(ctx, &wire.CreateUserPoolRequest{PoolName: "pool", AutoVerifiedAttributes: []wire.VerifiedAttributeType{"email"}})
	if err != nil {
		t.Fatal(err)
	}
	pool = made.UserPool.ID
	created, err := api.CreateUserPoolClient(ctx, &wire.CreateUserPoolClientRequest{
		UserPoolID: pool, ClientName: "client", ReadAttributes: []string{"email", "email_verified"},
		ExplicitAuthFlows: []wire.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return api, ctx, pool, created.UserPoolClient.ClientID
}

// TestAccountOfAUser walks through the operations of one user's life.
func TestAccountOfAUser(t *testing.T) {
	api, ctx, pool, client := newAccounts(t)
	const first, second, third = "Passw0rd!", "An0ther-one", "Th1rd-one"
	code := func() string {
		t.Helper()
		messages, err := api.Store.Inbox(ctx, "", 1)
		if err != nil || len(messages) == 0 {
			t.Fatalf("no message: %v", err)
		}
		return messages[0].Code
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sent := func(to string, d *wire.CodeDeliveryDetailsType) {
		t.Helper()
		want := &wire.CodeDeliveryDetailsType{AttributeName: "email", DeliveryMedium: "EMAIL", Destination: to}
		if diff := cmp.Diff(want, d); diff != "" {
			t.Fatalf("delivery (-want +got):\n%s", diff)
		}
	}

	signedUp, err := api.SignUp(ctx, &wire.SignUpRequest{ClientID: client, Username: "jane", Password: first, UserAttributes: []wire.AttributeType{
		{Name: "name", Value: "Jane"}, {Name: "email", Value: "jane@example.com"},
	}})
	must(err)
	sent("j***@e***", signedUp.CodeDeliveryDetails)
	if signedUp.UserConfirmed || signedUp.UserSub == "" {
		t.Errorf("got %+v", signedUp)
	}
	resent, err := api.ResendConfirmationCode(ctx, &wire.ResendConfirmationCodeRequest{ClientID: client, Username: "jane"})
	must(err)
	sent("j***@e***", resent.CodeDeliveryDetails)
	_, err = api.ConfirmSignUp(ctx, &wire.ConfirmSignUpRequest{ClientID: client, Username: "jane", ConfirmationCode: code()})
	must(err)

	in, err := api.InitiateAuth(ctx, &wire.InitiateAuthRequest{ClientID: client, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: map[string]string{
		"USERNAME": "jane", "PASSWORD": first,
	}})
	must(err)
	token := in.AuthenticationResult.AccessToken
	updated, err := api.UpdateUserAttributes(ctx, &wire.UpdateUserAttributesRequest{AccessToken: token, UserAttributes: []wire.AttributeType{
		{Name: "email", Value: "joan@other.example"},
	}})
	must(err)
	if len(updated.CodeDeliveryDetailsList) != 1 {
		t.Fatalf("got %+v", updated)
	}
	sent("j***@o***", &updated.CodeDeliveryDetailsList[0])
	asked, err := api.GetUserAttributeVerificationCode(ctx, &wire.GetUserAttributeVerificationCodeRequest{AccessToken: token, AttributeName: "email"})
	must(err)
	sent("j***@o***", asked.CodeDeliveryDetails)
	_, err = api.VerifyUserAttribute(ctx, &wire.VerifyUserAttributeRequest{AccessToken: token, AttributeName: "email", Code: code()})
	must(err)
	nothing, err := api.UpdateUserAttributes(ctx, &wire.UpdateUserAttributesRequest{AccessToken: token, UserAttributes: []wire.AttributeType{
		{Name: "name", Value: "Joan"},
	}})
	must(err)
	if nothing.CodeDeliveryDetailsList != nil {
		t.Errorf("got %+v", nothing)
	}

	user, err := api.GetUser(ctx, &wire.GetUserRequest{AccessToken: token})
	must(err)
	readable := []wire.AttributeType{
		{Name: "sub", Value: signedUp.UserSub}, {Name: "email", Value: "joan@other.example"}, {Name: "email_verified", Value: "true"},
	}
	if diff := cmp.Diff(&wire.GetUserResponse{Username: "jane", UserAttributes: readable}, user); diff != "" {
		t.Errorf("GetUser (-want +got):\n%s", diff)
	}
	described, err := api.AdminGetUser(ctx, &wire.AdminGetUserRequest{UserPoolID: pool, Username: signedUp.UserSub})
	must(err)
	all := []wire.AttributeType{readable[0], {Name: "name", Value: "Joan"}, readable[1], readable[2]}
	if diff := cmp.Diff(all, described.UserAttributes); diff != "" {
		t.Errorf("AdminGetUser (-want +got):\n%s", diff)
	}
	if described.Username != "jane" || described.UserStatus != "CONFIRMED" || !*described.Enabled || described.UserCreateDate.IsZero() ||
		described.UserLastModifiedDate.Before(described.UserCreateDate.Time) {
		t.Errorf("got %+v", described)
	}

	_, err = api.ChangePassword(ctx, &wire.ChangePasswordRequest{AccessToken: token, PreviousPassword: first, ProposedPassword: second})
	must(err)
	forgot, err := api.ForgotPassword(ctx, &wire.ForgotPasswordRequest{ClientID: client, Username: "jane"})
	must(err)
	sent("j***@o***", forgot.CodeDeliveryDetails)
	_, err = api.ConfirmForgotPassword(ctx, &wire.ConfirmForgotPasswordRequest{ClientID: client, Username: "jane", ConfirmationCode: code(), Password: third})
	must(err)
	_, err = api.AdminSetUserPassword(ctx, &wire.AdminSetUserPasswordRequest{UserPoolID: pool, Username: "jane", Password: first, Permanent: new(true)})
	must(err)
	must(api.AdminDeleteUser(ctx, &wire.AdminDeleteUserRequest{UserPoolID: pool, Username: "jane"}))
	if _, err := api.GetUser(ctx, &wire.GetUserRequest{AccessToken: token}); !userpool.IsCode(err, userpool.UserNotFound) {
		t.Errorf("after the deletion GetUser gives %v", err)
	}
}

// TestUserOfAnAdministrator covers what an administrator does to users, in the pool's region and in another.
func TestUserOfAnAdministrator(t *testing.T) {
	api, ctx, pool, client := newAccounts(t)
	created, err := api.AdminCreateUser(ctx, &wire.AdminCreateUserRequest{
		UserPoolID: pool, Username: "jane", DesiredDeliveryMediums: []wire.DeliveryMediumType{"EMAIL"},
		UserAttributes: []wire.AttributeType{{Name: "email", Value: "jane@example.com"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	u := created.User
	if u.Username != "jane" || u.UserStatus != "FORCE_CHANGE_PASSWORD" || !*u.Enabled || u.UserCreateDate != u.UserLastModifiedDate ||
		len(u.Attributes) != 2 || u.Attributes[0].Name != "sub" {
		t.Errorf("got %+v", u)
	}
	again := &wire.AdminCreateUserRequest{
		UserPoolID: pool, Username: "jane", MessageAction: "RESEND", DesiredDeliveryMediums: []wire.DeliveryMediumType{"EMAIL"},
	}
	if _, err := api.AdminCreateUser(ctx, again); err != nil {
		t.Error(err)
	}
	if messages, err := api.Store.Inbox(ctx, "jane@example.com", 10); err != nil || len(messages) != 2 {
		t.Errorf("%d invitations, %v", len(messages), err)
	}
	if _, err := api.SignUp(ctx, &wire.SignUpRequest{ClientID: client, Username: "joan", Password: "Passw0rd!"}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.AdminConfirmSignUp(ctx, &wire.AdminConfirmSignUpRequest{UserPoolID: pool, Username: "joan"}); err != nil {
		t.Error(err)
	}

	away := userpool.WithCaller(t.Context(), userpool.Caller{Region: "eu-west-1"})
	operations := map[string]func() error{
		"AdminCreateUser": func() error { _, err := api.AdminCreateUser(away, again); return err },
		"AdminGetUser": func() error {
			_, err := api.AdminGetUser(away, &wire.AdminGetUserRequest{UserPoolID: pool, Username: "joan"})
			return err
		},
		"AdminConfirmSignUp": func() error {
			_, err := api.AdminConfirmSignUp(away, &wire.AdminConfirmSignUpRequest{UserPoolID: pool, Username: "joan"})
			return err
		},
		"AdminSetUserPassword": func() error {
			_, err := api.AdminSetUserPassword(away, &wire.AdminSetUserPasswordRequest{UserPoolID: pool, Username: "joan", Password: "Passw0rd!"})
			return err
		},
		"AdminDeleteUser": func() error {
			return api.AdminDeleteUser(away, &wire.AdminDeleteUserRequest{UserPoolID: pool, Username: "joan"})
		},
	}
	for name, call := range operations {
		if err := call(); !userpool.IsCode(err, userpool.ResourceNotFound) {
			t.Errorf("%s of another region gives %v", name, err)
		}
	}
}

// TestSecretHashOfAccounts covers the check that the public operations of accounts share.
func TestSecretHashOfAccounts(t *testing.T) {
	api, ctx, pool, _ := newAccounts(t)
	made, err := api.CreateUserPoolClient(ctx, &wire.CreateUserPoolClientRequest{UserPoolID: pool, ClientName: "confidential", GenerateSecret: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	client := made.UserPoolClient.ClientID
	operations := map[string]func(client, hash string) error{
		"SignUp": func(client, hash string) error {
			_, err := api.SignUp(ctx, &wire.SignUpRequest{ClientID: client, SecretHash: hash, Username: "jane", Password: "Passw0rd!"})
			return err
		},
		"ConfirmSignUp": func(client, hash string) error {
			_, err := api.ConfirmSignUp(ctx, &wire.ConfirmSignUpRequest{ClientID: client, SecretHash: hash, Username: "jane", ConfirmationCode: "1"})
			return err
		},
		"ResendConfirmationCode": func(client, hash string) error {
			_, err := api.ResendConfirmationCode(ctx, &wire.ResendConfirmationCodeRequest{ClientID: client, SecretHash: hash, Username: "jane"})
			return err
		},
		"ForgotPassword": func(client, hash string) error {
			_, err := api.ForgotPassword(ctx, &wire.ForgotPasswordRequest{ClientID: client, SecretHash: hash, Username: "jane"})
			return err
		},
		"ConfirmForgotPassword": func(client, hash string) error {
			_, err := api.ConfirmForgotPassword(ctx, &wire.ConfirmForgotPasswordRequest{
				ClientID: client, SecretHash: hash, Username: "jane", ConfirmationCode: "1", Password: "Passw0rd!",
			})
			return err
		},
	}
	for name, call := range operations {
		for _, tt := range []struct{ client, hash, want string }{
			{client, "", "NotAuthorized: Client " + client + " is configured with secret but SECRET_HASH was not received"},
			{client, "d3Jvbmc=", "NotAuthorized: Unable to verify secret hash for client " + client},
			{"none", "", "ResourceNotFound: User pool client none does not exist."},
		} {
			if err := call(tt.client, tt.hash); err == nil || err.Error() != tt.want {
				t.Errorf("%s with %q: got %v, want %s", name, tt.hash, err, tt.want)
			}
		}
	}
}

// TestListUsers shows what a list tells of each user.
func TestListUsers(t *testing.T) {
	api, ctx, pool, _ := newAccounts(t)
	for _, name := range []string{"jane", "joan"} {
		_, err := api.AdminCreateUser(ctx, &wire.AdminCreateUserRequest{UserPoolID: pool, Username: name, MessageAction: "SUPPRESS",
			UserAttributes: []wire.AttributeType{{Name: "name", Value: name}, {Name: "phone_number", Value: "+12065550100"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sms := []wire.MFAOptionType{{DeliveryMedium: "SMS", AttributeName: "phone_number"}}
	if _, err := api.AdminSetUserSettings(ctx, &wire.AdminSetUserSettingsRequest{UserPoolID: pool, Username: "joan", MFAOptions: sms}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ask  []string
		want [][]string // names of attributes; nil where there is no list
	}{
		{nil, [][]string{{"sub", "name", "phone_number"}, {"sub", "name", "phone_number"}}},
		{[]string{}, [][]string{nil, nil}},
		{[]string{"phone_number", "email"}, [][]string{{"phone_number"}, {"phone_number"}}},
		{[]string{"email"}, [][]string{{}, {}}},
	} {
		out, err := api.ListUsers(ctx, &wire.ListUsersRequest{UserPoolID: pool, AttributesToGet: tt.ask, Limit: new(int32(0))})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, u := range out.Users {
			var names []string
			if u.Attributes != nil {
				names = []string{}
			}
			for _, at := range u.Attributes {
				names = append(names, at.Name)
			}
			got = append(got, names)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || out.PaginationToken != "" {
			t.Errorf("%v (-want +got):\n%s", tt.ask, diff)
		}
		last := out.Users[1]
		if diff := cmp.Diff(sms, last.MFAOptions); diff != "" || out.Users[0].MFAOptions != nil || last.Username != "joan" ||
			last.UserStatus != "FORCE_CHANGE_PASSWORD" || !*last.Enabled || last.UserCreateDate.IsZero() {
			t.Errorf("got %+v", out.Users)
		}
	}
	first, err := api.ListUsers(ctx, &wire.ListUsersRequest{UserPoolID: pool, Limit: new(int32(1))})
	if err != nil || len(first.Users) != 1 || first.PaginationToken == "" {
		t.Fatalf("got %+v, %v", first, err)
	}
	second, err := api.ListUsers(ctx, &wire.ListUsersRequest{UserPoolID: pool, Limit: new(int32(1)), PaginationToken: first.PaginationToken})
	if err != nil || len(second.Users) != 1 || second.Users[0].Username != "joan" || second.PaginationToken != "" {
		t.Errorf("got %+v, %v", second, err)
	}
	described, err := api.AdminGetUser(ctx, &wire.AdminGetUserRequest{UserPoolID: pool, Username: "joan"})
	if err != nil || cmp.Diff(sms, described.MFAOptions) != "" || cmp.Diff([]string{"SMS_MFA"}, described.UserMFASettingList) != "" {
		t.Errorf("got %+v, %v", described, err)
	}
}

// TestUserLeaves walks through what ends the tokens of a user.
func TestUserLeaves(t *testing.T) {
	api, ctx, pool, client := newAccounts(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := api.AdminCreateUser(ctx, &wire.AdminCreateUserRequest{UserPoolID: pool, Username: "jane", MessageAction: "SUPPRESS",
		UserAttributes: []wire.AttributeType{{Name: "email", Value: "jane@example.com"}, {Name: "email_verified", Value: "true"}}})
	must(err)
	_, err = api.AdminSetUserPassword(ctx, &wire.AdminSetUserPasswordRequest{UserPoolID: pool, Username: "jane", Password: "Passw0rd!", Permanent: new(true)})
	must(err)
	signIn := func() string {
		t.Helper()
		in, err := api.InitiateAuth(ctx, &wire.InitiateAuthRequest{ClientID: client, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: map[string]string{
			"USERNAME": "jane", "PASSWORD": "Passw0rd!",
		}})
		must(err)
		return in.AuthenticationResult.AccessToken
	}
	shows := func(token, want string) {
		t.Helper()
		got := ""
		if _, err := api.GetUser(ctx, &wire.GetUserRequest{AccessToken: token}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("GetUser: got %q, want %q", got, want)
		}
	}
	token := signIn()
	shows(token, "")
	_, err = api.DeleteUserAttributes(ctx, &wire.DeleteUserAttributesRequest{AccessToken: token, UserAttributeNames: []string{"name"}})
	must(err)
	_, err = api.AdminUpdateUserAttributes(ctx, &wire.AdminUpdateUserAttributesRequest{UserPoolID: pool, Username: "jane",
		UserAttributes: []wire.AttributeType{{Name: "name", Value: "Jane"}}})
	must(err)
	_, err = api.AdminDeleteUserAttributes(ctx, &wire.AdminDeleteUserAttributesRequest{UserPoolID: pool, Username: "jane", UserAttributeNames: []string{"name"}})
	must(err)
	_, err = api.SetUserSettings(ctx, &wire.SetUserSettingsRequest{AccessToken: token, MFAOptions: []wire.MFAOptionType{}})
	must(err)
	_, err = api.AdminDisableUser(ctx, &wire.AdminDisableUserRequest{UserPoolID: pool, Username: "jane"})
	must(err)
	shows(token, "NotAuthorized: User is disabled.")
	_, err = api.AdminEnableUser(ctx, &wire.AdminEnableUserRequest{UserPoolID: pool, Username: "jane"})
	must(err)
	shows(token, "NotAuthorized: Access Token has been revoked")
	token = signIn()
	shows(token, "")
	_, err = api.AdminResetUserPassword(ctx, &wire.AdminResetUserPasswordRequest{UserPoolID: pool, Username: "jane"})
	must(err)
	shows(token, "PasswordResetRequired: Password reset required for the user")
	_, err = api.AdminSetUserPassword(ctx, &wire.AdminSetUserPasswordRequest{UserPoolID: pool, Username: "jane", Password: "Passw0rd!", Permanent: new(true)})
	must(err)
	shows(token, "")
	must(api.DeleteUser(ctx, &wire.DeleteUserRequest{AccessToken: token}))
	shows(token, "UserNotFound: User does not exist.")
}
