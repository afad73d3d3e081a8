package signin

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// password is the first factor of USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH: the verifier is
// computed again from what was sent.
func (s *Service) password(ctx context.Context, req Request) (*Outcome, error) {
	c, p := req.Client, req.Parameters
	if err := required(p, "USERNAME", "PASSWORD"); err != nil {
		return nil, err
	}
	sub, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	right, err := s.proves(ctx, c.Pool, sub, p["PASSWORD"])
	if err != nil {
		return nil, err
	}
	if !right || !sub.known() {
		return nil, s.failed(ctx, c.Pool, sub)
	}
	if err := s.upgrade(ctx, c.Pool, sub, p["PASSWORD"]); err != nil {
		return nil, err
	}
	return s.proceed(ctx, c, sub, nil)
}

// proves says whether text is the subject's password.
func (s *Service) proves(ctx context.Context, pool *userpool.Pool, sub *subject, text string) (right bool, err error) {
	if sub.imported() {
		return s.Passwords.Proves(ctx, pool, sub.password, sub.name, text)
	}
	err = s.Passwords.Compute(ctx, func() error {
		right = srp.Matches(sub.verifier, sub.salt, pool.SRPName(), sub.name, text)
		return nil
	})
	return right, err
}

// upgrade gives a user whose imported password was right a verifier for it, so that they can sign in by SRP. A lock
// that fell meanwhile is looked at before, since a guess must learn and change nothing.
func (s *Service) upgrade(ctx context.Context, pool *userpool.Pool, sub *subject, text string) error {
	if !sub.imported() {
		return nil
	}
	if err := s.checkLock(ctx, s.Store, sub.attempts); err != nil {
		return err
	}
	fresh, err := s.Passwords.Upgrade(ctx, s.Store, pool, sub.password, sub.name, text)
	if err != nil {
		return err
	}
	sub.password = fresh
	return nil
}

// begin makes the checks between the parameters and the credential.
func (s *Service) begin(ctx context.Context, req Request) (*subject, error) {
	c, username := req.Client, req.Parameters["USERNAME"]
	if err := c.CheckSecretHash(req.Parameters["SECRET_HASH"], username); err != nil {
		return nil, err
	}
	if err := honoured(c.Pool); err != nil {
		return nil, err
	}
	sub, err := s.find(ctx, c, req.Flow, username)
	if err != nil {
		return nil, err
	}
	return sub, s.admit(ctx, c, sub)
}

// admit checks the lock and then the user's state.
func (s *Service) admit(ctx context.Context, c *userpool.Client, sub *subject) error {
	if err := s.checkLock(ctx, s.Store, sub.attempts); err != nil {
		return err
	}
	return s.state(c, sub)
}
