// Package userpool holds the nouns of a user pool (pool, app client, user, code, grant, …), the rules
// that belong to a noun alone, the error that a caller may be told, and the interfaces that other rooms
// implement: Store (internal/store), Sealer (internal/store with internal/seal) and Messenger
// (internal/delivery).
//
// It imports internal/wire, because pure configuration keeps the shapes of the API, and nothing else of
// Poolhouse. Values that a Reader returns are shared and must not be changed, except users, which are
// the caller's own copy.
package userpool
