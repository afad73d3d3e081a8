package userpool

import "context"

// Caller is who made a request: the credential of a signed operation, and where the request came from.
type Caller struct {
	AccessKeyID string // "" for unsigned operations
	Region      string // of the signature; "" for unsigned operations
	Address     string // the client's IP address
	UserAgent   string
}

type callerKey struct{}

// WithCaller puts the caller into the context of a request.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom gives the caller of a request, or the zero Caller.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
