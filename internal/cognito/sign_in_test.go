package cognito_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// call sends a request in JSON and reads the answer, which must be a success, into out.
func call(t testing.TB, srv *poolhousetest.Server, operation string, in, out any) {
	t.Helper()
	got := try(t, srv, operation, in)
	if got.status != 200 {
		t.Fatalf("%s: got %d %s", operation, got.status, got.body)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(got.body), out); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
}

func try(t testing.TB, srv *poolhousetest.Server, operation string, in any) answer {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return post(t, srv.Endpoint, operation, string(body), "Authorization", signature)
}

// object is a JSON object, with null where the value is nil.
type object = map[string]any

// TestShapeOfSignIn looks at the JSON of each answer: which members it has and which it has not.
func TestShapeOfSignIn(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	members := func(what string, a answer, want string) (o object) {
		t.Helper()
		if err := json.Unmarshal([]byte(a.body), &o); err != nil || a.status != 200 {
			t.Fatalf("%s: got %d %s", what, a.status, a.body)
		}
		if got := keys(o); got != want {
			t.Errorf("%s: got members %s, want %s", what, got, want)
		}
		return o
	}
	const finished = "AuthenticationResult ChallengeParameters"
	result := func(what string, a answer, want string) object {
		t.Helper()
		o := members(what, a, finished)
		if len(o["ChallengeParameters"].(object)) != 0 {
			t.Errorf("%s: parameters %v", what, o["ChallengeParameters"])
		}
		r := o["AuthenticationResult"].(object)
		if got := keys(r); got != want || r["TokenType"] != "Bearer" || r["ExpiresIn"] != 3600. {
			t.Errorf("%s: got %v", what, r)
		}
		return r
	}
	const all = "AccessToken ExpiresIn IdToken RefreshToken TokenType"

	// Nulls count as absent, other keys are ignored.
	tokens := result("password", try(t, srv, "InitiateAuth", object{
		"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "ClientMetadata": nil, "Session": nil,
		"AuthParameters": object{"USERNAME": srv.Username, "PASSWORD": srv.Password, "SECRET_HASH": nil, "DEVICE_KEY": nil, "X": "y"},
	}), all)
	result("administrator", try(t, srv, "AdminInitiateAuth", object{
		"AuthFlow": "ADMIN_NO_SRP_AUTH", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID,
		"AuthParameters": object{"USERNAME": srv.Username, "PASSWORD": srv.Password},
	}), all)
	for _, operation := range []string{"InitiateAuth", "AdminInitiateAuth"} {
		result("refresh", try(t, srv, operation, object{
			"AuthFlow": "REFRESH_TOKEN", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID,
			"AuthParameters": object{"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": nil},
		}), "AccessToken ExpiresIn IdToken TokenType")
	}
	for _, admin := range []string{"", "Admin"} {
		_, pool, _ := strings.Cut(srv.PoolID, "_")
		client := srp.NewClient(pool)
		challenge := members("SRP", try(t, srv, admin+"InitiateAuth", object{
			"AuthFlow": "USER_SRP_AUTH", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID,
			"AuthParameters": object{"USERNAME": srv.Username, "SRP_A": client.SRPA()},
		}), "ChallengeName ChallengeParameters")
		p := challenge["ChallengeParameters"].(object)
		if got := keys(p); got != "SALT SECRET_BLOCK SRP_B USERNAME USER_ID_FOR_SRP" || challenge["ChallengeName"] != "PASSWORD_VERIFIER" {
			t.Errorf("SRP: got %v", challenge)
		}
		block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"].(string))
		if err != nil {
			t.Fatal(err)
		}
		stamp := srp.FormatTimestamp(srv.Now())
		signed, err := client.Respond(srv.Username, srv.Password, p["SALT"].(string), p["SRP_B"].(string), block, stamp)
		if err != nil {
			t.Fatal(err)
		}
		result("SRP, second step", try(t, srv, admin+"RespondToAuthChallenge", object{
			"ChallengeName": "PASSWORD_VERIFIER", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID,
			"Session": strings.Repeat("x", 20), // of no matter here
			"ChallengeResponses": object{
				"USERNAME": srv.Username, "PASSWORD_CLAIM_SECRET_BLOCK": p["SECRET_BLOCK"], "TIMESTAMP": stamp,
				"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(signed), "DEVICE_KEY": nil, "NEW_PASSWORD": "x",
			},
		}), all)

		name := "new" + admin
		call(t, srv, "AdminCreateUser", object{"UserPoolId": srv.PoolID, "Username": name, "TemporaryPassword": srv.Password, "MessageAction": "SUPPRESS"}, nil)
		asked := members("temporary password", try(t, srv, "InitiateAuth", object{
			"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "AuthParameters": object{"USERNAME": name, "PASSWORD": srv.Password},
		}), "ChallengeName ChallengeParameters Session")
		if n := len(asked["Session"].(string)); n < 20 || n > 2048 {
			t.Errorf("a session of %d characters", n)
		}
		result("new password", try(t, srv, admin+"RespondToAuthChallenge", object{
			"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID, "Session": asked["Session"],
			"ChallengeResponses": object{"USERNAME": name, "NEW_PASSWORD": srv.Password + "2", "SECRET_HASH": nil},
		}), all)
	}
}

