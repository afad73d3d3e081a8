package account

import (
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// This file is where triggers will be invoked. This version cannot invoke functions, so an operation whose
// outcome one of the pool's triggers would decide or watch is refused before anything is changed: a
// configured function is never silently left out.

// trigger is one of a pool's Lambda triggers that an operation on accounts meets.
type trigger struct {
	name string // as in LambdaConfig
	set  func(*wire.LambdaConfigType) bool
}

var (
	preSignUp         = trigger{"PreSignUp", func(c *wire.LambdaConfigType) bool { return c.PreSignUp != "" }}
	postConfirmation  = trigger{"PostConfirmation", func(c *wire.LambdaConfigType) bool { return c.PostConfirmation != "" }}
	userMigration     = trigger{"UserMigration", func(c *wire.LambdaConfigType) bool { return c.UserMigration != "" }}
	customMessage     = trigger{"CustomMessage", func(c *wire.LambdaConfigType) bool { return c.CustomMessage != "" }}
	customEmailSender = trigger{"CustomEmailSender", func(c *wire.LambdaConfigType) bool { return c.CustomEmailSender != nil }}
	customSMSSender   = trigger{"CustomSMSSender", func(c *wire.LambdaConfigType) bool { return c.CustomSMSSender != nil }}
)

// in says whether the pool has the trigger.
func (t trigger) in(pool *userpool.Pool) bool {
	return pool.Settings.LambdaConfig != nil && t.set(pool.Settings.LambdaConfig)
}

// invoke refuses where the pool has one of the triggers.
func invoke(pool *userpool.Pool, triggers ...trigger) error {
	for _, t := range triggers {
		if t.in(pool) {
			return userpool.NewError(userpool.UnexpectedLambda,
				t.name+" invocation failed due to error: this version of Poolhouse cannot invoke functions.")
		}
	}
	return nil
}

// invokeFor refuses where a function would send, or word, a message by that medium.
func invokeFor(pool *userpool.Pool, medium userpool.Medium) error {
	if medium == userpool.BySMS {
		return invoke(pool, customSMSSender, customMessage)
	}
	return invoke(pool, customEmailSender, customMessage)
}
