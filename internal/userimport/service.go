// Package userimport is the core of importing users: jobs, the file that is uploaded for one, and the worker that makes
// its users.
//
// A job is created, its file is uploaded to an address that the job names (upload.go), and it is started. One job of
// all pools runs at a time. The worker (worker.go) leases it: a job that a node has taken carries the node, an end of
// the lease, and a fence that moves with each taking. The file is read row by row (csv.go), in stretches of which each is
// put in the order of user names (stretch.go), so that the database is changed page after page. Each row is judged by
// itself (candidate.go) while the rows before it are committed. A unit of work looks at the fence, makes the users for
// whom nobody is in the way (place.go), writes its piece of the log (log.go), and moves the job's counters and its place
// in the file. So a node that goes on after another, or after itself, does each row once.
package userimport

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"math/big"
	"sync"
	"sync/atomic"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// jobQuota is how many jobs a pool keeps.
const jobQuota = 1000

// Texts of jobs that have ended. Source: the service's documentation.
const (
	completedText = "Import Job Completed Successfully."
	stoppedText   = "The Import Job was stopped by the developer."
	expiredText   = "The user import job has expired."
	tooManyText   = "Too many users have failed or been skipped during the import."
)

// Service runs import jobs. Its fields are set once, before the first call.
type Service struct {
	Store  userpool.Store
	Sealer userpool.Sealer
	Now    func() time.Time
	Log    *slog.Logger
	// Node names this process among those that share the database.
	Node string
	// Uploads is the address below which files are uploaded, with a slash at its end.
	Uploads string
	// Sweep removes files that are not needed any more.
	Sweep func(ctx context.Context) (int, error)

	sizes     sizes // the usual ones, but in tests
	uploading atomic.Int32
	wake      chan struct{}
	stop      context.CancelFunc
	worker    sync.WaitGroup
	stats     stats
}

// Creation is what CreateUserImportJob is given.
type Creation struct {
	Pool      *userpool.Pool
	Name      string
	Role      string
	Algorithm wire.PasswordHashingAlgorithmType
}

// now is the time in the precision of the store.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// Create makes a job (CreateUserImportJob). LimitExceeded when the pool keeps as many as it can.
func (s *Service) Create(ctx context.Context, in Creation) (*userpool.ImportJob, error) {
	job := &userpool.ImportJob{
		Pool: in.Pool.Number, PoolID: in.Pool.ID, Name: in.Name, Role: in.Role, Algorithm: in.Algorithm,
		Status: userpool.ImportCreated, Created: s.now(),
	}
	const draws = 3
	var err error
	for range draws {
		job.ID = newJobID()
		err = s.Store.Write(ctx, func(tx userpool.Tx) error {
			n, err := tx.CountImportJobs(ctx, job.Pool)
			switch {
			case err != nil:
				return err
			case n >= jobQuota:
				return userpool.NewError(userpool.LimitExceeded, "User import job limit exceeded.")
			}
			return userpool.OrNotFound(tx.CreateImportJob(ctx, job), userpool.NoSuchPool(in.Pool.ID))
		})
		if !errors.Is(err, userpool.ErrExists) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return job, nil
}

// newJobID draws import- and ten letters or digits.
func newJobID() string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := []byte("import-")
	for range 10 {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand does not fail on the systems that Go supports
		}
		id = append(id, alphabet[n.Int64()])
	}
	return string(id)
}

// Job finds a job of a pool (DescribeUserImportJob).
func (s *Service) Job(ctx context.Context, pool *userpool.Pool, id string) (*userpool.ImportJob, error) {
	job, err := s.Store.ImportJob(ctx, pool.Number, id)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchJob(id))
	}
	s.expire(job)
	return job, nil
}

func noSuchJob(id string) *userpool.Error {
	return userpool.NewError(userpool.ResourceNotFound, "User import job "+id+" does not exist.")
}

