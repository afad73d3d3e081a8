package ledger

import "testing"

func TestAdminCreateUser(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	w.user(pool, "jane")
	create := func(pool string, more M) M {
		return with(M{"UserPoolId": pool, "Username": "joe", "MessageAction": "SUPPRESS"}, more)
	}
	w.provoke("AdminCreateUser", create(pool, M{"Username": "jane"}), "UsernameExistsException", "somebody has that name")
	w.provoke("AdminCreateUser", create(pool, M{"TemporaryPassword": "short"}), "InvalidPasswordException", "the temporary password was too short")
	w.provoke("AdminCreateUser", create(pool, M{"UserAttributes": attributeList("shoe_size", "9")}), "InvalidParameterException",
		"the schema does not have the attribute")
	w.provoke("AdminCreateUser", create(pool, M{"Username": "jane", "MessageAction": "RESEND"}), "UnsupportedUserStateException",
		"the user who was to be invited again had a password of their own")
	w.provoke("AdminCreateUser", create(pool, M{"Username": "nobody", "MessageAction": "RESEND"}), "UserNotFoundException",
		"nobody was to be invited again")
	w.provoke("AdminCreateUser", M{"UserPoolId": pool, "Username": "joe", "DesiredDeliveryMediums": L{"SMS"},
		"UserAttributes": attributeList("phone_number", "+12065550100")}, "CodeDeliveryFailureException",
		"the invitation was to go by SMS, and the user pool has no SmsConfiguration")
	w.provoke("AdminCreateUser", create(w.pool(M{"LambdaConfig": M{"PreSignUp": lambda}}), nil), "UnexpectedLambdaException",
		"the user pool asks a function that this version cannot invoke")
}

func TestListUsers(t *testing.T) {
	w := newWorld(t)
	list := M{"UserPoolId": w.pool(nil)}
	w.provoke("ListUsers", with(list, M{"Filter": "email = jane"}), "InvalidParameterException", "the filter's value had no quotes")
	w.provoke("ListUsers", with(list, M{"Filter": `address = "x"`}), "InvalidParameterException", "users cannot be searched by that attribute")
	w.provoke("ListUsers", with(list, M{"AttributesToGet": L{"shoe_size"}}), "InvalidParameterException", "the schema does not have the attribute")
	w.provoke("ListUsers", with(list, M{"PaginationToken": "nonsense"}), "InvalidParameterException", "no page had that token")
}

func TestUserSettings(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	access := w.signedIn(pool, w.client(pool, nil), "jane").access
	sms := L{M{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}}
	w.provoke("SetUserSettings", M{"AccessToken": access, "MFAOptions": sms}, "InvalidParameterException", "the user has no phone number")
	w.provoke("AdminSetUserSettings", M{"UserPoolId": pool, "Username": "jane", "MFAOptions": sms}, "InvalidParameterException", "the user has no phone number")
}
