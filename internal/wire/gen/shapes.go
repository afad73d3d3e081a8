package main

import (
	"fmt"
	"strings"
)

// emitShapes writes a struct for every structure and a string type with
// constants for every enumeration.
func emitShapes(m *model) (string, error) {
	masks, err := newMasks(m)
	if err != nil {
		return "", err
	}
	return emitTypes(m, masks)
}

func emitTypes(m *model, masks masks) (string, error) {
	var b strings.Builder
	b.WriteString("import (\n\t\"log/slog\"\n\n\t\"github.com/go-json-experiment/json/jsontext\"\n)\n\n")
	taken := make(map[string]string) // Go name to where it comes from
	claim := func(name, from string) error {
		if other, ok := taken[name]; ok {
			return fmt.Errorf("%s and %s are both called %s", other, from, name)
		}
		taken[name] = from
		return nil
	}
	for _, name := range sorted(m.Shapes) {
		if m.Shapes[name].Enum == nil {
			continue
		}
		if err := claim(goName(name), name); err != nil {
			return "", err
		}
		for _, value := range m.Shapes[name].Enum {
			if err := claim(goName(name)+valueName(value), name+"."+value); err != nil {
				return "", err
			}
		}
		emitEnumeration(&b, goName(name), m.Shapes[name].Enum)
	}
	uses := shapeUses(m)
	for _, name := range m.structures() {
		if err := claim(goName(name), name); err != nil {
			return "", err
		}
		if err := emitStructure(&b, m, name, uses[name], masks); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func emitEnumeration(b *strings.Builder, goType string, values []string) {
	fmt.Fprintf(b, "// %s is an enumeration of the service model.\ntype %[1]s string\n\n", goType)
	fmt.Fprintf(b, "// Values of %s.\nconst (\n", goType)
	for _, value := range values {
		fmt.Fprintf(b, "\t%s%s %[1]s = %[3]q\n", goType, valueName(value), value)
	}
	b.WriteString(")\n\n")
}

// shapeUses says of inputs and outputs which operation they belong to.
func shapeUses(m *model) map[string]string {
	uses := make(map[string]string)
	for name, op := range m.Operations {
		uses[op.Input] = "is the input of " + name
		uses[op.Output] = "is the output of " + name
	}
	return uses
}

func emitStructure(b *strings.Builder, m *model, name, use string, masks masks) error {
	if use == "" {
		use = "is a structure of the service model"
	}
	goType := goName(name)
	fmt.Fprintf(b, "// %s %s.\ntype %[1]s struct {\n", goType, use)
	fields := make(map[string]bool)
	for _, k := range sorted(m.Shapes[name].Members) {
		member := m.Shapes[name].Members[k]
		if fields[goName(k)] {
			return fmt.Errorf("%s: two members are called %s", name, goName(k))
		}
		fields[goName(k)] = true
		fieldType, omit, err := goField(m, member)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, k, err)
		}
		tag := fmt.Sprintf("json:%q", k+omit)
		if masks.hide(name, k) {
			tag += ` log:"masked"`
		}
		var notes []string
		if member.Required {
			notes = append(notes, "required")
		}
		if member.Deprecated {
			notes = append(notes, "deprecated by the service")
		}
		fmt.Fprintf(b, "\t%s %s `%s`", goName(k), fieldType, tag)
		if len(notes) > 0 {
			fmt.Fprintf(b, " // %s", strings.Join(notes, ", "))
		}
		b.WriteString("\n")
	}
	b.WriteString("}\n\n")
	fmt.Fprintf(b, "// LogValue masks what a log must not hold.\nfunc (v %s) LogValue() slog.Value { return logValue(v) }\n\n", goType)
	fmt.Fprintf(b, "// String is the text of LogValue.\nfunc (v %s) String() string { return logValue(v).String() }\n\n", goType)
	return nil
}

// goField returns a member's Go type and the option of its tag that leaves it
// out when it is absent.
func goField(m *model, k *member) (goType, omit string, err error) {
	optional := func(scalar string) (string, string, error) {
		if k.Required {
			return scalar, "", nil
		}
		return "*" + scalar, ",omitzero", nil
	}
	s := m.Shapes[k.Shape]
	switch s.Type {
	case "string":
		if k.Required {
			return valueType(m, k.Shape), "", nil
		}
		return valueType(m, k.Shape), ",omitempty", nil
	case "boolean", "integer", "long":
		return optional(valueType(m, k.Shape))
	case "structure":
		return "*" + goName(k.Shape), ",omitzero", nil
	case "list", "map", "timestamp", "blob", "document":
		return valueType(m, k.Shape), ",omitzero", nil
	default:
		return "", "", fmt.Errorf("shape %s: unknown type %q", k.Shape, s.Type)
	}
}

// valueType returns the Go type of a shape's present values.
func valueType(m *model, name string) string {
	s := m.Shapes[name]
	switch s.Type {
	case "string":
		if s.Enum != nil {
			return goName(name)
		}
		return "string"
	case "boolean":
		return "bool"
	case "integer":
		return "int32"
	case "long":
		return "int64"
	case "timestamp":
		return "Timestamp"
	case "blob":
		return "[]byte"
	case "document":
		return "jsontext.Value"
	case "list":
		return "[]" + valueType(m, s.Member)
	case "map":
		return "map[" + valueType(m, s.Key) + "]" + valueType(m, s.Value)
	default:
		return goName(name)
	}
}
