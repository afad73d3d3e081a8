package ledger

import "testing"

func TestRevokeToken(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client, other := w.client(pool, nil), w.client(pool, nil)
	kept := w.client(pool, M{"EnableTokenRevocation": false})
	tokens := w.signedIn(pool, client, "jane")
	revoke := M{"ClientId": client, "Token": tokens.refresh}
	w.provoke("RevokeToken", with(revoke, M{"ClientId": noClient}), "UnauthorizedException", "there is no such app client")
	w.provoke("RevokeToken", with(revoke, M{"ClientId": other}), "UnauthorizedException", "the token was another app client's")
	w.provoke("RevokeToken", with(revoke, M{"ClientId": w.client(pool, M{"GenerateSecret": true})}), "UnauthorizedException",
		"the app client has a secret, and none was sent")
	w.provoke("RevokeToken", with(revoke, M{"Token": tokens.access}), "UnsupportedTokenTypeException", "the token was an access token")
	w.provoke("RevokeToken", M{"ClientId": kept, "Token": w.signIn(kept, "jane").refresh}, "UnsupportedOperationException",
		"revocation is off for the app client")
}
