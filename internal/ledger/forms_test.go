package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// declaring lists the available operations that declare the exception and whose input has the member.
func declaring(exception, member string) (names []string) {
	for _, name := range available {
		if op, _ := wire.Lookup(name); op.Declares(exception) && (member == "" || takes(name, member)) {
			names = append(names, name)
		}
	}
	return names
}

// Input that breaks a constraint is refused by every operation.
func TestConstraints(t *testing.T) {
	w := newWorld(t)
	for _, name := range declaring("InvalidParameterException", "") {
		if needs(name) {
			w.provoke(name, M{}, "InvalidParameterException", "a required member was left out")
			continue
		}
		w.provoke(name, M{"AccessToken": "?", "UserPoolId": "?"}, "InvalidParameterException", "a member had a character that cannot be in it")
	}
}

// What an operation is asked to work in has to be there.
func TestNothingThere(t *testing.T) {
	w := newWorld(t)
	const exception = "ResourceNotFoundException"
	for _, name := range declaring(exception, "") {
		switch {
		case takes(name, "UserPoolId"):
			w.provoke(name, sample(name), exception, "there is no such user pool")
		case takes(name, "ResourceArn"):
			w.provoke(name, sample(name), exception, "there is no user pool of that ARN")
		case takes(name, "ClientId"):
			w.provoke(name, sample(name), exception, "there is no such app client")
		}
	}
}

// A pool that the caller's region does not have is not there either.
func TestAnotherRegion(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	for _, name := range declaring("ResourceNotFoundException", "UserPoolId") {
		if op, _ := wire.Lookup(name); op.Caller == wire.Signed {
			w.in("ap-south-1").provoke(name, with(sample(name), M{"UserPoolId": pool}), "ResourceNotFoundException", "the user pool is in another region")
		}
	}
}

// An administrator names a user who is not there.
func TestNobody(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	for _, name := range declaring("UserNotFoundException", "UserPoolId") {
		if takes(name, "Username") && !slices.Contains(asksForMore, name) {
			w.provoke(name, with(sample(name), M{"UserPoolId": pool}), "UserNotFoundException", "nobody has that name")
		}
	}
}

// asksForMore are operations whose sample needs more than a pool before the user is looked for; the file of their
// noun has the case.
var asksForMore = []string{"AdminCreateUser", "AdminListUserAuthEvents", "AdminUpdateAuthEventFeedback", "UpdateAuthEventFeedback"}

// Every operation that takes an access token asks the same of it.
func TestAccessTokens(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client, gone := w.client(pool, nil), w.client(pool, M{"ClientName": "gone"})
	states := []struct {
		exception, did string
		token          string
	}{
		{"NotAuthorizedException", "the access token is nobody's", "nobodys.access.token"},
		{"NotAuthorizedException", "the token was an ID token", w.signedIn(pool, client, "identified").id},
		{"NotAuthorizedException", "the user had signed out everywhere", w.signedOut(pool, client, "signed-out")},
		{"UserNotFoundException", "the user had been deleted", w.deleted(pool, client, "deleted")},
		{"UserNotConfirmedException", "somebody had signed up again under the name of a deleted user", w.replaced(pool, client, "replaced")},
		{"ResourceNotFoundException", "the app client had been deleted", w.signedIn(pool, gone, "left").access},
	}
	w.do("DeleteUserPoolClient", M{"UserPoolId": pool, "ClientId": gone})
	if isAvailable("AdminResetUserPassword") {
		states = append(states, struct{ exception, did, token string }{
			"PasswordResetRequiredException", "an administrator had reset the password", w.reset(pool, client, "reset"),
		})
	}
	for _, state := range states {
		for _, name := range declaring(state.exception, "AccessToken") {
			w.provoke(name, with(sample(name), M{"AccessToken": state.token}), state.exception, state.did)
		}
	}
	old := w.signedIn(pool, client, "late").access
	w.advance(time.Hour)
	for _, name := range declaring("NotAuthorizedException", "AccessToken") {
		w.provoke(name, with(sample(name), M{"AccessToken": old}), "NotAuthorizedException", "the access token had expired")
	}
}

// signedOut gives the access token of a user who has signed out everywhere since.
func (w *world) signedOut(pool, client, name string) string {
	access := w.signedIn(pool, client, name).access
	w.do("GlobalSignOut", M{"AccessToken": access})
	return access
}

// deleted gives the access token of a user who was deleted since.
func (w *world) deleted(pool, client, name string) string {
	access := w.signedIn(pool, client, name).access
	w.do("AdminDeleteUser", M{"UserPoolId": pool, "Username": name})
	return access
}

// replaced gives the access token of a user who was deleted since, and whose name somebody took again.
func (w *world) replaced(pool, client, name string) string {
	access := w.deleted(pool, client, name)
	w.do("SignUp", M{"ClientId": client, "Username": name, "Password": password})
	return access
}

// reset gives the access token of a user whose password an administrator reset since.
func (w *world) reset(pool, client, name string) string {
	access := w.signedIn(pool, client, name, "email", name+"@example.com", "email_verified", "true").access
	w.do("AdminResetUserPassword", M{"UserPoolId": pool, "Username": name})
	return access
}
