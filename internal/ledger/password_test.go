package ledger

import (
	"testing"
	"time"
)

// history lets a user pool refuse passwords that its users had.
var history = M{"Policies": M{"PasswordPolicy": M{"PasswordHistorySize": 3, "MinimumLength": 8}}}

const another = "Battery-Staple-8"

func TestAdminSetUserPassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(history)
	w.user(pool, "jane")
	set := M{"UserPoolId": pool, "Username": "jane", "Password": password, "Permanent": true}
	w.provoke("AdminSetUserPassword", set, "PasswordHistoryPolicyViolationException", "the user had that password already")
	w.provoke("AdminSetUserPassword", with(set, M{"Password": "short"}), "InvalidPasswordException", "the password was too short")
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(history)
	access := w.signedIn(pool, w.client(pool, nil), "jane").access
	change := M{"AccessToken": access, "PreviousPassword": password, "ProposedPassword": another}
	w.provoke("ChangePassword", with(change, M{"ProposedPassword": "short"}), "InvalidPasswordException", "the new password was too short")
	w.provoke("ChangePassword", with(change, M{"ProposedPassword": password}), "PasswordHistoryPolicyViolationException", "the new password was the old one")
	for range 4 {
		w.provoke("ChangePassword", with(change, M{"PreviousPassword": "Wrong-Horse-7"}), "NotAuthorizedException", "the present password was wrong")
	}
	w.provoke("ChangePassword", change, "LimitExceededException", "it was the sixth try within an hour")
}

func TestForgotPassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := w.client(pool, nil)
	w.user(pool, "jane", "email", "jane@example.com", "email_verified", "true")
	w.user(pool, "phoning", "phone_number", "+12065550100", "phone_number_verified", "true")
	w.user(pool, "unreachable")
	forgot := M{"ClientId": client, "Username": "jane"}
	w.provoke("ForgotPassword", with(forgot, M{"Username": "nobody"}), "UserNotFoundException", "nobody has that name")
	w.provoke("ForgotPassword", with(forgot, M{"Username": "unreachable"}), "InvalidParameterException", "the user has no verified address")
	w.provoke("ForgotPassword", with(forgot, M{"Username": "phoning"}), "CodeDeliveryFailureException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	for range 5 {
		w.do("ForgotPassword", forgot)
	}
	w.provoke("ForgotPassword", forgot, "LimitExceededException", "five codes had been sent within an hour")
	closed := w.pool(M{"AccountRecoverySetting": M{"RecoveryMechanisms": L{M{"Name": "admin_only", "Priority": 1}}}})
	w.provoke("ForgotPassword", M{"ClientId": w.client(closed, nil), "Username": "jane"}, "NotAuthorizedException",
		"only administrators reset passwords in the user pool")
	asking := w.pool(M{"LambdaConfig": M{"CustomMessage": lambda}})
	w.user(asking, "jane", "email", "jane@example.com", "email_verified", "true")
	w.provoke("ForgotPassword", M{"ClientId": w.client(asking, nil), "Username": "jane"}, "UnexpectedLambdaException",
		"a function words the message that this version cannot invoke")
}

func TestConfirmForgotPassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(history)
	client := w.client(pool, nil)
	forgot := func(name string) (confirm M) {
		email := name + "@example.com"
		w.user(pool, name, "email", email, "email_verified", "true")
		w.do("ForgotPassword", M{"ClientId": client, "Username": name})
		return M{"ClientId": client, "Username": name, "ConfirmationCode": w.code(email), "Password": another}
	}
	confirm := forgot("jane")
	w.provoke("ConfirmForgotPassword", with(confirm, M{"ConfirmationCode": "nonsense"}), "CodeMismatchException", "the code was wrong")
	w.provoke("ConfirmForgotPassword", with(confirm, M{"Username": "nobody"}), "UserNotFoundException", "nobody has that name")
	w.provoke("ConfirmForgotPassword", with(confirm, M{"Password": "short"}), "InvalidPasswordException", "the new password was too short")
	w.provoke("ConfirmForgotPassword", with(confirm, M{"Password": password}), "PasswordHistoryPolicyViolationException", "the new password was the old one")
	w.provoke("ConfirmForgotPassword", with(confirm, M{"ClientId": w.client(pool, M{"GenerateSecret": true})}), "NotAuthorizedException",
		"the app client has a secret, and no hash was sent")
	guessed := with(forgot("guessed"), M{"ConfirmationCode": "nonsense"})
	for range 19 { // the call that sent the code counts too
		w.refused("ConfirmForgotPassword", guessed, "CodeMismatchException", "the code was wrong")
	}
	w.provoke("ConfirmForgotPassword", guessed, "LimitExceededException", "there had been twenty tries within an hour")
	late := forgot("late")
	w.advance(time.Hour + time.Second)
	w.provoke("ConfirmForgotPassword", late, "ExpiredCodeException", "the code was an hour old")
	w.do("UpdateUserPool", with(M{"UserPoolId": pool, "LambdaConfig": M{"PostConfirmation": lambda}}, history))
	w.provoke("ConfirmForgotPassword", confirm, "UnexpectedLambdaException", "the user pool tells a function that this version cannot invoke")
}

func TestAdminResetUserPassword(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := w.client(pool, nil)
	w.user(pool, "jane", "email", "jane@example.com", "email_verified", "true")
	w.user(pool, "unreachable")
	w.user(pool, "phoning", "phone_number", "+12065550100", "phone_number_verified", "true")
	w.do("AdminCreateUser", M{"UserPoolId": pool, "Username": "new", "MessageAction": "SUPPRESS"})
	reset := M{"UserPoolId": pool, "Username": "jane"}
	w.provoke("AdminResetUserPassword", with(reset, M{"Username": "unreachable"}), "InvalidParameterException", "the user has no verified address")
	w.provoke("AdminResetUserPassword", with(reset, M{"Username": "new"}), "NotAuthorizedException", "the user had a temporary password")
	w.provoke("AdminResetUserPassword", with(reset, M{"Username": "phoning"}), "InvalidSmsRoleAccessPolicyException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	w.do("AdminResetUserPassword", reset)
	w.provoke("InitiateAuth", passwordAuth(client, "jane", password), "PasswordResetRequiredException", "an administrator had reset the password")
	w.provoke("AdminInitiateAuth", M{"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": M{"USERNAME": "jane", "PASSWORD": password}}, "PasswordResetRequiredException", "an administrator had reset the password")
	asking := w.pool(M{"LambdaConfig": M{"CustomMessage": lambda}})
	w.user(asking, "jane", "email", "jane@example.com", "email_verified", "true")
	w.provoke("AdminResetUserPassword", with(reset, M{"UserPoolId": asking}), "UnexpectedLambdaException",
		"a function words the message that this version cannot invoke")
}
