package ledger

import (
	"testing"
	"time"
)

func TestUpdateUserAttributes(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AliasAttributes": L{"preferred_username"}, "AutoVerifiedAttributes": L{"phone_number"}})
	client := w.client(pool, nil)
	w.user(pool, "joe", "preferred_username", "captain")
	access := w.signedIn(pool, client, "jane").access
	update := func(access string, attributes ...string) M {
		return M{"AccessToken": access, "UserAttributes": attributeList(attributes...)}
	}
	w.provoke("UpdateUserAttributes", update(access, "preferred_username", "captain"), "AliasExistsException", "another user signs in with that name")
	w.provoke("UpdateUserAttributes", update(access, "birthdate", "today"), "InvalidParameterException", "the birthdate was no date")
	w.provoke("UpdateUserAttributes", update(access, "phone_number", "+12065550100"), "CodeDeliveryFailureException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	reader := w.client(pool, M{"WriteAttributes": L{"nickname"}})
	w.provoke("UpdateUserAttributes", update(w.signIn(reader, "jane").access, "given_name", "Jane"), "NotAuthorizedException",
		"the app client may not write the attribute")
	w.do("UpdateUserPool", M{"UserPoolId": pool, "AutoVerifiedAttributes": L{"phone_number"}, "LambdaConfig": M{"CustomMessage": lambda}})
	w.provoke("UpdateUserAttributes", update(access, "phone_number", "+12065550101"), "UnexpectedLambdaException",
		"a function words the message that this version cannot invoke")
}

func TestGetUserAttributeVerificationCode(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	access := w.signedIn(pool, w.client(pool, nil), "jane", "email", "jane@example.com", "phone_number", "+12065550100").access
	send := M{"AccessToken": access, "AttributeName": "email"}
	w.provoke("GetUserAttributeVerificationCode", with(send, M{"AttributeName": "nickname"}), "InvalidParameterException", "a nickname is no address")
	w.provoke("GetUserAttributeVerificationCode", with(send, M{"AttributeName": "phone_number"}), "CodeDeliveryFailureException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	for range 5 {
		w.do("GetUserAttributeVerificationCode", send)
	}
	w.provoke("GetUserAttributeVerificationCode", send, "LimitExceededException", "five codes had been sent within an hour")
	w.do("UpdateUserPool", M{"UserPoolId": pool, "LambdaConfig": M{"CustomMessage": lambda}})
	w.provoke("GetUserAttributeVerificationCode", send, "UnexpectedLambdaException", "a function words the message that this version cannot invoke")
}

func TestVerifyUserAttribute(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AliasAttributes": L{"email"}})
	client := w.client(pool, nil)
	w.user(pool, "first", "email", "jane@example.com", "email_verified", "true")
	access := w.signedIn(pool, client, "second", "email", "jane@example.com").access
	verify := func(access, email string) M {
		w.do("GetUserAttributeVerificationCode", M{"AccessToken": access, "AttributeName": "email"})
		return M{"AccessToken": access, "AttributeName": "email", "Code": w.code(email)}
	}
	w.provoke("VerifyUserAttribute", verify(access, "jane@example.com"), "AliasExistsException", "another user signs in with that address")
	access = w.signedIn(pool, client, "joe", "email", "joe@example.com").access
	wrong := with(verify(access, "joe@example.com"), M{"Code": "nonsense"})
	for range 15 {
		w.provoke("VerifyUserAttribute", wrong, "CodeMismatchException", "the code was wrong")
	}
	w.provoke("VerifyUserAttribute", wrong, "LimitExceededException", "the code had been wrong fifteen times in an hour")
	w.user(pool, "late", "email", "late@example.com")
	late := verify(w.signIn(client, "late").access, "late@example.com")
	w.advance(25 * time.Hour)
	late["AccessToken"] = w.signIn(client, "late").access
	w.provoke("VerifyUserAttribute", late, "ExpiredCodeException", "the code was a day old")
}

func TestAdminUpdateUserAttributes(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(M{"AliasAttributes": L{"email"}, "AutoVerifiedAttributes": L{"phone_number"}})
	w.user(pool, "joe", "email", "joe@example.com", "email_verified", "true")
	w.user(pool, "jane", "email", "joe@example.com")
	update := func(attributes ...string) M {
		return M{"UserPoolId": pool, "Username": "jane", "UserAttributes": attributeList(attributes...)}
	}
	w.provoke("AdminUpdateUserAttributes", update("email_verified", "true"), "AliasExistsException", "another user signs in with that address")
	w.provoke("AdminUpdateUserAttributes", update("phone_number_verified", "true"), "InvalidParameterException", "there was no number to be verified")
	w.provoke("AdminUpdateUserAttributes", update("phone_number", "+12065550100"), "InvalidSmsRoleAccessPolicyException",
		"the code was to go by SMS, and the user pool has no SmsConfiguration")
	w.do("UpdateUserPool", M{"UserPoolId": pool, "AutoVerifiedAttributes": L{"phone_number"}, "LambdaConfig": M{"CustomMessage": lambda}})
	w.provoke("AdminUpdateUserAttributes", update("phone_number", "+12065550101"), "UnexpectedLambdaException",
		"a function words the message that this version cannot invoke")
}

func TestDeleteUserAttributes(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	reader := w.client(pool, M{"WriteAttributes": L{"nickname"}})
	access := w.signedIn(pool, reader, "jane", "given_name", "Jane").access
	w.provoke("DeleteUserAttributes", M{"AccessToken": access, "UserAttributeNames": L{"given_name"}}, "NotAuthorizedException",
		"the app client may not write the attribute")
	w.provoke("DeleteUserAttributes", M{"AccessToken": w.signIn(w.client(pool, nil), "jane").access, "UserAttributeNames": L{"custom:shoe_size"}},
		"InvalidParameterException", "the schema does not have the attribute")
	w.provoke("AdminDeleteUserAttributes", M{"UserPoolId": pool, "Username": "jane", "UserAttributeNames": L{"sub"}},
		"InvalidParameterException", "a user has to have a sub")
}
