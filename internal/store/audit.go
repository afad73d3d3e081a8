package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// maxAuditText bounds each text of an entry, in bytes.
const maxAuditText = 512

// Entries are ordered by time and, at the same microsecond, by the request's id. Each filter has an index in that order;
// the most telling one that is asked for is used, and the others are checked on what it finds.
const (
	auditColumns = `at, request, who, operation, pool, client, sub, resource, members, address, user_agent`
	auditRange   = `(at, request) > ($1, $2) AND (at, request) < ($3, $4)`
	auditPool    = ` AND ($5 = '' OR pool = $5)`
	auditWho     = ` AND ($6 = '' OR who = $6)`
	auditPrefix  = ` AND ($7 = '' OR operation >= $7 AND operation < $8)`
	oldestFirst  = ` ORDER BY at, request LIMIT $9`
	newestFirst  = ` ORDER BY at DESC, request DESC LIMIT $9`
)

var (
	insertAudit = newStatement("enter a change into the audit log",
		`INSERT INTO audit (`+auditColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`).beside()

	auditByTime      = newAuditReading("", auditPool+auditWho+auditPrefix)
	auditByPool      = newAuditReading(" by pool", ` AND pool = $5 AND pool > ''`+auditWho+auditPrefix)
	auditByWho       = newAuditReading(" by access key", ` AND who = $6`+auditPool+auditPrefix)
	auditByOperation = newAuditReading(" by operation", ` AND operation >= $7 AND operation < $8`+auditPool+auditWho)

	sweepAudit = newStatement("sweep the audit log",
		`DELETE FROM audit WHERE (at, request) IN (SELECT at, request FROM audit WHERE at < $1 ORDER BY at LIMIT $2)`)
)

// auditReading is a statement in either order.
type auditReading struct{ oldest, newest *statement }

func newAuditReading(by, where string) auditReading {
	text := `SELECT ` + auditColumns + ` FROM audit WHERE ` + auditRange + where
	return auditReading{
		oldest: newStatement("read the audit log"+by, text+oldestFirst),
		newest: newStatement("read the audit log"+by+", newest first", text+newestFirst),
	}
}

// made is what a unit of work made, for the entries of requests that cannot name it yet.
type made struct {
	pool, client, sub string
	document          map[string]string
}

// enter enters the change of a unit of work, if it made one and its request has an entry that is due.
func (t *tx) enter(ctx context.Context, audit *userpool.Audit) (entered bool, err error) {
	if !t.changed {
		return false, nil
	}
	e, due := audit.Entry()
	if !due {
		return false, nil
	}
	for _, m := range []struct {
		field *string
		made  string
	}{{&e.Pool, t.made.pool}, {&e.Client, t.made.client}, {&e.Sub, t.made.sub}} {
		if *m.field == "" {
			*m.field = m.made
		}
	}
	for name, id := range t.made.document {
		if e.Resource[name] == "" {
			e.Resource[name] = id
		}
	}
	resource, err := encodeResource(e.Resource)
	if err != nil {
		return false, err
	}
	_, err = t.exec(ctx, insertAudit, micros(e.Time), e.Request, auditText(e.Who), auditText(e.Operation), auditText(e.Pool),
		auditText(e.Client), auditText(e.Sub), resource, strings.Join(e.Members, ","), auditText(e.Address), auditText(e.UserAgent))
	return err == nil, err
}

// encodeResource writes a JSON object, or nothing for none.
func encodeResource(r map[string]string) (string, error) {
	if len(r) == 0 {
		return "", nil
	}
	shown := make(map[string]string, len(r))
	for name, value := range r {
		shown[name] = auditText(value)
	}
	text, err := json.Marshal(shown, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("store: encode an entry of the audit log: %w", err)
	}
	return string(text), nil
}

// auditText makes a text fit for the log: what a caller sends must never keep a change from being entered.
func auditText(s string) string {
	if len(s) > maxAuditText {
		s = s[:maxAuditText]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// Audit implements userpool.AuditReader.
func (r reads) Audit(ctx context.Context, q userpool.AuditQuery) ([]userpool.AuditEntry, error) {
	type place struct {
		at      int64
		request string
	}
	from, to := place{at: math.MinInt64}, place{at: math.MaxInt64}
	if !q.Since.IsZero() {
		from.at = micros(q.Since)
	}
	if !q.Until.IsZero() {
		to.at = micros(q.Until)
	}
	reading := auditByTime
	switch {
	case q.Pool != "":
		reading = auditByPool
	case q.Who != "":
		reading = auditByWho
	case q.Operation != "":
		reading = auditByOperation
	}
	st := reading.newest
	if q.OldestFirst {
		st = reading.oldest
	}
	if q.After != nil {
		last := place{micros(q.After.Time), q.After.Request}
		if q.OldestFirst {
			from = last
		} else {
			to = last
		}
	}
	var entries []userpool.AuditEntry
	args := []any{from.at, from.request, to.at, to.request, q.Pool, q.Who, q.Operation, q.Operation + "\U0010ffff", q.Limit}
	err := r.list(ctx, st, args, func(scan scanner) error {
		e, err := scanAudit(scan)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

func scanAudit(scan scanner) (e userpool.AuditEntry, err error) {
	var at int64
	var resource, members string
	err = scan(&at, &e.Request, &e.Who, &e.Operation, &e.Pool, &e.Client, &e.Sub, &resource, &members, &e.Address, &e.UserAgent)
	if err != nil {
		return e, err
	}
	e.Time = fromMicros(at)
	if members != "" {
		e.Members = strings.Split(members, ",")
	}
	if resource != "" {
		if err := json.Unmarshal([]byte(resource), &e.Resource); err != nil {
			return e, fmt.Errorf("decode an entry of the audit log: %w", err)
		}
	}
	return e, nil
}

// sweepEntries removes entries that are older than they are kept for.
func (s *Store) sweepEntries(ctx context.Context, now time.Time) (int, error) {
	if s.auditFor <= 0 {
		return 0, nil
	}
	return s.sweepAll(ctx, sweepAudit, micros(now.Add(-s.auditFor)))
}