// Jobs gives one page of a pool's jobs, newest first, with the next page's token (ListUserImportJobs).
func (s *Service) Jobs(ctx context.Context, pool *userpool.Pool, limit int, token string) ([]*userpool.ImportJob, string, error) {
	after, err := userpool.ReadToken(token, "ListUserImportJobs", pool.ID)
	if err != nil {
		return nil, "", err
	}
	jobs, next, err := s.Store.ImportJobs(ctx, pool.Number, userpool.Page{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	for _, job := range jobs {
		s.expire(job)
	}
	return jobs, userpool.NextToken(next, "ListUserImportJobs", pool.ID), nil
}

// expire makes a job what it is: one that waited too long, whether that was written down yet or not.
func (s *Service) expire(job *userpool.ImportJob) bool {
	if !job.Expired(s.now()) {
		return false
	}
	job.Status, job.Message = userpool.ImportExpired, expiredText
	job.Completed = job.Created.Add(userpool.ImportJobLifetime)
	return true
}

// Start lets the worker take a job whose file is there (StartUserImportJob).
func (s *Service) Start(ctx context.Context, pool *userpool.Pool, id string) (*userpool.ImportJob, error) {
	var job *userpool.ImportJob
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if job, err = s.change(ctx, tx, pool, id); err != nil {
			return err
		}
		current, err := tx.Pool(ctx, pool.ID)
		if err != nil {
			return userpool.OrNotFound(err, userpool.NoSuchPool(pool.ID))
		}
		if err := s.startable(ctx, tx, current, job); err != nil {
			return err
		}
		job.Status, job.Started = userpool.ImportPending, s.now()
		return tx.UpdateImportJob(ctx, job)
	})
	if err != nil {
		return nil, err
	}
	s.awake()
	return job, nil
}

// startable says why a job cannot be started, if so.
func (s *Service) startable(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, job *userpool.ImportJob) error {
	switch {
	case job.Status == userpool.ImportExpired:
		return precondition(expiredText)
	case job.Status != userpool.ImportCreated:
		return precondition("The user import job " + job.ID + " has already been started. Current status is " + string(job.Status))
	case job.Upload == "":
		return precondition("No csv file was uploaded for " + job.ID)
	case len(pool.Settings.AutoVerifiedAttributes) == 0:
		return precondition("The user pool has no auto verified attribute, so users cannot be imported into it.")
	}
	other, err := tx.ActiveImportJob(ctx)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return precondition("The user import job " + other.ID + " is active. Only one user import job can be active in an account.")
}

// Stop ends a job: at once when it was not started, else after the batch that is under way (StopUserImportJob).
func (s *Service) Stop(ctx context.Context, pool *userpool.Pool, id string) (*userpool.ImportJob, error) {
	var job *userpool.ImportJob
	err := s.Store.Write(ctx, func(tx userpool.Tx) (err error) {
		if job, err = s.change(ctx, tx, pool, id); err != nil {
			return err
		}
		switch job.Status {
		case userpool.ImportCreated:
			return s.end(ctx, tx, job, userpool.ImportStopped, stoppedText)
		case userpool.ImportPending, userpool.ImportInProgress:
			job.Status = userpool.ImportStopping
			return tx.UpdateImportJob(ctx, job)
		}
		return precondition("The user import job " + job.ID + " cannot be stopped. Current status is " + string(job.Status))
	})
	if err != nil {
		return nil, err
	}
	s.awake()
	return job, nil
}

// change reads a job that is to be changed.
func (s *Service) change(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, id string) (*userpool.ImportJob, error) {
	job, err := tx.ImportJob(ctx, pool.Number, id)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchJob(id))
	}
	s.expire(job)
	return job, nil
}

// end writes down that a job is over, and lets its file go.
func (s *Service) end(ctx context.Context, tx userpool.Tx, job *userpool.ImportJob, status wire.UserImportJobStatusType, message string) error {
	job.Status, job.Message, job.Completed = status, message, s.now()
	job.Owner, job.Lease = "", time.Time{}
	if job.Upload != "" {
		if err := tx.DropUpload(ctx, job.Pool, job.Upload, job.Completed); err != nil {
			return err
		}
	}
	return tx.UpdateImportJob(ctx, job)
}

func precondition(text string) error { return userpool.NewError(userpool.PreconditionNotMet, text) }
