package ledger

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var (
	write = flag.Bool("write", false, "write the table in docs/compatibility.md, and say what is missing")
	all   = flag.Bool("all", false, "with -write, also say how each pair was provoked")
)

// A pair is an operation with an exception that it declares.
type pair struct{ operation, exception string }

// book holds the pairs that were seen, each with the sentences of those who provoked it.
type book struct {
	mu   sync.Mutex
	seen map[pair][]string
}

// ledger is the book of this run.
var ledger = book{seen: map[pair][]string{}}

func (b *book) note(p pair, did string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.seen[p], did) {
		b.seen[p] = append(b.seen[p], did)
	}
}

func (b *book) has(p pair) bool { return len(b.seen[p]) > 0 }

// available lists the operations that this version has.
var available = wire.Implemented(&cognito.API{})

func isAvailable(operation string) bool { return slices.Contains(available, operation) }

// TestMain compares the table with what was seen when every test has run, and passed.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	switch {
	case code != 0 || !everyTest():
	case *write:
		code = ended(writeTable())
		fmt.Print(ledger.summary())
	default:
		code = ended(compareTable())
	}
	os.Exit(code)
}

// everyTest says whether this run left no test out.
func everyTest() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return true
}

func ended(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
		return 1
	}
	return 0
}

// summary says how many pairs were seen, and what is missing at the operations that are available.
func (b *book) summary() string {
	var out strings.Builder
	for _, op := range wire.Operations() {
		missing := map[string][]string{}
		for _, exception := range op.Errors {
			p := pair{op.Name, exception}
			if !b.has(p) && exception != op.InternalError && isAvailable(op.Name) {
				missing[reasonFor(p)] = append(missing[reasonFor(p)], short(exception))
			}
			if *all {
				for _, did := range b.seen[p] {
					fmt.Fprintf(&out, "%s %s: %s\n", op.Name, short(exception), did)
				}
			}
		}
		if len(missing) > 0 {
			fmt.Fprintf(&out, "%s is missing %s\n", op.Name, byReason(missing))
		}
	}
	pairs := 0
	for _, op := range wire.Operations() {
		pairs += len(op.Errors)
	}
	fmt.Fprintf(&out, "%d of %d pairs of operation and exception were seen.\n%s", len(b.seen), pairs, b.figures())
	return out.String()
}

type count struct{ seen, of int }

func (c *count) add(seen bool) {
	c.of++
	if seen {
		c.seen++
	}
}

func (c count) String() string { return fmt.Sprintf("%d of %d", c.seen, c.of) }

// short is an exception's name without what all names end in.
func short(exception string) string { return strings.TrimSuffix(exception, "Exception") }

// The model declares as many pairs as the documents say.
func TestPairs(t *testing.T) {
	pairs, internal, region := 0, 0, 0
	for _, op := range wire.Operations() {
		pairs += len(op.Errors)
		if op.Declares(op.InternalError) {
			internal++
		}
		if op.Declares("OperationNotEnabledException") {
			region++
		}
	}
	if pairs != 1214 || internal != 140 || region != 124 {
		t.Errorf("%d pairs, %d of them internal errors, %d OperationNotEnabledException", pairs, internal, region)
	}
}
