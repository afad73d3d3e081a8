package userpool

import "github.com/poolhouse-id/poolhouse/internal/wire"

// Trigger is one of a pool's Lambda triggers, by its name in LambdaConfig.
type Trigger string

// The triggers that operations meet. PreTokenGeneration is set by PreTokenGenerationConfig too.
const (
	PreSignUp          Trigger = "PreSignUp"
	PostConfirmation   Trigger = "PostConfirmation"
	PreAuthentication  Trigger = "PreAuthentication"
	PostAuthentication Trigger = "PostAuthentication"
	PreTokenGeneration Trigger = "PreTokenGeneration"
	UserMigration      Trigger = "UserMigration"
	CustomMessage      Trigger = "CustomMessage"
	CustomEmailSender  Trigger = "CustomEmailSender"
	CustomSMSSender    Trigger = "CustomSMSSender"
)

// in says whether the settings name a function for the trigger.
func (t Trigger) in(c *wire.LambdaConfigType) bool {
	switch t {
	case PreSignUp:
		return c.PreSignUp != ""
	case PostConfirmation:
		return c.PostConfirmation != ""
	case PreAuthentication:
		return c.PreAuthentication != ""
	case PostAuthentication:
		return c.PostAuthentication != ""
	case PreTokenGeneration:
		return c.PreTokenGeneration != "" || c.PreTokenGenerationConfig != nil
	case UserMigration:
		return c.UserMigration != ""
	case CustomMessage:
		return c.CustomMessage != ""
	case CustomEmailSender:
		return c.CustomEmailSender != nil
	case CustomSMSSender:
		return c.CustomSMSSender != nil
	}
	return false
}

// Invoke is where triggers will be invoked. This version cannot invoke functions, so it answers
// UnexpectedLambda for the first of the triggers that the pool has, and what the function would decide or
// watch does not happen: a configured function is never silently left out.
func (p *Pool) Invoke(triggers ...Trigger) error {
	if p.Settings.LambdaConfig == nil {
		return nil
	}
	for _, t := range triggers {
		if t.in(p.Settings.LambdaConfig) {
			return NewError(UnexpectedLambda,
				string(t)+" invocation failed due to error: this version of Poolhouse cannot invoke functions.")
		}
	}
	return nil
}

// InvokeFor invokes what would send, or word, a message by that medium.
func (p *Pool) InvokeFor(medium Medium) error {
	if medium == BySMS {
		return p.Invoke(CustomSMSSender, CustomMessage)
	}
	return p.Invoke(CustomEmailSender, CustomMessage)
}
