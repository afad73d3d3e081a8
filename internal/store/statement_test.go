package store

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/seal"
)

// TestStatementsUseIndexes asks SQLite how it runs each statement: it must search, never walk a table or an index
// from end to end.
func TestStatementsUseIndexes(t *testing.T) {
	db := rawDB(openStore(t, Config{SQLitePath: t.TempDir() + "/poolhouse.db", Kind: Serve, Key: oneKey(seal.NewKey())}))
	for _, st := range statements {
		if verb, _, _ := strings.Cut(st.text, " "); strings.Contains("BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE", verb) {
			continue
		}
		rows, err := db.Query("EXPLAIN QUERY PLAN "+st.text, make([]any, parameters(st.text))...)
		if err != nil {
			t.Errorf("%s: %v", st.purpose, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			// The statement's own rows, which it calls v.
			own := strings.HasSuffix(detail, "VALUES CLAUSE") || detail == "SCAN CONSTANT ROW" || detail == "SCAN v"
			if strings.HasPrefix(detail, "SCAN") && !own {
				t.Errorf("to %s SQLite walks through everything: %s\n\t%s", st.purpose, detail, st.text)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// parameters is the highest number of a parameter in SQL.
func parameters(text string) (most int) {
	for _, found := range parameter.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(found[1])
		most = max(most, n)
	}
	return most
}

// TestStatementsAreInTheCommonDialect looks for what one engine or the conventions do not have.
func TestStatementsAreInTheCommonDialect(t *testing.T) {
	for _, st := range statements {
		for _, foreign := range []string{"SELECT *", " LIKE ", "?", "::", " ILIKE ", "rowid", "now()", "AUTOINCREMENT", "SERIAL"} {
			if strings.Contains(strings.ToUpper(st.text), strings.ToUpper(foreign)) {
				t.Errorf("to %s a statement uses %q: %s", st.purpose, foreign, st.text)
			}
		}
	}
}
