package userimport

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	pollEvery = time.Second
	leaseFor  = 5 * time.Second
	// badRows is how many rows must fail or be skipped, and be more than those that succeed, for a job to fail. Good
	// rows are imported all the same.
	badRows = 30
)

// Why the run of a job ends before its last row.
var (
	errLost     = errors.New("userimport: another node has the job")
	errStopping = errors.New("userimport: the job is to stop")
)

// Stats tells what the worker of this process has done.
type Stats struct {
	Imported, Skipped, Failed int64            // rows
	Jobs                      map[string]int64 // that have ended, by status
	Running                   bool
}

type stats struct {
	imported, skipped, failed atomic.Int64
	running                   atomic.Bool
	mu                        sync.Mutex
	jobs                      map[string]int64
}

// Stats gives the present figures.
func (s *Service) Stats() Stats {
	now := Stats{
		Imported: s.stats.imported.Load(), Skipped: s.stats.skipped.Load(), Failed: s.stats.failed.Load(),
		Running: s.stats.running.Load(), Jobs: map[string]int64{},
	}
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	for _, status := range []wire.UserImportJobStatusType{
		userpool.ImportSucceeded, userpool.ImportFailed, userpool.ImportStopped, userpool.ImportExpired} {
		now.Jobs[string(status)] = s.stats.jobs[string(status)]
	}
	return now
}

func (s *Service) ended(status wire.UserImportJobStatusType) {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	if s.stats.jobs == nil {
		s.stats.jobs = map[string]int64{}
	}
	s.stats.jobs[string(status)]++
}

// Begin starts the worker. Close ends it.
func (s *Service) Begin(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.wake = make(chan struct{}, 1)
	if s.sizes == (sizes{}) {
		s.sizes = usualSizes
	}
	s.worker.Go(func() { s.work(ctx) })
}

// Close ends the worker after the batch that it is at. Another node, or the next start, goes on from there.
func (s *Service) Close() {
	if s.stop != nil {
		s.stop()
		s.worker.Wait()
	}
}

// awake makes the worker look for a job now.
func (s *Service) awake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will, or there is none here
	}
}

func (s *Service) work(ctx context.Context) {
	timer := time.NewTicker(pollEvery)
	defer timer.Stop()
	for {
		if err := s.turn(ctx); err != nil && !errors.Is(err, errLost) && ctx.Err() == nil {
			s.Log.Warn("the import of users goes on later", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// turn does what there is to do: it lets jobs expire, and works on the active job if it is free.
func (s *Service) turn(ctx context.Context) error {
	if err := s.expireJobs(ctx); err != nil {
		return err
	}
	seen, err := s.Store.ActiveImportJob(ctx)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil
	case err != nil:
		return err
	case !s.free(seen):
		return nil
	}
	job, err := s.take(ctx, seen)
	if err != nil || job == nil {
		return err
	}
	s.stats.running.Store(true)
	defer s.stats.running.Store(false)
	err = s.run(ctx, job)
	if err != nil && !errors.Is(err, errLost) {
		s.release(ctx, job)
	}
	return err
}

// free says whether this node may take the job.
func (s *Service) free(job *userpool.ImportJob) bool {
	return job.Active() && (job.Owner == "" || job.Owner == s.Node || s.now().After(job.Lease))
}

// take leases the job, nil when another node was faster.
func (s *Service) take(ctx context.Context, seen *userpool.ImportJob) (*userpool.ImportJob, error) {
	var job *userpool.ImportJob
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if job, err = tx.ImportJob(ctx, seen.Pool, seen.ID); err != nil {
			return err
		}
		if !s.free(job) {
			job = nil
			return nil
		}
		if job.Status == userpool.ImportPending {
			job.Status = userpool.ImportInProgress
		}
		job.Owner, job.Lease = s.Node, s.now().Add(leaseFor)
		job.Fence++
		return tx.UpdateImportJob(ctx, job)
	})
	return job, err
}

// release lets a job be taken again at once, by another node when this one stops.
func (s *Service) release(ctx context.Context, taken *userpool.ImportJob) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseFor)
	defer cancel()
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		job, err := held(ctx, tx, taken)
		if err != nil {
			return err
		}
		job.Owner, job.Lease = "", time.Time{}
		return tx.UpdateImportJob(ctx, job)
	})
	if err != nil && !errors.Is(err, errLost) {
		s.Log.Warn("the import of users goes on when its lease ends", slog.Any("error", err))
	}
}

// held reads a job that this node has taken, inside a unit of work.
func held(ctx context.Context, tx userpool.Tx, taken *userpool.ImportJob) (*userpool.ImportJob, error) {
	job, err := tx.ImportJob(ctx, taken.Pool, taken.ID)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil, errLost
	case err != nil:
		return nil, err
	case job.Fence != taken.Fence || !job.Active():
		return nil, errLost
	}
	return job, nil
}

