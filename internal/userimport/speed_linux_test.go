package userimport_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var (
	rowsFlag     = flag.Int("rows", 1000, "how many users TestSpeed imports")
	engineFlag   = flag.String("engine", "sqlite", "the engine of TestSpeed: sqlite, postgres")
	shuffledFlag = flag.Bool("shuffled", false, "whether TestSpeed imports users in no order")
	besideFlag   = flag.Duration("beside", 0, "how long TestSpeed pauses between the units of work beside the import")
)

// TestSpeed imports as many users as -rows says and tells how fast, how large, and how long a unit of work beside it
// waits.
func TestSpeed(t *testing.T) {
	dir := t.TempDir()
	key := seal.NewKey()
	c := store.Config{SQLitePath: filepath.Join(dir, "poolhouse.db"), Kind: store.Serve,
		Key: func(bool) (*seal.Key, error) { return key, nil }, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if *engineFlag == "postgres" {
		c.SQLitePath, c.PostgresURL = "", postgrestest.Start(t)
	}
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := &userimport.Service{Store: db, Sealer: db, Now: time.Now, Log: c.Log, Node: "one", Uploads: "/", Sweep: db.SweepUploads}
	pool := &userpool.Pool{Number: userpool.NewNumber(time.Now()), ID: "us-east-1_speed", Name: "speed", Created: time.Now(), Modified: time.Now(),
		Settings: &wire.UserPoolType{AutoVerifiedAttributes: []wire.VerifiedAttributeType{"email"},
			AliasAttributes: []wire.AliasAttributeType{"email", "preferred_username"}}}
	for _, name := range userimport.Header(pool) {
		pool.Settings.SchemaAttributes = append(pool.Settings.SchemaAttributes, wire.SchemaAttributeType{Name: name, AttributeDataType: "String"})
	}
	if err := db.Write(t.Context(), func(tx userpool.Tx) error { return tx.CreatePool(t.Context(), pool, nil) }); err != nil {
		t.Fatal(err)
	}
	job, err := s.Create(t.Context(), userimport.Creation{Pool: pool, Name: "speed", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	file := speedFile(userimport.Header(pool), *rowsFlag, *shuffledFlag)
	address, err := s.UploadURL(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Upload(t.Context(), addressOf(t, address), strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	s.Begin(t.Context())
	defer s.Close()
	began, worked := time.Now(), processorTime(t)
	if _, err := s.Start(t.Context(), pool, job.ID); err != nil {
		t.Fatal(err)
	}
	var longest, total time.Duration
	units := 0
	for job.Status != userpool.ImportSucceeded {
		if job, err = s.Job(t.Context(), pool, job.ID); err != nil || job.Status == userpool.ImportFailed {
			t.Fatal(job, err)
		}
		before := time.Now() // as a sign-in beside it would
		err := db.Write(t.Context(), func(tx userpool.Tx) error {
			return tx.Spend(t.Context(), pool.Number, fmt.Sprint(units), time.Now().Add(time.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(before)
		longest, total, units = max(longest, took), total+took, units+1
		time.Sleep(*besideFlag)
	}
	took, worked := time.Since(began), processorTime(t)-worked
	if job.Imported != int64(*rowsFlag) {
		t.Errorf("%d of %d rows were imported: %s", job.Imported, *rowsFlag, job.Message)
	}
	s.Close()
	db.Close()
	if info, err := os.Stat(c.SQLitePath); err == nil {
		t.Logf("%d bytes a user", info.Size()/int64(*rowsFlag))
	}
	t.Logf("%v of processors' time for 1000 users", (worked * 1000 / time.Duration(*rowsFlag)).Round(time.Millisecond))
	t.Logf("%d users in %v: %.0f a second; a unit of work beside it waits for %v, at most %v",
		job.Imported, took.Round(time.Millisecond), float64(job.Imported)/took.Seconds(), total/time.Duration(max(1, units)), longest)
}

// speedFile writes a file of that many users. In no order, every attribute has an order of its own; the users must be
// a multiple of none of the strides then.
func speedFile(header []string, users int, shuffled bool) string {
	var file strings.Builder
	file.WriteString(strings.Join(header, ",") + "\n")
	for i := range users {
		at := func(stride int) int {
			if !shuffled {
				stride = 1
			}
			return i * stride % users
		}
		values := map[string]string{
			"cognito:username": fmt.Sprintf("u%07d", at(7_368_787)), "cognito:mfa_enabled": "false",
			"email": fmt.Sprintf("u%07d@example.com", at(7_368_787)), "email_verified": "true",
			"phone_number": fmt.Sprintf("+4930%07d", at(5_368_789)), "phone_number_verified": "false",
			"name":               fmt.Sprintf("Name%07d of User", at(3_368_773)),
			"given_name":         fmt.Sprintf("Given%07d", at(6_368_779)),
			"family_name":        fmt.Sprintf("Family%07d", at(4_368_793)),
			"preferred_username": fmt.Sprintf("p%07d", at(2_368_771)),
		}
		for i, column := range header {
			if i > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[column])
		}
		file.WriteByte('\n')
	}
	return file.String()
}

// processorTime is what this process has used. On a busy machine it says more than the clock.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
