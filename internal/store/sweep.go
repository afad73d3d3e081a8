package store

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

const (
	sweepEvery = time.Minute
	// sweepBatch is how many rows go in one unit of work, so that no request waits long behind it.
	sweepBatch = 200

	// afterlife is how long an access token can outlive its grant's refresh token, and its pool: its longest
	// validity. A code that has expired is told from one that never was for as long.
	afterlife = 24 * time.Hour
)

var (
	sweepCodes = newStatement("sweep codes",
		`DELETE FROM codes WHERE (pool_number, user_number, sequence) IN
		(SELECT pool_number, user_number, sequence FROM codes WHERE expires < $1 ORDER BY expires LIMIT $2)`)
	sweepGrants = newStatement("sweep grants",
		`DELETE FROM grants WHERE (pool_number, user_number, id) IN
		(SELECT pool_number, user_number, id FROM grants WHERE expires < $1 ORDER BY expires LIMIT $2)`)
	sweepSpent = newStatement("sweep spent challenges",
		`DELETE FROM spent WHERE (pool_number, id) IN
		(SELECT pool_number, id FROM spent WHERE expires < $1 ORDER BY expires LIMIT $2)`)
	sweepAttempts = newStatement("sweep attempts",
		`DELETE FROM attempts WHERE (pool_number, subject, kind) IN
		(SELECT pool_number, subject, kind FROM attempts WHERE expires < $1 ORDER BY expires LIMIT $2)`)

	sweepClients = newStatement("sweep deleted app clients",
		`DELETE FROM clients WHERE number IN
		(SELECT number FROM clients WHERE deleted > 0 AND deleted < $1 ORDER BY deleted LIMIT $2)`)

	deletedPools = newStatement("list deleted pools",
		`SELECT number, deleted FROM pools WHERE deleted > 0 ORDER BY deleted, number LIMIT $1`)
	sweepUsersOfPool = newStatement("sweep the users of a pool",
		`DELETE FROM users WHERE (pool_number, number) IN
		(SELECT pool_number, number FROM users WHERE pool_number = $1 LIMIT $2)`)
	sweepCodesOfPool = newStatement("sweep the codes of a pool",
		`DELETE FROM codes WHERE (pool_number, user_number, sequence) IN
		(SELECT pool_number, user_number, sequence FROM codes WHERE pool_number = $1 LIMIT $2)`)
	sweepSpentOfPool = newStatement("sweep the spent challenges of a pool",
		`DELETE FROM spent WHERE (pool_number, id) IN (SELECT pool_number, id FROM spent WHERE pool_number = $1 LIMIT $2)`)
	sweepAttemptsOfPool = newStatement("sweep the attempts of a pool",
		`DELETE FROM attempts WHERE (pool_number, subject, kind) IN
		(SELECT pool_number, subject, kind FROM attempts WHERE pool_number = $1 LIMIT $2)`)
	clientsLeft = newStatement("look for app clients of a pool",
		`SELECT count(*) FROM clients WHERE pool_number = $1`)
	sweepKeysOfPool = newStatement("sweep the keys of a pool", `DELETE FROM signing_keys WHERE pool_number = $1`)
	sweepPool       = newStatement("sweep a pool", `DELETE FROM pools WHERE number = $1`)
)

// sweepOften sweeps about every minute until ctx ends. Nodes that share a database begin at different moments.
func (s *Store) sweepOften(ctx context.Context) {
	timer := time.NewTimer(rand.N(sweepEvery))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		n, err := s.Sweep(ctx)
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			s.log.Warn("sweeping failed; it is tried again", slog.Any("error", err))
		case n > 0:
			s.log.Debug("swept", slog.Int("rows", n))
		}
		timer.Reset(sweepEvery)
	}
}

// Sweep removes what has expired and what is left of deleted app clients and pools, in small units of work. It
// returns how many rows went, not counting those that went with them.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	now := s.now()
	total := 0
	for _, sweep := range []struct {
		st     *statement
		before time.Time
	}{
		{sweepCodes, now.Add(-afterlife)},
		{sweepGrants, now.Add(-afterlife)},
		{sweepSpent, now},
		{sweepAttempts, now},
		{sweepAuthEvents, now},
		{sweepClients, now.Add(time.Microsecond)}, // those that were deleted just now, too
	} {
		n, err := s.sweepAll(ctx, sweep.st, micros(sweep.before))
		total += n
		if err != nil {
			return total, err
		}
	}
	n, err := s.SweepUploads(ctx)
	total += n
	if err != nil {
		return total, err
	}
	n, err = s.sweepGroups(ctx)
	total += n
	if err != nil {
		return total, err
	}
	n, err = s.sweepEntries(ctx, now)
	total += n
	if err != nil {
		return total, err
	}
	n, err = s.sweepPools(ctx, now)
	return total + n, err
}

// sweepAll runs a statement, whose last parameter bounds its rows, until it finds none.
func (s *Store) sweepAll(ctx context.Context, st *statement, args ...any) (int, error) {
	args = append(args, sweepBatch)
	total := 0
	for {
		var n int64
		err := s.write(ctx, func(t *tx) (err error) {
			n, err = t.exec(ctx, st, args...)
			return err
		})
		if err != nil {
			return total, err
		}
		total += int(n)
		s.swept.Add(n)
		if n < sweepBatch {
			return total, nil
		}
	}
}

func (s *Store) sweepPools(ctx context.Context, now time.Time) (int, error) {
	type pool struct{ number, deleted int64 }
	var pools []pool
	err := s.list(ctx, deletedPools, []any{sweepBatch}, func(scan scanner) error {
		var p pool
		err := scan(&p.number, &p.deleted)
		pools = append(pools, p)
		return err
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, p := range pools {
		n, err := s.sweepUploads(ctx, uploadsOfPool, p.number)
		total += n
		if err != nil {
			return total, err
		}
		for _, st := range []*statement{sweepUsersOfPool, sweepCodesOfPool, sweepSearchOfPool, sweepSpentOfPool, sweepAttemptsOfPool, sweepAuthEventsOfPool,
			sweepDocumentsOfPool, sweepGroupsOfPool, sweepImportLogOfPool, sweepImportsOfPool} {
			n, err := s.sweepAll(ctx, st, p.number)
			total += n
			if err != nil {
				return total, err
			}
		}
		if now.Before(fromMicros(p.deleted).Add(afterlife)) {
			continue
		}
		n, err = s.sweepEmptyPool(ctx, p.number)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// sweepEmptyPool removes the row of a pool and its keys, when nothing came into it since it was swept.
func (s *Store) sweepEmptyPool(ctx context.Context, number int64) (int, error) {
	swept := 0
	err := s.write(ctx, func(t *tx) error {
		swept = 0
		var users, clients int64
		if err := t.one(ctx, countUsers, []any{number}, &users); err != nil {
			return err
		}
		if err := t.one(ctx, clientsLeft, []any{number}, &clients); err != nil {
			return err
		}
		if users+clients > 0 {
			return nil
		}
		n, err := t.exec(ctx, sweepKeysOfPool, number)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, sweepPool, number); err != nil {
			return err
		}
		swept = int(n) + 1
		return nil
	})
	if err == nil {
		s.swept.Add(int64(swept))
	}
	return swept, err
}
