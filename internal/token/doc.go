// Package token mints, verifies, refreshes and revokes a pool's tokens, and makes its signing keys.
//
// A sign-in is a grant: Issue signs an access and an ID token for it and draws a refresh token, and the
// caller stores grant and refresh token in the unit of work that completes the sign-in. Authorize tells
// who an access token is: the key by its kid, the signature, the claims against what that key was made
// for, then one statement for pool, client, user and grant, judged in that order. Refresh signs anew for a
// grant; Revoke ends one grant, SignOut all grants of a user.
//
// Access and ID tokens are JWTs (RS256) under two RSA-2048 keys of the pool. A refresh token is 256 random
// bits of which the store keeps the hash.
package token
