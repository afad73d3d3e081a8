package signin

import (
	"context"
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Initiate starts a sign-in. The order of its checks is the same for every flow: the flow, its
// parameters, the secret hash, the user, the lock, the user's state, the credential.
func (s *Service) Initiate(ctx context.Context, req Request) (*Outcome, error) {
	if err := flowEnabled(req); err != nil {
		return nil, err
	}
	p := req.Parameters
	switch req.Flow {
	case userpool.RefreshTokenAuth, userpool.RefreshTokenFlow:
		if p["REFRESH_TOKEN"] == "" {
			return nil, missing("REFRESH_TOKEN")
		}
		if err := honoured(req.Client.Pool); err != nil {
			return nil, err
		}
		issued, err := s.Tokens.Refresh(ctx, req.Client, p["REFRESH_TOKEN"], p["SECRET_HASH"])
		if err != nil {
			return nil, err
		}
		return &Outcome{Issued: issued}, nil
	case userpool.UserSRPAuth:
		return s.startSRP(ctx, req)
	default:
		return s.password(ctx, req)
	}
}

// flowEnabled checks that the operation knows the flow and the client allows it.
// Texts: the service's recorded answers, one for each flow.
func flowEnabled(req Request) error {
	refuse := func(text string) error { return userpool.NewError(userpool.InvalidParameter, text) }
	adminFlow := req.Flow == userpool.AdminUserPasswordAuth || req.Flow == userpool.AdminNoSRPAuth
	if adminFlow != req.Admin && (adminFlow || req.Flow == userpool.UserPasswordAuth) {
		return refuse("Initiate Auth method not supported.")
	}
	c := req.Client
	if c.CustomOnly() && req.Flow != userpool.CustomAuth {
		return refuse("Only custom auth (lambda driven) is enabled for this client.")
	}
	if !c.Allows(req.Flow) {
		switch req.Flow {
		case userpool.UserPasswordAuth:
			return refuse("USER_PASSWORD_AUTH flow not enabled for this client")
		case userpool.UserSRPAuth, userpool.CustomAuth, userpool.UserAuth:
			return refuse(string(req.Flow) + " is not enabled for the client.")
		}
		return refuse("Auth flow not enabled for this client")
	}
	if req.Flow == userpool.CustomAuth || req.Flow == userpool.UserAuth {
		return cannotHonour("the sign-in flow " + string(req.Flow))
	}
	return nil
}

// honoured refuses a sign-in where a setting of the pool would change it in a way that this version
// cannot: a setting never weakens a sign-in by being ignored.
func honoured(pool *userpool.Pool) error {
	if pool.Settings.MFAConfiguration == "ON" {
		return cannotHonour("MfaConfiguration ON")
	}
	l := pool.Settings.LambdaConfig
	if l == nil {
		return nil
	}
	for _, t := range []struct{ name, arn string }{
		{"PreAuthentication", l.PreAuthentication},
		{"PostAuthentication", l.PostAuthentication},
		{"PreTokenGeneration", l.PreTokenGeneration},
	} {
		if t.arn != "" {
			return untriggered(t.name)
		}
	}
	if l.PreTokenGenerationConfig != nil {
		return untriggered("PreTokenGeneration")
	}
	return nil
}

func cannotHonour(setting string) error {
	return userpool.NewError(userpool.InvalidUserPoolConfiguration,
		"This version of Poolhouse cannot honour "+setting+", so it signs nobody in with it.")
}

func untriggered(trigger string) error {
	return userpool.NewError(userpool.UnexpectedLambda,
		trigger+" invocation failed due to error: this version of Poolhouse cannot invoke functions.")
}

// subject is the user of a sign-in, or the stand-in for one who is not there.
type subject struct {
	user     *userpool.User // nil for a stand-in
	typed    string         // USERNAME as the client sent it
	password *userpool.Password
	attempts userpool.AttemptKey
}

// known says whether the user exists and has a password.
func (s subject) known() bool {
	return s.user != nil && s.password != nil && len(s.password.Verifier) > 0
}

// find looks the user up. In a client that hides existence an unknown user becomes a stand-in, for which
// the same reads and the same arithmetic are done.
func (s *Service) find(ctx context.Context, c *userpool.Client, typed string) (subject, error) {
	sub := subject{typed: typed}
	by := c.Pool.Lookup(typed)
	by.Sub = "" // the sub signs nobody in, unless it is the user name
	user, err := s.Store.FindUser(ctx, c.Pool.Number, by)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		if l := c.Pool.Settings.LambdaConfig; l != nil && l.UserMigration != "" {
			return sub, untriggered("UserMigration")
		}
		if !c.HidesExistence() {
			return sub, userpool.NoSuchUser()
		}
		mac, err := s.Sealer.MAC(ctx, c.Pool.Number, "attempts of unknown user", by.Username)
		if err != nil {
			return sub, err
		}
		sub.attempts = attemptKey(c.Pool.Number, hexText(mac[:]))
	case err != nil:
		return sub, err
	default:
		sub.user = user
		sub.attempts = attemptKey(c.Pool.Number, decimal(user.Key.User))
	}
	key := userpool.UserKey{Pool: c.Pool.Number}
	if user != nil {
		key = user.Key
	}
	sub.password, err = s.Store.Password(ctx, key)
	if err != nil && !errors.Is(err, userpool.ErrNotFound) {
		return sub, err
	}
	if err := s.open(ctx, sub.attempts); err != nil {
		return sub, err
	}
	return sub, nil
}

// state checks what the user's state says before any credential is looked at. A client that hides
// existence learns of RESET_REQUIRED only with the right password.
func (s *Service) state(c *userpool.Client, sub subject) error {
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
