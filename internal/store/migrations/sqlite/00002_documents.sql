-- +goose Up

-- Configuration objects under a pool. Those of the account have the pool number 0, so there is no reference to pools.
CREATE TABLE documents (
	pool_number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	id TEXT NOT NULL,
	client TEXT NOT NULL,
	created INTEGER NOT NULL,
	modified INTEGER NOT NULL,
	version INTEGER NOT NULL,
	format INTEGER NOT NULL,
	document TEXT NOT NULL,
	secrets BLOB,
	PRIMARY KEY (pool_number, kind, id)
) STRICT;
CREATE INDEX documents_client ON documents (pool_number, client, kind, id) WHERE client > '';

-- Further names of a document: those that only one pool knows have its number as scope, those that all know have 0.
CREATE TABLE document_names (
	scope INTEGER NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	pool_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	PRIMARY KEY (scope, kind, name),
	FOREIGN KEY (pool_number, kind, id) REFERENCES documents (pool_number, kind, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX document_names_of ON document_names (pool_number, kind, id);
