package poolhousetest_test

import (
	"context"
	"encoding/base64"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// The code in the package's documentation is a test that runs.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "poolhousetest.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for line := range strings.Lines(file.Doc.Text()) {
		if rest, ok := strings.CutPrefix(line, "\t"); ok {
			code.WriteString(rest)
		}
	}
	examples, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if code.Len() == 0 || !strings.Contains(string(examples), code.String()) {
		t.Errorf("no test in example_test.go is\n%s", &code)
	}
}

// Servers in one process share nothing.
func TestSeveralServers(t *testing.T) {
	t.Parallel()
	one, two := poolhousetest.NewServer(t), poolhousetest.NewServer(t)
	access := signIn(t, one, newClient(one))
	user := &cognitoidentityprovider.GetUserInput{AccessToken: access}
	if _, err := newClient(one).GetUser(t.Context(), user); err != nil {
		t.Error(err)
	}
	if _, err := newClient(two).GetUser(t.Context(), user); err == nil {
		t.Error("a token of another server was taken")
	}
	before := two.Now()
	if got := one.Advance(time.Hour); got.Sub(before) < time.Hour || one.Now().Before(got) {
		t.Errorf("an hour later it is %v", got)
	}
	if two.Now().Sub(before) > 10*time.Minute {
		t.Error("the clock of another server was moved")
	}
	_, err := newClient(one).AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &one.PoolID, Username: aws.String("jane"), DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("jane@example.com")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	messages := one.Inbox(t, "")
	if len(messages) != 1 || len(two.Inbox(t, "")) != 0 {
		t.Fatalf("messages: %+v and %+v", messages, two.Inbox(t, ""))
	}
	m := messages[0]
	if m.Channel != "email" || m.To != "jane@example.com" || m.Purpose != "invitation" || m.PoolID != one.PoolID || m.Username != "jane" ||
		m.ID == "" || m.Subject == "" || !strings.Contains(m.Body, "jane") || one.Now().Sub(m.Sent).Abs() > time.Minute {
		t.Errorf("message %+v", m)
	}
}

// What a server keeps on either engine is there for the next one.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(t *testing.T) poolhousetest.Config{
		"DataDir": func(t *testing.T) poolhousetest.Config { return poolhousetest.Config{DataDir: t.TempDir()} },
		"PostgresURL": func(t *testing.T) poolhousetest.Config {
			return poolhousetest.Config{PostgresURL: postgrestest.Start(t), MasterKeyFile: filepath.Join(t.TempDir(), "master.key")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			var refresh *string
			t.Run("first", func(t *testing.T) {
				srv := poolhousetest.Start(t, cfg)
				out, err := newClient(srv).InitiateAuth(t.Context(), passwordAuth(srv, srv.Password))
				if err != nil {
					t.Fatal(err)
				}
				refresh = out.AuthenticationResult.RefreshToken
			})
			srv := poolhousetest.Start(t, cfg)
			_, err := newClient(srv).InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{
				AuthFlow: types.AuthFlowTypeRefreshTokenAuth, ClientId: &srv.ClientID,
				AuthParameters: map[string]string{"REFRESH_TOKEN": aws.ToString(refresh)},
			})
			if err != nil {
				t.Errorf("a refresh token of the first server: %v", err)
			}
		})
	}
}

func passwordAuth(srv *poolhousetest.Server, password string) *cognitoidentityprovider.InitiateAuthInput {
	return &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &srv.ClientID,
		AuthParameters: map[string]string{"USERNAME": srv.Username, "PASSWORD": password},
	}
}

// The clock starts when it is told to, and limits are off when they are told to be.
func TestConfig(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 2, 1, 12, 0, 0, 0, time.UTC)
	for _, off := range []bool{false, true} {
		srv := poolhousetest.Start(t, poolhousetest.Config{Start: start, NoAttemptLimits: off})
		if got := srv.Now().Sub(start); got < 0 || got > time.Minute {
			t.Errorf("the clock started at %v", srv.Now())
		}
		client := newClient(srv)
		for range 6 {
			if _, err := client.InitiateAuth(context.Background(), passwordAuth(srv, "Wrong-Password-1")); err == nil {
				t.Fatal("a wrong password was taken")
			}
		}
		_, err := client.InitiateAuth(context.Background(), passwordAuth(srv, srv.Password))
		if locked := err != nil; locked == off {
			t.Errorf("after six wrong passwords with limits off %t: %v", off, err)
		}
		if !strings.Contains(srv.Log(), "operation=InitiateAuth") {
			t.Errorf("log:\n%s", srv.Log())
		}
	}
}

// Code waits for a message that follows its answer.
func TestCodeFollows(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	client := newClient(srv)
	app, err := client.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &srv.PoolID, ClientName: aws.String("hides"), PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &srv.PoolID, Username: aws.String("jane"), MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: aws.String("jane@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &srv.PoolID, Username: aws.String("jane"), Password: aws.String("Correct-Horse-7"), Permanent: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ForgotPassword(t.Context(), &cognitoidentityprovider.ForgotPasswordInput{
		ClientId: app.UserPoolClient.ClientId, Username: aws.String("jane"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := srv.Code(t, "jane@example.com"); len(code) != 6 {
		t.Errorf("code %q", code)
	}
}

// A client stamps its SRP answers with its own clock, which does not travel with the server's.
func TestSRPAfterTimeTravel(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	srv.Advance(48 * time.Hour)
	client := newClient(srv)
	ctx := context.Background()
	_, poolName, _ := strings.Cut(srv.PoolID, "_")
	side := srp.NewClient(poolName)
	challenge, err := client.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &srv.ClientID,
		AuthParameters: map[string]string{"USERNAME": srv.Username, "SRP_A": side.SRPA()},
	})
	if err != nil {
		t.Fatal(err)
	}
	given, stamp := challenge.ChallengeParameters, srp.FormatTimestamp(time.Now())
	block, err := base64.StdEncoding.DecodeString(given["SECRET_BLOCK"])
	if err != nil {
		t.Fatal(err)
	}
	signature, err := side.Respond(given["USER_ID_FOR_SRP"], srv.Password, given["SALT"], given["SRP_B"], block, stamp)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.RespondToAuthChallenge(ctx, &cognitoidentityprovider.RespondToAuthChallengeInput{
		ChallengeName: types.ChallengeNameTypePasswordVerifier, ClientId: &srv.ClientID,
		ChallengeResponses: map[string]string{
			"USERNAME": given["USER_ID_FOR_SRP"], "PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(signature), "TIMESTAMP": stamp,
		},
	})
	if err != nil {
		t.Errorf("SRP with the client's own time: %v", err)
	}
}
