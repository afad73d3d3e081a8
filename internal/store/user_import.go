package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const importColumns = `pool_number, id, pool_id, name, role, algorithm, status, message, created, started, completed,
	imported, skipped, failed, upload, size, line_count, position, line, prepared, number, placed, batches, owner, lease, fence, version`

var (
	readImportJob = newStatement("read an import job",
		`SELECT `+importColumns+` FROM imports WHERE pool_number = $1 AND id = $2`)
	newestImportJobs = newStatement("list import jobs",
		`SELECT `+importColumns+` FROM imports WHERE pool_number = $1 AND (created, id) < ($2, $3)
		ORDER BY created DESC, id DESC LIMIT $4`)
	countImportJobs = newStatement("count import jobs", `SELECT count(*) FROM imports WHERE pool_number = $1`)
	activeImportJob = newStatement("find the active import job",
		`SELECT `+importColumns+` FROM imports WHERE active = 1 LIMIT 1`)
	waitingImportJobs = newStatement("list import jobs that wait",
		`SELECT `+importColumns+` FROM imports WHERE status = 'Created' AND created < $1 ORDER BY created LIMIT $2`)
	insertImportJob = newStatement("create an import job",
		`INSERT INTO imports (pool_number, id, pool_id, name, role, algorithm, status, message, created, started, completed,
			imported, skipped, failed, upload, size, line_count, position, line, prepared, number, placed, batches, owner, lease,
			fence, active, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 0, 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0, 0, 1) ON CONFLICT DO NOTHING`)
	updateImportJob = newStatement("change an import job",
		`UPDATE imports SET status = $1, message = $2, started = $3, completed = $4, imported = $5, skipped = $6, failed = $7,
			upload = $8, size = $9, line_count = $10, position = $11, line = $12, prepared = $13, number = $14, placed = $15,
			batches = $16, owner = $17, lease = $18, fence = $19, active = $20, version = version + 1
		WHERE pool_number = $21 AND id = $22 AND version = $23`)
	importJobVersion = newStatement("look for an import job",
		`SELECT version FROM imports WHERE pool_number = $1 AND id = $2`)

	insertUpload = newStatement("begin an upload",
		`INSERT INTO import_uploads (pool_number, id, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`).beside()
	expireUpload = newStatement("let an upload expire",
		`UPDATE import_uploads SET expires = $1 WHERE pool_number = $2 AND id = $3`).beside()
	insertImportPart = newStatement("store a part of an upload",
		`INSERT INTO import_parts (pool_number, upload, part, content) VALUES ($1, $2, $3, $4)`).beside()
	readImportPart = newStatement("read a part of an upload",
		`SELECT content FROM import_parts WHERE pool_number = $1 AND upload = $2 AND part = $3`)
	deleteImportParts = newStatement("drop parts of an upload",
		`DELETE FROM import_parts WHERE pool_number = $1 AND upload = $2 AND part > 0 AND part < $3`).beside()

	insertImportLog = newStatement("write the log of an import job",
		`INSERT INTO import_log (pool_number, job, number, content) VALUES ($1, $2, $3, $4)`)
	readImportLog = newStatement("read the log of an import job",
		`SELECT content FROM import_log WHERE pool_number = $1 AND job = $2 AND number > $3 ORDER BY number LIMIT $4`)

	expiredUploads = newStatement("list expired uploads",
		`SELECT pool_number, id FROM import_uploads WHERE expires > 0 AND expires < $1 ORDER BY expires LIMIT $2`)
	uploadsOfPool = newStatement("list the uploads of a pool",
		`SELECT pool_number, id FROM import_uploads WHERE pool_number = $1 LIMIT $2`)
	sweepImportParts = newStatement("sweep parts of an upload",
		`DELETE FROM import_parts WHERE (pool_number, upload, part) IN
		(SELECT pool_number, upload, part FROM import_parts WHERE pool_number = $1 AND upload = $2 LIMIT $3)`)
	sweepUpload = newStatement("sweep an upload",
		`DELETE FROM import_uploads WHERE pool_number = $1 AND id = $2`)
	sweepImportLogOfPool = newStatement("sweep the logs of a pool",
		`DELETE FROM import_log WHERE (pool_number, job, number) IN
		(SELECT pool_number, job, number FROM import_log WHERE pool_number = $1 LIMIT $2)`)
	sweepImportsOfPool = newStatement("sweep the import jobs of a pool",
		`DELETE FROM imports WHERE (pool_number, id) IN (SELECT pool_number, id FROM imports WHERE pool_number = $1 LIMIT $2)`)
)

