-- +goose Up

CREATE TABLE imports (
	pool_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	pool_id TEXT NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	algorithm TEXT NOT NULL,
	status TEXT NOT NULL,
	message TEXT NOT NULL,
	created INTEGER NOT NULL,
	started INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	imported INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	upload TEXT NOT NULL,
	size INTEGER NOT NULL,
	line_count INTEGER NOT NULL,
	position INTEGER NOT NULL,
	line INTEGER NOT NULL,
	batches INTEGER NOT NULL,
	owner TEXT NOT NULL,
	lease INTEGER NOT NULL,
	fence INTEGER NOT NULL,
	active INTEGER NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (pool_number, id)
) STRICT;
CREATE INDEX imports_newest ON imports (pool_number, created, id);
CREATE INDEX imports_active ON imports (active, pool_number) WHERE active = 1;
CREATE INDEX imports_waiting ON imports (created) WHERE status = 'Created';

-- An upload that is in force does not expire. Its file is kept in parts, each sealed.
CREATE TABLE import_uploads (
	pool_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (pool_number, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_uploads_expires ON import_uploads (expires) WHERE expires > 0;

CREATE TABLE import_parts (
	pool_number INTEGER NOT NULL,
	upload TEXT NOT NULL,
	part INTEGER NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (pool_number, upload, part),
	FOREIGN KEY (pool_number, upload) REFERENCES import_uploads (pool_number, id)
) STRICT;

-- What became of each row of a file, a piece for each batch of rows.
CREATE TABLE import_log (
	pool_number INTEGER NOT NULL,
	job TEXT NOT NULL,
	number INTEGER NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (pool_number, job, number),
	FOREIGN KEY (pool_number, job) REFERENCES imports (pool_number, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
