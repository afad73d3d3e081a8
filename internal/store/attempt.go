package store

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	readAttempts = newStatement("read attempts",
		`SELECT tally, since, locked, expires FROM attempts WHERE pool_number = $1 AND subject = $2 AND kind = $3`)
	putAttempts = newStatement("count an attempt",
		`INSERT INTO attempts (pool_number, subject, kind, tally, since, locked, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (pool_number, subject, kind) DO UPDATE SET tally = excluded.tally, since = excluded.since,
			locked = excluded.locked, expires = excluded.expires`).beside()
	deleteAttempts = newStatement("forget attempts",
		`DELETE FROM attempts WHERE pool_number = $1 AND subject = $2 AND kind = $3`).beside()
	deleteAttemptsOfSubject = newStatement("forget a user's attempts",
		`DELETE FROM attempts WHERE pool_number = $1 AND subject = $2`).beside()
)

// Attempts implements userpool.UserReader.
func (r reads) Attempts(ctx context.Context, key userpool.AttemptKey) (userpool.Attempts, error) {
	var a userpool.Attempts
	var since, locked, expires int64
	err := r.one(ctx, readAttempts, []any{key.Pool, key.Subject, string(key.Kind)}, &a.Count, &since, &locked, &expires)
	if isNotFound(err) {
		return userpool.Attempts{}, nil
	}
	a.Since, a.Locked, a.Expires = fromMicros(since), fromMicros(locked), fromMicros(expires)
	return a, err
}

// PutAttempts implements userpool.UserWriter.
func (t *tx) PutAttempts(ctx context.Context, key userpool.AttemptKey, a userpool.Attempts) error {
	_, err := t.exec(ctx, putAttempts, key.Pool, key.Subject, string(key.Kind), a.Count, micros(a.Since), micros(a.Locked), micros(a.Expires))
	return err
}

// DeleteAttempts implements userpool.UserWriter.
func (t *tx) DeleteAttempts(ctx context.Context, key userpool.AttemptKey) error {
	_, err := t.exec(ctx, deleteAttempts, key.Pool, key.Subject, string(key.Kind))
	return err
}
