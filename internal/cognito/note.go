package cognito

import (
	"context"
	"log/slog"
)

// note collects, while an operation runs, what it is, whom it concerns and who asked. It goes into the request's log line.
type note struct{ operation, pool, client, sub, accessKey string }

type noteKey struct{}

func withNote(ctx context.Context, n *note) context.Context {
	return context.WithValue(ctx, noteKey{}, n)
}

// noteOf gives the note of the request, or one that nobody reads.
func noteOf(ctx context.Context) *note {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

func (n *note) attrs() []slog.Attr {
	var attrs []slog.Attr
	for _, a := range []slog.Attr{
		slog.String("pool", n.pool), slog.String("client", n.client), slog.String("sub", n.sub),
		slog.String("access_key", n.accessKey),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}
