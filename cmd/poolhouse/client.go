package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// clientFlags say which running server a command talks to.
type clientFlags struct {
	Endpoint string        `default:"http://127.0.0.1:9229" help:"Address of the server."`
	Timeout  time.Duration `default:"5s" help:"How long to wait for an answer."`
}

// get fetches one of the server's own paths.
func (f clientFlags) get(ctx context.Context, path string, query url.Values) ([]byte, int, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	target := strings.TrimRight(f.Endpoint, "/") + "/_poolhouse/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("the endpoint %q is not a URL", f.Endpoint)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("no server answers at %s; start one with `poolhouse dev`, or name it with --endpoint (%w)", f.Endpoint, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	return body, resp.StatusCode, err
}

type inboxCommand struct {
	clientFlags
	To    string `help:"Only messages to this address or number."`
	Limit int    `default:"20" help:"At most this many messages, newest first."`
	JSON  bool   `help:"Print JSON."`
}

// Run prints the messages, newest first.
func (c inboxCommand) Run(ctx context.Context, con console) error {
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.To != "" {
		query.Set("to", c.To)
	}
	body, status, err := c.get(ctx, "inbox", query)
	switch {
	case err != nil:
		return err
	case status == http.StatusNotFound:
		return fmt.Errorf("the server at %s has no inbox; `poolhouse dev` has one, and `poolhouse serve --inbox`", c.Endpoint)
	case status != http.StatusOK:
		return fmt.Errorf("the server answered %d: %s", status, strings.TrimSpace(string(body)))
	case c.JSON:
		_, err := con.out.Write(body)
		return err
	}
	var messages []struct {
		Channel, To, Subject, Body, Code string
		SentAt                           time.Time `json:"sent_at"`
	}
	if err := json.Unmarshal(body, &messages); err != nil {
		return fmt.Errorf("the server's answer is not an inbox: %w", err)
	}
	if len(messages) == 0 {
		fmt.Fprintln(con.out, "No messages.")
	}
	for _, m := range messages {
		fmt.Fprintf(con.out, "%s  %-5s  %s\n", m.SentAt.Format(time.DateTime), m.Channel, m.To)
		if m.Subject != "" {
			fmt.Fprintf(con.out, "  %s\n", m.Subject)
		}
		fmt.Fprintf(con.out, "  %s\n", strings.TrimSpace(m.Body))
	}
	return nil
}

type healthcheckCommand struct{ clientFlags }

// Run succeeds when the server is well.
func (c healthcheckCommand) Run(ctx context.Context, con console) error {
	body, status, err := c.get(ctx, "health", nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("the server at %s is not well: %s", c.Endpoint, strings.TrimSpace(string(body)))
	}
	fmt.Fprintln(con.out, "ok")
	return nil
}
