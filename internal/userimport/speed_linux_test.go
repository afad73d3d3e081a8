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

// jobRows is how many users TestSpeed imports by one job.
const jobRows = 500_000

// TestSpeed imports as many users as -rows says and tells how fast, how large, and how long a unit of work beside it
// waits.
func TestSpeed(t *testing.T) {
	b := newBench(t, *engineFlag)
	b.newPool("speed")
	s := b.service(b.db)
	s.Begin(t.Context())
	defer s.Close()
	var imported int64
	var took, worked, longest, waited time.Duration
	units := 0
	for from := 0; from < *rowsFlag; from += jobRows {
		to := min(from+jobRows, *rowsFlag)
		job := b.uploaded(userFile(userimport.Header(b.pool), from, to, *rowsFlag, *shuffledFlag))
		began, before := time.Now(), processorTime(t)
		job, err := s.Start(t.Context(), b.pool, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		for job.Status != userpool.ImportSucceeded {
			if job, err = s.Job(t.Context(), b.pool, job.ID); err != nil || job.Status == userpool.ImportFailed {
				t.Fatal(job, err)
			}
			asked := time.Now() // as a sign-in beside it would
			err := b.db.Write(t.Context(), func(tx userpool.Tx) error {
				return tx.Spend(t.Context(), b.pool.Number, fmt.Sprint(units), time.Now().Add(time.Hour))
			})
			if err != nil {
				t.Fatal(err)
			}
			wait := time.Since(asked)
			longest, waited, units = max(longest, wait), waited+wait, units+1
			time.Sleep(*besideFlag)
		}
		imported += job.Imported
		took, worked = took+time.Since(began), worked+processorTime(t)-before
		t.Logf("%d users in %v: %.0f a second", to-from, time.Since(began).Round(time.Millisecond), float64(to-from)/time.Since(began).Seconds())
	}
	if imported != int64(*rowsFlag) {
		t.Errorf("%d of %d rows were imported", imported, *rowsFlag)
	}
	s.Close()
	b.db.Close()
	if info, err := os.Stat(b.path); err == nil {
		t.Logf("%d bytes a user", info.Size()/imported)
	}
	t.Logf("%v of processors' time for 1000 users", (worked * 1000 / time.Duration(imported)).Round(time.Millisecond))
	t.Logf("%.0f users a second; a unit of work beside it waits for %v, at most %v",
		float64(imported)/took.Seconds(), waited/time.Duration(max(1, units)), longest)
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
