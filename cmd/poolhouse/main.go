// Command poolhouse is Amazon Cognito user pools on your own machines: `poolhouse dev` for a laptop and
// for tests, `poolhouse serve` for production.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line; its help is the source of the manual.
type commands struct {
	Dev         devCommand         `cmd:"" help:"Run a server for development and tests: open to every caller on this machine, with an inbox and a demo pool."`
	Serve       serveCommand       `cmd:"" help:"Run a server for production: callers sign, messages go out by SMTP and SNS."`
	AccessKey   accessKeyCommand   `cmd:"" help:"Make, list and delete the access keys with which administrators' calls are signed."`
	Audit       auditCommand       `cmd:"" help:"Show who changed what: the audit log of administrators' changes."`
	ImportLog   importLogCommand   `cmd:"" help:"Show what became of each row of a file of users that an import job read."`
	Inbox       inboxCommand       `cmd:"" help:"Show the messages in the inbox of a running server."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is well; the exit status says so."`
	Operations  operationsCommand  `cmd:"" help:"List the operations of the API and which of them this version has."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// console is what a command writes to.
type console struct {
	out, err io.Writer
}

// Exit statuses.
const (
	failed     = 1 // the command could not do its work
	misspelled = 2 // the command line, a variable or the configuration file is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	spareProcessor()
	os.Exit(run(ctx, os.Args[1:], console{os.Stdout, os.Stderr}))
}

// run runs one command line and gives its exit status.
func run(ctx context.Context, args []string, con console) (status int) {
	// The parser ends the process for --help and wrong flags; here it only ends run.
	type exit struct{}
	defer func() {
		if p := recover(); p != nil && p != (exit{}) {
			panic(p)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("poolhouse"),
		kong.Description("Amazon Cognito user pools on your own machines."),
		kong.ShortUsageOnError(),
		kong.DefaultEnvars("POOLHOUSE"),
		kong.Writers(con.out, con.err),
		kong.Exit(func(code int) {
			if code != 0 {
				status = misspelled
			}
			panic(exit{})
		}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(con),
		kong.Configuration(loadYAML),
	)
	if err != nil {
		panic(err) // the commands above are wrong, whatever the arguments
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	parser.FatalIfErrorf(err)
	if err := parsed.Run(); err != nil {
		for fault := range strings.Lines(err.Error()) {
			fmt.Fprintln(con.err, "poolhouse:", strings.TrimRight(fault, "\n"))
		}
		return failed
	}
	return 0
}

// spareProcessor gives the scheduler one processor more than the machine has, unless GOMAXPROCS is set: then
// signatures and exponentiations, milliseconds each, may fill the cores and a cheap request still finds a turn.
func spareProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
