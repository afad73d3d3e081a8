package main

import (
	"fmt"
	"strings"
)

// emitOperations writes the operation table, the interface with a method per
// operation, and the type that answers for those without a handler.
func emitOperations(m *model) (string, error) {
	var table, methods, answers strings.Builder
	for _, name := range sorted(m.Operations) {
		op := m.Operations[name]
		internal, err := internalError(m, op)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		in := goName(op.Input)
		adapter, results, answer := "invokeWithoutOutput", "error", "return NotAvailable"
		if op.Output != "" {
			adapter, results, answer = "invoke", "(*"+goName(op.Output)+", error)", "return nil, NotAvailable"
		}

		fmt.Fprintf(&table, "\t{\n\t\tName: %q,\n\t\tCaller: %s,\n", name, caller(op))
		fmt.Fprintf(&table, "\t\tErrors: []string{\n\t\t\t\"%s\",\n\t\t},\n", strings.Join(op.Errors, "\",\n\t\t\t\""))
		if op.Output == "" {
			table.WriteString("\t\tNoOutput: true,\n")
		}
		fmt.Fprintf(&table, "\t\tInternalError: %q,\n\t\tNewInput: newInput[%s],\n\t\tInvoke: %s(API.%s),\n\t\tinput: &%s,\n\t},\n",
			internal, in, adapter, name, schemaName(op.Input))

		fmt.Fprintf(&methods, "\t%s(ctx context.Context, in *%s) %s\n", name, in, results)

		fmt.Fprintf(&answers, "// %s answers that it is not available.\n", name)
		fmt.Fprintf(&answers, "func (Unimplemented) %s(context.Context, *%s) %s {\n\t%s(%[1]q)\n}\n\n", name, in, results, answer)
	}

	var b strings.Builder
	b.WriteString("import \"context\"\n\n")
	b.WriteString("// API has a method for every operation of the service.\ntype API interface {\n" + methods.String() + "}\n\n")
	b.WriteString("// operations is the operation table, in alphabetical order.\nvar operations = []*Operation{\n" + table.String() + "}\n\n")
	b.WriteString("// Unimplemented answers every operation with [NotAvailable]. An API embeds it, so\n" +
		"// that a newer model compiles and answers honestly.\ntype Unimplemented struct{}\n\n")
	b.WriteString(answers.String())
	return b.String(), nil
}

// caller returns the constant that says who may call op.
func caller(op *operation) string {
	switch {
	case op.Auth == "sigv4":
		return "Signed"
	case op.SDKAuth == "sigv4":
		return "SignedOptional"
	default:
		return "Unsigned"
	}
}

// internalError returns the one server fault that op declares.
func internalError(m *model, op *operation) (string, error) {
	var faults []string
	for _, e := range op.Errors {
		if m.Shapes[e].Fault == "server" {
			faults = append(faults, e)
		}
	}
	if len(faults) != 1 {
		return "", fmt.Errorf("declares %d server faults, not one", len(faults))
	}
	return faults[0], nil
}
