package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// A bulk is a statement with a list of values or of rows, once for each of some lengths, because each has to be prepared.
type bulk [len(bulkSizes)]*statement

// bulkSizes are how many values or rows go in one statement: many, on PostgreSQL each is a trip to the server, fewer for
// what is left over, and one.
var bulkSizes = [...]int{256, 32, 1}

func newBulk(purpose string, text func(size int) string) (b bulk) {
	for i, size := range bulkSizes {
		b[i] = newStatement(purpose, text(size))
	}
	return b
}

// newBulkInsert makes statements out of their head, the number of columns, and their tail.
func newBulkInsert(purpose, head string, columns int, tail string) bulk {
	return newBulk(purpose, func(rows int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range rows {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			writeParameters(&b, i*columns+1, columns)
			b.WriteByte(')')
		}
		return b.String() + tail
	})
}

// newBulkDelete makes statements that delete a list of rows by a text and a number, whose parameters follow those of the
// head.
func newBulkDelete(purpose, head string, before int) bulk {
	return newBulk(purpose, func(rows int) string {
		var b strings.Builder
		b.WriteString(head + ` IN (VALUES (CAST($` + strconv.Itoa(before+1) + ` AS TEXT), CAST($` + strconv.Itoa(before+2) + ` AS BIGINT))`)
		for i := 1; i < rows; i++ {
			b.WriteString(`,(`)
			writeParameters(&b, before+1+2*i, 2)
			b.WriteByte(')')
		}
		b.WriteByte(')')
		return b.String()
	})
}

// newBulkLookup makes statements that look for each of a list of values, which one calls v.column1; their parameters
// follow its own. A condition with IN would leave PostgreSQL the choice to read the whole pool instead, which it takes as
// long as it has not noticed how many rows there are.
func newBulkLookup(purpose, one string, before int) bulk {
	return newBulk(purpose, func(values int) string {
		var b strings.Builder
		b.WriteString(`SELECT (` + one + `) FROM (VALUES `)
		for i := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			writeParameters(&b, before+1+i, 1)
			b.WriteByte(')')
		}
		b.WriteString(`) AS v`)
		return b.String()
	})
}

// next gives the statement for the beginning of a list of n, and how long the beginning is.
func (b bulk) next(n int) (st *statement, size int) {
	for i, size := range bulkSizes {
		if size <= n {
			return b[i], size
		}
	}
	return nil, 0
}

// nextPadded is next for lists in which the last one may come again: the beginning may be longer than the list.
func (b bulk) nextPadded(n int) (st *statement, size int) {
	few := len(bulkSizes) - 2
	if n > 1 && n < bulkSizes[few] {
		return b[few], bulkSizes[few]
	}
	return b.next(n)
}

func writeParameters(b *strings.Builder, first, n int) {
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
}

var (
	insertUsers = newBulkInsert("create users",
		`INSERT INTO users (pool_number, number, username, folded, sub, status, enabled, attributes, pending, mfa,
			created, modified, valid_after, version) VALUES `, 14, ` ON CONFLICT DO NOTHING`)
	insertSearches = newBulkInsert("make users searchable",
		`INSERT INTO search (pool_number, attribute, value, user_number) VALUES `, 4, ` ON CONFLICT DO NOTHING`)
	insertAliases = newBulkInsert("give aliases",
		`INSERT INTO aliases (pool_number, attribute, value, user_number) VALUES `, 4, ` ON CONFLICT DO NOTHING`)
	insertPasswords = newBulkInsert("store imported passwords",
		`INSERT INTO passwords (pool_number, user_number, salt, verifier, generation, set_at, temporary, hash) VALUES `, 8, ` ON CONFLICT DO NOTHING`)

	deleteSearches = newBulkDelete("make users not searchable",
		`DELETE FROM search WHERE pool_number = $1 AND attribute = $2 AND (value, user_number)`, 2)

	takenNames = newBulkLookup("look for user names",
		`SELECT u.folded FROM users u WHERE u.pool_number = $1 AND u.folded = v.column1`, 1)
	takenAliases = newBulkLookup("look for aliases",
		`SELECT a.value FROM aliases a WHERE a.pool_number = $1 AND a.attribute = $2 AND a.value = v.column1`, 2)
)

// insert inserts the rows, whose values follow each other. ErrExists when one of them is there already.
func (t *tx) insert(ctx context.Context, b bulk, columns int, values []any) error {
	n, err := t.insertMissing(ctx, b, columns, values)
	if err == nil && n < len(values)/columns {
		err = userpool.ErrExists
	}
	return err
}

// insertMissing inserts those of the rows that are not there, and tells how many.
func (t *tx) insertMissing(ctx context.Context, b bulk, columns int, values []any) (inserted int, err error) {
	for len(values) > 0 {
		st, rows := b.next(len(values) / columns)
		n, err := t.exec(ctx, st, values[:rows*columns]...)
		if err != nil {
			return inserted, err
		}
		inserted += int(n)
		values = values[rows*columns:]
	}
	return inserted, nil
}

