package userimport_test

import (
	"flag"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
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
	b := newBench(t, *engineFlag)
	b.newPool("speed")
	job := b.uploaded(userFile(userimport.Header(b.pool), *rowsFlag, *shuffledFlag))
	s := b.service(b.db)
	s.Begin(t.Context())
	defer s.Close()
	began, worked := time.Now(), processorTime(t)
	job, err := s.Start(t.Context(), b.pool, job.ID)
	if err != nil {
		t.Fatal(err)
	}
	var longest, total time.Duration
	units := 0
	for job.Status != userpool.ImportSucceeded {
		if job, err = s.Job(t.Context(), b.pool, job.ID); err != nil || job.Status == userpool.ImportFailed {
			t.Fatal(job, err)
		}
		before := time.Now() // as a sign-in beside it would
		err := b.db.Write(t.Context(), func(tx userpool.Tx) error {
			return tx.Spend(t.Context(), b.pool.Number, fmt.Sprint(units), time.Now().Add(time.Hour))
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
	b.db.Close()
	if info, err := os.Stat(b.path); err == nil {
		t.Logf("%d bytes a user", info.Size()/int64(*rowsFlag))
	}
	t.Logf("%v of processors' time for 1000 users", (worked * 1000 / time.Duration(*rowsFlag)).Round(time.Millisecond))
	t.Logf("%d users in %v: %.0f a second; a unit of work beside it waits for %v, at most %v",
		job.Imported, took.Round(time.Millisecond), float64(job.Imported)/took.Seconds(), total/time.Duration(max(1, units)), longest)
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
