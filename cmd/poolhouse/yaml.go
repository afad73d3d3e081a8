package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

const maxConfig = 1 << 20 // bytes of a configuration file

// configFlag is for commands that read their settings from a file, too.
type configFlag struct {
	Config kong.ConfigFlag `placeholder:"FILE" help:"YAML file with settings: names of flags as keys. Flags and the environment win over it."`
}

// loadYAML reads a configuration file: one flat mapping whose keys are the names of flags. Its errors quote
// nothing of the file, which may be the wrong one.
func loadYAML(r io.Reader) (kong.Resolver, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the configuration file cannot be read: %w", err)
	case len(text) > maxConfig:
		return nil, fmt.Errorf("the configuration file is larger than %d bytes", maxConfig)
	}
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("the configuration file is not YAML: %w", err)
	}
	values := settings{}
	if len(file.Content) == 0 { // empty, or only comments
		return values, nil
	}
	mapping := file.Content[0]
	if mapping.Kind != yaml.MappingNode {
		return nil, errors.New("the configuration file is not a YAML mapping of settings, such as listen: 127.0.0.1:9229")
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if _, twice := values[key.Value]; twice {
			return nil, fmt.Errorf("line %d of the configuration file sets %s for the second time", key.Line, key.Value)
		}
		values[key.Value] = mapping.Content[i+1]
	}
	return values, nil
}

type settings map[string]*yaml.Node

// Validate refuses a key that is no flag of a command that reads the file, so that a slip of the pen is not
// ignored.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Leaves(true) {
		if !slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "config" }) {
			continue
		}
		for _, f := range command.Flags {
			known[f.Name] = f.Name != "config"
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

// Resolve gives the setting that has the flag's name, unless the environment has it. The text stands as it was
// written: an account id keeps its zeros.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	node, ok := s[flag.Name]
	if !ok || slices.ContainsFunc(flag.Tag.Envs, inEnvironment) {
		return nil, nil
	}
	values := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode && flag.IsSlice() {
		values = node.Content
	}
	var texts []string
	for _, value := range values {
		switch {
		case value.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("line %d of the configuration file must hold plain text", value.Line)
		case value.Tag != "!!null":
			texts = append(texts, value.Value)
		}
	}
	switch {
	case len(texts) == 0: // nothing stands behind the colon
		return nil, nil
	case flag.IsSlice() && node.Kind == yaml.SequenceNode:
		return kong.JoinEscaped(texts, ','), nil
	}
	return texts[0], nil
}

func inEnvironment(name string) bool {
	_, ok := os.LookupEnv(name)
	return ok
}
