package main

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/emersion/go-smtp"
)

// slowMail is a mail server that says when a message has come, and accepts it when it is told to.
type slowMail struct {
	url     string
	arrived chan string   // content of a message
	accept  chan struct{} // one for each message
}

func newSlowMail(t testing.TB) *slowMail {
	t.Helper()
	m := &slowMail{arrived: make(chan string, 16), accept: make(chan struct{}, 16)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return m, nil }))
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	m.url = "smtp://" + listener.Addr().String()
	return m
}

func (*slowMail) Reset()                               {}
func (*slowMail) Logout() error                        { return nil }
func (*slowMail) Mail(string, *smtp.MailOptions) error { return nil }
func (*slowMail) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (m *slowMail) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.arrived <- string(content)
	<-m.accept
	return nil
}

// SIGTERM lets a request that waits for a mail server finish, and a message that goes out after its answer; a
// second start finds everything.
func TestShutdown(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mail := newSlowMail(t)
	data := filepath.Join(t.TempDir(), "data")
	id, secret := accessKey(t, "--data", data)
	args := serveArgs("--data", data, "--smtp-url", mail.url, "--smtp-from", "Test <no-reply@example.com>", "--log-level", "debug")
	r := process(t, nil, args...).serving(t)
	sdk := client(r.endpoint, "us-east-1", id, secret, "")
	pool, err := sdk.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("test"),
		AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail}})
	if err != nil {
		t.Fatal(err)
	}
	app, err := sdk.CreateUserPoolClient(ctx, &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: aws.String("test"),
		ExplicitAuthFlows:          []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	clientID := app.UserPoolClient.ClientId
	const password = "Correct-Horse-7"
	for _, name := range []string{"jane", "joe"} {
		_, err = sdk.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: pool.UserPool.Id, Username: &name, MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = sdk.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
			UserPoolId: pool.UserPool.Id, Username: &name, Password: aws.String(password), Permanent: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	signIn := func(sdk *cognitoidentityprovider.Client) *string {
		t.Helper()
		out, err := sdk.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
			AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: clientID,
			AuthParameters: map[string]string{"USERNAME": "jane", "PASSWORD": password},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.AuthenticationResult.AccessToken
	}
	access := signIn(sdk)

	// One message goes out after its answer, the other before.
	if _, err := sdk.ForgotPassword(ctx, &cognitoidentityprovider.ForgotPasswordInput{ClientId: clientID, Username: aws.String("joe")}); err != nil {
		t.Fatal(err)
	}
	resetMail := <-mail.arrived
	answered := make(chan error, 1)
	go func() {
		_, err := sdk.GetUserAttributeVerificationCode(ctx, &cognitoidentityprovider.GetUserAttributeVerificationCodeInput{
			AccessToken: access, AttributeName: aws.String("email")})
		answered <- err
	}()
	verifyMail := <-mail.arrived
	if !strings.Contains(verifyMail, "From: \"Test\" <no-reply@example.com>\r\n") || !strings.Contains(verifyMail, "To: <jane@example.com>\r\n") {
		t.Errorf("sent:\n%s", verifyMail)
	}

	r.stop()
	if r.err.line(`"msg":"stopping"`, r.ended) == "" {
		t.Fatal("SIGTERM does not stop the server")
	}
	select {
	case err := <-answered:
		t.Fatalf("answered while the mail server was thinking: %v", err)
	case <-r.ended:
		t.Fatal("ended with a request in flight")
	default:
	}
	mail.accept <- struct{}{}
	mail.accept <- struct{}{}
	if err := <-answered; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
	if <-r.ended; r.status != 0 {
		t.Errorf("status %d\n%s", r.status, &r.err)
	}

	// One line of the log for each request, and nothing that is nobody's business.
	log := r.err.String()
	if got := strings.Count(log, `"msg":"request"`); got != 9 {
		t.Errorf("%d lines for 9 requests:\n%s", got, log)
	}
	for _, private := range []string{password, secret, *access, "jane", "joe", "example.com", code(t, verifyMail), code(t, resetMail)} {
		if strings.Contains(log, private) {
			t.Errorf("%s is in the log:\n%s", private, log)
		}
	}

	r = process(t, nil, args...).serving(t)
	sdk = client(r.endpoint, "us-east-1", id, secret, "")
	_, err = sdk.VerifyUserAttribute(ctx, &cognitoidentityprovider.VerifyUserAttributeInput{
		AccessToken: access, AttributeName: aws.String("email"), Code: aws.String(code(t, verifyMail))})
	if err != nil {
		t.Errorf("the code after a restart: %v", err)
	}
	_, err = sdk.ConfirmForgotPassword(ctx, &cognitoidentityprovider.ConfirmForgotPasswordInput{
		ClientId: clientID, Username: aws.String("joe"), ConfirmationCode: aws.String(code(t, resetMail)), Password: aws.String("Another-Horse-8")})
	if err != nil {
		t.Errorf("the code that was sent after its answer: %v", err)
	}
	if status := r.end(t); status != 0 {
		t.Errorf("status %d", status)
	}
}

// code is the code in an email.
func code(t testing.TB, content string) string {
	t.Helper()
	_, after, found := strings.Cut(content, "code is ")
	if !found || len(after) < 6 {
		t.Fatalf("no code in\n%s", content)
	}
	return after[:6]
}
