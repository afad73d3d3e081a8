package cognito

import (
	"cmp"
	"context"

	"github.com/poolhouse-id/poolhouse/internal/risk"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetRiskConfiguration replaces the risk configuration of a pool or of an app client.
func (a *API) SetRiskConfiguration(ctx context.Context, in *wire.SetRiskConfigurationRequest) (*wire.SetRiskConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	configuration, err := a.Directory.SetRiskConfiguration(ctx, pool, in)
	if err != nil {
		return nil, err
	}
	return &wire.SetRiskConfigurationResponse{RiskConfiguration: configuration}, nil
}

// DescribeRiskConfiguration shows the risk configuration of a pool or of an app client.
func (a *API) DescribeRiskConfiguration(ctx context.Context, in *wire.DescribeRiskConfigurationRequest) (*wire.DescribeRiskConfigurationResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	configuration, err := a.Directory.RiskConfiguration(ctx, pool, in.ClientID)
	if err != nil {
		return nil, err
	}
	return &wire.DescribeRiskConfigurationResponse{RiskConfiguration: configuration}, nil
}

// AdminListUserAuthEvents lists what a user did with their account, newest first.
func (a *API) AdminListUserAuthEvents(ctx context.Context, in *wire.AdminListUserAuthEventsRequest) (*wire.AdminListUserAuthEventsResponse, error) {
	user, err := a.protectedUser(ctx, in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	events, next, err := a.Risk.Events(ctx, user.Key, userpool.PageSize(in.MaxResults), in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &wire.AdminListUserAuthEventsResponse{AuthEvents: make([]wire.AuthEventType, 0, len(events)), NextToken: next}
	for i := range events {
		out.AuthEvents = append(out.AuthEvents, authEventType(&events[i]))
	}
	return out, nil
}

// AdminUpdateAuthEventFeedback says for a user whether an event was theirs.
func (a *API) AdminUpdateAuthEventFeedback(ctx context.Context, in *wire.AdminUpdateAuthEventFeedbackRequest) (*wire.AdminUpdateAuthEventFeedbackResponse, error) {
	user, err := a.protectedUser(ctx, in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	if err := a.Risk.Feedback(ctx, user.Key, in.EventID, in.FeedbackValue); err != nil {
		return nil, err
	}
	return &wire.AdminUpdateAuthEventFeedbackResponse{}, nil
}

// UpdateAuthEventFeedback takes a user's own word, with the token of the notice that asked for it.
func (a *API) UpdateAuthEventFeedback(ctx context.Context, in *wire.UpdateAuthEventFeedbackRequest) (*wire.UpdateAuthEventFeedbackResponse, error) {
	pool, err := a.protectedPool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	if err := a.Risk.FeedbackOfUser(ctx, pool, in.Username, in.EventID, in.FeedbackValue, in.FeedbackToken); err != nil {
		return nil, err
	}
	return &wire.UpdateAuthEventFeedbackResponse{}, nil
}

// protectedPool finds a pool that has threat protection on.
func (a *API) protectedPool(ctx context.Context, id string) (*userpool.Pool, error) {
	pool, err := a.pool(ctx, id)
	if err != nil {
		return nil, err
	}
	return pool, risk.Enabled(pool)
}

func (a *API) protectedUser(ctx context.Context, pool, name string) (*userpool.User, error) {
	p, err := a.protectedPool(ctx, pool)
	if err != nil {
		return nil, err
	}
	return a.Accounts.Find(ctx, p, name)
}

// authEventType shows an event. Where an address lies is not known.
func authEventType(e *userpool.AuthEvent) wire.AuthEventType {
	out := wire.AuthEventType{
		EventID: e.ID, EventType: e.Type, EventResponse: e.Response, ChallengeResponses: e.Challenges,
		CreationDate: wire.NewTimestamp(e.Created),
		EventRisk:    &wire.EventRiskType{RiskDecision: wire.RiskDecisionTypeNoRisk},
		EventContextData: &wire.EventContextDataType{
			IPAddress: e.From.Address, Timezone: e.From.Timezone, City: "null", Country: "null",
			DeviceName: cmp.Or(e.From.Program, "Other") + ", " + cmp.Or(e.From.System, "Other"),
		},
	}
	if e.Risk != "" {
		out.EventRisk = &wire.EventRiskType{RiskDecision: wire.RiskDecisionTypeAccountTakeover, RiskLevel: e.Risk}
	}
	if f := e.Feedback; f != nil {
		out.EventFeedback = &wire.EventFeedbackType{FeedbackValue: f.Value, Provider: f.Provider, FeedbackDate: wire.NewTimestamp(f.Date)}
	}
	return out
}
