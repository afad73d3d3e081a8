package store

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// searchable are the attributes that users can be searched by, under the numbers that the table has for them.
var searchable = map[string]int64{
	userpool.Email: 1, userpool.PhoneNumber: 2, "name": 3, "given_name": 4, "family_name": 5, userpool.PreferredUsername: 6,
}

// searchBound is how many bytes of a value are in the table. PostgreSQL takes about 2,700 bytes in an entry of an
// index; a value of an attribute can have 6,144.
const searchBound = 256

// searchRow is what the table search holds of one attribute of a user.
type searchRow struct {
	attribute int64
	value     string
}

// searchRows gives the rows by which a user with those attributes is found.
func searchRows(a userpool.Attributes) []searchRow {
	var rows []searchRow
	for _, at := range a {
		code := searchable[at.Name]
		if value := cutText(foldSearch(at.Value), searchBound); code != 0 && value != "" {
			rows = append(rows, searchRow{code, value})
		}
	}
	return rows
}

// foldSearch gives a stored value as it is searched for. A zero byte is left out, since no database holds one.
func foldSearch(value string) string {
	return strings.ReplaceAll(strings.ToLower(value), "\x00", "")
}

// cutText gives the whole letters among the first bytes of a text.
func cutText(text string, bound int) string {
	if len(text) <= bound {
		return text
	}
	for !utf8.RuneStart(text[bound]) {
		bound--
	}
	return text[:bound]
}

var (
	insertSearch = newStatement("make a user searchable",
		`INSERT INTO search (pool_number, attribute, value, user_number) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`)
	deleteSearch = newStatement("make a user not searchable",
		`DELETE FROM search WHERE pool_number = $1 AND attribute = $2 AND value = $3 AND user_number = $4`)
	sweepSearchOfPool = newStatement("sweep what the users of a pool are searched by",
		`DELETE FROM search WHERE (pool_number, attribute, value, user_number) IN
		(SELECT pool_number, attribute, value, user_number FROM search WHERE pool_number = $1 LIMIT $2)`)
	userAttributes = newStatement("read a user's attributes",
		`SELECT attributes FROM users WHERE pool_number = $1 AND number = $2`)
)

// updateSearch makes the rows of the user those of the new attributes. The old ones are as the store has them.
func (t *tx) updateSearch(ctx context.Context, key userpool.UserKey, old, new userpool.Attributes) error {
	before, after := searchRows(old), searchRows(new)
	for _, row := range before {
		if slices.Contains(after, row) {
			continue
		}
		if _, err := t.exec(ctx, deleteSearch, key.Pool, row.attribute, row.value, key.User); err != nil {
			return err
		}
	}
	for _, row := range after {
		if slices.Contains(before, row) {
			continue
		}
		if _, err := t.exec(ctx, insertSearch, key.Pool, row.attribute, row.value, key.User); err != nil {
			return err
		}
	}
	return nil
}

// storedAttributes are the attributes of a user before this unit of work changes them; ErrNotFound when the user is gone.
func (t *tx) storedAttributes(ctx context.Context, key userpool.UserKey) (userpool.Attributes, error) {
	var text []byte
	if err := t.one(ctx, userAttributes, []any{key.Pool, key.User}, &text); err != nil {
		return nil, err
	}
	return decodeAttributes(text)
}

// Each of these lists a part of an index, with the value that orders it: what follows a mark, up to a value that is
// beyond.
var (
	usersOfPool = newStatement("list users",
		`SELECT `+userColumns+`, '' FROM users u WHERE u.pool_number = $1 AND u.number > $2 ORDER BY u.number LIMIT $3`)
	usersByEnabled = newStatement("list users who are enabled or not",
		`SELECT `+userColumns+`, CASE u.enabled WHEN 0 THEN 'Disabled' ELSE 'Enabled' END FROM users u
		WHERE u.pool_number = $1 AND (u.enabled, u.number) > ($2, $3) AND u.enabled < $4 ORDER BY u.enabled, u.number LIMIT $5`)
	usersByStatus = newStatement("list users by status",
		`SELECT `+userColumns+`, u.status FROM users u
		WHERE u.pool_number = $1 AND (u.status, u.number) > ($2, $3) AND u.status < $4 ORDER BY u.status, u.number LIMIT $5`)
	usersByName = newStatement("list users by name",
		`SELECT `+userColumns+`, u.folded FROM users u
		WHERE u.pool_number = $1 AND (u.folded, u.number) > ($2, $3) AND u.folded < $4 ORDER BY u.folded LIMIT $5`)
	usersBySub = newStatement("list users by sub",
		`SELECT `+userColumns+`, u.sub FROM users u
		WHERE u.pool_number = $1 AND (u.sub, u.number) > ($2, $3) AND u.sub < $4 ORDER BY u.sub LIMIT $5`)
	usersByAttribute = newStatement("list users by attribute",
		`SELECT `+userColumns+`, s.value FROM search s
		JOIN users u ON u.pool_number = s.pool_number AND u.number = s.user_number
		WHERE s.pool_number = $1 AND s.attribute = $2 AND (s.value, s.user_number) > ($3, $4) AND s.value < $5
		ORDER BY s.value, s.user_number LIMIT $6`)
)

