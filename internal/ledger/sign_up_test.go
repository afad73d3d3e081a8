package ledger

import (
	"testing"
	"time"
)

func TestSignUp(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AutoVerifiedAttributes": L{"email"}})
	client := w.client(pool, nil)
	w.user(pool, "jane")
	signUp := func(client, name string, attributes ...string) M {
		return M{"ClientId": client, "Username": name, "Password": password, "UserAttributes": attributeList(attributes...)}
	}
	w.provoke("SignUp", signUp(client, "jane"), "UsernameExistsException", "somebody has that name")
	w.provoke("SignUp", with(signUp(client, "joe"), M{"Password": "short"}), "InvalidPasswordException", "the password was too short")
	w.provoke("SignUp", signUp(client, "joe", "birthdate", "today"), "InvalidParameterException", "the birthdate was no date")
	w.provoke("SignUp", signUp(w.client(pool, M{"GenerateSecret": true}), "joe"), "NotAuthorizedException", "the app client has a secret, and no hash was sent")
	closed := w.pool(M{"AdminCreateUserConfig": M{"AllowAdminCreateUserOnly": true}})
	w.provoke("SignUp", signUp(w.client(closed, nil), "joe"), "NotAuthorizedException", "only administrators create users of the user pool")
	byPhone := w.pool(M{"AutoVerifiedAttributes": L{"phone_number"}})
	w.provoke("SignUp", signUp(w.client(byPhone, nil), "joe", "phone_number", "+12065550100"), "CodeDeliveryFailureException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	asking := w.pool(M{"LambdaConfig": M{"PreSignUp": lambda}})
	w.provoke("SignUp", signUp(w.client(asking, nil), "joe"), "UnexpectedLambdaException", "the user pool asks a function that this version cannot invoke")
}

func TestConfirmSignUp(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AutoVerifiedAttributes": L{"email"}, "AliasAttributes": L{"email"}})
	client := w.client(pool, nil)
	signUp := func(name, email string) (confirm M) {
		w.do("SignUp", M{"ClientId": client, "Username": name, "Password": password, "UserAttributes": attributeList("email", email)})
		return M{"ClientId": client, "Username": name, "ConfirmationCode": w.code(email)}
	}
	confirm := signUp("jane", "jane@example.com")
	w.provoke("ConfirmSignUp", with(confirm, M{"ConfirmationCode": "nonsense"}), "CodeMismatchException", "the code was wrong")
	w.provoke("ConfirmSignUp", with(confirm, M{"Username": "nobody"}), "UserNotFoundException", "nobody has that name")
	w.do("ConfirmSignUp", confirm)
	w.provoke("ConfirmSignUp", confirm, "NotAuthorizedException", "the user had confirmed before")
	w.provoke("AdminConfirmSignUp", M{"UserPoolId": pool, "Username": "jane"}, "NotAuthorizedException", "the user had confirmed before")
	w.provoke("ConfirmSignUp", signUp("second", "jane@example.com"), "AliasExistsException", "another user signs in with that address")
	guessed := with(signUp("guessed", "guessed@example.com"), M{"ConfirmationCode": "nonsense"})
	for range 15 {
		w.refused("ConfirmSignUp", guessed, "CodeMismatchException", "the code was wrong")
	}
	w.provoke("ConfirmSignUp", guessed, "LimitExceededException", "the code had been wrong fifteen times in an hour")
	late := signUp("late", "late@example.com")
	w.advance(25 * time.Hour)
	w.provoke("ConfirmSignUp", late, "ExpiredCodeException", "the code was a day old")

	asking := w.pool(M{"LambdaConfig": M{"PostConfirmation": lambda}})
	answer := M{"ClientId": w.client(asking, nil), "Username": "joe", "ConfirmationCode": "123456"}
	w.do("SignUp", M{"ClientId": answer["ClientId"], "Username": "joe", "Password": password})
	const cannot = "the user pool tells a function that this version cannot invoke"
	w.provoke("ConfirmSignUp", answer, "UnexpectedLambdaException", cannot)
	w.provoke("AdminConfirmSignUp", M{"UserPoolId": asking, "Username": "joe"}, "UnexpectedLambdaException", cannot)
}

func TestResendConfirmationCode(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AutoVerifiedAttributes": L{"email"}})
	client := w.client(pool, nil)
	w.do("SignUp", M{"ClientId": client, "Username": "jane", "Password": password, "UserAttributes": attributeList("email", "jane@example.com")})
	resend := M{"ClientId": client, "Username": "jane"}
	for range 5 {
		w.do("ResendConfirmationCode", resend)
	}
	w.provoke("ResendConfirmationCode", resend, "LimitExceededException", "five codes had been sent within an hour")
	w.provoke("ResendConfirmationCode", with(resend, M{"Username": "nobody"}), "UserNotFoundException", "nobody has that name")
	w.user(pool, "joe", "email", "joe@example.com")
	w.provoke("ResendConfirmationCode", with(resend, M{"Username": "joe"}), "InvalidParameterException", "the user had confirmed before")
	w.provoke("ResendConfirmationCode", M{"ClientId": w.client(w.pool(nil), nil), "Username": "jane"}, "NotAuthorizedException",
		"the user pool verifies no address")
	byPhone := w.pool(M{"AutoVerifiedAttributes": L{"phone_number"}})
	phoneClient := w.client(byPhone, nil)
	w.refused("SignUp", M{"ClientId": phoneClient, "Username": "jane", "Password": password,
		"UserAttributes": attributeList("phone_number", "+12065550100")}, "CodeDeliveryFailureException", "no SMS could be sent")
	w.provoke("ResendConfirmationCode", M{"ClientId": phoneClient, "Username": "jane"}, "CodeDeliveryFailureException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	w.do("UpdateUserPool", M{"UserPoolId": pool, "AutoVerifiedAttributes": L{"email"}, "LambdaConfig": M{"CustomMessage": lambda}})
	w.do("SignUp", M{"ClientId": client, "Username": "worded", "Password": password})
	w.do("AdminDeleteUser", M{"UserPoolId": pool, "Username": "jane"})
	w.do("UpdateUserPool", M{"UserPoolId": pool, "AutoVerifiedAttributes": L{"email"}})
	w.do("SignUp", M{"ClientId": client, "Username": "jane", "Password": password, "UserAttributes": attributeList("email", "other@example.com")})
	w.do("UpdateUserPool", M{"UserPoolId": pool, "AutoVerifiedAttributes": L{"email"}, "LambdaConfig": M{"CustomMessage": lambda}})
	w.provoke("ResendConfirmationCode", resend, "UnexpectedLambdaException", "a function words the message that this version cannot invoke")
}