// run does a job from where it was left.
func (s *Service) run(ctx context.Context, job *userpool.ImportJob) error {
	pool, err := s.poolOf(ctx, job)
	if errors.Is(err, userpool.ErrNotFound) {
		return s.finish(ctx, job, userpool.ImportFailed, "The user pool was deleted.")
	}
	if err != nil {
		return err
	}
	if job.Status == userpool.ImportStopping && job.Position >= job.Prepared {
		return s.finish(ctx, job, userpool.ImportStopped, stoppedText)
	}
	if job.Lines > maxUsers+1 {
		return s.finish(ctx, job, userpool.ImportFailed, "The CSV file has more than 500000 users.")
	}
	file := s.open(ctx, job)
	first, _, err := file.next()
	if err != nil {
		return err
	}
	h, fault := readHeader(pool, job, first)
	if fault != "" {
		return s.finish(ctx, job, userpool.ImportFailed, fault)
	}
	if job.Position > 0 {
		file = s.openAt(ctx, job)
	}
	err = s.runRows(ctx, pool, job, h, file)
	if !errors.Is(err, errStopping) {
		return err
	}
	if err := s.takeBack(ctx, pool, job, h); err != nil {
		return err
	}
	return s.finish(ctx, job, userpool.ImportStopped, stoppedText)
}

func (s *Service) poolOf(ctx context.Context, job *userpool.ImportJob) (*userpool.Pool, error) {
	pool, err := s.Store.Pool(ctx, job.PoolID)
	if err == nil && pool.Number != job.Pool {
		err = userpool.ErrNotFound
	}
	return pool, err
}

// open reads the file of a job from its beginning.
func (s *Service) open(ctx context.Context, job *userpool.ImportJob) *rows {
	return &rows{more: s.parts(ctx, job, 0)}
}

// openAt reads the file of a job from where it was left.
func (s *Service) openAt(ctx context.Context, job *userpool.ImportJob) *rows {
	part := job.Position / userpool.ImportPartSize
	skip := job.Position % userpool.ImportPartSize
	more := s.parts(ctx, job, part)
	return &rows{offset: job.Position, line: job.Line, more: func() ([]byte, error) {
		piece, err := more()
		if skip > 0 {
			piece, skip = piece[min(int(skip), len(piece)):], 0
			if len(piece) == 0 && err == nil {
				return more()
			}
		}
		return piece, err
	}}
}

// parts gives the file's parts one after the other, none at its end.
func (s *Service) parts(ctx context.Context, job *userpool.ImportJob, part int64) func() ([]byte, error) {
	return func() ([]byte, error) {
		if part*userpool.ImportPartSize >= job.Size {
			return nil, nil
		}
		content, err := s.Store.ImportPart(ctx, job.Pool, job.Upload, part)
		part++
		return content, err
	}
}

// runRows does the rows that are left. The next stretch, and the next batch of one, is read and judged while one is
// written.
func (s *Service) runRows(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows) error {
	keep := func() error {
		_, err := s.step(ctx, job, func(userpool.Tx, *userpool.ImportJob) error { return nil })
		return err
	}
	most := s.sizes.chunk
	for st, err := range ahead(s.stretches(ctx, pool, job, h, file), keep) {
		if err != nil {
			return err
		}
		if err := s.prepare(ctx, job, st); err != nil {
			return err
		}
		for b, err := range ahead(s.batches(pool, job, h, st), keep) {
			if err != nil {
				return err
			}
			if most, err = s.commit(ctx, pool, job, b, most); err != nil {
				return err
			}
		}
	}
	return nil
}

// unit is one unit of work for a job that this node has taken: change changes the job, too. It keeps the lease.
func (s *Service) unit(ctx context.Context, taken *userpool.ImportJob, change func(tx userpool.Tx, job *userpool.ImportJob) error) (job *userpool.ImportJob, err error) {
	err = s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if job, err = held(ctx, tx, taken); err != nil {
			return err
		}
		if err := change(tx, job); err != nil || !job.Active() {
			return err
		}
		job.Lease = s.now().Add(leaseFor)
		return tx.UpdateImportJob(ctx, job)
	})
	return job, err
}

// step is a unit of work that brings a job further: errStopping when the end of the job was asked for.
func (s *Service) step(ctx context.Context, taken *userpool.ImportJob, change func(tx userpool.Tx, job *userpool.ImportJob) error) (*userpool.ImportJob, error) {
	return s.unit(ctx, taken, func(tx userpool.Tx, job *userpool.ImportJob) error {
		if job.Status == userpool.ImportStopping {
			return errStopping
		}
		return change(tx, job)
	})
}

// commit does a batch, at most so many rows of it in one unit of work. It gives how many may go in the next: as few as
// can be when somebody waited for this one, else twice as many.
func (s *Service) commit(ctx context.Context, pool *userpool.Pool, taken *userpool.ImportJob, b *batch, most int) (int, error) {
	for {
		before := len(b.candidates)
		awaited, err := s.commitSome(ctx, pool, taken, b, most)
		switch {
		case errors.Is(err, userpool.ErrExists) && b.draws < 3:
			b.draws++
		case err != nil:
			return most, err
		case awaited:
			most = s.sizes.chunk
		case before >= most:
			most = min(2*most, s.sizes.batch)
		}
		if err == nil && len(b.candidates) == 0 {
			return most, nil
		}
	}
}

