-- +goose Up

-- What is shown of a grant where user sessions are tracked. It ends with its grant, however that ends.
CREATE TABLE user_sessions (
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	grant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	device TEXT NOT NULL,
	address TEXT NOT NULL,
	active INTEGER NOT NULL,
	PRIMARY KEY (pool_number, user_number, grant_id),
	FOREIGN KEY (pool_number, user_number, grant_id) REFERENCES grants (pool_number, user_number, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
