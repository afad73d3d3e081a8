package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"os"
	"regexp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// sesPrefix begins the service's text for every sender that cannot be used; programs look for it.
const sesPrefix = "Cognito received the following error from Amazon SES when attempting to send email: "

func failure(sentence string) *userpool.Error {
	return userpool.NewError(userpool.CodeDeliveryFailure, sentence)
}

func refusedSender(sentence string) *userpool.Error {
	return userpool.NewError(userpool.InvalidEmailRoleAccessPolicy, sesPrefix+sentence)
}

// stage is how far a conversation with a mail server came.
type stage string

const (
	atConnect  stage = "connect"
	atGreeting stage = "greeting" // with EHLO
	atTLS      stage = "tls"      // STARTTLS and the handshake
	atAuth     stage = "auth"
	atSender   stage = "mail-from"
	atRcpt     stage = "rcpt-to"
	atContent  stage = "data"
)

// What a mail server lacks.
var (
	errNoSTARTTLS = errors.New("the mail server does not offer STARTTLS")
	errNoLogin    = errors.New("the mail server does not offer the way to log in that is configured")
)

// smtpError is a conversation that ended without an accepted message. Its text holds no words of the
// server.
type smtpError struct {
	stage    stage
	code     int    // of the reply; 0 without one
	enhanced string // RFC 3463 status such as 5.1.1; "" without one
	cause    error  // for the log; nil where it could hold words of the server
	timeout  bool
}

var enhancedCode = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// smtpErrorOf takes the codes out of err and leaves the words.
func smtpErrorOf(at stage, err error) *smtpError {
	e := &smtpError{stage: at}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		e.code = reply.Code
		e.enhanced = enhancedCode.FindString(reply.Msg)
		return e
	}
	network, ok := errors.AsType[net.Error](err)
	e.timeout = ok && network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if _, words := errors.AsType[textproto.ProtocolError](err); !words && (at == atConnect || at == atTLS) || err == errNoLogin {
		e.cause = err
	}
	return e
}

func (e *smtpError) Error() string {
	return fmt.Sprintf("mail server at %s: %d %s", e.stage, e.code, e.enhanced)
}

// LogValue gives stage and codes.
func (e *smtpError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("stage", string(e.stage))}
	if e.code != 0 {
		attrs = append(attrs, slog.Int("code", e.code), slog.String("enhanced", e.enhanced))
	} else {
		attrs = append(attrs, slog.Bool("timeout", e.timeout))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", cut(e.cause.Error())))
	}
	return slog.GroupValue(attrs...)
}

// cut bounds what goes into one log attribute.
func cut(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// temporary says whether the server asks to try again later.
func (e *smtpError) temporary() bool { return e.code >= 400 && e.code < 500 }

// told is what the caller may know.
func (e *smtpError) told() *userpool.Error {
	switch {
	case e.code == 530 || e.code == 534 || e.code == 535 || e.code == 538 || e.stage == atAuth && e.code >= 500:
		return refusedSender("The mail server refused this server's credentials.")
	case e.enhanced == "5.1.7" || e.enhanced == "5.1.8", e.stage == atSender && senderCode(e.code):
		return refusedSender("The mail server refused the sender.")
	case e.temporary():
		return failure("The mail server does not take the message at the moment.")
	case e.timeout:
		return failure("The mail server did not answer in time.")
	case e.cause == errNoLogin:
		return failure("The mail server offers no way to log in.")
	case e.stage == atTLS:
		return failure("There is no secure connection to the mail server.")
	case e.stage == atRcpt && e.code != 0:
		return failure("The mail server refused the recipient.")
	case e.code != 0:
		return failure("The mail server refused the message.")
	}
	return failure("The mail server cannot be reached.")
}

// senderCode says whether a refusal of MAIL FROM is about the sender, and not about the message's size
// (552), the parameters (555) or a server that takes no mail (521).
func senderCode(code int) bool {
	return code >= 500 && code != 521 && code != 552 && code != 555
}
