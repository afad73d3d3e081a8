package ledger

import "testing"

// signInForm is one of the two forms of an operation, for apps and for servers.
type signInForm struct {
	start, answer string
	in            func(pool, client string, more M) M
	flow          string
}

var signInForms = []signInForm{
	{"InitiateAuth", "RespondToAuthChallenge", func(_, client string, more M) M {
		return with(M{"ClientId": client}, more)
	}, "USER_PASSWORD_AUTH"},
	{"AdminInitiateAuth", "AdminRespondToAuthChallenge", func(pool, client string, more M) M {
		return with(M{"UserPoolId": pool, "ClientId": client}, more)
	}, "ADMIN_USER_PASSWORD_AUTH"},
}

// startOf is the input that starts a sign-in with a password.
func (f signInForm) startOf(pool, client, name, password string) M {
	return f.in(pool, client, M{"AuthFlow": f.flow, "AuthParameters": M{"USERNAME": name, "PASSWORD": password}})
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := w.client(pool, nil)
	strict := w.pool(M{"MfaConfiguration": "ON", "SmsConfiguration": M{"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}})
	strictClient := w.client(strict, nil)
	asking := w.pool(M{"LambdaConfig": M{"PreAuthentication": lambda}})
	askingClient := w.client(asking, nil)
	w.user(pool, "jane")
	w.do("SignUp", M{"ClientId": client, "Username": "waiting", "Password": password})
	for _, form := range signInForms {
		w.provoke(form.start, form.startOf(pool, client, "jane", "Wrong-Horse-7"), "NotAuthorizedException", "the password was wrong")
		w.provoke(form.start, form.startOf(pool, client, "nobody", password), "UserNotFoundException", "nobody has that name")
		w.provoke(form.start, form.startOf(pool, client, "waiting", password), "UserNotConfirmedException", "the user had not confirmed yet")
		w.provoke(form.start, form.startOf(strict, strictClient, "jane", password), "InvalidUserPoolConfigurationException",
			"the user pool demands a factor that this version does not have")
		w.provoke(form.start, form.startOf(asking, askingClient, "jane", password), "UnexpectedLambdaException",
			"the user pool asks a function that this version cannot invoke")
		w.provoke(form.start, form.in(pool, client, M{"AuthFlow": form.flow, "AuthParameters": M{"USERNAME": "jane"}}),
			"InvalidParameterException", "there was no password")
	}
	if isAvailable("AdminResetUserPassword") {
		w.user(pool, "reset", "email", "reset@example.com", "email_verified", "true")
		w.do("AdminResetUserPassword", M{"UserPoolId": pool, "Username": "reset"})
		for _, form := range signInForms {
			w.provoke(form.start, form.startOf(pool, client, "reset", password), "PasswordResetRequiredException", "an administrator had reset the password")
		}
	}
}

func TestNewPassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(with(history, M{"AliasAttributes": L{"preferred_username"}}))
	client := w.client(pool, nil)
	w.user(pool, "captain", "preferred_username", "the-captain")
	for _, form := range signInForms {
		name := "invited-by-" + form.flow
		w.do("AdminCreateUser", M{"UserPoolId": pool, "Username": name, "TemporaryPassword": password, "MessageAction": "SUPPRESS"})
		session := w.do(form.start, form.startOf(pool, client, name, password))["Session"]
		answer := func(more M) M {
			return form.in(pool, client, M{"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
				"ChallengeResponses": with(M{"USERNAME": name, "NEW_PASSWORD": another}, more)})
		}
		w.provoke(form.answer, answer(M{"NEW_PASSWORD": "short"}), "InvalidPasswordException", "the new password was too short")
		w.provoke(form.answer, answer(M{"NEW_PASSWORD": password}), "PasswordHistoryPolicyViolationException", "the new password was the temporary one")
		w.provoke(form.answer, answer(M{"userAttributes.preferred_username": "the-captain"}), "AliasExistsException", "another user signs in with that name")
		w.provoke(form.answer, answer(M{"userAttributes.shoe_size": "9"}), "InvalidParameterException", "the schema does not have the attribute")
		w.provoke(form.answer, with(answer(nil), M{"Session": "nobodys-session-of-some-length"}), "NotAuthorizedException", "the session was nobody's")
		w.do("UpdateUserPool", with(M{"UserPoolId": pool, "LambdaConfig": M{"PostAuthentication": lambda}}, history))
		w.provoke(form.answer, answer(nil), "UnexpectedLambdaException", "the user pool tells a function that this version cannot invoke")
		w.do("UpdateUserPool", with(M{"UserPoolId": pool, "MfaConfiguration": "ON", "SmsConfiguration": M{"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}}, history))
		w.provoke(form.answer, answer(nil), "InvalidUserPoolConfigurationException", "the user pool had come to demand a factor that this version does not have")
		w.do("UpdateUserPool", with(M{"UserPoolId": pool, "MfaConfiguration": "OFF"}, history))
		w.do(form.answer, answer(nil))
		w.provoke(form.answer, answer(nil), "NotAuthorizedException", "the session had been used")
	}
}

// An administrator resets the password between the two steps of a sign-in.
func TestResetDuringSignIn(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := w.client(pool, nil)
	for _, form := range signInForms {
		name := "reset-during-" + form.start
		w.user(pool, name, "email", name+"@example.com", "email_verified", "true")
		asked := w.do(form.start, form.in(pool, client, M{"AuthFlow": "USER_SRP_AUTH", "AuthParameters": M{"USERNAME": name, "SRP_A": "abcdef0123456789"}}))
		w.do("AdminResetUserPassword", M{"UserPoolId": pool, "Username": name})
		w.provoke(form.answer, form.in(pool, client, M{"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": M{
			"USERNAME": name, "PASSWORD_CLAIM_SECRET_BLOCK": asked["ChallengeParameters"].(M)["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": "c2lnbmF0dXJl",
			"TIMESTAMP": w.srv.Now().UTC().Format("Mon Jan 2 15:04:05 UTC 2006"),
		}}), "PasswordResetRequiredException", "an administrator had reset the password after the first step")
	}
}
