package cognito

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// headerTextLimit bounds the message that is repeated in a header, in bytes. Clients bound all headers of
// an answer together, Node.js at 16 KiB; the body has the whole text.
const headerTextLimit = 1024

// exception turns an error into what the operation may answer. An Error of the core becomes the exception
// of its code; one that the operation does not declare is first replaced by the one that stands for it
// there. Everything else is the operation's internal error, and its cause goes to the log.
func (h *Handler) exception(ctx context.Context, x *exchange, err error) *wire.Exception {
	told, ok := toldAs(err)
	if ok && x.op != nil {
		told, ok = declared(x.op, told)
	}
	if ok {
		return told
	}
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) { // else the caller hung up
		x.cause = err
	}
	name := "InternalErrorException"
	if x.op != nil {
		name = x.op.InternalError
	}
	internal, _ := wire.NewException(name, "Internal server error")
	return internal
}

// toldAs gives the exception that err is meant to be, if it is for callers at all.
func toldAs(err error) (*wire.Exception, bool) {
	var e *wire.Exception
	if errors.As(err, &e) {
		return e, true
	}
	var told *userpool.Error
	if errors.As(err, &told) {
		return wire.NewException(string(told.Code)+"Exception", told.Message)
	}
	return nil, false
}

// declared makes sure that the operation declares the exception, or may answer it all the same.
func declared(op *wire.Operation, e *wire.Exception) (*wire.Exception, bool) {
	if op.Declares(e.Name) || wire.IsProtocol(e.Name) {
		return e, true
	}
	if e.Name == "CodeDeliveryFailureException" && signsIn(op.Name) {
		return e, true // an SDK would repeat a 500, and with it the message
	}
	if e.Name == "OperationNotEnabledException" && op.Declares("InvalidParameterException") {
		return wire.NewException("InvalidParameterException", e.Message)
	}
	for _, s := range substitutes {
		if s.undeclared == e.Name && s.operation == op.Name {
			message := s.message
			if message == "" {
				message = e.Message
			}
			return wire.NewException(s.instead, message)
		}
	}
	if takesAccessToken(op) && op.Declares("NotAuthorizedException") {
		return refusedToken(e)
	}
	return nil, false
}

// refusedToken stands for what an access token's user, pool or client may answer where the operation does
// not declare it. AssociateSoftwareToken and the passkey operations are not meant to ask for the user's
// status; as long as they do, a refusal is the safe form.
func refusedToken(e *wire.Exception) (*wire.Exception, bool) {
	switch e.Name {
	case "UserNotFoundException", "UserNotConfirmedException", "PasswordResetRequiredException":
		return wire.NotAuthorizedException("Access Token has been revoked"), true
	case "ResourceNotFoundException":
		return wire.NotAuthorizedException("Invalid Access Token"), true
	}
	return nil, false
}

// takesAccessToken says whether the operation's request has a member AccessToken.
func takesAccessToken(op *wire.Operation) bool {
	_, ok := reflect.TypeOf(op.NewInput()).Elem().FieldByName("AccessToken")
	return ok
}

func signsIn(operation string) bool {
	switch operation {
	case "InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge":
		return true
	}
	return false
}

// substitutes says what stands for an exception that an operation does not declare, beside refusedToken. No recording of the
// service shows these; docs/compatibility.md lists them. A blank message keeps the text.
var substitutes = []struct{ operation, undeclared, instead, message string }{
	{"AdminListDevices", "UserNotFoundException", "ResourceNotFoundException", "User does not exist."},
	{"AdminGetDevice", "UserNotFoundException", "ResourceNotFoundException", "User does not exist."},
	{"AdminCreateUser", "InvalidEmailRoleAccessPolicyException", "CodeDeliveryFailureException", ""},
	{"AdminCreateUser", "LimitExceededException", "CodeDeliveryFailureException", ""},
	{"UpdateUserAttributes", "LimitExceededException", "CodeDeliveryFailureException", ""},
	{"GetClientToken", "UnexpectedLambdaException", "InvalidParameterException", ""},
	{"AdminUpdateUserAttributes", "LimitExceededException", "InvalidEmailRoleAccessPolicyException", ""},
}

// writeException sets the headers of an error answer and gives its body.
func writeException(head http.Header, e *wire.Exception) []byte {
	head.Set("X-Amzn-Errortype", e.Name+":")
	if text := headerText(e.Message); text != "" {
		head.Set("X-Amzn-Errormessage", text)
	}
	body, err := json.Marshal(struct {
		Type       string `json:"__type"`
		Message    string `json:"message,omitempty"`
		ReasonCode string `json:"reasonCode,omitempty"`
	}{e.Name, strings.ToValidUTF8(e.Message, "\uFFFD"), e.ReasonCode})
	if err != nil {
		return []byte(`{"__type":"` + e.Name + `"}`)
	}
	return body
}

// headerText makes a message fit for a header: printable ASCII, bounded.
func headerText(message string) string {
	text := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return -1
		}
		return r
	}, message)
	if len(text) > headerTextLimit {
		text = text[:headerTextLimit]
	}
	return strings.TrimSpace(text)
}
