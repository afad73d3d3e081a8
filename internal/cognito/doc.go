// Package cognito is the door of the AWS JSON 1.1 API. Handler takes a request through the protocol
// (target, body, signature, constraints) and calls the operation's method on API; the methods stand in
// files named for their noun. errors.go turns what the core answered into an exception.
package cognito
