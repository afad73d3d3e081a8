package main

import (
	"fmt"
	"strings"
)

// emitErrors writes the status table and a constructor per exception.
func emitErrors(m *model) (string, error) {
	var b strings.Builder
	b.WriteString("// exceptionStatus holds the HTTP status of every exception of the model.\nvar exceptionStatus = map[string]int{\n")
	var names []string
	for _, name := range sorted(m.Shapes) {
		s := m.Shapes[name]
		if !s.Exception {
			continue
		}
		if s.HTTPStatus < 400 || s.HTTPStatus > 599 {
			return "", fmt.Errorf("%s: status %d", name, s.HTTPStatus)
		}
		for k := range s.Members {
			if k != "message" && (name != "InvalidParameterException" || k != "reasonCode") {
				return "", fmt.Errorf("%s: member %s has no place in Exception", name, k)
			}
		}
		names = append(names, name)
		fmt.Fprintf(&b, "\t%q: %d,\n", name, s.HTTPStatus)
	}
	b.WriteString("}\n\n")
	for _, name := range names {
		s := m.Shapes[name]
		fmt.Fprintf(&b, "// %s is a %s fault, answered with HTTP status %d.\n", name, s.Fault, s.HTTPStatus)
		fmt.Fprintf(&b, "func %s(message string) *Exception {\n\treturn &Exception{Name: %[1]q, Status: %d, Message: message}\n}\n\n", name, s.HTTPStatus)
	}
	return b.String(), nil
}
