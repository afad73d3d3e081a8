-- +goose Up

-- Configuration objects under a pool. Those of the account have the pool number 0, so there is no reference to pools.
CREATE TABLE documents (
	pool_number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	client TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	format BIGINT NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	secrets BYTEA,
	PRIMARY KEY (pool_number, kind, id)
);
CREATE INDEX documents_client ON documents (pool_number, client, kind, id) WHERE client > '';

-- Further names of a document: those that only one pool knows have its number as scope, those that all know have 0.
CREATE TABLE document_names (
	scope BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	pool_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (scope, kind, name),
	FOREIGN KEY (pool_number, kind, id) REFERENCES documents (pool_number, kind, id) ON DELETE CASCADE
);
CREATE INDEX document_names_of ON document_names (pool_number, kind, id);
