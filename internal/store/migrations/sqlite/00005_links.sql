-- +goose Up

-- Who at a provider of others signs in as which user, by what the provider says of them. The value can be too long for
-- an index, so it is found by its SHA-256. With a profile the user came into being; others were linked to them.
CREATE TABLE links (
	pool_number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	attribute TEXT NOT NULL,
	digest BLOB NOT NULL,
	value TEXT NOT NULL,
	user_number INTEGER NOT NULL,
	provider_type TEXT NOT NULL,
	issuer TEXT NOT NULL,
	profile INTEGER NOT NULL,
	created INTEGER NOT NULL,
	PRIMARY KEY (pool_number, provider, attribute, digest),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX links_user ON links (pool_number, user_number, created);
