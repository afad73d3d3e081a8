-- +goose Up

-- The stretch of the file that is under way ends at prepared. Its users have numbers from one on, and what they are found
-- by may be in the table search already; so many of its rows are placed.
ALTER TABLE imports ADD COLUMN prepared BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN placed BIGINT NOT NULL DEFAULT 0;