// commitSome does rows of a batch in one unit of work, at most so many and fewer when others wait for it, and takes them
// off the batch.
func (s *Service) commitSome(ctx context.Context, pool *userpool.Pool, taken *userpool.ImportJob, b *batch, most int) (awaited bool, err error) {
	var outcomes []outcome
	again := false
	job, err := s.step(ctx, taken, func(tx userpool.Tx, job *userpool.ImportJob) error {
		outcomes, awaited, again = nil, again, true // what is run again has met others
		for rest := b.candidates[:min(most, len(b.candidates))]; len(rest) > 0; {
			n := min(s.sizes.chunk, len(rest))
			done, err := place(ctx, tx, pool, rest[:n], b.draws > 0, s.now())
			if err != nil {
				return err
			}
			outcomes, rest = append(outcomes, done...), rest[n:]
			if tx.Awaited() {
				awaited = true
				break
			}
		}
		return s.account(ctx, tx, job, b, outcomes)
	})
	if err != nil {
		return false, err
	}
	b.candidates = b.candidates[len(outcomes):]
	s.count(outcomes)
	if !job.Active() {
		s.over(ctx, job)
	}
	return awaited, nil
}

// account writes down what became of the first rows of a batch: the job's counters, its place in the stretch or behind
// it, a piece of the log, and the job's end after the last row.
func (s *Service) account(ctx context.Context, tx userpool.Tx, job *userpool.ImportJob, b *batch, outcomes []outcome) error {
	for _, o := range outcomes {
		switch o.result {
		case succeeded:
			job.Imported++
		case skipped:
			job.Skipped++
		case failed:
			job.Failed++
		}
	}
	if len(outcomes) > 0 {
		piece, err := pack(outcomes, job.Placed == 0)
		if err != nil {
			return err
		}
		job.Batches++
		if err := tx.PutImportLog(ctx, job, job.Batches, piece); err != nil {
			return err
		}
	}
	job.Placed += int64(len(outcomes))
	st := b.stretch
	if job.Placed < int64(len(st.rows)) {
		return nil
	}
	before, after := job.Position/userpool.ImportPartSize, st.end/userpool.ImportPartSize
	job.Position, job.Line, job.Placed = st.end, st.line, 0
	if after > before {
		if err := tx.DropImportParts(ctx, job.Pool, job.Upload, after); err != nil {
			return err
		}
	}
	if !st.last {
		return nil
	}
	status, message := verdict(job)
	return s.end(ctx, tx, job, status, message)
}

// verdict says how a job ends whose rows are all done.
func verdict(job *userpool.ImportJob) (wire.UserImportJobStatusType, string) {
	if bad := job.Skipped + job.Failed; bad >= badRows && bad > job.Imported {
		return userpool.ImportFailed, tooManyText
	}
	return userpool.ImportSucceeded, completedText
}

func (s *Service) count(outcomes []outcome) {
	for _, o := range outcomes {
		switch o.result {
		case succeeded:
			s.stats.imported.Add(1)
		case skipped:
			s.stats.skipped.Add(1)
		case failed:
			s.stats.failed.Add(1)
		}
	}
}

// finish ends a job that this node has taken.
func (s *Service) finish(ctx context.Context, taken *userpool.ImportJob, status wire.UserImportJobStatusType, message string) error {
	var job *userpool.ImportJob
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if job, err = held(ctx, tx, taken); err != nil {
			return err
		}
		return s.end(ctx, tx, job, status, message)
	})
	if err == nil {
		s.over(ctx, job)
	}
	return err
}

// over follows the end of a job: its file goes.
func (s *Service) over(ctx context.Context, job *userpool.ImportJob) {
	s.ended(job.Status)
	s.Log.Info("an import of users has ended", slog.String("pool", job.PoolID), slog.String("job", job.ID),
		slog.String("status", string(job.Status)), slog.Int64("imported", job.Imported),
		slog.Int64("skipped", job.Skipped), slog.Int64("failed", job.Failed))
	if s.Sweep == nil {
		return
	}
	if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
		s.Log.Warn("the file of an import is removed later", slog.Any("error", err))
	}
}

// expireJobs writes down that jobs waited too long.
func (s *Service) expireJobs(ctx context.Context) error {
	const most = 100 // at a time
	waiting, err := s.Store.WaitingImportJobs(ctx, s.now().Add(-userpool.ImportJobLifetime), most)
	if err != nil {
		return err
	}
	for _, seen := range waiting {
		err := s.Store.Write(ctx, func(tx userpool.Tx) error {
			job, err := tx.ImportJob(ctx, seen.Pool, seen.ID)
			switch {
			case errors.Is(err, userpool.ErrNotFound):
				return nil // with its pool
			case err != nil:
				return err
			case !job.Expired(s.now()):
				return nil
			}
			return s.end(ctx, tx, job, userpool.ImportExpired, expiredText)
		})
		if err != nil {
			return err
		}
		s.ended(userpool.ImportExpired)
	}
	return nil
}
