package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"
)

func TestRiskConfiguration(t *testing.T) {
	w := newWorld(t)
	off := w.pool(nil)
	pool := w.pool(M{"UserPoolTier": "PLUS", "UserPoolAddOns": M{"AdvancedSecurityMode": "AUDIT"}})
	client := w.client(off, nil)
	for _, operation := range []string{"SetRiskConfiguration", "DescribeRiskConfiguration"} {
		w.provoke(operation, M{"UserPoolId": off}, "UserPoolAddOnNotEnabledException", "threat protection is off in the user pool")
		w.provoke(operation, M{"UserPoolId": pool, "ClientId": client}, "ResourceNotFoundException", "the app client was another pool's")
	}
	w.provoke("SetRiskConfiguration", M{"UserPoolId": pool, "RiskExceptionConfiguration": M{"BlockedIPRangeList": L{"everywhere"}}},
		"InvalidParameterException", "the range was no network")
	takeover := M{"Actions": M{"HighAction": M{"EventAction": "BLOCK", "Notify": true}}}
	w.provoke("SetRiskConfiguration", M{"UserPoolId": pool, "AccountTakeoverRiskConfiguration": takeover},
		"InvalidParameterException", "notices were asked for without saying how they are sent")
}

func TestAuthEvents(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"UserPoolTier": "PLUS", "UserPoolAddOns": M{"AdvancedSecurityMode": "AUDIT"}})
	off := w.pool(nil)
	client := w.client(pool, nil)
	jane := w.signedIn(pool, client, "jane")
	w.call("InitiateAuth", passwordAuth(client, "jane", "wrong"))
	server := M{"IpAddress": "198.51.100.7", "ServerName": "app.example.com", "ServerPath": "/login", "HttpHeaders": L{
		M{"headerName": "User-Agent", "headerValue": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"}}}
	w.do("AdminInitiateAuth", M{"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "ContextData": server,
		"AuthParameters": M{"USERNAME": "jane", "PASSWORD": password}})
	of := M{"UserPoolId": pool, "Username": "jane"}

	events := w.do("AdminListUserAuthEvents", of)["AuthEvents"].(L)
	if len(events) != 3 {
		t.Fatalf("events: %v", events)
	}
	newest, failed, first := events[0].(M), events[1].(M), events[2].(M)
	from := newest["EventContextData"].(M)
	if from["IpAddress"] != "198.51.100.7" || from["DeviceName"] != "Chrome 126, Windows 10" || from["City"] != "null" {
		t.Errorf("the newest comes from %v", from)
	}
	if newest["EventRisk"].(M)["RiskDecision"] != "AccountTakeover" || newest["EventRisk"].(M)["RiskLevel"] != "Low" {
		t.Errorf("a new device in a new network: %v", newest["EventRisk"])
	}
	if answer := failed["ChallengeResponses"].(L)[0].(M); failed["EventResponse"] != "Fail" || answer["ChallengeName"] != "Password" || answer["ChallengeResponse"] != "Failure" {
		t.Errorf("a wrong password: %v", failed)
	}
	if risk := first["EventRisk"].(M); first["EventType"] != "SignIn" || first["EventResponse"] != "Pass" || risk["RiskDecision"] != "NoRisk" || risk["RiskLevel"] != nil {
		t.Errorf("the first sign-in: %v", first)
	}
	id := first["EventId"]
	if claim := jane.claims(t)["event_id"]; claim != id {
		t.Errorf("event_id is %v, EventId %v", claim, id)
	}
	page := w.do("AdminListUserAuthEvents", with(of, M{"MaxResults": 2}))
	rest := w.do("AdminListUserAuthEvents", with(of, M{"MaxResults": 2, "NextToken": page["NextToken"]}))
	if left := rest["AuthEvents"].(L); len(left) != 1 || left[0].(M)["EventId"] != id || rest["NextToken"] != nil {
		t.Errorf("the second page: %v", rest)
	}
	w.do("AdminUpdateAuthEventFeedback", with(of, M{"EventId": id, "FeedbackValue": "Valid"}))
	if said := w.do("AdminListUserAuthEvents", of)["AuthEvents"].(L)[2].(M)["EventFeedback"].(M); said["FeedbackValue"] != "Valid" || said["Provider"] != "Admin" {
		t.Errorf("feedback: %v", said)
	}

	feedback := M{"EventId": id, "FeedbackValue": "Invalid"}
	ofUser := with(feedback, M{"FeedbackToken": "nobodys"})
	for operation, more := range map[string]M{"AdminListUserAuthEvents": {}, "AdminUpdateAuthEventFeedback": feedback, "UpdateAuthEventFeedback": ofUser} {
		w.provoke(operation, with(more, M{"UserPoolId": off, "Username": "jane"}), "UserPoolAddOnNotEnabledException", "threat protection is off in the user pool")
		w.provoke(operation, with(more, M{"UserPoolId": "us-east-1_nowhere00", "Username": "jane"}), "ResourceNotFoundException", "there is no such user pool")
		w.provoke(operation, with(with(more, of), M{"Username": ""}), "InvalidParameterException", "no user was named")
	}
	nobody := M{"UserPoolId": pool, "Username": "nobody"}
	w.provoke("AdminListUserAuthEvents", nobody, "UserNotFoundException", "there is no such user")
	w.provoke("AdminListUserAuthEvents", with(of, M{"NextToken": "nobodys"}), "InvalidParameterException", "the token was not of this list")
	w.provoke("AdminUpdateAuthEventFeedback", with(nobody, feedback), "UserNotFoundException", "there is no such user")
	w.provoke("AdminUpdateAuthEventFeedback", with(with(of, feedback), M{"EventId": noUUID}), "ResourceNotFoundException", "there is no such event")
	w.provoke("UpdateAuthEventFeedback", with(of, ofUser), "NotAuthorizedException", "the token was of no notice")
	w.provoke("UpdateAuthEventFeedback", with(nobody, ofUser), "NotAuthorizedException", "the token was of no notice, and there is no such user")
	if said := w.do("AdminListUserAuthEvents", of)["AuthEvents"].(L)[2].(M)["EventFeedback"].(M); said["FeedbackValue"] != "Valid" {
		t.Errorf("feedback after a token that is not good: %v", said)
	}
}

// What an app says of its user's device counts as far as the app client may say it.
func TestEventsFromApps(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"UserPoolTier": "PLUS", "UserPoolAddOns": M{"AdvancedSecurityMode": "AUDIT"}, "AutoVerifiedAttributes": L{"email"}})
	public := w.client(pool, nil)
	said := M{"UserContextData": M{"IpAddress": "203.0.113.77"}}
	w.do("SignUp", with(M{"ClientId": public, "Username": "jane", "Password": password, "UserAttributes": attributeList("email", "jane@example.com")}, said))
	w.do("ResendConfirmationCode", with(M{"ClientId": public, "Username": "jane"}, said))
	w.do("ConfirmSignUp", with(M{"ClientId": public, "Username": "jane", "ConfirmationCode": w.code("jane@example.com")}, said))
	w.do("ForgotPassword", M{"ClientId": public, "Username": "jane", "UserContextData": M{}})
	w.do("ConfirmForgotPassword", with(M{"ClientId": public, "Username": "jane", "ConfirmationCode": w.code("jane@example.com"), "Password": password}, said))
	events := func() L {
		return w.do("AdminListUserAuthEvents", M{"UserPoolId": pool, "Username": "jane", "MaxResults": 0})["AuthEvents"].(L)
	}
	for i, want := range []string{"PasswordChange", "ForgotPassword", "ResendCode", "SignUp"} {
		e := events()[i].(M)
		if from := e["EventContextData"].(M); e["EventType"] != want || from["IpAddress"] == "203.0.113.77" || e["EventResponse"] != "Pass" {
			t.Errorf("event %d is %v, want a %s from here", i, e, want)
		}
	}
	w.do("UpdateUserPoolClient", M{"UserPoolId": pool, "ClientId": public, "ExplicitAuthFlows": L{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}})
	w.do("InitiateAuth", with(passwordAuth(public, "jane", password), said))
	if from := events()[0].(M)["EventContextData"].(M); from["IpAddress"] == "203.0.113.77" {
		t.Errorf("a public client says where its user is: %v", from)
	}
	out := w.do("CreateUserPoolClient", M{"UserPoolId": pool, "ClientName": "private", "GenerateSecret": true,
		"EnablePropagateAdditionalUserContextData": true, "ExplicitAuthFlows": L{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}})["UserPoolClient"].(M)
	private := passwordAuth(out["ClientId"].(string), "jane", password)
	private["AuthParameters"].(M)["SECRET_HASH"] = secretHash(out["ClientId"].(string), out["ClientSecret"].(string), "jane")
	w.do("InitiateAuth", with(private, said))
	if from := events()[0].(M)["EventContextData"].(M); from["IpAddress"] != "203.0.113.77" {
		t.Errorf("a client that may pass an address on: %v", from)
	}
}

// secretHash is the SECRET_HASH of a user name.
func secretHash(client, secret, name string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(name + client))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
