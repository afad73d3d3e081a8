package userpool

import (
	"context"
	"time"
)

// SessionTracking says whether a pool keeps sessions of its users, and how many of each at most.
type SessionTracking struct {
	Enabled    bool  `json:",omitzero"`
	MaxPerUser int32 `json:",omitzero"` // 0: the default
}

// Limit is the number in force.
func (s SessionTracking) Limit() int32 {
	if s.MaxPerUser == 0 {
		return 20
	}
	return s.MaxPerUser
}

// UserSession is what a user sees of a sign-in that goes on: the life of its refresh token.
type UserSession struct {
	ID       string // tkn and 25 lower-case letters and digits
	User     UserKey
	GrantID  string
	ClientID string
	Device   string // of the last sign-in or refresh, as the user agent says
	Address  string // of the same
	Created  time.Time
	Active   time.Time // last sign-in or refresh
	Ended    bool      // its tokens are good for nothing any more
}

type UserSessionReader interface {
	// UserSessions lists the sessions of a user, the least recently used first. Those that have ended are among them
	// until somebody removes them.
	UserSessions(ctx context.Context, key UserKey) ([]UserSession, error)
}

type UserSessionWriter interface {
	// PutUserSession stores the session of a grant that is stored already.
	PutUserSession(ctx context.Context, s *UserSession) error
	// TouchUserSession stores device, address and Active of a session, if the grant has one.
	TouchUserSession(ctx context.Context, s *UserSession) error
	// DeleteUserSession removes the session of a grant, not the grant.
	DeleteUserSession(ctx context.Context, s *UserSession) error
}
