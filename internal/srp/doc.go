// Package srp is the variant of the Secure Remote Password protocol (RFC 5054, SRP-6a) that user pool
// clients speak: both ends of it, and nothing of the messages that carry it.
//
// It differs from RFC 5054 in that the 3072-bit group has the generator 2, the hash is SHA-256, k hashes the
// generator unpadded, integers enter hashes in Java's BigInteger.toByteArray form (see Pad), the pool's name
// and the user's id stand in front of the password, and the proof is an HMAC under a key of 16 bytes that HKDF
// draws from the shared secret.
//
// The server keeps a salt and a verifier (NewVerifier). A sign-in has two steps, which may run on two nodes:
//
//	e, b, err := srp.Start(verifier, a)     // b is SRP_B; e.State() travels sealed in SECRET_BLOCK
//	e, err := srp.Resume(state)
//	ok, err := e.Verify(verifier, proof)    // PASSWORD_CLAIM_SIGNATURE
//
// Start does one exponentiation of the generator (from a table, about 0.2 ms) and Verify the two of arbitrary
// bases (about 0.8 ms each). Deriving the key at Start would shrink the state from 448 bytes to 16, at the same
// total; but the first step costs nobody a password, so it stays the cheap one. A user who is not there takes
// the same path with the salt and verifier of Decoy.
//
// A device signs in the same way: its group key stands for the pool's name, its key for the user's id.
//
// math/big is not constant in time. The exponents that it sees are drawn for one sign-in, hash values, or
// hashes of the password on their way to a verifier; comparisons of secrets are constant in time.
package srp