func importPartPlace(pool int64, upload string, part int64) seal.Place {
	return seal.Place{Table: "import_parts", Column: "content", Pool: pool, Row: upload + ":" + strconv.FormatInt(part, 10)}
}

func scanImportJob(scan scanner) (*userpool.ImportJob, error) {
	var j userpool.ImportJob
	var created, started, completed, lease int64
	err := scan(&j.Pool, &j.ID, &j.PoolID, &j.Name, &j.Role, &j.Algorithm, &j.Status, &j.Message, &created, &started, &completed,
		&j.Imported, &j.Skipped, &j.Failed, &j.Upload, &j.Size, &j.Lines, &j.Position, &j.Line, &j.Prepared, &j.Number, &j.Placed, &j.Batches, &j.Owner, &lease,
		&j.Fence, &j.Version)
	j.Created, j.Started, j.Completed, j.Lease = fromMicros(created), fromMicros(started), fromMicros(completed), fromMicros(lease)
	return &j, err
}

func (q *queries) importJobs(ctx context.Context, st *statement, args ...any) (jobs []*userpool.ImportJob, err error) {
	err = q.list(ctx, st, args, func(scan scanner) error {
		j, err := scanImportJob(scan)
		jobs = append(jobs, j)
		return err
	})
	return jobs, err
}

