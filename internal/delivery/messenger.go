// Package delivery sends messages: it renders the pool's templates and hands the letter to a transport.
// There is one transport for email and one for SMS: SMTP, SNS, or the built-in Inbox for either.
//
// What a mail server or an SMS service replies never reaches a client. It decides which of our own
// sentences is told, and its codes, without its words, go to the log.
package delivery

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// DefaultSender is the service's own sender of pools that name none.
const DefaultSender = "no-reply@verificationemail.com"

// Transport takes letters away.
type Transport interface {
	// Deliver returns when the letter has been accepted or refused. Refusals are *userpool.Error; other
	// errors are internal.
	Deliver(ctx context.Context, l *Letter) error
}

// Messenger implements userpool.Messenger.
type Messenger struct {
	Email  Transport // nil: this server sends no email
	SMS    Transport // nil: this server sends no SMS
	Sender string    // of pools that name none: "addr" or "Name <addr>"; default DefaultSender
}

var _ userpool.Messenger = (*Messenger)(nil)

// CanSend says whether the server has a transport and the pool's settings allow the message. Email needs
// no setting, except that there are no pages for links yet; SMS needs SmsConfiguration.
func (s *Messenger) CanSend(pool *userpool.Pool, medium userpool.Medium, purpose userpool.MessagePurpose) error {
	switch {
	case medium == userpool.ByEmail && byLink(pool, purpose):
		return userpool.NewError(userpool.InvalidParameter, "The user pool verifies email addresses by link, and this version of Poolhouse has no page for it. "+
			"Set DefaultEmailOption of VerificationMessageTemplate to CONFIRM_WITH_CODE.")
	case medium == userpool.ByEmail && s.Email == nil:
		return failure("This server is not configured to send email.")
	case medium == userpool.BySMS && pool.Settings.SMSConfiguration == nil:
		return failure("The user pool cannot send SMS messages: it has no SmsConfiguration.")
	case medium == userpool.BySMS && s.SMS == nil:
		return failure("This server is not configured to send SMS messages.")
	}
	return nil
}

// byLink says whether the message would carry a link instead of a code.
func byLink(pool *userpool.Pool, purpose userpool.MessagePurpose) bool {
	t := pool.Settings.VerificationMessageTemplate
	return t != nil && t.DefaultEmailOption == wire.DefaultEmailOptionTypeConfirmWithLink &&
		(purpose == userpool.MessageSignUp || purpose == userpool.MessageResend)
}

// Send renders the message and delivers it.
func (s *Messenger) Send(ctx context.Context, m userpool.Message) error {
	if err := s.CanSend(m.Pool, m.Medium, m.Purpose); err != nil {
		return err
	}
	sender := s.Sender
	if sender == "" {
		sender = DefaultSender
	}
	letter, err := render(&m, sender)
	if err != nil {
		return err
	}
	if m.Medium == userpool.BySMS {
		return s.SMS.Deliver(ctx, letter)
	}
	return s.Email.Deliver(ctx, letter)
}
