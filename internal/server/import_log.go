package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// WriteImportLog writes the log of an import job out of the database itself, a line for each row of its file.
func WriteImportLog(ctx context.Context, cfg Config, w io.Writer, pool, job string) (err error) {
	db, _, err := openBeside(ctx, cfg, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = userimport.WriteLog(ctx, db, w, pool, job)
	if errors.Is(err, userpool.ErrNotFound) {
		return fmt.Errorf("the user pool %s has no import job %s", pool, job)
	}
	return err
}
