package store

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
)

// The kinds of a database: which command made it.
const (
	Dev   = "dev"
	Serve = "serve"
)

// Config says where the database is and how to open it. Exactly one of SQLitePath, Memory and PostgresURL is set.
type Config struct {
	SQLitePath  string // file; made, with its directory, when it is not there
	Memory      bool   // a database that is gone after Close; needs no Key
	PostgresURL string // connection string in either form of libpq

	// Kind is the command that opens the database. A database remembers the kind that it was made by and opens for
	// no other. "" opens whatever there is, and makes nothing.
	Kind string

	// Key gives the master key. Only for an empty database is create true: the key may then be drawn, and must be
	// on disk when Key returns. Otherwise Key gives the one that is there, or an error that says where it was
	// expected.
	Key func(create bool) (*seal.Key, error)

	Now         func() time.Time // the clock; time.Now when nil
	Log         *slog.Logger     // slog.Default() when nil
	Connections int              // to PostgreSQL at most; 16 when 0
	AuditFor    time.Duration    // how long entries of the audit log are kept; 0 sweeps none

	synchronous string // of SQLite; FULL when ""
}

func (c *Config) complete() error {
	chosen := 0
	for _, set := range []bool{c.SQLitePath != "", c.Memory, c.PostgresURL != ""} {
		if set {
			chosen++
		}
	}
	if chosen != 1 {
		return errors.New("store: give one of a SQLite file, memory and a PostgreSQL address")
	}
	if c.Kind != "" && c.Kind != Dev && c.Kind != Serve {
		return fmt.Errorf("store: no database is of the kind %q", c.Kind)
	}
	if c.Key == nil {
		if !c.Memory {
			return errors.New("store: a database needs a master key")
		}
		c.Key = func(bool) (*seal.Key, error) { return seal.NewKey(), nil }
	}
	if c.Kind == "" && c.Memory {
		c.Kind = Dev
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Connections <= 0 {
		c.Connections = 16
	}
	if c.synchronous == "" {
		c.synchronous = "FULL"
	}
	return nil
}

// place names the database in sentences for operators, without a password.
func (c *Config) place() string {
	switch {
	case c.SQLitePath != "":
		return c.SQLitePath
	case c.Memory:
		return "in memory"
	}
	return postgresPlace(c.PostgresURL)
}

var (
	// ErrKey says that the master key of a database is missing or is another one.
	ErrKey = errors.New("the master key does not belong to the database")
	// ErrEmpty says that a database was to be opened as it is and there is nothing in it.
	ErrEmpty = errors.New("the database is empty; start poolhouse dev or poolhouse serve with it first")
)

// A KindError says that a database was made by one command and opened by another.
type KindError struct {
	Place string // of the database
	Made  string // the kind that it was made as
	Kind  string // the kind that was asked for
}

func (e *KindError) Error() string {
	return fmt.Sprintf("the database %s was made by poolhouse %s, and poolhouse %s does not open it; give poolhouse %s a database of its own",
		e.Place, e.Made, e.Kind, e.Kind)
}

// A keyError is ErrKey with a sentence.
type keyError struct {
	text  string
	cause error
}

func (e *keyError) Error() string   { return e.text }
func (e *keyError) Unwrap() []error { return []error{ErrKey, e.cause} }
