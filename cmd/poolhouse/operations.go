package main

import (
	"fmt"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/cognito"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

type operationsCommand struct{}

// Run prints a line for each operation: its name, who may call it, and whether it is available.
func (operationsCommand) Run(con console) error {
	available := wire.Implemented(&cognito.API{})
	for _, op := range wire.Operations() {
		state := "not available"
		if slices.Contains(available, op.Name) {
			state = "available"
		}
		fmt.Fprintf(con.out, "%-42s %-9s %s\n", op.Name, op.Caller, state)
	}
	fmt.Fprintf(con.out, "%d of %d operations are available.\n", len(available), len(wire.Operations()))
	return nil
}
