package userpool

import (
	"context"
	"maps"
	"sync"
	"time"
)

// CommandLine is who changes something with the command, beside the server.
const CommandLine = "command line"

// AuditEntry says who changed what, when and from where. It holds no secret and no address of a user.
type AuditEntry struct {
	Time      time.Time // when the request came
	Request   string    // its id
	Who       string    // the id of an access key, or CommandLine
	Operation string
	Pool      string            // the ids of what it concerns, "" for none
	Client    string            //
	Sub       string            // of the user
	Resource  map[string]string // what else it concerns, by the name of the member that says so
	Members   []string          // names of the members that were given, sorted
	Address   string            // of who called
	UserAgent string
}

// AuditQuery chooses entries of the audit log. What is zero chooses all.
type AuditQuery struct {
	Since, Until time.Time // from, and before
	Pool, Who    string
	Operation    string // the beginning of a name

	OldestFirst bool
	After       *AuditEntry // the last entry seen, in the order that is asked for
	Limit       int
}

type AuditReader interface {
	// Audit lists entries of the audit log, newest first unless asked otherwise, at most Limit.
	Audit(ctx context.Context, q AuditQuery) ([]AuditEntry, error)
}

// Audit is the entry of one request on its way. The store enters it in the first unit of work of the request that
// changes something, and in no other. A nil Audit enters nothing.
type Audit struct {
	entry func() AuditEntry

	mu    sync.Mutex
	sub   string
	names map[string]string // what the request has made, by the member that names it afterwards
	taken bool
}

// NewAudit makes the entry of a request. entry is called when there is a change to enter, on the request's goroutine.
func NewAudit(entry func() AuditEntry) *Audit { return &Audit{entry: entry} }

// Concerns notes the user that the request is about, the first time.
func (a *Audit) Concerns(sub string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sub == "" {
		a.sub = sub
	}
}

// Names notes the id of what the request makes, by the name of the member that says it to other operations. In a unit of
// work that is run again the last one counts.
func (a *Audit) Names(member, id string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.names == nil {
		a.names = map[string]string{}
	}
	a.names[member] = id
}

// Entry gives the entry, unless it was entered already.
func (a *Audit) Entry() (e AuditEntry, due bool) {
	if a == nil {
		return e, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.taken {
		return e, false
	}
	e = a.entry()
	if e.Sub == "" {
		e.Sub = a.sub
	}
	e.Resource = maps.Clone(e.Resource)
	if e.Resource == nil {
		e.Resource = map[string]string{}
	}
	maps.Copy(e.Resource, a.names)
	return e, true
}

// Entered says that a unit of work with the entry is kept.
func (a *Audit) Entered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = true
}

type auditKey struct{}

// WithAudit puts the entry of a request into its context.
func WithAudit(ctx context.Context, a *Audit) context.Context {
	return context.WithValue(ctx, auditKey{}, a)
}

// AuditFrom gives the entry of a request, or nil.
func AuditFrom(ctx context.Context) *Audit {
	a, _ := ctx.Value(auditKey{}).(*Audit)
	return a
}
