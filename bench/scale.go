package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	_ "modernc.org/sqlite" // to see how large each table is
)

const (
	flatness  = 1.5    // times as long in the large pool, at most
	fileLimit = 1500e6 // bytes for a million users
	million   = 1_000_000
	pageSize  = 60
	hits      = 10 // users that a beginning finds
)

// pick spreads the i-th call over the users of the pool, so that a large one is not measured by a few warm pages.
func (t *target) pick(i int) int64 {
	return int64(uint64(i) * 0x9E3779B97F4A7C15 >> 20 % uint64(t.users))
}

// lookup is a request that must take as long in a large pool as in a small one.
type lookup struct {
	name string
	one  func(ctx context.Context, c *connection, p *process, t *target, i int) error
}

// lookups are all of them.
func lookups() []lookup {
	all := []lookup{
		{"AdminGetUser by name", func(ctx context.Context, c *connection, p *process, t *target, i int) error {
			return t.getUser(ctx, c, p, username(t.pick(i)))
		}},
		{"AdminGetUser by email alias", func(ctx context.Context, c *connection, p *process, t *target, i int) error {
			return t.getUser(ctx, c, p, attributes(t.pick(i))[0][1])
		}},
		{"AdminAddUserToGroup, AdminRemoveUserFromGroup", func(ctx context.Context, c *connection, p *process, t *target, i int) error {
			member := map[string]string{"UserPoolId": t.pool, "GroupName": group, "Username": username(t.pick(i))}
			if err := c.call(ctx, p, "AdminAddUserToGroup", member, nil); err != nil {
				return err
			}
			return c.call(ctx, p, "AdminRemoveUserFromGroup", member, nil)
		}},
		{"ListUsers, first page", func(ctx context.Context, c *connection, p *process, t *target, _ int) error {
			_, err := t.list(ctx, c, p, "", "", pageSize, pageSize)
			return err
		}},
		{"ListUsers, page in the middle", func(ctx context.Context, c *connection, p *process, t *target, _ int) error {
			_, err := t.list(ctx, c, p, "", t.middle, pageSize, pageSize)
			return err
		}},
	}
	for _, a := range append([][2]string{{"username", ""}}, attributes(0)...) {
		if a[0] == "email_verified" {
			continue
		}
		value := func(n int64) string {
			for _, b := range attributes(n) {
				if b[0] == a[0] {
					return b[1]
				}
			}
			return username(n)
		}
		all = append(all,
			lookup{"ListUsers " + a[0] + " =", func(ctx context.Context, c *connection, p *process, t *target, i int) error {
				_, err := t.list(ctx, c, p, fmt.Sprintf("%s = %q", a[0], value(t.pick(i))), "", pageSize, 1)
				return err
			}},
			lookup{"ListUsers " + a[0] + " ^=", func(ctx context.Context, c *connection, p *process, t *target, i int) error {
				begin := beginning(value(t.pick(i)))
				_, err := t.list(ctx, c, p, fmt.Sprintf("%s ^= %q", a[0], begin), "", pageSize, hits)
				return err
			}})
	}
	fixed := func(name, operator string, want int, value func(t *target, i int) string) lookup {
		return lookup{"ListUsers " + name + " " + operator, func(ctx context.Context, c *connection, p *process, t *target, i int) error {
			_, err := t.list(ctx, c, p, fmt.Sprintf("%s %s %q", name, operator, value(t, i)), "", hits, want)
			return err
		}}
	}
	sub := func(t *target, i int) string { return t.subs[i%len(t.subs)] }
	return append(all,
		fixed("sub", "=", 1, sub),
		fixed("sub", "^=", 1, func(t *target, i int) string { return sub(t, i)[:18] }),
		fixed("cognito:user_status", "=", hits, func(t *target, _ int) string { return t.status }),
		fixed("cognito:user_status", "^=", hits, func(t *target, _ int) string { return t.status[:4] }),
		fixed("status", "=", hits, func(*target, int) string { return "Enabled" }),
		fixed("status", "^=", hits, func(*target, int) string { return "En" }),
	)
}

// beginning is a value up to before the last digit of its number, which ten users share.
func beginning(value string) string {
	end := 0
	for i, r := range value {
		if r >= '0' && r <= '9' {
			end = i
		}
		if end > 0 && (r < '0' || r > '9') {
			break
		}
	}
	return value[:end]
}

func (t *target) getUser(ctx context.Context, c *connection, p *process, name string) error {
	return c.call(ctx, p, "AdminGetUser", map[string]string{"UserPoolId": t.pool, "Username": name}, nil)
}

// list asks for a page and checks how many it has; want < 0 checks nothing.
func (t *target) list(ctx context.Context, c *connection, p *process, filter, token string, limit, want int) (next string, err error) {
	in := map[string]any{"UserPoolId": t.pool, "Limit": limit}
	if filter != "" {
		in["Filter"] = filter
	}
	if token != "" {
		in["PaginationToken"] = token
	}
	var page struct {
		Users           []struct{ Username string }
		PaginationToken string
	}
	if err := c.call(ctx, p, "ListUsers", in, &page); err != nil {
		return "", err
	}
	if want >= 0 && len(page.Users) != want {
		return "", fmt.Errorf("ListUsers with the filter %s found %d users, want %d", filter, len(page.Users), want)
	}
	return page.PaginationToken, nil
}

