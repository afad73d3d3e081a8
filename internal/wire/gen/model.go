package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// model is the service model. Fields that say where a fact comes from are read,
// so that a new kind of fact is an error instead of being passed over.
type model struct {
	Service    jsontext.Value        `json:"service"`
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`
}

type operation struct {
	Input     string         `json:"input"`
	Output    string         `json:"output"` // empty: the response has no body
	Auth      string         `json:"auth"`
	SDKAuth   string         `json:"sdk_auth"`
	Errors    []string       `json:"errors"`
	Paginated jsontext.Value `json:"paginated"`
}

type shape struct {
	Type       string             `json:"type"`
	Members    map[string]*member `json:"members"`
	Member     string             `json:"member"` // shape of a list's elements
	Key        string             `json:"key"`    // shape of a map's keys
	Value      string             `json:"value"`  // shape of a map's values
	Min        *int64             `json:"min"`
	Max        *int64             `json:"max"`
	Pattern    string             `json:"pattern"`
	PatternRE2 string             `json:"pattern_re2"`
	Enum       []string           `json:"enum"`
	Sensitive  bool               `json:"sensitive"`
	Format     string             `json:"format"`

	Exception  bool   `json:"exception"`
	Fault      string `json:"fault"`
	HTTPStatus int    `json:"http_status"`

	HTTPErrorTrait     int      `json:"http_error_trait"`
	HTTPStatusAssumed  bool     `json:"http_status_assumed"`
	NameUnknown        bool     `json:"name_unknown"`
	ConstraintsSource  string   `json:"constraints_source"`
	ConstraintsUnknown bool     `json:"constraints_unknown"`
	DocumentedValues   []string `json:"documented_values"`
	DocumentedPattern  string   `json:"documented_pattern"`
}

type member struct {
	Shape      string         `json:"shape"`
	Required   bool           `json:"required"`
	Sensitive  bool           `json:"sensitive"`
	Deprecated bool           `json:"deprecated"`
	Default    jsontext.Value `json:"default"`
}

func readModel(file string) (*model, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m := new(model)
	if err := json.Unmarshal(data, m, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return m, m.check()
}

// check holds the model to what the emitters rely on.
func (m *model) check() error {
	known := func(where, name string) error {
		if m.Shapes[name] == nil {
			return fmt.Errorf("%s: unknown shape %q", where, name)
		}
		return nil
	}
	for _, name := range sorted(m.Operations) {
		op := m.Operations[name]
		if err := known(name, op.Input); err != nil {
			return err
		}
		if op.Output != "" {
			if err := known(name, op.Output); err != nil {
				return err
			}
		}
		if op.Auth != "none" && op.Auth != "sigv4" {
			return fmt.Errorf("%s: unknown auth %q", name, op.Auth)
		}
		if !slices.IsSorted(op.Errors) {
			return fmt.Errorf("%s: errors are not sorted", name)
		}
		for _, e := range op.Errors {
			if s := m.Shapes[e]; s == nil || !s.Exception {
				return fmt.Errorf("%s: %q is not an exception", name, e)
			}
		}
	}
	for _, name := range sorted(m.Shapes) {
		s := m.Shapes[name]
		var targets []string
		switch s.Type {
		case "structure":
			for _, k := range sorted(s.Members) {
				targets = append(targets, s.Members[k].Shape)
			}
		case "list":
			targets = []string{s.Member}
		case "map":
			targets = []string{s.Key, s.Value}
		}
		for _, target := range targets {
			if err := known(name, target); err != nil {
				return err
			}
		}
		if (s.Min != nil && *s.Min < 0) || (s.Max != nil && *s.Max < 0) {
			return fmt.Errorf("%s: negative limit", name)
		}
	}
	return nil
}

// structures returns the names of the structures that are not exceptions.
func (m *model) structures() []string {
	return slices.DeleteFunc(sorted(m.Shapes), func(name string) bool {
		s := m.Shapes[name]
		return s.Type != "structure" || s.Exception
	})
}

// requestShapes returns the names of all shapes that a request can hold.
func (m *model) requestShapes() []string {
	seen := make(map[string]bool)
	var visit func(name string)
	visit = func(name string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		s := m.Shapes[name]
		for _, k := range s.Members {
			visit(k.Shape)
		}
		visit(s.Member)
		visit(s.Key)
		visit(s.Value)
	}
	for _, op := range m.Operations {
		visit(op.Input)
	}
	return sorted(seen)
}

// sorted returns the keys in the model's order, which is that of their bytes.
func sorted[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