// among tells which of the values a look-up finds. A list that does not fill its statement repeats its last value.
func (q *queries) among(ctx context.Context, b bulk, before []any, values []string) (map[string]bool, error) {
	found := map[string]bool{}
	for len(values) > 0 {
		st, size := b.nextPadded(len(values))
		n := min(len(values), size)
		args := append(make([]any, 0, len(before)+size), before...)
		for i := range size {
			args = append(args, values[min(i, n-1)])
		}
		if err := q.list(ctx, st, args, func(scan scanner) error {
			var value *string
			err := scan(&value)
			if value != nil {
				found[*value] = true
			}
			return err
		}); err != nil {
			return nil, err
		}
		values = values[n:]
	}
	return found, nil
}

// TakenNames implements userpool.ImportReader.
func (r reads) TakenNames(ctx context.Context, pool int64, folded []string) (map[string]bool, error) {
	return r.among(ctx, takenNames, []any{pool}, folded)
}

// TakenAliases implements userpool.ImportReader.
func (r reads) TakenAliases(ctx context.Context, pool int64, attribute string, values []string) (map[string]bool, error) {
	keys := make([]string, len(values))
	for i, value := range values {
		keys[i] = aliasKey(value)
	}
	found, err := r.among(ctx, takenAliases, []any{pool, attribute}, keys)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for i, value := range values {
		if found[keys[i]] {
			taken[value] = true
		}
	}
	return taken, nil
}

// Awaited implements userpool.ImportWriter.
func (t *tx) Awaited() bool { return t.session.awaited() }

// SearchEntries implements userpool.ImportReader.
func (r reads) SearchEntries(u *userpool.User) []userpool.SearchEntry {
	rows := searchRows(u.Attributes)
	entries := make([]userpool.SearchEntry, len(rows))
	for i, row := range rows {
		entries[i] = userpool.SearchEntry{Attribute: row.attribute, Value: row.value, User: u.Key.User}
	}
	return entries
}

// PutSearchEntries implements userpool.ImportWriter.
func (t *tx) PutSearchEntries(ctx context.Context, pool int64, entries []userpool.SearchEntry) error {
	if err := t.needPool(ctx, pool); err != nil {
		return err
	}
	values := make([]any, 0, 4*len(entries))
	for _, e := range entries {
		values = append(values, pool, e.Attribute, e.Value, e.User)
	}
	_, err := t.insertMissing(ctx, insertSearches, 4, values)
	return err
}

// DropSearchEntries implements userpool.ImportWriter.
func (t *tx) DropSearchEntries(ctx context.Context, pool int64, entries []userpool.SearchEntry) error {
	for len(entries) > 0 {
		attribute, n := entries[0].Attribute, 1
		for n < len(entries) && entries[n].Attribute == attribute {
			n++
		}
		st, size := deleteSearches.nextPadded(n)
		n = min(n, size)
		args := []any{pool, attribute}
		for i := range size { // a list that does not fill its statement repeats its last entry
			e := entries[min(i, n-1)]
			args = append(args, e.Value, e.User)
		}
		if _, err := t.exec(ctx, st, args...); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// CreateUsers implements userpool.ImportWriter. ErrNotFound when the pool is gone.
func (t *tx) CreateUsers(ctx context.Context, pool int64, users []userpool.ImportedUser) error {
	if len(users) == 0 {
		return nil
	}
	if err := t.needPool(ctx, pool); err != nil {
		return err
	}
	data, err := t.dataKey(ctx, pool)
	if err != nil {
		return err
	}
	var rows, searches, aliases, passwords []any
	for _, in := range users {
		u := in.User
		attributes, pending, mfa, err := encodeUser(u)
		if err != nil {
			return err
		}
		rows = append(rows, pool, u.Key.User, u.Username, in.Folded, u.Sub, string(u.Status), flag(u.Enabled), attributes, pending, mfa,
			micros(u.Created), micros(u.Modified), micros(u.ValidAfter), 1)
		if !in.Prepared {
			for _, row := range searchRows(u.Attributes) {
				searches = append(searches, pool, row.attribute, row.value, u.Key.User)
			}
		}
		for _, a := range in.Aliases {
			aliases = append(aliases, pool, a.Attribute, aliasKey(a.Value), u.Key.User)
		}
		if in.Hash != "" {
			p := userpool.Password{User: u.Key, Generation: 1, Hash: in.Hash}
			verifier, hash := sealPassword(data, &p)
			passwords = append(passwords, pool, u.Key.User, []byte{}, verifier, p.Generation, micros(u.Created), 0, hash)
		}
		u.Version = 1
	}
	t.users += len(users)
	if err := t.insert(ctx, insertUsers, 14, rows); err != nil {
		return err
	}
	if err := t.insert(ctx, insertSearches, 4, searches); err != nil {
		return err
	}
	if err := t.insert(ctx, insertAliases, 4, aliases); err != nil {
		return err
	}
	return t.insert(ctx, insertPasswords, 8, passwords)
}
