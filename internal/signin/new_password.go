package signin

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const newPasswordChallenge = "NEW_PASSWORD_REQUIRED"

// attributePrefix stands before attribute names in the parameters of this challenge.
const attributePrefix = "userAttributes."

// askNewPassword asks a user with a temporary password for one of their own, and for the required
// attributes that the administrator left out.
func (s *Service) askNewPassword(ctx context.Context, c *userpool.Client, sub subject) (*Outcome, error) {
	attributes := map[string]string{}
	for _, a := range sub.user.Attributes {
		if c.Reads(a.Name) {
			attributes[a.Name] = a.Value
		}
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
	st, err := s.newSession(ctx, c, sub, newPasswordChallenge)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Challenge: newPasswordChallenge,
		Session:   st,
		Parameters: map[string]string{
			"USER_ID_FOR_SRP":    sub.user.Username,
			"userAttributes":     string(have),
			"requiredAttributes": string(need),
		},
	}, nil
}

// newPassword takes the answer. A password that the policy refuses, or a missing attribute, leaves the
// session usable.
func (s *Service) newPassword(ctx context.Context, ans Answer) (*Outcome, error) {
	c, r := ans.Client, ans.Responses
	if r["USERNAME"] == "" {
		return nil, missing("USERNAME")
	}
	st, err := s.openSession(ctx, ans)
	if err != nil {
		return nil, err
	}
	sub, err := s.subjectOfSession(ctx, c, st, r["USERNAME"])
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(r["SECRET_HASH"], r["USERNAME"], sub.user.Username); err != nil {
		return nil, err
	}
	if r["NEW_PASSWORD"] == "" {
		return nil, missing("NEW_PASSWORD")
	}
	if err := c.Pool.CheckPassword(r["NEW_PASSWORD"]); err != nil {
		return nil, err
	}
	changed, err := completeAttributes(c, sub.user, r)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	password := &userpool.Password{User: sub.user.Key, Generation: st.Generation + 1, Set: now}
	if err := s.arithmetic(ctx, func() error {
		password.Salt, password.Verifier = srp.NewVerifier(c.Pool.SRPName(), sub.user.Username, r["NEW_PASSWORD"])
		return nil
	}); err != nil {
		return nil, err
	}
	user := *sub.user
	user.Attributes = slices.Clone(sub.user.Attributes)
	for _, a := range changed {
		user.Attributes.Set(a.Name, a.Value)
	}
	user.Status, user.Modified = userpool.Confirmed, now
	return s.issue(ctx, c, &user, func(tx userpool.Tx) error {
		if err := spendSession(ctx, tx, c.Pool, st); err != nil {
			return err
		}
		if err := unchanged(ctx, tx, sub); err != nil {
			return invalidSession("")
		}
		stored := user // the unit of work may run again
		switch err := tx.UpdateUser(ctx, &stored); {
		case errors.Is(err, userpool.ErrVersion) || errors.Is(err, userpool.ErrNotFound):
			return invalidSession("")
		case err != nil:
			return err
		}
		if err := userpool.UpdateAliases(ctx, tx, c.Pool, &stored); err != nil {
			return err
		}
		return tx.PutPassword(ctx, password)
	})
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
		if !c.Writes(name) {
			return nil, userpool.NewError(userpool.NotAuthorized, "A client attempted to write unauthorized attribute")
		}
		if u.Attributes.Get(name) != "" && provided(c.Pool, name) {
			return nil, userpool.NewError(userpool.NotAuthorized, "Cannot modify an already provided "+name)
		}
		given = append(given, userpool.Attribute{Name: name, Value: responses[key]})
	}
	changed, err := c.Pool.CheckAdminCreate(given)
	if err != nil {
		return nil, err
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

// subjectOfSession finds the user of a session again.
func (s *Service) subjectOfSession(ctx context.Context, c *userpool.Client, st session, username string) (subject, error) {
	key := userpool.UserKey{Pool: c.Pool.Number, User: st.User}
	user, err := s.Store.User(ctx, key)
	if err != nil {
		return subject{}, gone(err)
	}
	password, err := s.Store.Password(ctx, key)
	if err != nil {
		return subject{}, gone(err)
	}
	sub := subject{user: user, typed: st.Typed, password: password, attempts: attemptKey(key.Pool, decimal(key.User))}
	switch {
	case !sub.named(username, user.Username):
		return sub, invalidSession("")
	case !user.Enabled:
		return sub, userpool.UserDisabled()
	case password.Generation == st.Generation+1 && user.Status == userpool.Confirmed:
		return sub, invalidSession(", session can only be used once") // its own success
	case password.Generation != st.Generation || user.Status != userpool.ForceChangePassword:
		return sub, invalidSession("")
	}
	return sub, nil
}

func gone(err error) error {
	if errors.Is(err, userpool.ErrNotFound) {
		return invalidSession("")
	}
	return err
}
