-- +goose Up

-- Who changed what. Entries outlive the pools that they are about, so they name them by id. The resource is a JSON
-- object or blank, the members are names with commas between them.
CREATE TABLE audit (
	at INTEGER NOT NULL,
	request TEXT NOT NULL,
	who TEXT NOT NULL,
	operation TEXT NOT NULL,
	pool TEXT NOT NULL,
	client TEXT NOT NULL,
	sub TEXT NOT NULL,
	resource TEXT NOT NULL,
	members TEXT NOT NULL,
	address TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	PRIMARY KEY (at, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_who ON audit (who, at, request);
CREATE INDEX audit_pool ON audit (pool, at, request) WHERE pool > '';
CREATE INDEX audit_operation ON audit (operation, at, request);
