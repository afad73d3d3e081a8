-- +goose Up

-- A deleted group keeps its row until its memberships are swept; names are unique among the living. No reference to
-- pools, as with users.
CREATE TABLE groups (
	number BIGINT NOT NULL PRIMARY KEY,
	pool_number BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	role_arn TEXT COLLATE "C" NOT NULL,
	precedence BIGINT,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	deleted BIGINT NOT NULL
);
CREATE UNIQUE INDEX groups_name ON groups (pool_number, name) WHERE deleted = 0;
CREATE INDEX groups_pool ON groups (pool_number, number);
CREATE INDEX groups_deleted ON groups (deleted, number) WHERE deleted > 0;

-- No reference to groups: each new member would lock the one row of their group.
CREATE TABLE memberships (
	pool_number BIGINT NOT NULL,
	group_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	PRIMARY KEY (pool_number, group_number, user_number),
	FOREIGN KEY (pool_number, user_number) REFERENCES users (pool_number, number) ON DELETE CASCADE
);
CREATE INDEX memberships_user ON memberships (pool_number, user_number, group_number);