// walk lists the whole pool, and notes the page in the middle.
func (t *target) walk(ctx context.Context, p *process) error {
	c := newConnection()
	defer c.http.CloseIdleConnections()
	began, pages := time.Now(), 0
	for token := ""; ; pages++ {
		next, err := t.list(ctx, c, p, "", token, pageSize, -1)
		if err != nil {
			return err
		}
		if pages == t.users/pageSize/2 {
			t.middle = next
		}
		if next == "" {
			break
		}
		token = next
	}
	took := time.Since(began)
	fmt.Printf("  all %d users in %d pages: %v, %v for a page\n", t.users, pages+1, took.Round(time.Millisecond), short(took/time.Duration(pages+1)))
	return nil
}

// turns are the measurements of a look-up in one pool.
type turns struct{ times, cpu []time.Duration }

// scale compares each look-up in the pools. They have their turns one after the other, again and again, so that what
// else the machine does hits all; times are medians.
func scale(ctx context.Context, p *process, targets []*target, o options) error {
	fmt.Printf("\nListUsers through the whole pool:\n")
	for _, t := range targets {
		if err := t.walk(ctx, p); err != nil {
			return err
		}
	}
	fmt.Printf("\nLook-ups on 4 connections, %d turns of %v for each size; time and server CPU of a request:\n", o.pairs, o.slice)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "look-up\t")
	for _, t := range targets {
		fmt.Fprintf(w, "%d users\tCPU\t", t.users)
	}
	for _, t := range targets[1:] {
		fmt.Fprintf(w, "%d/%d\t", t.users, targets[0].users)
	}
	fmt.Fprintln(w)
	var slow []string
	for _, l := range lookups() {
		measured := make([]turns, len(targets))
		for range o.pairs {
			for k, t := range targets {
				before := p.cpu()
				r := load(ctx, 4, o.slice, func(ctx context.Context, c *connection, i int) error { return l.one(ctx, c, p, t, i) })
				if r.err != nil {
					w.Flush() // what was measured so far
					return fmt.Errorf("%s: %w", l.name, r.err)
				}
				measured[k].times = append(measured[k].times, r.quantile(0.5))
				measured[k].cpu = append(measured[k].cpu, (p.cpu()-before)/time.Duration(max(1, len(r.each))))
			}
		}
		fmt.Fprintf(w, "%s\t", l.name)
		for _, m := range measured {
			fmt.Fprintf(w, "%v\t%v\t", short(median(m.times)), short(median(m.cpu)))
		}
		for k := range measured[1:] {
			r := ratio(measured[k+1].times, measured[0].times)
			fmt.Fprintf(w, "%.2f\t", r)
			if r > flatness {
				slow = append(slow, fmt.Sprintf("%s at %d (%.2f times the time, %.2f times the CPU)", l.name, targets[k+1].users, r, ratio(measured[k+1].cpu, measured[0].cpu)))
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	verdict(fmt.Sprintf("every look-up within %.1f times its time in the smallest pool", flatness), len(slow) == 0)
	for _, l := range slow {
		fmt.Printf("    %s\n", l)
	}
	return nil
}

// ratio is the median of what the turns of a large pool took against those of the small one beside them.
func ratio(large, small []time.Duration) float64 {
	var ratios []float64
	for i := range large {
		ratios = append(ratios, float64(large[i])/float64(small[i]))
	}
	return median(ratios)
}

// verdict prints a target with what became of it.
func verdict(target string, reached bool) {
	word := "pass"
	if !reached {
		word = "FAIL"
	}
	fmt.Printf("  %s: %s\n", word, target)
}

// sizes prints how large the database is that the server left, table by table.
func sizes(ctx context.Context, dir string, targets []*target) error {
	path := filepath.Join(dir, "poolhouse.db")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	users := 0
	for _, t := range targets {
		users += t.users
	}
	fmt.Printf("\nThe database file: %.0f MB with %d users in all, %.0f bytes a user\n", float64(info.Size())/1e6, users, float64(info.Size())/float64(users))
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT name, sum(pgsize), sum(unused) FROM dbstat GROUP BY name HAVING sum(pgsize) > 100000 ORDER BY 2 DESC`)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table or index\tMB\tunused\tbytes a user\t")
	var bytes, directory int64
	passwords := int64(0)
	for rows.Next() {
		var name string
		var unused int64
		if err := rows.Scan(&name, &bytes, &unused); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.1f\t%.0f%%\t%.0f\t\n", name, float64(bytes)/1e6, 100*float64(unused)/float64(bytes), float64(bytes)/float64(users))
		if name == "passwords" {
			passwords = bytes
		}
		if !slices.Contains([]string{"passwords", "audit", "audit_who", "audit_pool", "audit_operation", "grants", "refresh_tokens", "codes"}, name) {
			directory += bytes
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var verifiers int64
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM passwords`).Scan(&verifiers); err != nil {
		return err
	}
	fmt.Printf("A verifier adds %d bytes. ", passwords/max(1, verifiers))
	fmt.Printf("Users without passwords, sign-ins and the audit log: %.0f bytes each, %.2f GB for a million.\n",
		float64(directory)/float64(users), float64(directory)/float64(users)*million/1e9)
	verdict("1.5 GB for a million imported users", float64(directory)/float64(users)*million <= fileLimit)
	return nil
}
