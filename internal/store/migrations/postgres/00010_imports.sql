-- +goose Up

CREATE TABLE imports (
	pool_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	pool_id TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	algorithm TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	message TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	started BIGINT NOT NULL,
	completed BIGINT NOT NULL,
	imported BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	upload TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	line_count BIGINT NOT NULL,
	position BIGINT NOT NULL,
	line BIGINT NOT NULL,
	batches BIGINT NOT NULL,
	owner TEXT COLLATE "C" NOT NULL,
	lease BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	active BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_number, id)
);
CREATE INDEX imports_newest ON imports (pool_number, created, id);
CREATE INDEX imports_active ON imports (active, pool_number) WHERE active = 1;
CREATE INDEX imports_waiting ON imports (created) WHERE status = 'Created';

-- An upload that is in force does not expire. Its file is kept in parts, each sealed.
CREATE TABLE import_uploads (
	pool_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_number, id)
);
CREATE INDEX import_uploads_expires ON import_uploads (expires) WHERE expires > 0;

CREATE TABLE import_parts (
	pool_number BIGINT NOT NULL,
	upload TEXT COLLATE "C" NOT NULL,
	part BIGINT NOT NULL,
	content BYTEA NOT NULL,
	PRIMARY KEY (pool_number, upload, part),
	FOREIGN KEY (pool_number, upload) REFERENCES import_uploads (pool_number, id)
);

-- What became of each row of a file, a piece for each batch of rows.
CREATE TABLE import_log (
	pool_number BIGINT NOT NULL,
	job TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	content BYTEA NOT NULL,
	PRIMARY KEY (pool_number, job, number),
	FOREIGN KEY (pool_number, job) REFERENCES imports (pool_number, id) ON DELETE CASCADE
);
