-- +goose Up

-- What users did with their accounts, where threat protection is on. The ids sort by time. Numbers below zero stand for
-- those who are not there. Content, challenges and feedback are JSON; feedback is blank where there is none.
CREATE TABLE auth_events (
	pool_number INTEGER NOT NULL,
	user_number INTEGER NOT NULL,
	id TEXT NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	response TEXT NOT NULL,
	challenges TEXT NOT NULL,
	content TEXT NOT NULL,
	feedback TEXT NOT NULL,
	PRIMARY KEY (pool_number, user_number, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_events_expires ON auth_events (expires);
