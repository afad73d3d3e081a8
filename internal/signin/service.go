// Package signin is the core of signing in: it decides which challenge comes next and when tokens are
// issued. Every door passes a Request to Initiate and the answers to its challenges to Respond.
//
// The flow of every sign-in is the same. Initiate makes the checks in one order (request.go) and starts
// the first factor; Respond takes an answer (respond.go). A step that is passed goes to advance, which asks
// next, the one function that decides: another challenge, or tokens. Between two calls the state is a
// sealed token that the client carries, so that any node can go on; what may happen only once is spent in
// the same unit of work as the step that it completes.
//
// Where an app client hides who exists, a stand-in takes the way of a user up to the wrong password
// (subject.go): the same reads, arithmetic, units of work, answers and sizes.
package signin

import (
	"time"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Service signs users in.
type Service struct {
	Store     userpool.Store
	Sealer    userpool.Sealer
	Tokens    *token.Service
	Passwords *password.Service
	Now       func() time.Time

	// Lockout switches the lock after failed passwords.
	Lockout bool
	// TimestampTolerance is how far the TIMESTAMP of an SRP answer may be from now, either side.
	// Zero means five minutes.
	TimestampTolerance time.Duration
	// ClientNow is the time on the clients' clocks where it is not Now's, because Now travels: TIMESTAMP may
	// agree with either. Nil in production.
	ClientNow func() time.Time
}

// Request starts a sign-in (InitiateAuth, AdminInitiateAuth).
type Request struct {
	Client     *userpool.Client
	Flow       userpool.Flow
	Admin      bool              // the administrators' form of the operation
	Parameters map[string]string // AuthParameters
}

// Answer answers a challenge (RespondToAuthChallenge, AdminRespondToAuthChallenge).
type Answer struct {
	Client    *userpool.Client
	Challenge string
	Admin     bool
	Session   string
	Responses map[string]string // ChallengeResponses
}

// Outcome is either the next challenge or, when Issued is not nil, the end of the sign-in.
type Outcome struct {
	Challenge  string
	Parameters map[string]string
	Session    string
	Issued     *token.Issued
	Sub        string // of the user, once the password was right; for the log
}

// now is the time in the precision of the store.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
