package userpool

import "context"

// Fetcher calls addresses outside that the configuration of a pool names, and only those that may be called: see
// the room outbound. Its errors hold nothing of an answer.
type Fetcher interface {
	// Fetch makes one call and reads the answer, whatever its status, to its end.
	Fetch(ctx context.Context, call FetchCall) (*FetchAnswer, error)
}

// FetchCall is one call.
type FetchCall struct {
	Method string // "" is GET
	URL    string // http or https
	Header map[string]string
	Body   []byte
	Limit  int64 // bytes of the answer's body; a longer one is an error; 0 is a megabyte
}

// FetchAnswer is what came back from the last address, after redirects.
type FetchAnswer struct {
	Status int
	Body   []byte
}
