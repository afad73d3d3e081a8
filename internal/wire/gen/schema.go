package main

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// judgedByOperation is the enumeration that is no constraint of the protocol:
	// the operations answer for a wrong value in words of their own.
	judgedByOperation = "AttributeDataType"
	// mayBeBlank is the shape whose pattern a blank value need not match: that is
	// how a user without a password is made.
	mayBeBlank = "PasswordType"
	// mayHaveDots is the shape whose pattern holds for prefixes, while host names have it too: the operations judge
	// both in words of their own.
	mayHaveDots = "DomainType"
)

// emitSchemas writes the constraint table of every shape that a request can
// hold.
func emitSchemas(m *model) (string, error) {
	var b strings.Builder
	for _, name := range m.requestShapes() {
		s := m.Shapes[name]
		fmt.Fprintf(&b, "var %s = schema{\n\tkind: %sKind,\n", schemaName(name), s.Type)
		if s.Min != nil || s.Max != nil {
			fmt.Fprintf(&b, "\tsize: &bounds{%s, %s},\n", bound(s.Min), bound(s.Max))
		}
		if s.Pattern != "" && name != mayHaveDots {
			expr, err := goPattern(s)
			if err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			if name == mayBeBlank {
				expr = strings.TrimSuffix(expr, "+") + "*"
			}
			fmt.Fprintf(&b, "\tpattern: &pattern{text: %s", quote(s.Pattern))
			if expr != s.Pattern {
				fmt.Fprintf(&b, ", expr: %s", quote(expr))
			}
			b.WriteString("},\n")
		}
		if s.Enum != nil && name != judgedByOperation {
			fmt.Fprintf(&b, "\tvalues: []string{\"%s\"},\n", strings.Join(s.Enum, `", "`))
		}
		if s.Sensitive {
			b.WriteString("\tsensitive: true,\n")
		}
		if len(s.Members) > 0 {
			b.WriteString("\tmembers: []member{\n")
			for _, k := range sorted(s.Members) {
				member := s.Members[k]
				fmt.Fprintf(&b, "\t\t{%q, %t, &%s},\n", k, member.Required, schemaName(member.Shape))
			}
			b.WriteString("\t},\n")
		}
		switch s.Type {
		case "list":
			fmt.Fprintf(&b, "\telement: &%s,\n", schemaName(s.Member))
		case "map":
			fmt.Fprintf(&b, "\tkey: &%s,\n\telement: &%s,\n", schemaName(s.Key), schemaName(s.Value))
		}
		b.WriteString("}\n\n")
	}
	return b.String(), nil
}

func schemaName(shape string) string { return "schema" + goName(shape) }

func bound(limit *int64) string {
	if limit == nil {
		return "unbounded"
	}
	return strconv.FormatInt(*limit, 10)
}

// quote prefers a raw literal, in which a pattern reads as the model has it.
func quote(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}
