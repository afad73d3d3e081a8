package userpool

import (
	"strconv"
	"time"
)

// AttemptKind is what is counted.
type AttemptKind string

const (
	AttemptPassword        AttemptKind = "password" // failed passwords; the only one that locks
	AttemptForgot          AttemptKind = "forgot-password"
	AttemptReset           AttemptKind = "password-reset" // ForgotPassword and ConfirmForgotPassword together
	AttemptResend          AttemptKind = "resend-confirmation"
	AttemptConfirm         AttemptKind = "confirm-sign-up"
	AttemptChangePassword  AttemptKind = "change-password"
	AttemptSendAttribute   AttemptKind = "send-attribute-code"
	AttemptVerifyAttribute AttemptKind = "verify-attribute"
)

// AttemptKey names a counter. Subject is the user's number in decimal, or a keyed hash (Sealer.MAC) of a
// name or an address, so that no address stands in the table.
type AttemptKey struct {
	Pool    int64
	Kind    AttemptKind
	Subject string
}

// Counter names the user's counter of that kind. The number zero, which is nobody's, has none.
func (k UserKey) Counter(kind AttemptKind) AttemptKey {
	return AttemptKey{Pool: k.Pool, Kind: kind, Subject: strconv.FormatInt(k.User, 10)}
}

// Attempts is a counter.
type Attempts struct {
	Count   int
	Since   time.Time // start of the window, or the last failure for AttemptPassword
	Locked  time.Time // until when; zero if not
	Expires time.Time // when it may be swept
}
