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

// TestRefusedTokens answers what Authorize gives at every operation that takes an access token.
func TestRefusedTokens(t *testing.T) {
	t.Parallel()
	names := []string{
		"NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException",
		"PasswordResetRequiredException", "ResourceNotFoundException",
	}
	count := 0
	for _, op := range wire.Operations() {
		if !takesAccessToken(op) {
			continue
		}
		count++
		for _, name := range names {
			e, _ := wire.NewException(name, "No.")
			if got, ok := declared(op, e); !ok || !op.Declares(got.Name) || got.Status >= 500 {
				t.Errorf("%s: %s is answered with %v", op.Name, name, got)
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d operations take an access token", count)
	}
}