func (q *queries) importJob(ctx context.Context, st *statement, args ...any) (*userpool.ImportJob, error) {
	jobs, err := q.importJobs(ctx, st, args...)
	if err == nil && len(jobs) == 0 {
		err = userpool.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// ImportJob implements userpool.ImportReader.
func (r reads) ImportJob(ctx context.Context, pool int64, id string) (*userpool.ImportJob, error) {
	return r.importJob(ctx, readImportJob, pool, id)
}

// ActiveImportJob implements userpool.ImportReader.
func (r reads) ActiveImportJob(ctx context.Context) (*userpool.ImportJob, error) {
	return r.importJob(ctx, activeImportJob)
}

// WaitingImportJobs implements userpool.ImportReader.
func (r reads) WaitingImportJobs(ctx context.Context, before time.Time, limit int) ([]*userpool.ImportJob, error) {
	return r.importJobs(ctx, waitingImportJobs, micros(before), limit)
}

// CountImportJobs implements userpool.ImportReader.
func (r reads) CountImportJobs(ctx context.Context, pool int64) (n int, err error) {
	err = r.one(ctx, countImportJobs, []any{pool}, &n)
	return n, err
}

// ImportJobs implements userpool.ImportReader. The key of a page is "<microseconds of creation>/<id>".
func (r reads) ImportJobs(ctx context.Context, pool int64, page userpool.Page) (jobs []*userpool.ImportJob, next string, err error) {
	after, id, _ := strings.Cut(page.After, "/")
	created, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		created, id = 1<<63-1, ""
	}
	if jobs, err = r.importJobs(ctx, newestImportJobs, pool, created, id, page.Limit+1); err != nil {
		return nil, "", err
	}
	if len(jobs) > page.Limit {
		jobs = jobs[:page.Limit]
		last := jobs[page.Limit-1]
		next = strconv.FormatInt(micros(last.Created), 10) + "/" + last.ID
	}
	return jobs, next, nil
}

// ImportPart implements userpool.ImportReader.
func (r reads) ImportPart(ctx context.Context, pool int64, upload string, part int64) ([]byte, error) {
	var sealed []byte
	if err := r.one(ctx, readImportPart, []any{pool, upload, part}, &sealed); err != nil {
		return nil, err
	}
	key, err := r.dataKey(ctx, pool)
	if err != nil {
		return nil, err
	}
	place := importPartPlace(pool, upload, part)
	content, err := key.Open(place, sealed)
	return content, opening(place, err)
}

// ImportLog implements userpool.ImportReader.
func (r reads) ImportLog(ctx context.Context, pool int64, id string, after int64, limit int) (pieces [][]byte, err error) {
	err = r.list(ctx, readImportLog, []any{pool, id, after, limit}, func(scan scanner) error {
		var piece []byte
		err := scan(&piece)
		pieces = append(pieces, piece)
		return err
	})
	return pieces, err
}

// CreateImportJob implements userpool.ImportWriter.
func (t *tx) CreateImportJob(ctx context.Context, j *userpool.ImportJob) error {
	if err := t.needPool(ctx, j.Pool); err != nil {
		return err
	}
	n, err := t.exec(ctx, insertImportJob, j.Pool, j.ID, j.PoolID, j.Name, j.Role, string(j.Algorithm), string(j.Status), micros(j.Created))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	if err != nil {
		return err
	}
	t.made.document = map[string]string{"JobId": j.ID}
	j.Version = 1
	return nil
}

// UpdateImportJob implements userpool.ImportWriter.
func (t *tx) UpdateImportJob(ctx context.Context, j *userpool.ImportJob) error {
	n, err := t.exec(ctx, updateImportJob, string(j.Status), j.Message, micros(j.Started), micros(j.Completed), j.Imported, j.Skipped,
		j.Failed, j.Upload, j.Size, j.Lines, j.Position, j.Line, j.Prepared, j.Number, j.Placed, j.Batches, j.Owner, micros(j.Lease),
		j.Fence, flag(j.Active()), j.Pool, j.ID, j.Version)
	switch {
	case err != nil:
		return err
	case n == 0:
		return t.changedOrGone(ctx, importJobVersion, j.Pool, j.ID)
	}
	j.Version++
	return nil
}

// BeginUpload implements userpool.ImportWriter. ErrNotFound when the pool is gone.
func (t *tx) BeginUpload(ctx context.Context, pool int64, upload string, expires time.Time) error {
	if err := t.needPool(ctx, pool); err != nil {
		return err
	}
	n, err := t.exec(ctx, insertUpload, pool, upload, micros(expires))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// PutImportPart implements userpool.ImportWriter.
func (t *tx) PutImportPart(ctx context.Context, pool int64, upload string, part int64, content []byte) error {
	key, err := t.dataKey(ctx, pool)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, insertImportPart, pool, upload, part, key.Seal(importPartPlace(pool, upload, part), content))
	return err
}

// KeepUpload implements userpool.ImportWriter.
func (t *tx) KeepUpload(ctx context.Context, pool int64, upload string) error {
	n, err := t.exec(ctx, expireUpload, 0, pool, upload)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}

// DropUpload implements userpool.ImportWriter.
func (t *tx) DropUpload(ctx context.Context, pool int64, upload string, at time.Time) error {
	_, err := t.exec(ctx, expireUpload, micros(at), pool, upload)
	return err
}

// DropImportParts implements userpool.ImportWriter.
func (t *tx) DropImportParts(ctx context.Context, pool int64, upload string, before int64) error {
	_, err := t.exec(ctx, deleteImportParts, pool, upload, before)
	return err
}

// PutImportLog implements userpool.ImportWriter.
func (t *tx) PutImportLog(ctx context.Context, j *userpool.ImportJob, number int64, piece []byte) error {
	_, err := t.exec(ctx, insertImportLog, j.Pool, j.ID, number, piece)
	return err
}

// partBatch is how many parts of an upload go in one unit of work.
const partBatch = 8

// SweepUploads removes expired uploads with their files. It returns how many went.
func (s *Store) SweepUploads(ctx context.Context) (int, error) {
	return s.sweepUploads(ctx, expiredUploads, micros(s.now().Add(time.Microsecond)))
}

func (s *Store) sweepUploads(ctx context.Context, st *statement, arg int64) (int, error) {
	type upload struct {
		pool int64
		id   string
	}
	var uploads []upload
	err := s.list(ctx, st, []any{arg, sweepBatch}, func(scan scanner) error {
		var u upload
		err := scan(&u.pool, &u.id)
		uploads = append(uploads, u)
		return err
	})
	if err != nil {
		return 0, err
	}
	for i, u := range uploads {
		if err := s.sweepUpload(ctx, u.pool, u.id); err != nil {
			return i, err
		}
		s.swept.Add(1)
	}
	return len(uploads), nil
}

func (s *Store) sweepUpload(ctx context.Context, pool int64, id string) error {
	for {
		var n int64
		err := s.write(ctx, func(t *tx) (err error) {
			if n, err = t.exec(ctx, sweepImportParts, pool, id, partBatch); err != nil || n > 0 {
				return err
			}
			_, err = t.exec(ctx, sweepUpload, pool, id)
			return err
		})
		if errors.Is(err, userpool.ErrNotFound) {
			continue // a part came in meanwhile
		}
		if err != nil || n == 0 {
			return err
		}
	}
}
