package cognito

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	targetPrefix = "AWSCognitoIdentityProviderService"
	contentType  = "application/x-amz-json-1.1"

	bodyLimit         = 1 << 20 // bytes; nothing that the API takes comes near
	brandingBodyLimit = 2 << 20 // the documented limit of the branding operations
)

// Authenticator tells who calls a signed operation. Its errors are *wire.Exception.
type Authenticator interface {
	Authenticate(r *http.Request, body []byte) (userpool.Caller, error)
}

// Handler serves POST / of the API.
type Handler struct {
	API     *API
	Callers Authenticator
	Now     func() time.Time
	Log     *slog.Logger
	// Address gives the client's address of a request (behind a proxy, not the connection's).
	Address func(*http.Request) string
}

// exchange is one request on its way; it ends as one log line.
type exchange struct {
	id      string
	op      *wire.Operation
	note    *note
	started time.Time
	cause   error // behind an internal error
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{id: uuid.NewString(), started: h.Now(), note: &note{}}
	head := w.Header()
	head.Set("X-Amzn-Requestid", x.id)
	head.Set("Date", x.started.UTC().Format(http.TimeFormat)) // clients correct their clocks by it
	if r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	if r.Method != http.MethodPost {
		head.Set("Allow", "OPTIONS, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	out, err := h.serve(w, r, x)
	allowOrigin(head, r, x.op)
	head.Set("Content-Type", contentType)
	var body []byte
	status, name := http.StatusOK, ""
	if err == nil {
		body, err = wire.Encode(out)
	}
	if err != nil {
		e := h.exception(x, err)
		status, name = e.Status, e.Name
		body = writeException(head, e)
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // a client that hung up is nobody's error
	h.log(r, x, status, name)
}

// serve takes a request through the order of checks: target, JSON, signature, constraints, operation.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, x *exchange) (out any, err error) {
	op, err := operation(r)
	if err != nil {
		return nil, err
	}
	x.op = op
	limit := int64(bodyLimit)
	if strings.Contains(op.Name, "Branding") {
		limit = brandingBodyLimit
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, wire.RequestTooLargeException(fmt.Sprintf("The request body is larger than %d bytes.", limit))
		}
		return nil, wire.SerializationException("The request body could not be read.")
	}
	in, invalid := op.Decode(body)
	var e *wire.Exception
	if errors.As(invalid, &e) && wire.IsProtocol(e.Name) {
		return nil, invalid
	}
	caller := userpool.Caller{}
	if op.Caller == wire.Signed {
		if caller, err = h.Callers.Authenticate(r, body); err != nil {
			return nil, err
		}
	}
	if invalid != nil {
		return nil, invalid
	}
	caller.Address, caller.UserAgent = h.Address(r), r.UserAgent()
	ctx := withNote(userpool.WithCaller(r.Context(), caller), x.note)
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return op.Invoke(ctx, h.API, in)
}

// operation finds the operation that the target names. Names are compared exactly.
func operation(r *http.Request) (*wire.Operation, error) {
	unknown := wire.UnknownOperationException("")
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != contentType && media != "application/x-amz-json-1.0" {
		return nil, unknown
	}
	target := r.Header.Get("X-Amz-Target")
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 || target[:dot] != targetPrefix {
		return nil, unknown
	}
	op, ok := wire.Lookup(target[dot+1:])
	if !ok {
		return nil, unknown
	}
	return op, nil
}

func (h *Handler) log(r *http.Request, x *exchange, status int, exception string) {
	attrs := []slog.Attr{
		slog.String("request", x.id),
		slog.Int("status", status),
		slog.Duration("took", h.Now().Sub(x.started)),
	}
	if x.op != nil {
		attrs = append(attrs, slog.String("operation", x.op.Name))
	}
	attrs = append(attrs, x.note.attrs()...)
	level := slog.LevelInfo
	if exception != "" {
		attrs = append(attrs, slog.String("exception", exception))
	}
	if x.cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("cause", x.cause))
	}
	h.Log.LogAttrs(r.Context(), level, "request", attrs...)
}
