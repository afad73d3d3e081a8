package server_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/poolhouse-id/poolhouse/"

// arrows says which rooms a room may know. docs/architecture.md draws the same.
var arrows = map[string][]string{
	"cmd/poolhouse":               {"internal/server", "internal/cognito", "internal/wire", "internal/delivery"},
	"poolhousetest":               {"internal/server", "internal/userpool"},
	"bench":                       {"internal/srp"},
	"internal/server":             {"*"},
	"internal/ledger":             nil,
	"internal/cognito":            {"internal/account", "internal/directory", "internal/risk", "internal/signin", "internal/token", "internal/userimport", "internal/userpool", "internal/wire"},
	"internal/oauth":              {"internal/token", "internal/userpool", "internal/wire"},
	"internal/console":            {"internal/userimport", "internal/userpool"},
	"internal/directory":          {"internal/federation", "internal/risk", "internal/token", "internal/userpool", "internal/wire"},
	"internal/account":            {"internal/federation", "internal/password", "internal/risk", "internal/userpool", "internal/wire"},
	"internal/signin":             {"internal/password", "internal/risk", "internal/srp", "internal/token", "internal/userpool", "internal/wire"},
	"internal/password":           {"internal/limits", "internal/srp", "internal/userpool"},
	"internal/userimport":         {"internal/password", "internal/userpool", "internal/wire"},
	"internal/token":              {"internal/limits", "internal/userpool", "internal/wire"},
	"internal/caller":             {"internal/userpool", "internal/wire"},
	"internal/store":              {"internal/seal", "internal/userpool", "internal/wire"},
	"internal/store/storetest":    {"internal/seal", "internal/userpool", "internal/wire"},
	"internal/store/postgrestest": nil,
	"internal/delivery":           {"internal/userpool", "internal/wire"},
	"internal/userpool":           {"internal/wire"},
	"internal/wire":               nil,
	"internal/wire/gen":           nil,
	"internal/srp":                nil,
	"internal/seal":               nil,
	"internal/limits":             nil,
	"internal/metrics":            nil,
	"internal/federation":         {"internal/wire"},
	"internal/risk":               {"internal/userpool", "internal/wire"},
	"internal/outbound":           {"internal/userpool"},
}

// core lists the rooms that know neither HTTP nor SQL.
var core = []string{
	"internal/directory", "internal/account", "internal/signin", "internal/password", "internal/token", "internal/userpool",
	"internal/srp", "internal/seal", "internal/limits", "internal/federation", "internal/risk",
	"internal/userimport",
}

func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		room := strings.TrimPrefix(fields[0], module)
		may, known := arrows[room]
		if !known {
			t.Errorf("the room %s is not on the map: add it here and to docs/architecture.md", room)
			continue
		}
		for _, imported := range fields[1:] {
			if slices.Contains(core, room) && (imported == "net/http" || imported == "database/sql") {
				t.Errorf("%s is core and imports %s", room, imported)
			}
			to, ours := strings.CutPrefix(imported, module)
			if ours && !slices.Contains(may, to) && !slices.Contains(may, "*") {
				t.Errorf("%s → %s is no arrow of the house", room, to)
			}
			if strings.HasSuffix(to, "test") && ours && room != "poolhousetest" {
				t.Errorf("%s ships and imports the test package %s", room, to)
			}
		}
	}
}
