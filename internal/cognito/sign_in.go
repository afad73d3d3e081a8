package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// InitiateAuth starts a sign-in from an app.
func (a *API) InitiateAuth(ctx context.Context, in *wire.InitiateAuthRequest) (*wire.InitiateAuthResponse, error) {
	client, err := a.client(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	out, err := a.initiate(a.withUserContext(ctx, client, in.UserContextData), signin.Request{
		Client: client, Flow: userpool.Flow(in.AuthFlow), Parameters: in.AuthParameters,
	})
	if err != nil {
		return nil, err
	}
	return &wire.InitiateAuthResponse{
		ChallengeName:        wire.ChallengeNameType(out.Challenge),
		ChallengeParameters:  challengeParameters(out),
		Session:              out.Session,
		AuthenticationResult: authenticationResult(out.Issued),
	}, nil
}

// AdminInitiateAuth starts a sign-in from a server.
func (a *API) AdminInitiateAuth(ctx context.Context, in *wire.AdminInitiateAuthRequest) (*wire.AdminInitiateAuthResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	out, err := a.initiate(a.withContextData(ctx, client, in.ContextData), signin.Request{
		Client: client, Flow: userpool.Flow(in.AuthFlow), Admin: true, Parameters: in.AuthParameters,
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminInitiateAuthResponse{
		ChallengeName:        wire.ChallengeNameType(out.Challenge),
		ChallengeParameters:  challengeParameters(out),
		Session:              out.Session,
		AuthenticationResult: authenticationResult(out.Issued),
	}, nil
}

// RespondToAuthChallenge answers a challenge from an app.
func (a *API) RespondToAuthChallenge(ctx context.Context, in *wire.RespondToAuthChallengeRequest) (*wire.RespondToAuthChallengeResponse, error) {
	client, err := a.client(ctx, in.ClientID)
	if err != nil {
		return nil, err
	}
	out, err := a.respond(a.withUserContext(ctx, client, in.UserContextData), signin.Answer{
		Client: client, Challenge: string(in.ChallengeName), Session: in.Session, Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	return &wire.RespondToAuthChallengeResponse{
		ChallengeName:        wire.ChallengeNameType(out.Challenge),
		ChallengeParameters:  challengeParameters(out),
		Session:              out.Session,
		AuthenticationResult: authenticationResult(out.Issued),
	}, nil
}

// AdminRespondToAuthChallenge answers a challenge from a server.
func (a *API) AdminRespondToAuthChallenge(ctx context.Context, in *wire.AdminRespondToAuthChallengeRequest) (*wire.AdminRespondToAuthChallengeResponse, error) {
	client, err := a.clientOf(ctx, in.UserPoolID, in.ClientID)
	if err != nil {
		return nil, err
	}
	out, err := a.respond(a.withContextData(ctx, client, in.ContextData), signin.Answer{
		Client: client, Challenge: string(in.ChallengeName), Admin: true, Session: in.Session, Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminRespondToAuthChallengeResponse{
		ChallengeName:        wire.ChallengeNameType(out.Challenge),
		ChallengeParameters:  challengeParameters(out),
		Session:              out.Session,
		AuthenticationResult: authenticationResult(out.Issued),
	}, nil
}

func (a *API) initiate(ctx context.Context, req signin.Request) (*signin.Outcome, error) {
	out, err := a.SignIn.Initiate(ctx, req)
	if err != nil {
		return nil, err
	}
	noteOf(ctx).sub = out.Sub
	return out, nil
}

func (a *API) respond(ctx context.Context, ans signin.Answer) (*signin.Outcome, error) {
	out, err := a.SignIn.Respond(ctx, ans)
	if err != nil {
		return nil, err
	}
	noteOf(ctx).sub = out.Sub
	return out, nil
}

// challengeParameters are present and empty when the sign-in is over.
func challengeParameters(out *signin.Outcome) map[string]string {
	if out.Parameters == nil {
		return map[string]string{}
	}
	return out.Parameters
}

func authenticationResult(issued *token.Issued) *wire.AuthenticationResultType {
	if issued == nil {
		return nil
	}
	return &wire.AuthenticationResultType{
		AccessToken:  issued.AccessToken,
		IDToken:      issued.IDToken,
		RefreshToken: issued.RefreshToken,
		ExpiresIn:    new(issued.ExpiresIn),
		TokenType:    "Bearer",
	}
}
