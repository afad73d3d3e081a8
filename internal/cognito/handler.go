package cognito

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	targetPrefix   = "AWSCognitoIdentityProviderService"
	contentType    = "application/x-amz-json-1.1"
	oldContentType = "application/x-amz-json-1.0" // taken too

	bodyLimit         = 1 << 20 // bytes; nothing that the API takes comes near
	brandingBodyLimit = 2 << 20 // the documented limit of the branding operations

	// A body up to smallBody is anybody's; of larger ones, few are in memory at a time.
	smallBody   = 16 << 10 // bytes
	largeBodies = 32
)

// Authenticator tells who calls a signed operation. Its errors are *wire.Exception.
type Authenticator interface {
	Authenticate(r *http.Request, body []byte) (userpool.Caller, error)
}

// Meter is told of each request of the API.
type Meter interface {
	Began()
	// Ended says how it was answered: operation is "" when the request names none, exception for a success.
	Ended(operation, exception string, took time.Duration)
}

// Handler serves POST / of the API.
type Handler struct {
	API     wire.API
	Callers Authenticator
	Now     func() time.Time
	Log     *slog.Logger
	// Address gives the client's address of a request (behind a proxy, not the connection's).
	Address func(*http.Request) string
	Meter   Meter // nil: nobody is told

	large atomic.Int32 // requests with a large body under way
}

// exchange is one request on its way; it ends as one log line.
type exchange struct {
	id      string
	op      *wire.Operation // nil until the target is known
	note    *note
	started time.Time
	cause   error // behind an internal error
}

// operation is the name of the operation, "" until it is known.
func (x *exchange) operation() string {
	if x.op == nil {
		return ""
	}
	return x.op.Name
}

// refusedMethod names the answer to a request that is no POST, which has no exception.
func refusedMethod(status int) string {
	if status == http.StatusMethodNotAllowed {
		return "MethodNotAllowed"
	}
	return ""
}

// ServeHTTP answers one request. Preflights are not logged: they say nothing about what is called.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{id: uuid.NewString(), started: h.Now(), note: &note{}}
	head := w.Header()
	head.Set("X-Amzn-Requestid", x.id)
	head.Set("Date", x.started.UTC().Format(http.TimeFormat)) // clients correct their clocks by it
	if r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	if h.Meter != nil {
		h.Meter.Began()
	}
	began := time.Now() // the clock of h may be moved meanwhile
	status, exception, body := http.StatusMethodNotAllowed, "", []byte(nil)
	if r.Method == http.MethodPost {
		var e *wire.Exception
		if body, e = h.answer(w, r, x); e == nil {
			status = http.StatusOK
		} else {
			status, exception = e.Status, e.Name
			body = writeException(head, e)
		}
		head.Set("Content-Type", contentType)
	} else {
		head.Set("Allow", "OPTIONS, POST")
	}
	allowOrigin(head, r, x.op)
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // a client that hung up is nobody's error
	if h.Meter != nil {
		h.Meter.Ended(x.operation(), cmp.Or(exception, refusedMethod(status)), time.Since(began))
	}
	h.log(r, x, status, exception)
}

// answer gives the body of the answer, or the exception. A panic below it is an internal error like any
// other; the stack goes to the log.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, x *exchange) (body []byte, e *wire.Exception) {
	defer func() {
		if p := recover(); p != nil {
			body, e = nil, h.exception(r.Context(), x, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	out, err := h.serve(w, r, x)
	if err == nil {
		body, err = wire.Encode(out)
	}
	if err != nil {
		return nil, h.exception(r.Context(), x, err)
	}
	return body, nil
}

// serve takes a request through the order of checks: target, JSON, signature, constraints, operation.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, x *exchange) (any, error) {
	op, err := operation(r)
	if err != nil {
		return nil, err
	}
	x.op, x.note.operation = op, op.Name
	body, large, err := h.readBody(w, r, op)
	if large {
		defer h.large.Add(-1)
	}
	if err != nil {
		return nil, err
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
		x.note.accessKey = caller.AccessKeyID
	}
	if invalid != nil {
		return nil, invalid
	}
	caller.Address, caller.UserAgent = h.Address(r), r.UserAgent()
	ctx := withNote(userpool.WithCaller(r.Context(), caller), x.note)
	if administers(op) {
		ctx = userpool.WithAudit(ctx, userpool.NewAudit(func() userpool.AuditEntry { return x.auditEntry(caller, in) }))
	}
	return op.Invoke(ctx, h.API, in)
}

// readBody reads the whole body, as far as the operation's limit. large says that it counts as a large one,
// whatever err is.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request, op *wire.Operation) (body []byte, large bool, err error) {
	limit := int64(bodyLimit)
	if strings.Contains(op.Name, "Branding") {
		limit = brandingBodyLimit
	}
	tooLarge := wire.RequestTooLargeException(fmt.Sprintf("The request body is larger than %d bytes.", limit))
	if r.ContentLength > limit {
		return nil, false, tooLarge
	}
	bounded := http.MaxBytesReader(w, r.Body, limit)
	body, err = io.ReadAll(io.LimitReader(bounded, smallBody+1))
	if err == nil && len(body) > smallBody {
		if h.large.Add(1) > largeBodies {
			w.Header().Set("Connection", "close") // else the answer waits for the rest
			return nil, true, wire.ServiceUnavailableException("Too many large requests are under way. Please try again.")
		}
		var rest []byte
		rest, err = io.ReadAll(bounded)
		body, large = append(body, rest...), true
	}
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, large, tooLarge
	}
	if err != nil {
		return nil, large, wire.SerializationException("The request body could not be read.")
	}
	return body, large, nil
}

// operation finds the operation that the target names. Names are compared exactly.
func operation(r *http.Request) (*wire.Operation, error) {
	unknown := wire.UnknownOperationException("")
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || media != contentType && media != oldContentType {
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
