package signin

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Initiate starts a sign-in. The order of its checks is the same for every flow: the flow, its
// parameters, the secret hash, the pool's settings, the user, the lock, the user's state, the credential.
func (s *Service) Initiate(ctx context.Context, req Request) (*Outcome, error) {
	if err := flowEnabled(req); err != nil {
		return nil, err
	}
	switch req.Flow {
	case userpool.RefreshTokenAuth, userpool.RefreshTokenFlow:
		return s.refresh(ctx, req)
	case userpool.UserSRPAuth:
		return s.startSRP(ctx, req)
	}
	return s.password(ctx, req)
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
	refresh := req.Flow == userpool.RefreshTokenAuth || req.Flow == userpool.RefreshTokenFlow
	if c.CustomOnly() && req.Flow != userpool.CustomAuth && !refresh {
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

// refresh is REFRESH_TOKEN_AUTH. A hash can be checked only when the token has told whose it is; that one
// is missing is clear before.
func (s *Service) refresh(ctx context.Context, req Request) (*Outcome, error) {
	c, p := req.Client, req.Parameters
	if err := required(p, "REFRESH_TOKEN"); err != nil {
		return nil, err
	}
	if p["SECRET_HASH"] == "" {
		if err := c.CheckSecretHash(""); err != nil {
			return nil, err
		}
	}
	if err := refreshHonoured(c.Pool); err != nil {
		return nil, err
	}
	issued, err := s.Tokens.Refresh(ctx, c, p["REFRESH_TOKEN"], p["SECRET_HASH"])
	if err != nil {
		return nil, err
	}
	return &Outcome{Issued: issued}, nil
}

// Exchange makes new tokens from a refresh token (GetTokensFromRefreshToken), whatever flows the client allows.
func (s *Service) Exchange(ctx context.Context, c *userpool.Client, refreshToken string) (*token.Issued, error) {
	if err := refreshHonoured(c.Pool); err != nil {
		return nil, err
	}
	return s.Tokens.Exchange(ctx, c, refreshToken)
}

// refreshHonoured is honoured for refreshes. They ask for no factor, and of the functions only the one that makes tokens
// runs.
func refreshHonoured(pool *userpool.Pool) error { return pool.Invoke(userpool.PreTokenGeneration) }

// honoured refuses a sign-in where a setting of the pool would change it in a way that this version
// cannot: a setting never weakens a sign-in by being ignored.
func honoured(pool *userpool.Pool) error {
	if pool.Settings.MFAConfiguration == "ON" {
		return cannotHonour("MfaConfiguration ON")
	}
	if a := pool.Settings.UserPoolAddOns; a != nil && a.AdvancedSecurityMode == "ENFORCED" {
		return cannotHonour("AdvancedSecurityMode ENFORCED")
	}
	return pool.Invoke(userpool.PreAuthentication, userpool.PostAuthentication, userpool.PreTokenGeneration)
}

func cannotHonour(setting string) error {
	return userpool.NewError(userpool.InvalidUserPoolConfiguration,
		"This version of Poolhouse cannot honour "+setting+", so it signs nobody in with it.")
}

// required finds the first of the names that has no value.
func required(parameters map[string]string, names ...string) error {
	for _, name := range names {
		if parameters[name] == "" {
			return missing(name)
		}
	}
	return nil
}

func missing(parameter string) error {
	return userpool.NewError(userpool.InvalidParameter, "Missing required parameter "+parameter)
}
