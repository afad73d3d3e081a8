-- +goose Up

-- What users can be found by beside name and sub: the first bytes of a value in lower case. The store writes and removes
-- the rows with the user's own, so there is no reference and no second index: in a large pool this is the largest table.
CREATE TABLE search (
	pool_number BIGINT NOT NULL,
	attribute SMALLINT NOT NULL,
	value TEXT COLLATE "C" NOT NULL,
	user_number BIGINT NOT NULL,
	PRIMARY KEY (pool_number, attribute, value, user_number)
);

CREATE INDEX users_enabled ON users (pool_number, enabled, number);
CREATE INDEX users_status ON users (pool_number, status, number);
