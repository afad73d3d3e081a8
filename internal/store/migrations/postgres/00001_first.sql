-- +goose Up

CREATE TABLE meta (
	name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	value BYTEA NOT NULL
);

-- replica is the region of a replica, or empty. A deleted pool keeps its row, without its data key, until everything in it is swept and no token of it can live.
CREATE TABLE pools (
	number BIGINT NOT NULL PRIMARY KEY,
	id TEXT COLLATE "C" NOT NULL,
	region TEXT COLLATE "C" NOT NULL,
	replica TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	deleted BIGINT NOT NULL,
	version BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	format BIGINT NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	data_key BYTEA
);
CREATE UNIQUE INDEX pools_id ON pools (id) WHERE deleted = 0;
CREATE INDEX pools_region ON pools (region, created, id) WHERE deleted = 0;
CREATE INDEX pools_replica ON pools (replica, created, id) WHERE deleted = 0 AND replica > '';
CREATE INDEX pools_deleted ON pools (deleted, number) WHERE deleted > 0;

CREATE TABLE signing_keys (
	kid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	pool_number BIGINT NOT NULL REFERENCES pools (number),
	pool_id TEXT COLLATE "C" NOT NULL,
	key_use TEXT COLLATE "C" NOT NULL,
	public_key BYTEA NOT NULL,
	private_key BYTEA,
	created BIGINT NOT NULL
);
CREATE INDEX signing_keys_pool ON signing_keys (pool_number, created, kid);

-- A deleted client keeps its row, without its secrets, until it is swept.
CREATE TABLE clients (
	number BIGINT NOT NULL PRIMARY KEY,
	pool_number BIGINT NOT NULL REFERENCES pools (number),
	id TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	deleted BIGINT NOT NULL,
	version BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	format BIGINT NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	secrets TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX clients_id ON clients (id) WHERE deleted = 0;
CREATE INDEX clients_pool ON clients (pool_number, deleted, id);
CREATE INDEX clients_deleted ON clients (deleted, number) WHERE deleted > 0;

-- No reference to pools: on PostgreSQL each sign-up would lock the one row of its pool.
CREATE TABLE users (
	pool_number BIGINT NOT NULL,
	number BIGINT NOT NULL,
	username TEXT COLLATE "C" NOT NULL,
	folded TEXT COLLATE "C" NOT NULL,
	sub TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	enabled BIGINT NOT NULL,
	attributes TEXT COLLATE "C" NOT NULL,
	pending TEXT COLLATE "C" NOT NULL,
	mfa TEXT COLLATE "C" NOT NULL DEFAULT '',
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	valid_after BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_number, number)
);
CREATE UNIQUE INDEX users_folded ON users (pool_number, folded);
CREATE UNIQUE INDEX users_sub ON users (pool_number, sub);

-- An imported password has the hash that came with it, sealed, and no verifier until it is first shown.
CREATE TABLE passwords (
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	verifier BYTEA NOT NULL,
	generation BIGINT NOT NULL,
	set_at BIGINT NOT NULL,
	temporary BIGINT NOT NULL,
	hash BYTEA,
	PRIMARY KEY (pool_number, user_number, generation),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
);

CREATE TABLE aliases (
	pool_number BIGINT NOT NULL,
	attribute TEXT COLLATE "C" NOT NULL,
	value TEXT COLLATE "C" NOT NULL,
	user_number BIGINT NOT NULL,
	PRIMARY KEY (pool_number, attribute, value),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
);
CREATE INDEX aliases_user ON aliases (pool_number, user_number, attribute);

-- The codes of a user are numbered in the order in which they were made. Users with a number below zero stand in for those
-- who are not there.
CREATE TABLE codes (
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	sequence BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	purpose TEXT COLLATE "C" NOT NULL,
	attribute TEXT COLLATE "C" NOT NULL,
	content BYTEA NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_number, user_number, sequence)
);
CREATE INDEX codes_expires ON codes (expires);

-- A user's grants lie together, and what a sign-in writes touches few pages: no index on the client, so the grants of
-- a deleted one stay, worthless, until they expire.
CREATE TABLE grants (
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	client_number BIGINT NOT NULL,
	scopes TEXT COLLATE "C" NOT NULL,
	event_id TEXT COLLATE "C" NOT NULL,
	auth_time BIGINT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	revoked BIGINT NOT NULL,
	PRIMARY KEY (pool_number, user_number, id),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
);
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE refresh_tokens (
	grant_id TEXT COLLATE "C" NOT NULL,
	hash BYTEA NOT NULL,
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	issued BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	replaced BIGINT NOT NULL,
	PRIMARY KEY (grant_id, hash),
	FOREIGN KEY (pool_number, user_number, grant_id) REFERENCES grants (pool_number, user_number, id) ON DELETE CASCADE
);

CREATE TABLE spent (
	pool_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_number, id)
);
CREATE INDEX spent_expires ON spent (expires);

CREATE TABLE attempts (
	pool_number BIGINT NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	tally BIGINT NOT NULL,
	since BIGINT NOT NULL,
	locked BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_number, subject, kind)
);
CREATE INDEX attempts_expires ON attempts (expires);

CREATE TABLE access_keys (
	id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	secret BYTEA NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL
);

-- Messages are numbered in the order in which they came. The recipient is a keyed hash.
CREATE TABLE inbox (
	number BIGINT NOT NULL PRIMARY KEY,
	id TEXT COLLATE "C" NOT NULL,
	recipient BYTEA NOT NULL,
	content BYTEA NOT NULL
);
CREATE INDEX inbox_recipient ON inbox (recipient, number);
