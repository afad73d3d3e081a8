package cognito

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// TestSubstitutes holds the table against the model: what it replaces is not declared, and what it puts there is.
func TestSubstitutes(t *testing.T) {
	t.Parallel()
	for _, s := range substitutes {
		op, ok := wire.Lookup(s.operation)
		if !ok || op.Declares(s.undeclared) || !op.Declares(s.instead) {
			t.Errorf("%s: %s for %s", s.operation, s.instead, s.undeclared)
		}
	}
}
