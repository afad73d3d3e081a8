package cognito_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	const hush = `{"__type":"InternalErrorException","message":"Internal server error"}`
	told := func(code userpool.ErrorCode, message string) error { return userpool.NewError(code, message) }
	reason := wire.InvalidParameterException("Why.")
	reason.ReasonCode = "because"
	long := strings.Repeat("ä\nx", 5000)
	tests := []struct {
		name, operation string
		err             error
		status          int
		body            string
		header          string // X-Amzn-Errormessage
		logged          string
	}{
		{"of the core", "GetUser", told("NotAuthorized", "No."), 400, `{"__type":"NotAuthorizedException","message":"No."}`, "No.", ""},
		{"wrapped", "GetUser", fmt.Errorf("outer: %w", told("NotAuthorized", "No.")), 400, `{"__type":"NotAuthorizedException","message":"No."}`, "No.", ""},
		{"with a status of its own in the model", "GetUser", told("UserNotFound", "No."), 400, `{"__type":"UserNotFoundException","message":"No."}`, "No.", ""},
		{"throttled", "GetUser", userpool.Overloaded(), 400, `{"__type":"TooManyRequestsException","message":"Rate exceeded"}`, "Rate exceeded", ""},
		{"with a reason", "GetUser", reason, 400, `{"__type":"InvalidParameterException","message":"Why.","reasonCode":"because"}`, "Why.", ""},
		{"of the protocol", "GetUser", wire.ServiceUnavailableException(""), 503, `{"__type":"ServiceUnavailableException"}`, "", ""},
		{"lines and letters", "GetUser", told("InvalidParameter", "given_name: größer\r\nX-Evil: <1>\n"), 400,
			`{"__type":"InvalidParameterException","message":"given_name: größer\r\nX-Evil: <1>\n"}`, "given_name: grerX-Evil: <1>", ""},
		{"bytes that are no text", "GetUser", told("InvalidParameter", "a\xffb"), 400, `{"__type":"InvalidParameterException","message":"a` + "\uFFFD" + `b"}`, "ab", ""},
		{"long", "GetUser", told("InvalidParameter", long), 400, `{"__type":"InvalidParameterException","message":"` + strings.ReplaceAll(long, "\n", `\n`) + `"}`, strings.Repeat("x", 1024), ""},

		{"raw", "GetUser", errors.New("dial 192.0.2.7: secret"), 500, hush, "Internal server error", "dial 192.0.2.7: secret"},
		{"not declared", "GetUser", told("CodeMismatch", "No."), 500, hush, "Internal server error", "CodeMismatch: No."},
		{"not declared by the operation", "GetUser", wire.CodeMismatchException("No."), 500, hush, "Internal server error", "CodeMismatch"},
		{"without an exception", "GetUser", told("Nonsense", "No."), 500, hush, "Internal server error", "Nonsense: No."},
		{"of the store", "GetUser", fmt.Errorf("x: %w", userpool.ErrVersion), 500, hush, "Internal server error", "changed in between"},
		{"cancelled by the server", "GetUser", context.Canceled, 500, hush, "Internal server error", "context canceled"},
		{"operation with another internal error", "AddUserPoolClientSecret", errors.New("raw"), 500,
			`{"__type":"InternalServerException","message":"Internal server error"}`, "Internal server error", "raw"},

		{"substitute", "GlobalSignOut", userpool.NoSuchUser(), 400, `{"__type":"NotAuthorizedException","message":"Access Token has been revoked"}`, "Access Token has been revoked", ""},
		{"substitute that keeps the text", "AdminCreateUser", told("LimitExceeded", "Enough."), 400, `{"__type":"CodeDeliveryFailureException","message":"Enough."}`, "Enough.", ""},
		{"delivery at sign-in", "InitiateAuth", told("CodeDeliveryFailure", "No."), 400, `{"__type":"CodeDeliveryFailureException","message":"No."}`, "No.", ""},
		{"delivery elsewhere", "GetUser", told("CodeDeliveryFailure", "No."), 500, hush, "Internal server error", "CodeDeliveryFailure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv, log := door(t, &api{err: tt.err})
			got := post(t, srv.URL, tt.operation, everything, "Authorization", signature)
			srv.Close()
			if got.status != tt.status || got.body != tt.body {
				t.Errorf("got %d %s\nwant %d %s", got.status, got.body, tt.status, tt.body)
			}
			if text := got.header.Get("X-Amzn-Errormessage"); text != tt.header {
				t.Errorf("header: got %q, want %q", text, tt.header)
			}
			if name := got.fault(t).Type; got.header.Get("X-Amzn-Errortype") != name+":" || !strings.Contains(log.String(), "exception="+name) {
				t.Errorf("type %q, log: %s", got.header.Get("X-Amzn-Errortype"), log)
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "operation="+tt.operation) {
				t.Errorf("not one line of log: %s", log)
			}
			failed := strings.Contains(log.String(), "level=ERROR") && strings.Contains(log.String(), " cause")
			if failed != (tt.logged != "") || !strings.Contains(log.String(), tt.logged) {
				t.Errorf("want the cause %q in the log: %s", tt.logged, log)
			}
		})
	}
}

// TestEveryOperationHasAnInternalError answers a fault of the server at every operation.
func TestEveryOperationHasAnInternalError(t *testing.T) {
	t.Parallel()
	for _, op := range wire.Operations() {
		if e, ok := wire.NewException(op.InternalError, ""); !ok || e.Status != 500 {
			t.Errorf("%s: %q", op.Name, op.InternalError)
		}
	}
}
