package wire

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
)

// An Exception is an error answer of the service. Generated constructors make
// those that the model declares; the protocol's own are made here.
type Exception struct {
	Name       string // as in __type, such as NotAuthorizedException
	Status     int    // HTTP status
	Message    string // for the caller; it may repeat what the caller sent
	ReasonCode string // of an InvalidParameterException, mostly empty
}

// Error returns the name and the message.
func (e *Exception) Error() string {
	if e.Message == "" {
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// LogValue leaves the message out, since it may repeat what the caller sent.
func (e *Exception) LogValue() slog.Value {
	if e == nil {
		return slog.Value{}
	}
	return slog.GroupValue(slog.String("name", e.Name), slog.Int("status", e.Status))
}

// NewException returns the exception called name, with the status that the
// model or the protocol gives it. It reports false for an unknown name.
func NewException(name, message string) (*Exception, bool) {
	status, ok := exceptionStatus[name]
	if !ok {
		status, ok = protocolStatus[name]
	}
	if !ok {
		return nil, false
	}
	return &Exception{Name: name, Status: status, Message: message}, true
}

// protocolStatus holds the errors of the protocol: any operation may answer
// them, and no operation needs to declare them.
var protocolStatus = map[string]int{
	"AccessDeniedException":               http.StatusBadRequest,
	"ExpiredTokenException":               http.StatusBadRequest,
	"IncompleteSignatureException":        http.StatusBadRequest,
	"InvalidSignatureException":           http.StatusBadRequest,
	"MissingAuthenticationTokenException": http.StatusBadRequest,
	"RequestTooLargeException":            http.StatusRequestEntityTooLarge,
	"SerializationException":              http.StatusBadRequest,
	"ServiceUnavailableException":         http.StatusServiceUnavailable,
	"UnknownOperationException":           http.StatusBadRequest,
	"UnrecognizedClientException":         http.StatusBadRequest,
}

// IsProtocol reports whether name is an error of the protocol, which an
// operation may answer without declaring it.
func IsProtocol(name string) bool {
	_, ok := protocolStatus[name]
	return ok
}

func protocolException(name, message string) *Exception {
	return &Exception{Name: name, Status: protocolStatus[name], Message: message}
}

// ExpiredTokenException says that a session token is past its time.
func ExpiredTokenException(message string) *Exception {
	return protocolException("ExpiredTokenException", message)
}

// IncompleteSignatureException says that an Authorization header lacks parts.
func IncompleteSignatureException(message string) *Exception {
	return protocolException("IncompleteSignatureException", message)
}

// InvalidSignatureException says that a signature does not verify, or that its
// scope or date is wrong.
func InvalidSignatureException(message string) *Exception {
	return protocolException("InvalidSignatureException", message)
}

// MissingAuthenticationTokenException says that a signed operation was called
// without a signature.
func MissingAuthenticationTokenException(message string) *Exception {
	return protocolException("MissingAuthenticationTokenException", message)
}

// RequestTooLargeException says that a body is over the size limit. The name is
// ours: the service documents none.
func RequestTooLargeException(message string) *Exception {
	return protocolException("RequestTooLargeException", message)
}

// SerializationException says that a body is not JSON of the operation's form.
func SerializationException(message string) *Exception {
	return protocolException("SerializationException", message)
}

// ServiceUnavailableException says that the server is overloaded or stopping.
func ServiceUnavailableException(message string) *Exception {
	return protocolException("ServiceUnavailableException", message)
}

// UnknownOperationException says that the target names no operation.
func UnknownOperationException(message string) *Exception {
	return protocolException("UnknownOperationException", message)
}

// UnrecognizedClientException says that an access key or session token is not
// known.
func UnrecognizedClientException(message string) *Exception {
	return protocolException("UnrecognizedClientException", message)
}

const (
	notAvailablePrefix = "Operation "
	notAvailableSuffix = " is not available in this version of Poolhouse."
)

// NotAvailable is the answer of an operation that has no handler.
func NotAvailable(operation string) *Exception {
	return UnknownOperationException(notAvailablePrefix + operation + notAvailableSuffix)
}

// IsNotAvailable reports whether err is the answer of [NotAvailable].
func IsNotAvailable(err error) bool {
	e, ok := errors.AsType[*Exception](err)
	return ok && e.Name == "UnknownOperationException" &&
		strings.HasPrefix(e.Message, notAvailablePrefix) && strings.HasSuffix(e.Message, notAvailableSuffix)
}
