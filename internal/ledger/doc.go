// Package ledger has the tests that keep the error ledger: which of the 1,214 pairs of operation and exception
// that the API model declares have been seen, provoked by plain calls at a running server in real conditions.
// It ships nothing. make ledger runs the tests, says what is missing and writes the table in
// docs/compatibility.md; an ordinary run of the tests fails when that table is not what was seen.
//
// A noun has a file of its own (group_test.go), where a case is a call and what stands behind its answer:
//
//	func TestGroups(t *testing.T) {
//		w := newWorld(t)          // a server of this test, which runs in parallel with the others
//		pool := w.pool(M{})       // CreateUserPool with more members, if any
//		group := M{"UserPoolId": pool, "GroupName": "readers"}
//		w.do("CreateGroup", group) // must succeed, and gives the answer
//		w.provoke("CreateGroup", group, "GroupExistsException", "a group of that name is there")
//	}
//
// The sentence says what the user did. provoke fails when the answer is another exception or when the operation
// does not declare it, and gives the message, so that a case may compare its text. refused is for an exception
// that needs no place in the ledger, and race is provoke for what only calls at the same time meet.
//
// What a world has ready: pool, client, user, signIn, signedIn, code (from the inbox), advance (the clock), in
// (calls signed for another region); newWorldWith begins with what thousands of calls would make. What all
// operations of a form answer alike is in forms_test.go and driven by the operation table, so that a new operation is covered as soon as it is available: a broken
// constraint, a pool or app client that is not there, an access token that is no longer good. It sends sample
// input; an operation whose input needs more than the model says has an entry in samples (sample_test.go).
// Why a pair was not seen is in reasons (reason_test.go); without an entry there, no condition is known.
//
// When the table conflicts in a merge, or the merged code and the table differ, run make ledger and commit what
// it writes: nothing in the table is written by hand.
package ledger
