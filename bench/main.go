// Command bench measures the shipped binary over HTTP on loopback: it starts `poolhouse dev` on a database
// of its own, fills pools with users, runs each operation at several concurrencies, and prints a table with
// the limits of the machine, measured in the same run, beside it.
//
//	go run ./bench -bin bin/poolhouse -sizes 1000,100000
//
// The pools have the users of -sizes; the largest is the one that is loaded, and every look-up in it is compared with
// the same one in the first. A million users, without the load: -sizes 1000,100000,1000000 -only scale
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.binary, "bin", "bin/poolhouse", "the binary to measure")
	sizes := flag.String("sizes", "1000,100000", "users in the pools, smallest first")
	flag.StringVar(&o.only, "only", "", "load (throughput and latencies) or scale (small pools against large ones); both when left out")
	flag.DurationVar(&o.slice, "slice", 300*time.Millisecond, "length of one measurement of a look-up, in turns with the other sizes")
	flag.DurationVar(&o.duration, "duration", 4*time.Second, "length of one measurement")
	flag.IntVar(&o.pairs, "pairs", 5, "how often each size has its turn")
	flag.BoolVar(&o.shuffled, "shuffled", false, "import files whose users are in no order; their attributes follow their names")
	bare := flag.String("bare", "", "serve nothing but a fixed answer on this address (used by the program itself)")
	flag.Parse()
	if *bare != "" {
		serveBare(*bare)
		return
	}
	if err := o.complete(*sizes); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	// Whatever ends the program ends the server that it has started, too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	binary   string
	sizes    []int
	only     string
	duration time.Duration
	slice    time.Duration
	pairs    int
	shuffled bool
}

// complete reads the sizes and checks the rest.
func (o *options) complete(sizes string) error {
	for _, text := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 || n%10 != 0 || len(o.sizes) > 0 && n <= o.sizes[len(o.sizes)-1] {
			return fmt.Errorf("-sizes must be growing multiples of ten from 1000 on, such as 1000,100000; %q is not", text)
		}
		o.sizes = append(o.sizes, n)
	}
	if len(o.sizes) < 2 || o.pairs < 1 {
		return errors.New("-sizes needs two sizes, and -pairs at least 1")
	}
	if o.only != "" && o.only != "load" && o.only != "scale" {
		return fmt.Errorf("-only is load or scale, not %q", o.only)
	}
	return nil
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

	var targets []*target
	for _, users := range o.sizes {
		t, err := fill(ctx, srv, users, o.shuffled)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	if o.only != "scale" {
		if err := loads(ctx, srv, targets[0], targets[len(targets)-1], limits, o); err != nil {
			return err
		}
	}
	if o.only != "load" {
		if err := scale(ctx, srv, targets, o); err != nil {
			return err
		}
	}
	if err := srv.stop(); err != nil {
		return err
	}
	if o.only != "load" {
		if err := sizes(ctx, dir, targets); err != nil {
			return err
		}
	}
	return restarts(ctx, o.binary, dir)
}

// loads measures operations in the large pool, and two of them against the small one.
func loads(ctx context.Context, srv *process, small, large *target, limits *limits, o options) error {
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
	return flat(ctx, srv, small, large, o)
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
