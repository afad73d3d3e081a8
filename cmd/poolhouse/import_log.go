package main

import (
	"bufio"
	"context"
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

// importLogCommand opens the database beside a running server or without one.
type importLogCommand struct {
	configFlag
	storageFlags
	Pool string `arg:"" help:"Id of the user pool."`
	Job  string `arg:"" help:"Id of the import job."`
}

// Run prints a line for each row of the job's file that is done.
func (c importLogCommand) Run(ctx context.Context, con console) error {
	var cfg server.Config
	if err := c.storageFlags.apply(&cfg); err != nil {
		return err
	}
	out := bufio.NewWriter(printer{con.out})
	return errors.Join(server.WriteImportLog(ctx, cfg, out, c.Pool, c.Job), out.Flush())
}

// printer writes printable text.
type printer struct {
	to interface{ Write([]byte) (int, error) }
}

func (p printer) Write(b []byte) (int, error) {
	if _, err := p.to.Write([]byte(printable(string(b)))); err != nil {
		return 0, err
	}
	return len(b), nil
}
