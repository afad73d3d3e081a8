package store

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestNewerSchemaIsRefused(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		s := openStore(t, c)
		rawExec(t, s, "INSERT INTO migrations (version) VALUES (9999)")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "newer version") {
			t.Errorf("a database of a newer version opened with: %v", err)
		}
	})
}

func TestNewerDocumentIsRefused(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c Config) {
		s := openStore(t, c)
		p := poolOf(t, s, "us-east-1_one")
		rawExec(t, s, "UPDATE pools SET format = 2, stamp = 1")
		if _, err := s.Pool(t.Context(), p.ID); err == nil || !strings.Contains(err.Error(), "format 2") {
			t.Errorf("a document of a newer format was read with: %v", err)
		}
	})
}

// TestSchemasAgree compares the names of both engines' tables, columns and indexes, and looks for what PostgreSQL's
// relatives lack.
func TestSchemasAgree(t *testing.T) {
	names := func(engine string) (found []string) {
		files, err := fs.Glob(migrations, "migrations/"+engine+"/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			text, err := migrations.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, regexp.MustCompile(`(?m)^(CREATE .*|\t\w+)`).FindAllString(string(text), -1)...)
			if engine == "postgres" {
				if bad := regexp.MustCompile(`(?i)serial|create sequence|identity|trigger|function|procedure|nextval`).FindString(string(text)); bad != "" {
					t.Errorf("%s uses %q", file, bad)
				}
			}
		}
		return found
	}
	if sqlite, postgres := names("sqlite"), names("postgres"); !slices.Equal(sqlite, postgres) {
		t.Errorf("the schemas differ:\n%v\n%v", sqlite, postgres)
	}
}
