package server

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Bounds of how long the audit log is kept, in days.
const (
	defaultAuditDays = 400
	maxAuditDays     = 36500
)

// AuditEntry and AuditQuery are the nouns of the audit log.
type (
	AuditEntry = userpool.AuditEntry
	AuditQuery = userpool.AuditQuery
)

// AuditLog reads the audit log in the database itself, beside a running server or without one.
type AuditLog struct{ store *store.Store }

// auditPage is how many entries are read at a time.
const auditPage = 500

// OpenAuditLog opens the database that the configuration names.
func OpenAuditLog(ctx context.Context, cfg Config) (*AuditLog, error) {
	db, _, err := openBeside(ctx, cfg, false)
	if err != nil {
		return nil, err
	}
	return &AuditLog{db}, nil
}

// Close closes the database.
func (l *AuditLog) Close() error { return l.store.Close() }

// Each calls each for the entries that the query chooses, in its order, until each fails. A limit of zero bounds nothing.
func (l *AuditLog) Each(ctx context.Context, q AuditQuery, each func(AuditEntry) error) error {
	left := q.Limit
	for {
		q.Limit = auditPage
		if left > 0 {
			q.Limit = min(left, auditPage)
		}
		page, err := l.store.Audit(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := each(e); err != nil {
				return err
			}
		}
		if left -= len(page); len(page) < q.Limit || left == 0 {
			return nil
		}
		q.After = &page[len(page)-1]
	}
}
