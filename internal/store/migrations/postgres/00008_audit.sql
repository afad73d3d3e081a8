-- +goose Up

-- Who changed what. Entries outlive the pools that they are about, so they name them by id. The resource is a JSON
-- object or blank, the members are names with commas between them.
CREATE TABLE audit (
	at BIGINT NOT NULL,
	request TEXT COLLATE "C" NOT NULL,
	who TEXT COLLATE "C" NOT NULL,
	operation TEXT COLLATE "C" NOT NULL,
	pool TEXT COLLATE "C" NOT NULL,
	client TEXT COLLATE "C" NOT NULL,
	sub TEXT COLLATE "C" NOT NULL,
	resource TEXT COLLATE "C" NOT NULL,
	members TEXT COLLATE "C" NOT NULL,
	address TEXT COLLATE "C" NOT NULL,
	user_agent TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (at, request)
);
CREATE INDEX audit_who ON audit (who, at, request);
CREATE INDEX audit_pool ON audit (pool, at, request) WHERE pool > '';
CREATE INDEX audit_operation ON audit (operation, at, request);
