package wire

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestExceptions(t *testing.T) {
	tests := []struct {
		exception *Exception
		name      string
		status    int
		protocol  bool
	}{
		{NotAuthorizedException("m"), "NotAuthorizedException", 400, false},
		{UserNotFoundException("m"), "UserNotFoundException", 400, false},
		{TooManyRequestsException("m"), "TooManyRequestsException", 400, false},
		{ForbiddenException("m"), "ForbiddenException", 403, false},
		{InternalErrorException("m"), "InternalErrorException", 500, false},
		{InternalServerException("m"), "InternalServerException", 500, false},
		{AccessDeniedException("m"), "AccessDeniedException", 400, true},
		{ExpiredTokenException("m"), "ExpiredTokenException", 400, true},
		{IncompleteSignatureException("m"), "IncompleteSignatureException", 400, true},
		{InvalidSignatureException("m"), "InvalidSignatureException", 400, true},
		{MissingAuthenticationTokenException("m"), "MissingAuthenticationTokenException", 400, true},
		{RequestTooLargeException("m"), "RequestTooLargeException", 413, true},
		{SerializationException("m"), "SerializationException", 400, true},
		{ServiceUnavailableException("m"), "ServiceUnavailableException", 503, true},
		{UnknownOperationException("m"), "UnknownOperationException", 400, true},
		{UnrecognizedClientException("m"), "UnrecognizedClientException", 400, true},
	}
	protocol := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := Exception{Name: tt.name, Status: tt.status, Message: "m"}
			if *tt.exception != want {
				t.Errorf("got %+v", *tt.exception)
			}
			if e, ok := NewException(tt.name, "m"); !ok || *e != want {
				t.Errorf("by name: %+v, %t", e, ok)
			}
			if IsProtocol(tt.name) != tt.protocol {
				t.Errorf("IsProtocol is %t", !tt.protocol)
			}
			if got := tt.exception.Error(); got != tt.name+": m" {
				t.Errorf("Error() is %q", got)
			}
		})
		if tt.protocol {
			protocol++
		}
	}
	if protocol != len(protocolStatus) {
		t.Errorf("%d protocol exceptions are tested, of %d", protocol, len(protocolStatus))
	}
	if len(exceptionStatus) != 59 {
		t.Errorf("%d exceptions, want 59", len(exceptionStatus))
	}
	if e, ok := NewException("NoSuchException", "m"); ok || e != nil {
		t.Errorf("an unknown name makes %v", e)
	}
	if got := UnknownOperationException("").Error(); got != "UnknownOperationException" {
		t.Errorf("Error() without message is %q", got)
	}
	if !IsNotAvailable(fmt.Errorf("probe: %w", NotAvailable("SignUp"))) || IsNotAvailable(errors.New("x")) {
		t.Error("IsNotAvailable does not look for its own answer")
	}
}

// TestExceptionMessagesStayOutOfLogs: a validation message may repeat a
// confirmation code.
func TestExceptionMessagesStayOutOfLogs(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("call", "err", InvalidParameterException("Value 'SECRET'"))
	if got := out.String(); strings.Contains(got, "SECRET") || !strings.Contains(got, "err.name=InvalidParameterException err.status=400") {
		t.Errorf("logged %s", got)
	}
}
