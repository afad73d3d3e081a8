package signin

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// attributePrefix stands before attribute names in the parameters of NEW_PASSWORD_REQUIRED.
const attributePrefix = "userAttributes."

// askNewPassword asks a user with a temporary password for one of their own, and for the required
// attributes that the administrator left out.
func (s *Service) askNewPassword(ctx context.Context, c *userpool.Client, sub *subject) (*Outcome, error) {
	attributes := map[string]string{}
	for _, a := range c.Readable(sub.user) {
		attributes[a.Name] = a.Value
	}
	required := []string{}
	for _, name := range c.Pool.Missing(sub.user.Attributes) {
		required = append(required, attributePrefix+name)
	}
	have, err := json.Marshal(attributes, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	need, err := json.Marshal(required)
	if err != nil {
		return nil, err
	}
	st, err := s.newSession(ctx, c, sub, newPasswordRequired)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Challenge: newPasswordRequired,
		Session:   st,
		Parameters: map[string]string{
			"USER_ID_FOR_SRP":    sub.name,
			"userAttributes":     string(have),
			"requiredAttributes": string(need),
		},
		Sub: sub.user.Sub,
	}, nil
}

// newPassword takes the answer. A password that the policy refuses, or a missing attribute, leaves the
// session usable.
func (s *Service) newPassword(ctx context.Context, ans Answer) (*Outcome, error) {
	c, r := ans.Client, ans.Responses
	if err := required(r, "USERNAME", "NEW_PASSWORD"); err != nil {
		return nil, err
	}
	if ans.Session == "" {
		return nil, missing("Session")
	}
	st, err := s.openSession(ctx, ans)
	if userpool.IsCode(err, userpool.NotAuthorized) { // whose it was meant to be is not known
		if err := admitAnswer(ans); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	user, present, err := s.userOfSession(ctx, ans, st)
	if err != nil {
		return nil, err
	}
	if err := checkNewPassword(c.Pool, r["NEW_PASSWORD"]); err != nil {
		return nil, err
	}
	changed, err := completeAttributes(c, user, r)
	if err != nil {
		return nil, err
	}
	fresh, err := s.Passwords.NewChange(ctx, c.Pool, user.Key, user.Username, r["NEW_PASSWORD"], false)
	if err != nil {
		return nil, err
	}
	if fresh.Used {
		return nil, userpool.UsedPassword()
	}
	fresh.After(present)
	now := s.now()
	after := &subject{
		user: completed(user, changed, now), name: user.Username, mark: st.Mark, event: st.Event,
		password: &userpool.Password{User: user.Key, Generation: present.Generation + 1},
	}
	return s.advance(ctx, c, after, func(tx userpool.Tx) error {
		if err := st.spend(ctx, tx, c.Pool); err != nil {
			return err
		}
		user, err := storeAnswer(ctx, tx, c, st, r, now)
		if err != nil {
			return err
		}
		return fresh.Put(ctx, tx, user.Key)
	})
}

// storeAnswer judges the session and the attributes again, by what is stored now, and writes the user.
func storeAnswer(ctx context.Context, tx userpool.Tx, c *userpool.Client, st session, r map[string]string, now time.Time) (*userpool.User, error) {
	user, present, err := userAndPassword(ctx, tx, userpool.UserKey{Pool: c.Pool.Number, User: st.User})
	if err != nil {
		return nil, err
	}
	if err := st.fits(user, present); errors.Is(err, errUnfit) {
		return nil, invalidSession("")
	} else if err != nil {
		return nil, err
	}
	changed, err := completeAttributes(c, user, r)
	if err != nil {
		return nil, err
	}
	user = completed(user, changed, now)
	if err := tx.UpdateUser(ctx, user); err != nil {
		return nil, err
	}
	return user, userpool.UpdateAliases(ctx, tx, c.Pool, user)
}

// completed gives the user as the answer leaves them.
func completed(user *userpool.User, changed userpool.Attributes, now time.Time) *userpool.User {
	u := *user
	u.Attributes = slices.Clone(user.Attributes)
	for _, a := range changed {
		u.Attributes.Set(a.Name, a.Value)
	}
	u.Status, u.Modified = userpool.Confirmed, now
	return &u
}

// checkNewPassword checks the policy and what every other operation demands of a password by the API's
// model. The service's words for the latter are not recorded.
func checkNewPassword(pool *userpool.Pool, password string) error {
	refuse := func(why string) error {
		return userpool.NewError(userpool.InvalidPassword, "Password did not conform with policy: "+why)
	}
	switch {
	case len(utf16.Encode([]rune(password))) > 256:
		return refuse("Password too long")
	case strings.ContainsAny(password, " \t\n\v\f\r"):
		return refuse("Password must not have white space")
	}
	return pool.CheckPassword(password)
}

// completeAttributes reads the attributes of an answer: required ones that were missing, and others that
// the client may write.
func completeAttributes(c *userpool.Client, u *userpool.User, responses map[string]string) (userpool.Attributes, error) {
	var given userpool.Attributes
	for _, key := range slices.Sorted(maps.Keys(responses)) {
		name, ok := strings.CutPrefix(key, attributePrefix)
		if !ok {
			continue
		}
		a := userpool.Attribute{Name: name, Value: responses[key]}
		if err := c.CheckWrites(userpool.Attributes{a}); err != nil {
			return nil, err
		}
		if u.Attributes.Get(name) != "" && provided(c.Pool, name) {
			return nil, userpool.NewError(userpool.NotAuthorized, "Cannot modify an already provided "+name)
		}
		given = append(given, a)
	}
	changed, err := c.Pool.CheckAdminCreate(given)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{userpool.Email, userpool.PhoneNumber} {
		if changed.Get(name) != "" {
			changed.Set(userpool.VerifiedFlag(name), "false")
		}
	}
	after := slices.Clone(u.Attributes)
	for _, a := range changed {
		after.Set(a.Name, a.Value)
	}
	if missing := c.Pool.Missing(after); len(missing) > 0 {
		return nil, userpool.NewError(userpool.InvalidParameter, "Invalid attributes given, "+missing[0]+" is missing")
	}
	return changed, nil
}

// provided says whether an attribute that has a value may not be given again here: an address, what the
// schema requires, and what cannot change.
func provided(pool *userpool.Pool, name string) bool {
	if name == userpool.Email || name == userpool.PhoneNumber {
		return true
	}
	a := pool.Attribute(name)
	return a != nil && (a.Required != nil && *a.Required || a.Mutable != nil && !*a.Mutable)
}

var errUnfit = errors.New("signin: the session does not fit its user any more")

// userOfSession finds the user of a session again, with the password that is in force.
func (s *Service) userOfSession(ctx context.Context, ans Answer, st session) (*userpool.User, *userpool.Password, error) {
	pool, username := ans.Client.Pool, ans.Responses["USERNAME"]
	user, present, err := userAndPassword(ctx, s.Store, userpool.UserKey{Pool: pool.Number, User: st.User})
	if err != nil {
		return nil, nil, err
	}
	if user == nil {
		if err := admitAnswer(ans); err != nil {
			return nil, nil, err
		}
		return nil, nil, invalidSession("")
	}
	if err := admitAnswer(ans, user.Username); err != nil {
		return nil, nil, err
	}
	named, err := s.named(ctx, pool, &subject{user: user, mark: st.Mark, name: user.Username}, username)
	if err != nil {
		return nil, nil, err
	}
	if !named {
		return nil, nil, invalidSession("")
	}
	if err := st.fits(user, present); errors.Is(err, errUnfit) {
		return nil, nil, s.whyInvalid(ctx, pool, st)
	} else if err != nil {
		return nil, nil, err
	}
	return user, present, nil
}

// fits says whether the user is still as the session left them.
func (st session) fits(user *userpool.User, present *userpool.Password) error {
	switch {
	case user == nil || present.Generation == 0:
		return invalidSession("")
	case !user.Enabled:
		return userpool.UserDisabled()
	case present.Generation != st.Generation || user.Status != userpool.ForceChangePassword:
		return errUnfit
	}
	return nil
}
