package account

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// person is whom a public operation names: a user, or a stand-in for one who is not there, or whom the
// operation cannot serve, where the app client hides that. Operations do the same for both, codes included: those of
// stand-ins go nowhere.
type person struct {
	client *userpool.Client
	name   string         // as typed
	user   *userpool.User // nil for a stand-in
	shadow string         // keyed hash of the name; "" where nothing is hidden
}

// person looks the name up for a public operation of confirmation or recovery.
func (s *Service) person(ctx context.Context, client *userpool.Client, name string) (person, error) {
	p := person{client: client, name: name}
	pool := client.Pool
	if client.HidesExistence() {
		var err error
		if p.shadow, err = s.mac(ctx, pool, "stand-in", pool.Fold(name)); err != nil {
			return p, err
		}
	}
	u, err := s.Store.FindUser(ctx, pool.Number, pool.Lookup(name))
	switch {
	case err == nil:
		p.user = u
	case !errors.Is(err, userpool.ErrNotFound):
		return p, err
	case !p.hidden():
		return p, userpool.NoSuchUserOfClient()
	}
	return p, nil
}

func (p person) hidden() bool { return p.shadow != "" }

// standIn makes a stand-in of a user whom the operation cannot serve, where that is hidden; elsewhere the
// caller is told why.
func (p person) standIn(why error) (person, error) {
	if !p.hidden() {
		return p, why
	}
	p.user = nil
	return p, nil
}

// key is the user's, or that of a stand-in.
func (p person) key() userpool.UserKey {
	if p.user == nil {
		return p.standInKey()
	}
	return p.user.Key
}

// standInKey is one that nobody has, always the same for the name.
func (p person) standInKey() userpool.UserKey {
	return userpool.StandIn(p.client.Pool.Number, sha256.Sum256([]byte(p.shadow)))
}

// srpName is what enters the verifier of a password.
func (p person) srpName() string {
	if p.user == nil {
		return p.name
	}
	return p.user.Username
}

// newEvent begins what threat protection remembers of the person, nil where it is off.
func (p person) newEvent(ctx context.Context, what wire.EventType, now time.Time) *risk.Event {
	return risk.NewEvent(ctx, p.client.Pool, p.key(), what, now)
}

// counters are where attempts are counted: by the user and, where the client hides who exists, by the name first, so that
// users and stand-ins come to a limit at the same call.
func (p person) counters(kind userpool.AttemptKind) []userpool.AttemptKey {
	if !p.hidden() {
		return []userpool.AttemptKey{p.user.Key.Counter(kind)}
	}
	byName := userpool.AttemptKey{Pool: p.client.Pool.Number, Kind: kind, Subject: p.shadow}
	byUser := userpool.AttemptKey{Pool: p.client.Pool.Number, Kind: kind, Subject: "user " + p.shadow}
	if p.user != nil {
		byUser = p.user.Key.Counter(kind)
	}
	return []userpool.AttemptKey{byName, byUser}
}

// again reads the user inside a unit of work; nil for a stand-in. A user who was deleted since is answered
// as one who was never there.
func (p person) again(ctx context.Context, tx userpool.Tx) (*userpool.User, error) {
	u, err := tx.User(ctx, p.key())
	if errors.Is(err, userpool.ErrNotFound) {
		if p.user != nil && !p.hidden() {
			return nil, userpool.NoSuchUserOfClient()
		}
		return nil, nil
	}
	return u, err
}

// told is where it is noted that somebody was told of a code, so that the answers to codes go on as if there were one,
// though it was refused, used or replaced since, or the person is a stand-in by now.
func (p person) told(purpose userpool.CodePurpose) userpool.AttemptKey {
	kind := userpool.AttemptForgot
	if purpose == userpool.ConfirmSignUp {
		kind = userpool.AttemptResend
	}
	return userpool.AttemptKey{Pool: p.client.Pool.Number, Kind: kind, Subject: "told " + p.shadow}
}

// tell notes that a code was sent.
func (p person) tell(ctx context.Context, tx userpool.Tx, purpose userpool.CodePurpose, now time.Time) error {
	return tx.PutAttempts(ctx, p.told(purpose), userpool.Attempts{Count: 1, Since: now, Expires: now.Add(purpose.Lifetime())})
}

// wrong is the answer to a code that is not right. live says whether the user has any.
func (p person) wrong(ctx context.Context, tx userpool.Tx, purpose userpool.CodePurpose, now time.Time, live bool) (told, err error) {
	if p.hidden() {
		a, err := tx.Attempts(ctx, p.told(purpose))
		if err != nil {
			return nil, err
		}
		live = live || !now.After(a.Expires)
	}
	if live {
		return userpool.WrongCode(), nil
	}
	return userpool.NoLiveCode(), nil
}

// imagined makes up where a code for a stand-in goes: the same for the same name, by any of the attributes that the pool can
// send to. Where the name has the form of that attribute, it goes there.
func (s *Service) imagined(ctx context.Context, p person, occasion userpool.MessagePurpose, attributes []string) (attribute, address string, err error) {
	pool := p.client.Pool
	sum, err := s.Sealer.MAC(ctx, pool.Number, "imagined address", p.shadow)
	if err != nil {
		return "", "", err
	}
	able := slices.DeleteFunc(slices.Clone(attributes), func(a string) bool {
		return s.canSend(pool, userpool.MediumOf(a), occasion) != nil
	})
	if len(able) == 0 {
		able = attributes[:1] // and the caller finds out why
	}
	switch attribute = able[int(sum[2])%len(able)]; {
	case attribute == userpool.Email && userpool.IsEmail(p.name), attribute == userpool.PhoneNumber && userpool.IsPhoneNumber(p.name):
		return attribute, p.name, nil
	case attribute == userpool.PhoneNumber: // 10 to 13 digits, of which four are shown
		return attribute, fmt.Sprintf("+%0*d", 10+int(sum[3])%4, binary.BigEndian.Uint64(sum[4:])%10000), nil
	}
	return attribute, fmt.Sprintf("%c@%c", 'a'+sum[0]%26, 'a'+sum[1]%26), nil
}
