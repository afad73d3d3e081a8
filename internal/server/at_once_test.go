package server_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// Requests that arrive at the same moment have no more guesses than those that wait for each other, and what
// may be used once is used once, on both engines.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testAtOnce)
}

func testAtOnce(t *testing.T, srv *poolhousetest.Server) {
	const requests = 64
	c := caller{t, srv}
	// together sends the requests at once and counts the answers by exception, "" for success.
	together := func(operation string, in func(i int) object) map[string]int {
		answers := map[string]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range requests {
			all.Go(func() {
				_, exception := c.call(operation, in(i))
				mu.Lock()
				defer mu.Unlock()
				answers[exception]++
			})
		}
		all.Wait()
		return answers
	}
	signIn := func(name, password string) object {
		return object{"ClientId": srv.ClientID, "AuthFlow": "USER_PASSWORD_AUTH",
			"AuthParameters": object{"USERNAME": name, "PASSWORD": password}}
	}
	signUp := func(name string) (code string) {
		t.Helper()
		c.must("SignUp", object{"ClientId": srv.ClientID, "Username": name, "Password": "Passw0rd!",
			"UserAttributes": []object{{"Name": "email", "Value": name + "@example.com"}}})
		return srv.Code(t, name+"@example.com")
	}
	member := func(name string) (access string) {
		t.Helper()
		c.must("ConfirmSignUp", object{"ClientId": srv.ClientID, "Username": name, "ConfirmationCode": signUp(name)})
		return c.must("InitiateAuth", signIn(name, "Passw0rd!"))["AuthenticationResult"].(object)["AccessToken"].(string)
	}
	wrong := func(code string, i int) string { // differs from the code in its first digit
		return fmt.Sprintf("%c%05d", '0'+(code[0]-'0'+1)%10, i)
	}
	const mismatch, limit, expired, refused = "CodeMismatchException", "LimitExceededException", "ExpiredCodeException", "NotAuthorizedException"

	tests := []struct {
		name string
		run  func(name string) map[string]int
		want map[string]int
	}{
		{"guesses at ConfirmSignUp", func(name string) map[string]int {
			code := signUp(name)
			return together("ConfirmSignUp", func(i int) object {
				return object{"ClientId": srv.ClientID, "Username": name, "ConfirmationCode": wrong(code, i)}
			})
		}, map[string]int{mismatch: 15, limit: requests - 15}},
		{"guesses at VerifyUserAttribute", func(name string) map[string]int {
			access := member(name)
			c.must("GetUserAttributeVerificationCode", object{"AccessToken": access, "AttributeName": "email"})
			code := srv.Code(t, name+"@example.com")
			return together("VerifyUserAttribute", func(i int) object {
				return object{"AccessToken": access, "AttributeName": "email", "Code": wrong(code, i)}
			})
		}, map[string]int{mismatch: 15, limit: requests - 15}},
		{"guesses at ConfirmForgotPassword", func(name string) map[string]int {
			member(name)
			c.must("ForgotPassword", object{"ClientId": srv.ClientID, "Username": name})
			code := srv.Code(t, name+"@example.com")
			return together("ConfirmForgotPassword", func(i int) object {
				return object{"ClientId": srv.ClientID, "Username": name, "ConfirmationCode": wrong(code, i), "Password": "Passw0rd?"}
			})
		}, map[string]int{mismatch: 19, limit: requests - 19}}, // ForgotPassword was the first of twenty
		{"guesses at ChangePassword", func(name string) map[string]int {
			access := member(name)
			return together("ChangePassword", func(i int) object {
				return object{"AccessToken": access, "PreviousPassword": fmt.Sprint("Wr0ng!", i), "ProposedPassword": "Passw0rd?"}
			})
		}, map[string]int{refused: 5, limit: requests - 5}},
		{"a code of ConfirmForgotPassword", func(name string) map[string]int {
			member(name)
			c.must("ForgotPassword", object{"ClientId": srv.ClientID, "Username": name})
			code := srv.Code(t, name+"@example.com")
			return together("ConfirmForgotPassword", func(i int) object {
				return object{"ClientId": srv.ClientID, "Username": name, "ConfirmationCode": code, "Password": fmt.Sprint("Passw0rd?", i)}
			})
		}, map[string]int{"": 1, expired: 20, limit: requests - 21}}, // success begins the count again
		{"a session of NEW_PASSWORD_REQUIRED", func(name string) map[string]int {
			c.must("AdminCreateUser", object{"UserPoolId": srv.PoolID, "Username": name, "TemporaryPassword": "Passw0rd!", "MessageAction": "SUPPRESS"})
			session := c.must("InitiateAuth", signIn(name, "Passw0rd!"))["Session"]
			return together("RespondToAuthChallenge", func(i int) object {
				return object{"ClientId": srv.ClientID, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
					"ChallengeResponses": object{"USERNAME": name, "NEW_PASSWORD": fmt.Sprint("Passw0rd?", i)}}
			})
		}, map[string]int{"": 1, refused: requests - 1}},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.run(fmt.Sprint("jane", i)); !maps.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
