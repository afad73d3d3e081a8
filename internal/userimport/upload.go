package userimport

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	uploadValidity = 899 * time.Second
	// uploadPatience is how long an upload may take.
	uploadPatience = time.Hour
	// uploadsAtOnce bounds the memory that uploads take.
	uploadsAtOnce = 4

	stampForm     = "20060102T150405Z"
	uploadPurpose = "import upload"
)

// What an upload is refused with.
var (
	ErrSignature = errors.New("userimport: the address is not one that was given out")
	ErrExpired   = errors.New("userimport: the address has expired")
	ErrStarted   = errors.New("userimport: the job takes no file any more")
	ErrTooLarge  = errors.New("userimport: the file is too large")
	ErrBusy      = errors.New("userimport: too many uploads are under way")
)

// UploadURL is where the file of a job is uploaded, for fifteen minutes from the job's creation.
func (s *Service) UploadURL(ctx context.Context, job *userpool.ImportJob) (string, error) {
	stamp := job.Created.Format(stampForm)
	signature, err := s.signature(ctx, job.Pool, job.ID, stamp)
	if err != nil {
		return "", err
	}
	query := url.Values{
		"X-Amz-Date":      {stamp},
		"X-Amz-Expires":   {strconv.Itoa(int(uploadValidity.Seconds()))},
		"X-Amz-Signature": {signature},
	}
	return s.Uploads + url.PathEscape(job.PoolID) + "/" + url.PathEscape(job.ID) + "?" + query.Encode(), nil
}

func (s *Service) signature(ctx context.Context, pool int64, id, stamp string) (string, error) {
	sum, err := s.Sealer.MAC(ctx, pool, uploadPurpose, id, stamp)
	return hex.EncodeToString(sum[:]), err
}

// Address is what the address of an upload says.
type Address struct {
	PoolID, JobID             string
	Date, Validity, Signature string // X-Amz-Date, X-Amz-Expires, X-Amz-Signature
}

// admit finds the job of an address. Whatever is wrong with the address is ErrSignature, so that it tells nobody which
// pools and jobs there are.
func (s *Service) admit(ctx context.Context, a Address) (*userpool.ImportJob, error) {
	pool, err := s.Store.Pool(ctx, a.PoolID)
	if err != nil {
		return nil, orSignature(err)
	}
	want, err := s.signature(ctx, pool.Number, a.JobID, a.Date)
	if err != nil {
		return nil, orSignature(err)
	}
	signed, err := time.Parse(stampForm, a.Date)
	if !hmac.Equal([]byte(want), []byte(a.Signature)) || err != nil ||
		a.Validity != strconv.Itoa(int(uploadValidity.Seconds())) {
		return nil, ErrSignature
	}
	if s.now().After(signed.Add(uploadValidity)) {
		return nil, ErrExpired
	}
	job, err := s.Store.ImportJob(ctx, pool.Number, a.JobID)
	switch {
	case err != nil:
		return nil, orSignature(err)
	case job.Status != userpool.ImportCreated:
		return nil, ErrStarted
	}
	return job, nil
}

func orSignature(err error) error {
	if errors.Is(err, userpool.ErrNotFound) {
		return ErrSignature
	}
	return err
}

// Upload takes the file of a job. It takes the place of a former one in one unit of work, when all of it is there.
func (s *Service) Upload(ctx context.Context, a Address, file io.Reader) error {
	if s.uploading.Add(1) > uploadsAtOnce {
		s.uploading.Add(-1)
		return ErrBusy
	}
	defer s.uploading.Add(-1)
	job, err := s.admit(ctx, a)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, uploadPatience)
	defer cancel()
	id := uuid.NewString()
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		return tx.BeginUpload(ctx, job.Pool, id, s.now().Add(2*uploadPatience))
	})
	if err != nil {
		return orSignature(err)
	}
	size, lines, err := s.receive(ctx, job, id, file)
	if err == nil {
		err = s.keep(ctx, job, id, size, lines)
	}
	if err != nil {
		s.discard(ctx, job, id)
	}
	return err
}

// receive stores the file in parts.
func (s *Service) receive(ctx context.Context, job *userpool.ImportJob, id string, file io.Reader) (size, lines int64, err error) {
	buffer := make([]byte, userpool.ImportPartSize)
	for part := int64(0); ; part++ {
		n, err := io.ReadFull(file, buffer)
		over := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !over {
			return 0, 0, err
		}
		if size += int64(n); size > MaxFile {
			return 0, 0, ErrTooLarge
		}
		lines += int64(bytes.Count(buffer[:n], []byte{'\n'}))
		if n > 0 {
			err := s.Store.Write(ctx, func(tx userpool.Tx) error {
				return tx.PutImportPart(ctx, job.Pool, id, part, buffer[:n])
			})
			if err != nil {
				return 0, 0, err
			}
		}
		if over {
			return size, lines, nil
		}
	}
}

// keep makes an upload the one of its job.
func (s *Service) keep(ctx context.Context, seen *userpool.ImportJob, id string, size, lines int64) error {
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		job, err := tx.ImportJob(ctx, seen.Pool, seen.ID)
		switch {
		case err != nil:
			return orSignature(err)
		case job.Status != userpool.ImportCreated:
			return ErrStarted
		}
		if job.Upload != "" {
			if err := tx.DropUpload(ctx, job.Pool, job.Upload, s.now()); err != nil {
				return err
			}
		}
		if err := tx.KeepUpload(ctx, job.Pool, id); err != nil {
			return err
		}
		job.Upload, job.Size, job.Lines = id, size, lines
		return tx.UpdateImportJob(ctx, job)
	})
}

// discard lets an upload go that is not kept. What it leaves behind goes when it expires.
func (s *Service) discard(ctx context.Context, job *userpool.ImportJob, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := s.Store.Write(ctx, func(tx userpool.Tx) error { return tx.DropUpload(ctx, job.Pool, id, s.now()) })
	if err != nil {
		s.Log.WarnContext(ctx, "what was uploaded in vain is removed later", "error", err)
	}
}
