// Package seal keeps secrets in the database unreadable without a key that is not in the database.
//
// The master Key comes from a file. Box makes a data key for each pool, wrapped under the master key, so that
// giving the master key up for a new one touches one row a pool. DataKey seals the secrets of its pool and makes
// keyed hashes; ServerKey does so for what belongs to no pool. A seal is bound to its Place: moved to another
// table, column, pool or row it does not open. Check and VerifyCheck tell whether a database belongs to a key.
//
// The cipher is XChaCha20-Poly1305 with random nonces of 192 bits, which need no counter however many seals a
// key makes. Keys are derived with HKDF-SHA-256. What is stored begins with a format version.
package seal
