package store

import "testing"

func TestWithoutNames(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT a FROM b":                            "SELECT a FROM b",
		"SELECT a FROM b WHERE c = $1 AND d = $2":    "SELECT a FROM b WHERE c = ? AND d = ?",
		"SELECT a FROM b WHERE c = $2 AND d = $1":    "SELECT a FROM b WHERE c = $2 AND d = $1",
		"SELECT a FROM b WHERE c = $1 AND d = $1":    "SELECT a FROM b WHERE c = $1 AND d = $1",
		"SELECT a FROM b WHERE $1 = '' OR c IN ($2)": "SELECT a FROM b WHERE ? = '' OR c IN (?)",
	} {
		if got := withoutNames(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
