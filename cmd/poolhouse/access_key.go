package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

type accessKeyCommand struct {
	Create accessKeyCreate `cmd:"" help:"Make an access key and print it. The secret is shown this once."`
	List   accessKeyList   `cmd:"" help:"List the access keys."`
	Delete accessKeyDelete `cmd:"" help:"Delete an access key; calls signed with it fail from then on."`
}

// accessKeyFlags open the database beside a running server or without one.
type accessKeyFlags struct {
	Config kong.ConfigFlag `help:"YAML file with settings; those of serve may stand in it too."`
	storageFlags
}

func (f accessKeyFlags) open(ctx context.Context) (*server.AccessKeys, error) {
	var cfg server.Config
	if err := f.storageFlags.apply(&cfg); err != nil {
		return nil, err
	}
	return server.OpenAccessKeys(ctx, cfg)
}

type accessKeyCreate struct {
	accessKeyFlags
	Description string `help:"What the key is for."`
}

func (c accessKeyCreate) Run(ctx context.Context, con console) error {
	keys, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer keys.Close()
	key, err := keys.Create(ctx, c.Description)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", key.ID, key.Secret)
	return nil
}

type accessKeyList struct{ accessKeyFlags }

func (c accessKeyList) Run(ctx context.Context, con console) error {
	keys, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer keys.Close()
	all, err := keys.List(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		fmt.Fprintf(con.out, "%s  %s  %s\n", k.ID, k.Created.Format(time.DateTime), k.Description)
	}
	return nil
}

type accessKeyDelete struct {
	accessKeyFlags
	ID string `arg:"" help:"Id of the key."`
}

func (c accessKeyDelete) Run(ctx context.Context, con console) error {
	keys, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer keys.Close()
	return keys.Delete(ctx, c.ID)
}
