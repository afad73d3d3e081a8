package userpool

import (
	"context"
	"strconv"
	"strings"

	"github.com/mileusna/useragent"
)

// ClientContext is where a person acts from: what their app says of it (UserContextData, ContextData), else what the
// request shows. Nothing of it is proven but the address of a request without more.
type ClientContext struct {
	Address  string // IP address; "" when it is not known
	Program  string // such as "Chrome 126"; "" when it is not known
	System   string // such as "Windows 10"; "" when it is not known
	DeviceID string // drawn by the app for its installation or browser; "" for none
	Timezone string // such as "-07:00"; "" when it is not known
	Doubtful bool   // what the app says is signed badly, or old
}

// Bounds of what is kept of a client, in bytes.
const (
	longestAgent   = 1024
	longestAddress = 128
)

type clientContextKey struct{}

// WithClientContext puts into the context of a request what an app says of its user's device.
func WithClientContext(ctx context.Context, c ClientContext) context.Context {
	return context.WithValue(ctx, clientContextKey{}, c)
}

// ClientContextFrom gives what the app says, or what the request shows of who made it.
func ClientContextFrom(ctx context.Context) ClientContext {
	if c, ok := ctx.Value(clientContextKey{}).(ClientContext); ok {
		return c
	}
	caller := CallerFrom(ctx)
	program, system := ParseUserAgent(caller.UserAgent)
	return ClientContext{Address: Printable(caller.Address, longestAddress), Program: program, System: system}
}

// ParseUserAgent gives what a User-Agent header says of program and system; "" for what it does not say.
func ParseUserAgent(text string) (program, system string) {
	ua := useragent.Parse(Printable(text, longestAgent))
	version := ua.OSVersion
	if name, known := windows[version]; known && ua.OS == useragent.Windows {
		version = name
	}
	program, system = ua.Name, strings.TrimSpace(ua.OS+" "+version)
	if program != "" && ua.VersionNo.Major > 0 {
		program += " " + strconv.Itoa(ua.VersionNo.Major)
	}
	return program, system
}

// windows has the names of Windows by the versions of its kernel; 11 says that it is 10.
var windows = map[string]string{"10.0": "10", "6.3": "8.1", "6.2": "8", "6.1": "7", "6.0": "Vista"}

// Printable keeps the printable ASCII of a text, as headers have it, of its first bytes.
func Printable(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}
