package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/poolhouse-id/poolhouse/internal/seal"
)

// TestSearchesTakeAPage asks SQLite how it lists users: each search is one range of the index that it orders by, which
// ends after a page, however large the pool is.
func TestSearchesTakeAPage(t *testing.T) {
	db := rawDB(openStore(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())}))
	for st, want := range map[*statement]string{
		usersOfPool:      "PRIMARY KEY (pool_number=? AND number>?)",
		usersByEnabled:   "INDEX users_enabled (pool_number=? AND (enabled,number)>(?,?) AND enabled<?)",
		usersByStatus:    "INDEX users_status (pool_number=? AND (status,number)>(?,?) AND status<?)",
		usersByName:      "INDEX users_folded (pool_number=? AND (folded,number)>(?,?) AND folded<?)",
		usersBySub:       "INDEX users_sub (pool_number=? AND (sub,number)>(?,?) AND sub<?)",
		usersByAttribute: "PRIMARY KEY (pool_number=? AND attribute=? AND (value,user_number)>(?,?) AND value<?)",
	} {
		var plan []string
		rows, err := db.Query("EXPLAIN QUERY PLAN "+st.text, make([]any, parameters(st.text))...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		if got := strings.Join(plan, "; "); !strings.Contains(got, want) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("to %s SQLite does: %s\nwant one with: %s", st.purpose, got, want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	for prefix, want := range map[string]string{
		"a": "b", "az": "a{", "a\x7f": "a\u0080", "ż": "ż"[:1] + "\xbd", "\ud7ff": "\ue000",
		"a\U0010FFFF": "b", "a\U0010FFFF\U0010FFFF": "b",
	} {
		if got := successor(prefix); got != want || got <= prefix || !utf8.ValidString(got) {
			t.Errorf("successor(%q) = %q, want %q", prefix, got, want)
		}
	}
	if got := successor("\U0010FFFF"); got <= strings.Repeat("\U0010FFFF", searchBound/4) {
		t.Error("a value is not below the end of everything")
	}
}
