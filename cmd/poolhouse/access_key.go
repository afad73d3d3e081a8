package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type accessKeyCommand struct {
	Create accessKeyCreate `cmd:"" help:"Make an access key and print it. The secret is shown this once."`
	List   accessKeyList   `cmd:"" help:"List the access keys."`
	Delete accessKeyDelete `cmd:"" help:"Delete an access key; calls signed with it fail from then on."`
}

// accessKeyFlags open the database beside a running server or without one. The configuration file of serve will
// do.
type accessKeyFlags struct {
	configFlag
	storageFlags
}

func (f accessKeyFlags) open(ctx context.Context, create bool) (*server.AccessKeys, error) {
	var cfg server.Config
	if err := f.storageFlags.apply(&cfg); err != nil {
		return nil, err
	}
	return server.OpenAccessKeys(ctx, cfg, create)
}

type accessKeyCreate struct {
	accessKeyFlags
	Description string `placeholder:"TEXT" help:"What the key is for."`
}

// Run prints the key as the environment variables that SDKs read.
func (c accessKeyCreate) Run(ctx context.Context, con console) (err error) {
	keys, err := c.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	key, err := keys.Create(ctx, c.Description)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", key.ID, key.Secret)
	return err
}

type accessKeyList struct{ accessKeyFlags }

// Run prints a line for each key: its id, when it was made (UTC), and what it is for.
func (c accessKeyList) Run(ctx context.Context, con console) (err error) {
	keys, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	all, err := keys.List(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		line := fmt.Sprintf("%s  %s  %s", k.ID, k.Created.Format(time.DateTime), printable(k.Description))
		fmt.Fprintln(con.out, strings.TrimRight(line, " "))
	}
	return nil
}

type accessKeyDelete struct {
	accessKeyFlags
	ID string `arg:"" help:"Id of the key."`
}

// Run says nothing when the key is gone.
func (c accessKeyDelete) Run(ctx context.Context) (err error) {
	keys, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	return keys.Delete(ctx, c.ID)
}