// keys lists the members of an object in order.
func keys(o object) string {
	return strings.Join(slices.Sorted(maps.Keys(o)), " ")
}

// TestSignInAtTheDoor is what the door itself decides: who is asked, and in whose name.
func TestSignInAtTheDoor(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	var other struct {
		UserPool struct {
			ID string `json:"Id"`
		}
	}
	call(t, srv, "CreateUserPool", object{"PoolName": "other"}, &other)
	var there struct {
		UserPoolClient struct {
			ClientID string `json:"ClientId"`
		}
	}
	call(t, srv, "CreateUserPoolClient", object{"UserPoolId": other.UserPool.ID, "ClientName": "x"}, &there)
	parameters := object{"USERNAME": srv.Username, "PASSWORD": srv.Password}
	answers := object{"USERNAME": srv.Username, "NEW_PASSWORD": "x"}
	longSession := strings.Repeat("A", 40)
	noClient := "ResourceNotFoundException: User pool client nobody does not exist."
	tests := []struct {
		name, operation string
		in              object
		want            string
	}{
		{"unknown client", "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "nobody"}, noClient},
		{"unknown client", "RespondToAuthChallenge", object{"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": "nobody"}, noClient},
		{"unknown client", "AdminInitiateAuth", object{"AuthFlow": "USER_SRP_AUTH", "ClientId": "nobody", "UserPoolId": srv.PoolID}, noClient},
		{"unknown client", "AdminRespondToAuthChallenge", object{"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": "nobody", "UserPoolId": srv.PoolID}, noClient},
		{"unknown pool", "AdminInitiateAuth", object{"AuthFlow": "USER_SRP_AUTH", "ClientId": "nobody", "UserPoolId": "us-east-1_none"},
			"ResourceNotFoundException: User pool us-east-1_none does not exist."},
		{"pool of another region", "AdminInitiateAuth", object{"AuthFlow": "USER_SRP_AUTH", "ClientId": "nobody", "UserPoolId": "eu-west-1_Poolhouse"},
			"ResourceNotFoundException: User pool eu-west-1_Poolhouse does not exist."},
		{"client of another pool", "AdminInitiateAuth", object{"AuthFlow": "ADMIN_NO_SRP_AUTH", "ClientId": srv.ClientID, "UserPoolId": other.UserPool.ID, "AuthParameters": parameters},
			"ResourceNotFoundException: User pool client " + srv.ClientID + " does not exist."},
		{"client of another pool", "AdminRespondToAuthChallenge", object{"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": there.UserPoolClient.ClientID, "UserPoolId": srv.PoolID, "ChallengeResponses": answers},
			"ResourceNotFoundException: User pool client " + there.UserPoolClient.ClientID + " does not exist."},
		{"flow of administrators", "InitiateAuth", object{"AuthFlow": "ADMIN_NO_SRP_AUTH", "ClientId": srv.ClientID, "AuthParameters": parameters},
			"InvalidParameterException: Initiate Auth method not supported."},
		{"flow of apps", "AdminInitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "UserPoolId": srv.PoolID, "AuthParameters": parameters},
			"InvalidParameterException: Initiate Auth method not supported."},
		{"no parameters", "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID}, "InvalidParameterException: Missing required parameter USERNAME"},
		{"no responses", "RespondToAuthChallenge", object{"ChallengeName": "PASSWORD_VERIFIER", "ClientId": srv.ClientID}, "InvalidParameterException: Missing required parameter USERNAME"},
		{"null for a name", "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "AuthParameters": object{"USERNAME": nil, "PASSWORD": "x"}},
			"InvalidParameterException: Missing required parameter USERNAME"},
		{"number for a name", "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "AuthParameters": object{"USERNAME": 1}}, "SerializationException: "},
		{"unknown flow", "InitiateAuth", object{"AuthFlow": "NONE", "ClientId": "nobody"},
			"InvalidParameterException: 1 validation error detected: Value 'NONE' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: ["},
		{"short session", "RespondToAuthChallenge", object{"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": srv.ClientID, "Session": "x"},
			"InvalidParameterException: 1 validation error detected: Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"session of nobody", "RespondToAuthChallenge", object{"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": srv.ClientID, "Session": longSession, "ChallengeResponses": answers},
			"NotAuthorizedException: Invalid session for the user."},
		{"session of a challenge that is never asked", "RespondToAuthChallenge", object{"ChallengeName": "SOFTWARE_TOKEN_MFA", "ClientId": srv.ClientID, "Session": longSession, "ChallengeResponses": answers},
			"NotAuthorizedException: Invalid session for the user."},
		{"challenge without session", "RespondToAuthChallenge", object{"ChallengeName": "SELECT_MFA_TYPE", "ClientId": srv.ClientID, "ChallengeResponses": answers},
			"InvalidParameterException: Missing required parameter Session"},
	}
	for _, tt := range tests {
		if got := try(t, srv, tt.operation, tt.in).told(t); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s, %s: got %q, want %q", tt.operation, tt.name, got, tt.want)
		}
	}
	if got := post(t, srv.Endpoint, "AdminInitiateAuth", "{").fault(t).Type; got != "SerializationException" {
		t.Errorf("got %s", got)
	}
	if got := post(t, srv.Endpoint, "AdminInitiateAuth", "{}").fault(t).Type; got != "MissingAuthenticationTokenException" {
		t.Errorf("got %s", got)
	}
}

// TestBadInputAtSignIn sends what no client would: every answer is an exception with a sentence.
func TestBadInputAtSignIn(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	huge := strings.Repeat("x", 131072)
	for _, value := range []string{"\x00", "a\x00b", "' OR 1=1 --", huge, strings.Repeat("é", 65536), "\U0001F600", " ", "%", "*", "../..", "{}"} {
		for _, flow := range []string{"USER_PASSWORD_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "ADMIN_USER_PASSWORD_AUTH"} {
			operation := "InitiateAuth"
			if strings.HasPrefix(flow, "ADMIN") {
				operation = "AdminInitiateAuth"
			}
			got := try(t, srv, operation, object{"AuthFlow": flow, "ClientId": srv.ClientID, "UserPoolId": srv.PoolID, "AuthParameters": object{
				"USERNAME": value, "PASSWORD": value, "SRP_A": "abc", "REFRESH_TOKEN": value,
			}})
			if got.status != 400 {
				t.Errorf("%s with %.20q: got %d %.200s", flow, value, got.status, got.body)
			}
		}
	}
	got := try(t, srv, "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "AuthParameters": object{"USERNAME": huge + "x"}})
	if told := got.told(t); !strings.HasPrefix(told, "InvalidParameterException: 1 validation error detected: Value at 'authParameters' failed to satisfy constraint: Map value must satisfy constraint: [") {
		t.Errorf("over the limit: got %q", told)
	}
}

// TestSignInLog plants secrets in every parameter and looks for them in the log.
func TestSignInLog(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	planted := map[string]any{}
	for i, name := range []string{"USERNAME", "PASSWORD", "SRP_A", "SECRET_HASH", "REFRESH_TOKEN", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP", "NEW_PASSWORD", "userAttributes.email", "DEVICE_KEY"} {
		planted[name] = fmt.Sprintf("planted%d@example.com", i)
	}
	session := "planted" + strings.Repeat("A", 33)
	for _, flow := range []string{"USER_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "USER_AUTH"} {
		for _, operation := range []string{"InitiateAuth", "AdminInitiateAuth"} {
			try(t, srv, operation, object{"AuthFlow": flow, "ClientId": srv.ClientID, "UserPoolId": srv.PoolID, "AuthParameters": planted, "ClientMetadata": planted})
		}
	}
	for _, challenge := range []string{"PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED", "SMS_MFA", "CUSTOM_CHALLENGE"} {
		for _, operation := range []string{"RespondToAuthChallenge", "AdminRespondToAuthChallenge"} {
			try(t, srv, operation, object{"ChallengeName": challenge, "ClientId": srv.ClientID, "UserPoolId": srv.PoolID, "Session": session, "ChallengeResponses": planted, "ClientMetadata": planted})
		}
	}
	var done struct {
		AuthenticationResult struct {
			AccessToken, RefreshToken string
			IDToken                   string `json:"IdToken"`
		}
	}
	call(t, srv, "InitiateAuth", object{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": srv.ClientID, "AuthParameters": object{"USERNAME": srv.Username, "PASSWORD": srv.Password}}, &done)
	log := srv.Log()
	for _, secret := range []string{"planted", srv.Password, done.AuthenticationResult.AccessToken, done.AuthenticationResult.IDToken, done.AuthenticationResult.RefreshToken} {
		if secret == "" || strings.Contains(log, secret) {
			t.Errorf("the log holds %.20q", secret)
		}
	}
	for _, want := range []string{"operation=InitiateAuth", "pool=" + srv.PoolID, "client=" + srv.ClientID, "sub=", "exception=NotAuthorizedException"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}
