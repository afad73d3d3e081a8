package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// subject is the user of a sign-in, or the stand-in for one who is not there (RFC 5054, section 2.5.1.3).
// For both the same is read and computed, so that nobody tells them apart.
type subject struct {
	user     *userpool.User     // nil for a stand-in
	password *userpool.Password // nil when there is none
	mark     mark
	name     string // the real user name, USER_ID_FOR_SRP
	salt     []byte
	verifier []byte // one that no password fits when there is no password
	attempts userpool.AttemptKey
	event    string // the id of this sign-in, claim event_id
}

// mark is a keyed hash of a name as it was typed: always the same in one pool, unknown outside.
type mark [32]byte

// known says whether the user exists and has a password.
func (sub *subject) known() bool { return sub.user != nil && sub.password != nil }

// imported says whether the password is a hash that came with an import. No SRP answer fits it.
func (sub *subject) imported() bool { return sub.known() && sub.password.Hash != "" }

// find looks up the user whose name was typed. In a client that hides existence an unknown user becomes a
// stand-in.
func (s *Service) find(ctx context.Context, c *userpool.Client, flow userpool.Flow, typed string) (*subject, error) {
	m, err := s.mark(ctx, c.Pool, typed)
	if err != nil {
		return nil, err
	}
	by := c.Pool.Lookup(typed)
	by.Sub = "" // the sub signs nobody in, unless it is the user name
	user, err := s.Store.FindUser(ctx, c.Pool.Number, by)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		if !c.HidesExistence() {
			return nil, s.unknown(c.Pool, flow)
		}
		user = nil
	case err != nil:
		return nil, err
	}
	return s.subject(ctx, c, user, m, standInName(c.Pool, typed, m))
}

// unknown is the answer for a user who is not there, where that may be said. The function that could make
// one up is asked in the flows that show a password.
func (s *Service) unknown(pool *userpool.Pool, flow userpool.Flow) error {
	if flow != userpool.UserSRPAuth {
		if err := pool.Invoke(userpool.UserMigration); err != nil {
			return err
		}
	}
	return userpool.NoSuchUser()
}

// subject completes the subject of a user, or of a stand-in with that name.
func (s *Service) subject(ctx context.Context, c *userpool.Client, user *userpool.User, m mark, name string) (*subject, error) {
	sub := &subject{user: user, mark: m, name: name, event: userpool.NewEventID()}
	key := userpool.UserKey{Pool: c.Pool.Number} // number zero is nobody's
	sub.attempts = userpool.AttemptKey{Pool: key.Pool, Kind: userpool.AttemptPassword, Subject: m.derive("attempts")}
	if user != nil {
		key, sub.name = user.Key, user.Username
		sub.attempts = key.Counter(userpool.AttemptPassword)
	}
	password, err := s.Store.Password(ctx, key)
	switch {
	case err == nil && user.HasPassword():
		sub.password = password
	case err == nil: // left from before
	case !errors.Is(err, userpool.ErrNotFound):
		return nil, err
	}
	if !sub.known() || sub.imported() || c.HidesExistence() { // for users who are there it is computed for its time
		sub.salt, sub.verifier = srp.Decoy(m[:])
	}
	if sub.known() && !sub.imported() {
		sub.salt, sub.verifier = password.Salt, password.Verifier
	}
	return sub, nil
}

func (s *Service) mark(ctx context.Context, pool *userpool.Pool, typed string) (mark, error) {
	sum, err := s.Sealer.MAC(ctx, pool.Number, "sign-in name", pool.Fold(typed))
	return sum, err
}

// derive gives what may be shown or stored of a mark, for one purpose: 64 hexadecimal digits.
func (m mark) derive(purpose string) string {
	sum := sha256.Sum256(append([]byte(purpose), m[:]...))
	return hex.EncodeToString(sum[:])
}

// standInName is USER_ID_FOR_SRP of a stand-in: what it would be if there were a user of that name. Where
// nobody can have that user name, because it is an address or too long, it is a UUID, as a sub is.
func standInName(pool *userpool.Pool, typed string, m mark) string {
	address := pool.Alias(userpool.Email) && userpool.IsEmail(typed) ||
		pool.Alias(userpool.PhoneNumber) && userpool.IsPhoneNumber(typed)
	switch {
	case pool.HasUsernameAttributes() && len(typed) == 36 && uuid.Validate(typed) == nil,
		!pool.HasUsernameAttributes() && !address && utf8.RuneCountInString(typed) <= 128:
		return pool.Fold(typed)
	}
	h := []byte(m.derive("name")[:32])
	h[12], h[16] = '4', "89ab"[h[16]&3] // of version 4
	return string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:])
}

// newEvent begins what threat protection remembers of the sign-in, nil where it is off.
func (s *Service) newEvent(ctx context.Context, pool *userpool.Pool, sub *subject) (*risk.Event, error) {
	key := userpool.StandIn(pool.Number, sub.mark)
	if sub.user != nil {
		key = sub.user.Key
	}
	return risk.NewSignIn(ctx, s.Store, pool, key, sub.event, s.now())
}

// named says whether the USERNAME of an answer means the subject: the real name, the sub, an alias, or
// what was typed at the start.
func (s *Service) named(ctx context.Context, pool *userpool.Pool, sub *subject, username string) (bool, error) {
	m, err := s.mark(ctx, pool, username)
	if err != nil {
		return false, err
	}
	folded := pool.Fold(username)
	ok := hmac.Equal(m[:], sub.mark[:]) || folded == pool.Fold(sub.name)
	if sub.user == nil {
		return ok, nil
	}
	ok = ok || username == sub.user.Sub
	for _, a := range pool.AliasesOf(sub.user) {
		ok = ok || a.Value == folded
	}
	return ok, nil
}

// state checks what the user's state says before any credential is looked at. A client that hides
// existence learns of RESET_REQUIRED only with the right password.
func (s *Service) state(c *userpool.Client, sub *subject) error {
	u := sub.user
	switch {
	case u == nil:
		return nil
	case !u.Enabled:
		return userpool.UserDisabled()
	case u.Status == userpool.Unconfirmed:
		return userpool.NotConfirmed()
	case u.Status == userpool.RequireReset && !c.HidesExistence():
		return userpool.ResetRequired()
	case sub.expired(c.Pool, s.Now()):
		return userpool.NewError(userpool.NotAuthorized,
			"Temporary password has expired and must be reset by an administrator.")
	}
	return nil
}

// expired says whether the user's temporary password is too old.
func (sub *subject) expired(pool *userpool.Pool, now time.Time) bool {
	return sub.user.Status == userpool.ForceChangePassword && sub.password != nil &&
		now.After(sub.password.Set.Add(pool.TemporaryPasswordLifetime()))
}
