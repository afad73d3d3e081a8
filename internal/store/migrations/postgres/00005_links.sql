-- +goose Up

-- Who at a provider of others signs in as which user, by what the provider says of them. The value can be too long for
-- an index, so it is found by its SHA-256. With a profile the user came into being; others were linked to them.
CREATE TABLE links (
	pool_number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	attribute TEXT COLLATE "C" NOT NULL,
	digest BYTEA NOT NULL,
	value TEXT COLLATE "C" NOT NULL,
	user_number BIGINT NOT NULL,
	provider_type TEXT COLLATE "C" NOT NULL,
	issuer TEXT COLLATE "C" NOT NULL,
	profile BIGINT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (pool_number, provider, attribute, digest),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
);
CREATE INDEX links_user ON links (pool_number, user_number, created);
