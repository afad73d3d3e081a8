-- +goose Up

CREATE TABLE meta (
	name TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- replica is the region of a replica, or empty. A deleted pool keeps its row, without its data key, until everything in it is swept and no token of it can live.
CREATE TABLE pools (
	number INTEGER NOT NULL PRIMARY KEY,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	replica TEXT NOT NULL,
	name TEXT NOT NULL,
	created INTEGER NOT NULL,
	modified INTEGER NOT NULL,
	deleted INTEGER NOT NULL,
	version INTEGER NOT NULL,
	stamp INTEGER NOT NULL,
	format INTEGER NOT NULL,
	document TEXT NOT NULL,
	data_key BLOB
) STRICT;
CREATE UNIQUE INDEX pools_id ON pools (id) WHERE deleted = 0;
CREATE INDEX pools_region ON pools (region, created, id) WHERE deleted = 0;
CREATE INDEX pools_replica ON pools (replica, created, id) WHERE deleted = 0 AND replica > '';
CREATE INDEX pools_deleted ON pools (deleted, number) WHERE deleted > 0;

CREATE TABLE signing_keys (
	kid TEXT NOT NULL PRIMARY KEY,
	pool_number INTEGER NOT NULL REFERENCES pools (number),
	pool_id TEXT NOT NULL,
	key_use TEXT NOT NULL,
	public_key BLOB NOT NULL,
	private_key BLOB,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signing_keys_pool ON signing_keys (pool_number, created, kid);

-- A deleted client keeps its row, without its secrets, until it is swept.
CREATE TABLE clients (
	number INTEGER NOT NULL PRIMARY KEY,
	pool_number INTEGER NOT NULL REFERENCES pools (number),
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	created INTEGER NOT NULL,
	modified INTEGER NOT NULL,
	deleted INTEGER NOT NULL,
	version INTEGER NOT NULL,
	stamp INTEGER NOT NULL,
	format INTEGER NOT NULL,
	document TEXT NOT NULL,
	secrets TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX clients_id ON clients (id) WHERE deleted = 0;
CREATE INDEX clients_pool ON clients (pool_number, deleted, id);
CREATE INDEX clients_deleted ON clients (deleted, number) WHERE deleted > 0;

-- No reference to pools: on PostgreSQL each sign-up would lock the one row of its pool.
CREATE TABLE users (
	pool_number INTEGER NOT NULL,
	number INTEGER NOT NULL,
	username TEXT NOT NULL,
	folded TEXT NOT NULL,
	sub TEXT NOT NULL,
	status TEXT NOT NULL,
	enabled INTEGER NOT NULL,
	attributes TEXT NOT NULL,
	pending TEXT NOT NULL,
	mfa TEXT NOT NULL DEFAULT '',
	created INTEGER NOT NULL,
	modified INTEGER NOT NULL,
	valid_after INTEGER NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (pool_number, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_folded ON users (pool_number, folded);
CREATE UNIQUE INDEX users_sub ON users (pool_number, sub);

-- An imported password has the hash that came with it, sealed, and no verifier until it is first shown.
CREATE TABLE passwords (
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	salt BLOB NOT NULL,
	verifier BLOB NOT NULL,
	generation INTEGER NOT NULL,
	set_at INTEGER NOT NULL,
	temporary INTEGER NOT NULL,
	hash BLOB,
	PRIMARY KEY (pool_number, user_number, generation),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE aliases (
	pool_number INTEGER NOT NULL,
	attribute TEXT NOT NULL,
	value TEXT NOT NULL,
	user_number INTEGER NOT NULL,
	PRIMARY KEY (pool_number, attribute, value),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_user ON aliases (pool_number, user_number, attribute);

-- The codes of a user are numbered in the order in which they were made. Users with a number below zero stand in for those
-- who are not there.
CREATE TABLE codes (
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	attribute TEXT NOT NULL,
	content BLOB NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (pool_number, user_number, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_expires ON codes (expires);

-- A user's grants lie together, and what a sign-in writes touches few pages: no index on the client, so the grants of
-- a deleted one stay, worthless, until they expire.
CREATE TABLE grants (
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	client_number INTEGER NOT NULL,
	scopes TEXT NOT NULL,
	event_id TEXT NOT NULL,
	auth_time INTEGER NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	revoked INTEGER NOT NULL,
	PRIMARY KEY (pool_number, user_number, id),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE refresh_tokens (
	grant_id TEXT NOT NULL,
	hash BLOB NOT NULL,
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	issued INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	replaced INTEGER NOT NULL,
	PRIMARY KEY (grant_id, hash),
	FOREIGN KEY (pool_number, user_number, grant_id) REFERENCES grants (pool_number, user_number, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE spent (
	pool_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (pool_number, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_expires ON spent (expires);

CREATE TABLE attempts (
	pool_number INTEGER NOT NULL,
	subject TEXT NOT NULL,
	kind TEXT NOT NULL,
	tally INTEGER NOT NULL,
	since INTEGER NOT NULL,
	locked INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (pool_number, subject, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_expires ON attempts (expires);

CREATE TABLE access_keys (
	id TEXT NOT NULL PRIMARY KEY,
	secret BLOB NOT NULL,
	description TEXT NOT NULL,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages are numbered in the order in which they came. The recipient is a keyed hash.
CREATE TABLE inbox (
	number INTEGER NOT NULL PRIMARY KEY,
	id TEXT NOT NULL,
	recipient BLOB NOT NULL,
	content BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_recipient ON inbox (recipient, number);
