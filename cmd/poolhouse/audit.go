package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/poolhouse-id/poolhouse/internal/server"
)

// auditCommand reads the database beside a running server or without one.
type auditCommand struct {
	configFlag
	storageFlags

	Since     moment `placeholder:"TIME" help:"Only changes from then on: 2026-01-31, 2026-01-31T15:04:05Z, or a time ago such as 24h. UTC unless it says otherwise."`
	Until     moment `placeholder:"TIME" help:"Only changes before then."`
	Pool      string `placeholder:"ID" help:"Only changes in this user pool."`
	Key       string `placeholder:"ID" help:"Only changes with this access key; \"command line\" for those made with the command."`
	Operation string `placeholder:"NAME" help:"Only changes by operations whose name begins like this, such as AdminSet."`
	Limit     int    `placeholder:"N" help:"Only the newest N of them. Default: all."`
	JSON      bool   `help:"Print lines of JSON."`
}

// Run prints the changes, newest last.
func (c auditCommand) Run(ctx context.Context, con console) (err error) {
	if c.Limit < 0 {
		return errors.New("--limit must not be negative")
	}
	var cfg server.Config
	if err := c.storageFlags.apply(&cfg); err != nil {
		return err
	}
	log, err := server.OpenAuditLog(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	now := time.Now()
	q := server.AuditQuery{
		Since: c.Since.before(now), Until: c.Until.before(now), Pool: c.Pool, Who: c.Key, Operation: c.Operation,
		OldestFirst: c.Limit == 0, Limit: c.Limit,
	}
	show := func(e server.AuditEntry) error {
		if c.JSON {
			return json.NewEncoder(con.out).Encode(auditLineOf(e))
		}
		_, err := fmt.Fprintln(con.out, printable(auditText(e)))
		return err
	}
	if q.OldestFirst {
		return log.Each(ctx, q, show)
	}
	var newest []server.AuditEntry
	err = log.Each(ctx, q, func(e server.AuditEntry) error {
		newest = append(newest, e)
		return nil
	})
	for _, e := range slices.Backward(newest) {
		err = errors.Join(err, show(e))
	}
	return err
}

// auditText is an entry as a line: when (UTC), who, what, and what is known besides.
func auditText(e server.AuditEntry) string {
	parts := []string{e.Time.Format(time.DateTime), e.Who, e.Operation}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+quoted(value))
		}
	}
	add("pool", e.Pool)
	add("client", e.Client)
	add("sub", e.Sub)
	for _, name := range slices.Sorted(maps.Keys(e.Resource)) {
		add(name, e.Resource[name])
	}
	add("given", strings.Join(e.Members, ","))
	add("from", e.Address)
	add("agent", e.UserAgent)
	add("request", e.Request)
	return strings.Join(parts, "  ")
}

// quoted puts a value into quotes that could be taken for more than one.
func quoted(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r == '=' || r == '"' || !unicode.IsGraphic(r) || unicode.IsSpace(r) }) {
		return strconv.Quote(value)
	}
	return value
}

// auditLine is an entry as a line of JSON.
type auditLine struct {
	Time      string            `json:"time"` // RFC 3339, UTC
	Who       string            `json:"who"`
	Operation string            `json:"operation"`
	Pool      string            `json:"user_pool_id,omitempty"`
	Client    string            `json:"client_id,omitempty"`
	Sub       string            `json:"sub,omitempty"`
	Resource  map[string]string `json:"resource,omitempty"`
	Members   []string          `json:"members,omitempty"`
	Address   string            `json:"address,omitempty"`
	UserAgent string            `json:"user_agent,omitempty"`
	Request   string            `json:"request"`
}

func auditLineOf(e server.AuditEntry) auditLine {
	return auditLine{
		Time: e.Time.UTC().Format(time.RFC3339Nano), Who: e.Who, Operation: e.Operation, Pool: e.Pool, Client: e.Client,
		Sub: e.Sub, Resource: e.Resource, Members: e.Members, Address: e.Address, UserAgent: e.UserAgent, Request: e.Request,
	}
}

// auditDays makes 0, which a Config takes for its default, a fault like other numbers that are too small.
func auditDays(flag int) int {
	if flag == 0 {
		return -1
	}
	return flag
}

// moment is a time, or how long ago it was.
type moment struct {
	at  time.Time
	ago time.Duration
}

// UnmarshalText reads a date, a time or a duration.
func (m *moment) UnmarshalText(text []byte) error {
	for _, form := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if at, err := time.Parse(form, string(text)); err == nil {
			m.at = at.UTC()
			return nil
		}
	}
	ago, err := time.ParseDuration(string(text))
	if err != nil || ago <= 0 {
		return fmt.Errorf("%q is neither a time such as 2026-01-31 or 2026-01-31T15:04:05Z nor a time ago such as 24h", text)
	}
	m.ago = ago
	return nil
}

// before gives the time, seen from now; zero when none was given.
func (m moment) before(now time.Time) time.Time {
	if m.ago > 0 {
		return now.Add(-m.ago)
	}
	return m.at
}
