// Package wire is the vocabulary of the cognito-idp JSON API (AWS JSON 1.1):
// the shapes, constraints, exceptions and operations of the service model.
//
// The files ending in _gen.go are generated from model/cognito-idp.json. The
// rest is their runtime. A request passes through it in this order:
//
//	op, ok := wire.Lookup("GetUser")     // the operation table
//	in, err := op.Decode(body)           // JSON and constraints, or an *Exception
//	out, err := op.Invoke(ctx, api, in)  // one method of API per operation
//	body, err := wire.Encode(out)        // the response body
//
// The package imports nothing else of this module.
package wire

//go:generate go run ./gen