// hit is a user who was found, with the value of their mark.
type hit struct {
	user  *userpool.User
	value string
}

// hits runs a statement that lists users.
func (q *queries) hits(ctx context.Context, st *statement, args ...any) ([]hit, error) {
	var hits []hit
	err := q.list(ctx, st, args, func(scan scanner) error {
		var row userRow
		var value string
		if err := scan(append(row.fields(), &value)...); err != nil {
			return err
		}
		u, err := row.open()
		hits = append(hits, hit{u, value})
		return err
	})
	return hits, err
}

// Users implements userpool.UserReader.
func (r reads) Users(ctx context.Context, pool int64, s userpool.UserSearch) ([]*userpool.User, userpool.UserMark, error) {
	hits, err := r.search(ctx, pool, s)
	if err != nil {
		return nil, userpool.UserMark{}, err
	}
	var next userpool.UserMark
	if len(hits) > s.Limit {
		hits = hits[:s.Limit]
		if s.Limit > 0 {
			last := hits[s.Limit-1]
			next = userpool.UserMark{Value: last.value, User: last.user.Key.User}
		}
	}
	users := make([]*userpool.User, 0, len(hits))
	for _, h := range hits {
		if matches(h, s) {
			users = append(users, h.user)
		}
	}
	return users, next, nil
}

// matches compares what the table does not hold: the rest of a long value.
func matches(h hit, s userpool.UserSearch) bool {
	has, wanted := foldSearch(h.user.Attributes.Get(s.By)), strings.ToLower(s.Value)
	if searchable[s.By] == 0 || len(wanted) <= searchBound && s.Prefix {
		return true
	}
	return has == wanted || s.Prefix && strings.HasPrefix(has, wanted)
}

// search gives the users that may match, one more than the limit if there are more.
func (r reads) search(ctx context.Context, pool int64, s userpool.UserSearch) ([]hit, error) {
	limit := s.Limit + 1
	switch s.By {
	case "":
		return r.hits(ctx, usersOfPool, pool, s.After.User, limit)
	case userpool.SearchEnabled:
		from, to := enabledRange(s)
		return r.hits(ctx, usersByEnabled, pool, from, s.After.User, to, limit)
	case userpool.SearchUserStatus:
		from, to := searchRange(strings.ToUpper(s.Value), s)
		return r.hits(ctx, usersByStatus, pool, from.Value, from.User, to, limit)
	case userpool.SearchUsername:
		from, to := searchRange(s.Value, s)
		return r.hits(ctx, usersByName, pool, from.Value, from.User, to, limit)
	case userpool.Sub:
		from, to := searchRange(strings.ToLower(s.Value), s)
		return r.hits(ctx, usersBySub, pool, from.Value, from.User, to, limit)
	}
	value := strings.ToLower(s.Value)
	if len(value) > searchBound {
		s.Prefix = false // all that the table has of the value is equal
	}
	from, to := searchRange(cutText(value, searchBound), s)
	return r.hits(ctx, usersByAttribute, pool, searchable[s.By], from.Value, from.User, to, limit)
}

// searchRange gives the mark after which a search goes on, and a value that is beyond its last one. No user has the
// number 0, and no value a zero byte.
func searchRange(value string, s userpool.UserSearch) (from userpool.UserMark, to string) {
	from = s.After
	if from == (userpool.UserMark{}) {
		from.Value = value
	}
	if !s.Prefix {
		return from, value + "\x01"
	}
	return from, successor(value)
}

// enabledRange gives the first value of the column enabled that matches or is to be gone on with, and one beyond.
func enabledRange(s userpool.UserSearch) (from, to int64) {
	from = 2
	for value, text := range []string{"Disabled", "Enabled"} {
		if text < s.After.Value || text != s.Value && !(s.Prefix && strings.HasPrefix(text, s.Value)) {
			continue
		}
		from, to = min(from, int64(value)), int64(value)+1
	}
	return from, to
}

// successor is the lowest text above every text with that prefix.
func successor(prefix string) string {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case r == 0xD7FF:
			return prefix + "\uE000" // what lies between is no text
		case r < utf8.MaxRune:
			return prefix + string(r+1)
		}
	}
	return strings.Repeat(string(utf8.MaxRune), searchBound) // longer than what is searched
}
