-- +goose Up

-- What is shown of a grant where user sessions are tracked. It ends with its grant, however that ends.
CREATE TABLE user_sessions (
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	grant_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	address TEXT COLLATE "C" NOT NULL,
	active BIGINT NOT NULL,
	PRIMARY KEY (pool_number, user_number, grant_id),
	FOREIGN KEY (pool_number, user_number, grant_id) REFERENCES grants (pool_number, user_number, id) ON DELETE CASCADE
);
