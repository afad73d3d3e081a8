package signin

import (
	"context"
	"errors"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Challenges by the names that they have in ChallengeName.
const (
	passwordVerifier    = "PASSWORD_VERIFIER"
	newPasswordRequired = "NEW_PASSWORD_REQUIRED"
)

// Respond takes the answer to a challenge.
func (s *Service) Respond(ctx context.Context, ans Answer) (*Outcome, error) {
	switch ans.Challenge {
	case passwordVerifier:
		return s.finishSRP(ctx, ans)
	case newPasswordRequired:
		return s.newPassword(ctx, ans)
	}
	// No session of another challenge was ever given out.
	if ans.Session == "" {
		return nil, missing("Session")
	}
	return nil, invalidSession("")
}

// admitAnswer checks the secret hash of an answer, which may be over the USERNAME that was sent or over the
// real name, and the pool's settings.
func admitAnswer(ans Answer, realName ...string) error {
	names := append(realName, ans.Responses["USERNAME"])
	if err := ans.Client.CheckSecretHash(ans.Responses["SECRET_HASH"], names...); err != nil {
		return err
	}
	return honoured(ans.Client.Pool)
}

// next decides what comes after a step was passed: a challenge, "" for tokens, or why the sign-in ends without
// them. It is the only place that does. The factors that this version does not have yet take their turn here,
// between the new password and the tokens.
func next(pool *userpool.Pool, u *userpool.User) (challenge string, told error) {
	switch u.Status {
	case userpool.RequireReset:
		return "", userpool.ResetRequired()
	case userpool.ForceChangePassword:
		return newPasswordRequired, nil
	}
	if factors := pool.MFA(u); len(factors) > 0 {
		return "", cannotHonour("MfaConfiguration " + string(pool.Settings.MFAConfiguration) + " for a user with " + factors[0])
	}
	return "", nil
}

// proceed goes on after the password of the subject was right. complete, if not nil, is what the passed
// step writes (spending a block). Guesses that were under way when a lock fell learn nothing here: each way
// out goes through the unit of work, which looks at the lock again.
func (s *Service) proceed(ctx context.Context, c *userpool.Client, sub *subject, complete func(userpool.Tx) error) (*Outcome, error) {
	if err := s.checkLock(ctx, s.Store, sub.attempts); err != nil { // spares the signatures, and the time that they take
		return nil, err
	}
	return s.advance(ctx, c, sub, func(tx userpool.Tx) error {
		if err := s.checkLock(ctx, tx, sub.attempts); err != nil {
			return err
		}
		if err := unchanged(ctx, tx, sub); err != nil {
			return err
		}
		if complete != nil {
			if err := complete(tx); err != nil {
				return err
			}
		}
		if _, told := next(c.Pool, sub.user); told != nil {
			return nil // no sign-in, so the failures are not forgotten
		}
		return s.forget(ctx, tx, sub.attempts)
	})
}

// advance takes every sign-in from a step that was passed to what next decides. complete writes what the step
// leaves; it joins the unit of work that completes the step. sub is the user as the step leaves them.
func (s *Service) advance(ctx context.Context, c *userpool.Client, sub *subject, complete func(userpool.Tx) error) (*Outcome, error) {
	event, err := s.newEvent(ctx, c.Pool, sub)
	if err != nil {
		return nil, err
	}
	remember := func(tx userpool.Tx, response wire.EventResponseType) error {
		if err := complete(tx); err != nil {
			return err
		}
		return event.Record(ctx, tx, response, risk.Password(true))
	}
	challenge, told := next(c.Pool, sub.user)
	var out *Outcome
	response := wire.EventResponseTypeFail
	switch {
	case told != nil:
	case challenge == newPasswordRequired:
		response = wire.EventResponseTypeInProgress
		if out, err = s.askNewPassword(ctx, c, sub); err != nil {
			return nil, err
		}
	default:
		return s.issue(ctx, c, sub, func(tx userpool.Tx) error { return remember(tx, wire.EventResponseTypePass) })
	}
	if err := s.Store.Write(ctx, func(tx userpool.Tx) error { return remember(tx, response) }); err != nil {
		return nil, err
	}
	return out, told
}

// issue signs tokens and writes them with what completes the last step.
func (s *Service) issue(ctx context.Context, c *userpool.Client, sub *subject, complete func(userpool.Tx) error) (*Outcome, error) {
	issued, err := s.Tokens.Issue(ctx, c, sub.user, sub.event)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if err := complete(tx); err != nil {
			return err
		}
		// The user is there, so only the client can be gone.
		return userpool.OrNotFound(s.Tokens.Keep(ctx, tx, c, issued), userpool.NoSuchClient(c.ID))
	})
	if err != nil {
		return nil, err
	}
	return &Outcome{Issued: issued, Sub: sub.user.Sub}, nil
}

// unchanged makes sure that the user is still who the password was checked for.
func unchanged(ctx context.Context, tx userpool.Tx, sub *subject) error {
	now, err := tx.Standing(ctx, sub.user.Key)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return userpool.WrongPassword()
	case err != nil:
		return err
	case !now.Enabled:
		return userpool.UserDisabled()
	case now.Generation != sub.password.Generation || now.Status != sub.user.Status,
		!slices.Equal(now.MFA.Enabled, sub.user.MFA.Enabled):
		return userpool.WrongPassword()
	}
	return nil
}

// userAndPassword reads a user, nil if there is none, and the password that is in force.
func userAndPassword(ctx context.Context, r userpool.Reader, key userpool.UserKey) (*userpool.User, *userpool.Password, error) {
	u, err := r.User(ctx, key)
	if errors.Is(err, userpool.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	present, err := password.Present(ctx, r, key)
	return u, present, err
}
