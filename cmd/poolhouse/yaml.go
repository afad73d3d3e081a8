package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// loadYAML reads a configuration file: one flat mapping whose keys are the names of flags.
func loadYAML(r io.Reader) (kong.Resolver, error) {
	values := settings{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the configuration file is not a YAML mapping of settings: %w", err)
	}
	return values, nil
}

type settings map[string]any

// Validate refuses a key that no command has a flag for, so that a slip of the pen is not ignored.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Leaves(true) {
		for _, flags := range command.AllFlags(true) {
			for _, f := range flags {
				known[f.Name] = true
			}
		}
	}
	var unknown []string
	for key := range s {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("the configuration file has settings that do not exist: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// Resolve gives the setting that has the flag's name.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := s[flag.Name]
	if !ok {
		return nil, nil
	}
	if list, isList := value.([]any); isList {
		texts := make([]string, len(list))
		for i, v := range list {
			texts[i] = fmt.Sprint(v)
		}
		return strings.Join(texts, ","), nil
	}
	return fmt.Sprint(value), nil
}
