-- +goose Up

-- What users did with their accounts, where threat protection is on. The ids sort by time. Numbers below zero stand for
-- those who are not there. Content, challenges and feedback are JSON; feedback is blank where there is none.
CREATE TABLE auth_events (
	pool_number BIGINT NOT NULL,
	user_number BIGINT NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	type TEXT NOT NULL,
	response TEXT NOT NULL,
	challenges TEXT NOT NULL,
	content TEXT NOT NULL,
	feedback TEXT NOT NULL,
	PRIMARY KEY (pool_number, user_number, id)
);
CREATE INDEX auth_events_expires ON auth_events (expires);
-- What a sign-in is compared with. Failures, which anybody can add, are not among it.
CREATE INDEX auth_events_telling ON auth_events (pool_number, user_number, id)
	WHERE type = 'SignIn' AND response = 'Pass' OR feedback <> '';
CREATE INDEX auth_events_failed ON auth_events (pool_number, user_number, created) WHERE type = 'SignIn' AND response = 'Fail';
