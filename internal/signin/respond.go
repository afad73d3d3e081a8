package signin

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Respond takes the answer to a challenge.
func (s *Service) Respond(ctx context.Context, ans Answer) (*Outcome, error) {
	if err := honoured(ans.Client.Pool); err != nil {
		return nil, err
	}
	switch ans.Challenge {
	case "PASSWORD_VERIFIER":
		return s.finishSRP(ctx, ans)
	case "NEW_PASSWORD_REQUIRED":
		return s.newPassword(ctx, ans)
	}
	// No session of another challenge was ever given out.
	if ans.Session == "" {
		return nil, missing("Session")
	}
	return nil, invalidSession("")
}

// step is what a sign-in needs next.
type step int

const (
	tokens step = iota
	newPasswordRequired
)

// next decides what comes after a step was passed. It is the only place that does. The factors that this
// version does not have yet take their turn here, between the new password and the tokens.
func next(u *userpool.User) step {
	if u.Status == userpool.ForceChangePassword {
		return newPasswordRequired
	}
	return tokens
}

// proceed goes on after the password of the subject was right. complete, if not nil, is what the passed
// step writes (spending a block); it joins the unit of work that completes the step.
func (s *Service) proceed(ctx context.Context, c *userpool.Client, sub subject, complete func(userpool.Tx) error) (*Outcome, error) {
	u := sub.user
	if u.Status == userpool.RequireReset {
		return nil, userpool.ResetRequired()
	}
	finish := func(tx userpool.Tx) error {
		if err := s.passed(ctx, tx, sub.attempts); err != nil {
			return err
		}
		if err := unchanged(ctx, tx, sub); err != nil {
			return err
		}
		if complete != nil {
			return complete(tx)
		}
		return nil
	}
	if next(u) == newPasswordRequired {
		if err := s.Store.Write(ctx, finish); err != nil {
			return nil, err
		}
		return s.askNewPassword(ctx, c, sub)
	}
	return s.issue(ctx, c, u, finish)
}

// issue signs tokens and writes them with what completes the last step.
func (s *Service) issue(ctx context.Context, c *userpool.Client, u *userpool.User, complete func(userpool.Tx) error) (*Outcome, error) {
	issued, err := s.Tokens.Issue(ctx, c, u)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if err := complete(tx); err != nil {
			return err
		}
		return tx.PutGrant(ctx, issued.Grant, issued.Refresh)
	})
	if err != nil {
		return nil, err
	}
	return &Outcome{Issued: issued}, nil
}

// unchanged makes sure that the user is still who the password was checked for.
func unchanged(ctx context.Context, tx userpool.Tx, sub subject) error {
	now, err := tx.User(ctx, sub.user.Key)
	if errors.Is(err, userpool.ErrNotFound) {
		return userpool.WrongPassword()
	}
	if err != nil {
		return err
	}
	pw, err := tx.Password(ctx, sub.user.Key)
	switch {
	case err != nil && !errors.Is(err, userpool.ErrNotFound):
		return err
	case !now.Enabled:
		return userpool.UserDisabled()
	case err != nil || pw.Generation != sub.password.Generation || now.Status != sub.user.Status:
		return userpool.WrongPassword()
	}
	return nil
}

func (s *Service) newSession(ctx context.Context, c *userpool.Client, sub subject, challenge string) (string, error) {
	return s.sealSession(ctx, c.Pool, session{
		ID: uuid.NewString(), Challenge: challenge, ClientID: c.ID,
		User: sub.user.Key.User, Typed: sub.typed, Generation: sub.password.Generation,
		Expires: s.Now().Add(c.SessionLifetime()),
	})
}
