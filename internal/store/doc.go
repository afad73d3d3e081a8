// Package store keeps the nouns of userpool in SQL. It implements userpool.Store and userpool.Sealer on two
// engines: SQLite, embedded, and PostgreSQL, for more than one node.
//
// There is one set of statements, in the dialect that both engines accept. An engine opens the database and gives
// two kinds of session to run them in: one that reads what is committed, and one for each unit of work.
//
// SQLite has one connection for writing, owned by one goroutine. It commits the units of work of concurrent
// requests together, so that they share one fsync: each unit is a savepoint, runs on its caller's goroutine when
// its turn comes, and is acknowledged after the commit. Readers have connections of their own and never wait for
// the writer. On PostgreSQL a unit of work is a serializable transaction, run again when it conflicts.
//
// Secrets are sealed under the data key of their pool before they become a parameter of a statement, and opened
// when a row is read. Configuration documents carry a stamp, drawn with each change; a cached document is good as
// long as its row shows the same stamp, so no cache is ever told to forget.
package store
