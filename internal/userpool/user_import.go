package userpool

import (
	"context"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// ImportJobLifetime is how long a job waits to be started.
const ImportJobLifetime = 24 * time.Hour

// ImportPartSize is the size of the parts in which an uploaded file is kept, in bytes; the last one may be shorter.
const ImportPartSize = 256 << 10

// Statuses of import jobs. Source: UserImportJobStatusType of the API.
const (
	ImportCreated    = wire.UserImportJobStatusTypeCreated
	ImportPending    = wire.UserImportJobStatusTypePending
	ImportInProgress = wire.UserImportJobStatusTypeInProgress
	ImportStopping   = wire.UserImportJobStatusTypeStopping
	ImportStopped    = wire.UserImportJobStatusTypeStopped
	ImportExpired    = wire.UserImportJobStatusTypeExpired
	ImportFailed     = wire.UserImportJobStatusTypeFailed
	ImportSucceeded  = wire.UserImportJobStatusTypeSucceeded
)

// ImportJob imports users from a file into a pool.
type ImportJob struct {
	Pool      int64
	PoolID    string
	ID        string // import- and ten letters or digits
	Name      string
	Role      string // CloudWatchLogsRoleArn, kept to be shown
	Algorithm wire.PasswordHashingAlgorithmType
	Status    wire.UserImportJobStatusType
	Message   string // why the job has ended
	Created   time.Time
	Started   time.Time
	Completed time.Time
	Imported  int64 // users
	Skipped   int64
	Failed    int64

	Upload string // id of the upload in force; "" without one
	Size   int64  // of its file in bytes
	Lines  int64  // of its file

	Position int64     // bytes of the file that are done
	Line     int64     // lines of the file that are done
	Prepared int64     // bytes of the file whose rows are done, or are the stretch that is under way
	Number   int64     // of the first user of that stretch; each other has the one behind
	Placed   int64     // rows of that stretch that are done
	Batches  int64     // of rows that are done, each with its piece of the log
	Owner    string    // the node that works on the job
	Lease    time.Time // when another node may take the job over
	Fence    int64     // moves whenever a node takes the job, so that a former owner cannot go on
	Version  int64     // for compare-and-swap
}

// Active says whether the job runs or will. There is one such job at a time.
func (j *ImportJob) Active() bool {
	return j.Status == ImportPending || j.Status == ImportInProgress || j.Status == ImportStopping
}

// Expired says whether the job waited too long to be started.
func (j *ImportJob) Expired(now time.Time) bool {
	return j.Status == ImportCreated && now.After(j.Created.Add(ImportJobLifetime))
}

// ImportedUser is a new user with what belongs to them.
type ImportedUser struct {
	User    *User
	Folded  string // user name
	Aliases []Alias
	Hash    string // of the password; "" without one
	// Prepared says that the user's search entries are there.
	Prepared bool
}

type ImportReader interface {
	ImportJob(ctx context.Context, pool int64, id string) (*ImportJob, error)
	// ImportJobs lists the jobs of a pool, newest first; next as in Pools.
	ImportJobs(ctx context.Context, pool int64, page Page) (jobs []*ImportJob, next string, err error)
	CountImportJobs(ctx context.Context, pool int64) (int, error)
	// ActiveImportJob gives the job that runs or will.
	ActiveImportJob(ctx context.Context) (*ImportJob, error)
	// WaitingImportJobs lists jobs that nobody has started and that were made before a time, at most limit.
	WaitingImportJobs(ctx context.Context, before time.Time, limit int) ([]*ImportJob, error)
	// ImportPart gives a part of the uploaded file, counted from zero.
	ImportPart(ctx context.Context, pool int64, upload string, part int64) ([]byte, error)
	// ImportLog gives the pieces of a job's log that follow the one with that number, in order, at most limit.
	ImportLog(ctx context.Context, pool int64, id string, after int64, limit int) ([][]byte, error)
	// TakenNames tells which of the folded user names somebody in the pool has.
	TakenNames(ctx context.Context, pool int64, folded []string) (map[string]bool, error)
	// TakenAliases tells which of the values somebody in the pool has as alias of that attribute.
	TakenAliases(ctx context.Context, pool int64, attribute string, values []string) (map[string]bool, error)
	// SearchEntries gives what a user is found by.
	SearchEntries(u *User) []SearchEntry
}

type ImportWriter interface {
	// CreateImportJob stores a new job at version 1. ErrExists when its id is taken, ErrNotFound when the pool is gone.
	CreateImportJob(ctx context.Context, j *ImportJob) error
	// UpdateImportJob stores all but what is fixed at creation if the version is still j.Version, and moves it (also
	// in j). ErrVersion otherwise, ErrNotFound when the job is gone.
	UpdateImportJob(ctx context.Context, j *ImportJob) error
	// BeginUpload makes place for a file that comes in parts. What is never finished goes when it expires.
	BeginUpload(ctx context.Context, pool int64, upload string, expires time.Time) error
	// PutImportPart stores a part, sealed. ErrNotFound when the upload is gone.
	PutImportPart(ctx context.Context, pool int64, upload string, part int64, content []byte) error
	// KeepUpload makes an upload last until it is dropped. ErrNotFound when it is gone.
	KeepUpload(ctx context.Context, pool int64, upload string) error
	// DropUpload lets an upload go.
	DropUpload(ctx context.Context, pool int64, upload string, at time.Time) error
	// DropImportParts removes the parts before that one, the first excepted, which holds the header.
	DropImportParts(ctx context.Context, pool int64, upload string, before int64) error
	// PutImportLog stores a piece of a job's log under its number.
	PutImportLog(ctx context.Context, j *ImportJob, number int64, piece []byte) error
	// Awaited says whether others wait for the end of this unit of work, so that a long one ends early.
	Awaited() bool
	// PutSearchEntries stores entries of users who are still to be made: nobody finds anything by them before. Those that
	// are there stay. It is fast when they are in order. ErrNotFound when the pool is gone.
	PutSearchEntries(ctx context.Context, pool int64, entries []SearchEntry) error
	// DropSearchEntries removes entries of users who are not made after all.
	DropSearchEntries(ctx context.Context, pool int64, entries []SearchEntry) error
	// CreateUsers stores new users of one pool at version 1, in few statements. ErrExists when a number, user name, sub
	// or alias is taken; nothing may be kept then.
	CreateUsers(ctx context.Context, pool int64, users []ImportedUser) error
}
