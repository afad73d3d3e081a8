// Command bench measures the shipped binary over HTTP on loopback: it starts `poolhouse dev` on a database
// of its own, fills pools with users, runs each operation at several concurrencies, and prints a table with
// the limits of the machine, measured in the same run, beside it.
//
//	go run ./bench -bin bin/poolhouse -users 100000
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.binary, "bin", "bin/poolhouse", "the binary to measure")
	flag.IntVar(&o.users, "users", 100_000, "users in the large pool; the small one has 1,000")
	flag.DurationVar(&o.duration, "duration", 4*time.Second, "length of one measurement")
	flag.IntVar(&o.pairs, "pairs", 5, "interleaved pairs of small and large pool")
	bare := flag.String("bare", "", "serve nothing but a fixed answer on this address (used by the program itself)")
	flag.Parse()
	if *bare != "" {
		serveBare(*bare)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	binary   string
	users    int
	duration time.Duration
	pairs    int
}

func run(ctx context.Context, o options) error {
	fmt.Printf("Machine: %d cores, %s, %s/%s\n\n", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH)
	limits, err := measureLimits(ctx, o.duration)
	if err != nil {
		return err
	}
	limits.print()

	dir, err := os.MkdirTemp("", "poolhouse-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	srv, err := start(ctx, o.binary, dir)
	if err != nil {
		return err
	}
	defer func() { srv.stop() }()
	fmt.Printf("\nIdle memory on an empty database: %.1f MiB resident\n", float64(srv.resident())/(1<<20))

	small, err := fill(ctx, srv, 1000)
	if err != nil {
		return err
	}
	large, err := fill(ctx, srv, o.users)
	if err != nil {
		return err
	}
	if err := table(ctx, srv, large, limits, o); err != nil {
		return err
	}
	l := *limits
	limits.arithmetic()
	fmt.Printf("\nAfter it, alone again: a signature %v (before %v), an exponentiation %v (%v), of the generator %v (%v)\n",
		short(limits.signature), short(l.signature), short(limits.exp), short(l.exp), short(limits.generatorExp), short(l.generatorExp))
	if err := mixed(ctx, srv, large, o); err != nil {
		return err
	}
	if err := flat(ctx, srv, small, large, o); err != nil {
		return err
	}
	if err := srv.stop(); err != nil {
		return err
	}
	return restarts(ctx, o.binary, dir)
}

// restarts measures the time from starting the process on the filled database to its first answer.
func restarts(ctx context.Context, binary, dir string) error {
	var first []time.Duration
	var resident int64
	for range 5 {
		srv, err := start(ctx, binary, dir)
		if err != nil {
			return err
		}
		first = append(first, srv.firstAnswer)
		resident = srv.resident()
		if err := srv.stop(); err != nil {
			return err
		}
	}
	fmt.Printf("\nFirst answer after starting on the filled database: %v (median of 5); %.1f MiB resident then\n",
		median(first).Round(time.Millisecond), float64(resident)/(1<<20))
	return nil
}
