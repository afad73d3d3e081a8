package main

import (
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

// storageFlags say where the data and its key are. serve and access-key share them.
type storageFlags struct {
	Data            string `placeholder:"DIR" help:"Folder of the embedded database, and of the master key unless another file is named."`
	DatabaseURLFile string `name:"database-url-file" placeholder:"FILE" help:"File with the URL of a PostgreSQL database, instead of --data."`
	MasterKeyFile   string `placeholder:"FILE" help:"File of the master key that seals the secrets in the database. It is made on the first start with --data; several servers of one PostgreSQL database share one."`
}

func (f storageFlags) apply(cfg *server.Config) error {
	if f.Data != "" && f.DatabaseURLFile != "" {
		return errors.New("--data and --database-url-file exclude each other")
	}
	if f.Data == "" && f.DatabaseURLFile == "" {
		return errors.New("say where the data is: --data DIR, or --database-url-file FILE for PostgreSQL")
	}
	cfg.DataDir, cfg.MasterKeyFile = f.Data, f.MasterKeyFile
	if f.DatabaseURLFile == "" {
		return nil
	}
	if f.MasterKeyFile == "" {
		return errors.New("a PostgreSQL database needs --master-key-file, the same file for every server of the database")
	}
	var err error
	cfg.PostgresURL, err = secretFile("--database-url-file", f.DatabaseURLFile)
	return err
}
