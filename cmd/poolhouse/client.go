package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// clientFlags say which running server a command talks to.
type clientFlags struct {
	Endpoint string        `default:"http://127.0.0.1:9229" help:"Address of the server."`
	Timeout  time.Duration `default:"5s" help:"How long to wait for an answer."`
}

// get fetches one of the server's own paths.
func (f clientFlags) get(ctx context.Context, path string, query url.Values) ([]byte, int, error) {
	base, err := url.Parse(f.Endpoint)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, 0, fmt.Errorf("the endpoint %q is not a URL such as http://127.0.0.1:9229", f.Endpoint)
	}
	target := base.JoinPath("_poolhouse", path)
	target.RawQuery = query.Encode()
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if told, ok := errors.AsType[*url.Error](err); ok {
			err = told.Err
		}
		return nil, 0, fmt.Errorf("no server answers at %s (%w); start one with `poolhouse dev`, or name it with --endpoint", f.Endpoint, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	return body, resp.StatusCode, err
}

// sentence is what the server says in an answer that is not 200.
func sentence(body []byte) string {
	var refusal struct{ Message string }
	if json.Unmarshal(body, &refusal) == nil && refusal.Message != "" {
		return printable(refusal.Message)
	}
	return printable(strings.TrimSpace(string(body[:min(len(body), 500)])))
}

// printable is text that moves no cursor and changes no colour of a terminal: what stands in messages and
// descriptions comes from others.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.Is(unicode.C, r) {
			return -1
		}
		return r
	}, text)
}

type inboxCommand struct {
	clientFlags
	To    string `placeholder:"ADDRESS" help:"Only messages to this address or number."`
	Limit int    `default:"20" help:"At most this many messages, newest first: 1 to 1000."`
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
		return fmt.Errorf("the server answered %d: %s", status, sentence(body))
	}
	var messages []struct {
		Channel, To, Subject, Body string
		SentAt                     time.Time `json:"sent_at"`
	}
	if err := json.Unmarshal(body, &messages); err != nil {
		return fmt.Errorf("what answers at %s has no inbox of Poolhouse", c.Endpoint)
	}
	if c.JSON {
		_, err := con.out.Write(body)
		return err
	}
	if len(messages) == 0 {
		fmt.Fprintln(con.out, "No messages.")
	}
	for _, m := range messages {
		fmt.Fprintf(con.out, "%s  %-5s  %s\n", m.SentAt.UTC().Format(time.DateTime), m.Channel, printable(m.To))
		if m.Subject != "" {
			fmt.Fprintf(con.out, "  %s\n", printable(m.Subject))
		}
		fmt.Fprintf(con.out, "  %s\n", strings.ReplaceAll(printable(strings.TrimSpace(m.Body)), "\n", "\n  "))
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
	var health struct{ Status string }
	switch err := json.Unmarshal(body, &health); {
	case err != nil || health.Status == "":
		return fmt.Errorf("what answers at %s (%d) is not Poolhouse: %s", c.Endpoint, status, sentence(body))
	case status != http.StatusOK || health.Status != "ok":
		return fmt.Errorf("the server at %s is not well: %s", c.Endpoint, printable(health.Status))
	}
	fmt.Fprintln(con.out, "ok")
	return nil
}
