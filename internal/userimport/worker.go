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
	errLost    = errors.New("userimport: another node has the job")
	errStopped = errors.New("userimport: the job was stopped")
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
		if err := s.turn(ctx); err != nil && !errors.Is(err, errLost) && !errors.Is(err, errStopped) && ctx.Err() == nil {
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
	if err != nil && !errors.Is(err, errLost) && !errors.Is(err, errStopped) {
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
	if job.Status == userpool.ImportStopping {
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
	return s.runRows(ctx, pool, job, h, file)
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

// runRows does the rows that are left. The next batch is read and judged while one is committed.
func (s *Service) runRows(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows) error {
	ctx, cancel := context.WithCancel(ctx)
	batches := make(chan *batch, 1)
	var reading error
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(batches)
		reading = s.read(ctx, pool, job, h, file, batches)
	})
	defer reader.Wait()
	defer cancel()
	for b := range batches {
		if err := s.commit(ctx, pool, job, b); err != nil {
			return err
		}
	}
	reader.Wait()
	return reading
}

// read judges rows in batches.
func (s *Service) read(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows, to chan<- *batch) error {
	for {
		b, err := s.readBatch(pool, job, h, file)
		if err != nil {
			return err
		}
		select {
		case to <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		if b.last {
			return nil
		}
	}
}

func (s *Service) readBatch(pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows) (*batch, error) {
	b := &batch{candidates: make([]candidate, 0, batchRows)}
	now := s.now()
	for len(b.candidates) < batchRows {
		r, ok, err := file.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			b.last = true
			break
		}
		if r.line > 1 && !r.blank() {
			b.candidates = append(b.candidates, newCandidate(pool, job, h, r, now))
		}
	}
	b.end, b.line = file.offset, file.line
	return b, nil
}

// commit does a batch in one unit of work, or ends the job there when that was asked for.
func (s *Service) commit(ctx context.Context, pool *userpool.Pool, taken *userpool.ImportJob, b *batch) error {
	const draws = 3 // of numbers for the users
	var err error
	for range draws {
		if err = s.commitOnce(ctx, pool, taken, b); !errors.Is(err, userpool.ErrExists) {
			return err
		}
	}
	return err
}

func (s *Service) commitOnce(ctx context.Context, pool *userpool.Pool, taken *userpool.ImportJob, b *batch) error {
	var outcomes []outcome
	var job *userpool.ImportJob
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		outcomes = nil
		if job, err = held(ctx, tx, taken); err != nil {
			return err
		}
		if job.Status == userpool.ImportStopping {
			return s.end(ctx, tx, job, userpool.ImportStopped, stoppedText)
		}
		now := s.now()
		if outcomes, err = place(ctx, tx, pool, b, now); err != nil {
			return err
		}
		if err := s.account(ctx, tx, job, b, outcomes); err != nil {
			return err
		}
		if b.last {
			status, message := verdict(job)
			return s.end(ctx, tx, job, status, message)
		}
		job.Lease = now.Add(leaseFor)
		return tx.UpdateImportJob(ctx, job)
	})
	if err != nil {
		return err
	}
	s.count(outcomes)
	if job.Active() {
		return nil
	}
	s.over(ctx, job)
	if !b.last {
		return errStopped
	}
	return nil
}

// account moves the job's counters and its position behind the batch, and writes the batch's piece of the log.
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
	before, after := job.Position/userpool.ImportPartSize, b.end/userpool.ImportPartSize
	job.Position, job.Line = b.end, b.line
	if after > before {
		if err := tx.DropImportParts(ctx, job.Pool, job.Upload, after); err != nil {
			return err
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	piece, err := pack(outcomes)
	if err != nil {
		return err
	}
	job.Batches++
	return tx.PutImportLog(ctx, job, job.Batches, piece)
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
