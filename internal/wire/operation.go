package wire

import (
	"context"
	"slices"
	"strings"
)

// An Operation is a row of the operation table.
type Operation struct {
	Name          string
	Caller        Caller
	Errors        []string // declared exceptions, sorted
	NoOutput      bool     // the response body is empty
	InternalError string   // the declared exception for faults of the server

	// NewInput returns a pointer to an empty request.
	NewInput func() any
	// Invoke calls the operation's method. In is what NewInput or Decode
	// returned; out is a pointer to the response, or nil without output.
	Invoke func(ctx context.Context, api API, in any) (out any, err error)

	input *schema
}

// Caller says how an operation is authorized.
type Caller uint8

const (
	// Unsigned operations carry an access token, a client secret or nothing; a
	// signature is ignored.
	Unsigned Caller = iota
	// Signed operations need a SigV4 signature.
	Signed
	// SignedOptional operations need none, but SDKs sign them.
	SignedOptional
)

// String returns the word for c that the documentation uses.
func (c Caller) String() string {
	switch c {
	case Signed:
		return "signed"
	case SignedOptional:
		return "signed or unsigned"
	default:
		return "unsigned"
	}
}

// Lookup finds an operation by its exact name.
func Lookup(name string) (*Operation, bool) {
	i, ok := slices.BinarySearchFunc(operations, name, func(op *Operation, name string) int {
		return strings.Compare(op.Name, name)
	})
	if !ok {
		return nil, false
	}
	return operations[i], true
}

// Operations returns all operations in alphabetical order.
func Operations() []*Operation { return slices.Clone(operations) }

// Declares reports whether the model lists the exception for op.
func (op *Operation) Declares(exception string) bool {
	_, ok := slices.BinarySearch(op.Errors, exception)
	return ok
}

func newInput[I any]() any { return new(I) }

// invoke adapts a method of API to the operation table.
func invoke[I, O any](method func(API, context.Context, *I) (*O, error)) func(context.Context, API, any) (any, error) {
	return func(ctx context.Context, api API, in any) (any, error) {
		out, err := method(api, ctx, in.(*I))
		if err != nil {
			return nil, err // not out: a nil pointer in an interface is not nil
		}
		return out, nil
	}
}

// invokeWithoutOutput is invoke for operations whose response body is empty.
func invokeWithoutOutput[I any](method func(API, context.Context, *I) error) func(context.Context, API, any) (any, error) {
	return func(ctx context.Context, api API, in any) (any, error) {
		return nil, method(api, ctx, in.(*I))
	}
}
