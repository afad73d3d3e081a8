package wire

import (
	"context"
	"reflect"
	"slices"
	"testing"
)

func TestOperationTable(t *testing.T) {
	ops := Operations()
	if len(ops) != 140 {
		t.Errorf("%d operations, want 140", len(ops))
	}
	if !slices.IsSortedFunc(ops, func(a, b *Operation) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}) {
		t.Error("operations are not in alphabetical order")
	}
	callers, withoutOutput := map[Caller]int{}, 0
	for _, op := range ops {
		callers[op.Caller]++
		if op.NoOutput {
			withoutOutput++
		}
		if found, ok := Lookup(op.Name); !ok || found != op {
			t.Errorf("Lookup(%q) does not find it", op.Name)
		}
		if !op.Declares(op.InternalError) {
			t.Errorf("%s does not declare its internal error %q", op.Name, op.InternalError)
		}
		faults := 0
		for _, name := range op.Errors {
			e, ok := NewException(name, "m")
			if !ok || e.Name != name || e.Message != "m" {
				t.Errorf("%s: no constructor for %s", op.Name, name)
			} else if e.Status == 500 {
				faults++
			}
			if !op.Declares(name) {
				t.Errorf("%s: Declares(%q) is false", op.Name, name)
			}
		}
		if faults != 1 {
			t.Errorf("%s declares %d server faults, want one", op.Name, faults)
		}
		if op.Declares("SerializationException") {
			t.Errorf("%s declares a protocol exception", op.Name)
		}
	}
	if callers[Unsigned] != 34 || callers[SignedOptional] != 1 || callers[Signed] != 105 {
		t.Errorf("callers: %v", callers)
	}
	if withoutOutput != 13 {
		t.Errorf("%d operations without output, want 13", withoutOutput)
	}
	for _, name := range []string{"", "getUser", "GetUsers", "Zzz"} {
		if _, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) finds something", name)
		}
	}
}

// TestFieldsFollowSchemas checks what fill relies on: a request's fields are
// its schema's members, in order.
func TestFieldsFollowSchemas(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var check func(typ reflect.Type, s *schema)
	check = func(typ reflect.Type, s *schema) {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		switch s.kind {
		case listKind, mapKind:
			check(typ.Elem(), s.element)
		case structureKind:
			if seen[typ] {
				return
			}
			seen[typ] = true
			if typ.NumField() != len(s.members) {
				t.Errorf("%s: %d fields for %d members", typ, typ.NumField(), len(s.members))
				return
			}
			for i, m := range s.members {
				if name := jsonName(typ.Field(i)); name != m.name {
					t.Errorf("%s: field %d is %s, member is %s", typ, i, name, m.name)
				}
				check(typ.Field(i).Type, m.schema)
			}
		}
	}
	for _, op := range Operations() {
		check(reflect.TypeOf(op.NewInput()), op.input)
	}
}

// partial handles two operations.
type partial struct{ Unimplemented }

func (p *partial) GetUser(context.Context, *GetUserRequest) (*GetUserResponse, error) {
	return &GetUserResponse{Username: "u"}, nil
}

func (p *partial) DeleteUser(context.Context, *DeleteUserRequest) error {
	return NotAuthorizedException("no")
}

func TestInvoke(t *testing.T) {
	tests := []struct {
		operation string
		out       any
		err       string
	}{
		{operation: "GetUser", out: &GetUserResponse{Username: "u"}},
		{operation: "DeleteUser", err: "NotAuthorizedException: no"},
		{operation: "SignUp", err: "UnknownOperationException: Operation SignUp is not available in this version of Poolhouse."},
		{operation: "DeleteGroup", err: "UnknownOperationException: Operation DeleteGroup is not available in this version of Poolhouse."},
	}
	for _, tt := range tests {
		t.Run(tt.operation, func(t *testing.T) {
			op, _ := Lookup(tt.operation)
			out, err := op.Invoke(t.Context(), new(partial), op.NewInput())
			if !reflect.DeepEqual(out, tt.out) {
				t.Errorf("out is %#v, want %#v", out, tt.out)
			}
			if err == nil && tt.err != "" || err != nil && err.Error() != tt.err {
				t.Errorf("error is %v, want %q", err, tt.err)
			}
		})
	}
}

func TestUnimplementedAnswersEverything(t *testing.T) {
	for _, op := range Operations() {
		out, err := op.Invoke(t.Context(), Unimplemented{}, op.NewInput())
		if out != nil || !IsNotAvailable(err) {
			t.Errorf("%s: %v, %v", op.Name, out, err)
		}
	}
	if IsNotAvailable(UnknownOperationException("")) || IsNotAvailable(nil) {
		t.Error("IsNotAvailable takes another answer for its own")
	}
}
