package delivery

import "log/slog"

// Secret is a password or key that shows itself in no log and no text.
type Secret string

const hidden = "[hidden]"

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
