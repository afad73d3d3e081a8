package ledger

import "testing"

func TestSessionConfiguration(t *testing.T) {
	w := newWorld(t)
	pool, lite := w.pool(nil), w.pool(M{"UserPoolTier": "LITE"})
	client := w.client(pool, nil)
	tracking := M{"UserPoolId": pool, "UserSessionTracking": "ENABLED", "TokenSession": M{"MaxPerUser": 2}}
	browser := M{"UserPoolId": pool, "ClientId": client, "SSOSession": M{"MaxValidityMinutes": 0}}
	const setPool, setClient = "SetUserPoolSessionConfiguration", "SetUserPoolClientSessionConfiguration"

	fresh := w.do("GetUserPoolSessionConfiguration", M{"UserPoolId": pool})
	if fresh["UserSessionTracking"] != "DISABLED" || fresh["TokenSession"].(M)["MaxPerUser"] != 20.0 {
		t.Errorf("a pool that was never configured: %v", fresh)
	}
	of := M{"UserPoolId": pool, "ClientId": client}
	if minutes := w.do("GetUserPoolClientSessionConfiguration", of)["SSOSession"].(M)["MaxValidityMinutes"]; minutes != 60.0 {
		t.Errorf("a client that was never configured: %v", minutes)
	}
	w.provoke(setClient, browser, "InvalidParameterException", "sessions were not tracked")
	w.provoke(setPool, with(tracking, M{"UserPoolId": lite}), "FeatureUnavailableInTierException", "sessions were to be tracked in the plan Lite")
	w.provoke(setClient, with(browser, M{"UserPoolId": lite, "ClientId": w.client(lite, nil)}), "FeatureUnavailableInTierException",
		"the user pool had the plan Lite")
	w.do(setPool, tracking)
	w.do(setClient, browser)
	w.do("UpdateUserPoolClient", with(of, M{"ClientName": "renamed"})) // which leaves it alone
	if minutes := w.do("GetUserPoolClientSessionConfiguration", of)["SSOSession"].(M)["MaxValidityMinutes"]; minutes != 0.0 {
		t.Errorf("a configured client: %v", minutes)
	}
	w.provoke("UpdateUserPool", M{"UserPoolId": pool, "UserPoolTier": "LITE"}, "FeatureUnavailableInTierException", "the pool tracked sessions")
	w.race(setPool, func(int) M { return tracking }, "ConcurrentModificationException", "two changed it at the same time")
	w.race(setClient, func(int) M { return browser }, "ConcurrentModificationException", "two changed it at the same time")
}

func TestUserSessions(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := w.client(pool, nil)
	w.do("SetUserPoolSessionConfiguration", M{"UserPoolId": pool, "UserSessionTracking": "ENABLED", "TokenSession": M{"MaxPerUser": 2}})
	first := w.signedIn(pool, client, "jane")
	second := w.signIn(client, "jane")
	own := M{"AccessToken": second.access}
	jane := M{"UserPoolId": pool, "Username": "jane"}
	nobody := M{"UserPoolId": pool, "Username": "nobody"}

	ids := map[any]any{}
	for _, s := range w.do("ListUserSessions", own)["Sessions"].(L) {
		s := s.(M)
		ids[s["IsCurrentSession"]] = s["SessionId"]
		if s["SessionType"] != "TOKEN" || s["ClientId"] != client || s["LastLocation"].(M)["Country"] != "unknown" || s["LastIPAddress"] == nil {
			t.Errorf("a session is %v", s)
		}
	}
	if len(ids) != 2 {
		t.Fatalf("the sessions are %v", ids)
	}
	for _, s := range w.do("AdminListUserSessions", jane)["Sessions"].(L) {
		if s.(M)["IsCurrentSession"] != false {
			t.Errorf("a session for an administrator: %v", s)
		}
	}
	const noSession = "tkn0000000000000000000000000"
	w.provoke("ListUserSessions", with(own, M{"NextToken": "nobodys"}), "InvalidParameterException", "the token was not of this list")
	w.provoke("AdminListUserSessions", with(jane, M{"NextToken": "nobodys"}), "InvalidParameterException", "the token was not of this list")
	w.provoke("AdminListUserSessions", nobody, "UserNotFoundException", "there is no such user")
	w.provoke("AdminRevokeUserSession", with(nobody, M{"SessionId": noSession}), "UserNotFoundException", "there is no such user")
	w.provoke("AdminRevokeUserSession", with(jane, M{"SessionId": noSession}), "ResourceNotFoundException", "the user had no such session")
	w.provoke("RevokeUserSession", with(own, M{"SessionId": noSession}), "ResourceNotFoundException", "the user had no such session")
	w.provoke("RevokeUserSession", with(own, M{"SessionId": ids[true]}), "InvalidParameterException", "the session was that of the token")
	w.do("RevokeUserSession", with(own, M{"SessionId": ids[false], "RevokeAssociatedSessions": "LINKED"}))
	w.refused("GetUser", M{"AccessToken": first.access}, "NotAuthorizedException", "the session was revoked")
	w.refused("InitiateAuth", M{"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": M{"REFRESH_TOKEN": first.refresh}},
		"NotAuthorizedException", "the session was revoked")
	w.do("AdminRevokeUserSession", with(jane, M{"SessionId": ids[true]}))
	w.refused("ListUserSessions", own, "NotAuthorizedException", "the session was revoked")
	third := w.signIn(client, "jane")
	w.do("RevokeToken", M{"ClientId": client, "Token": third.refresh, "RevokeAssociatedSessions": "LINKED"})
	if left := w.do("AdminListUserSessions", jane)["Sessions"].(L); len(left) != 0 {
		t.Errorf("sessions that are left: %v", left)
	}
}
