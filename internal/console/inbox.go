package console

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	defaultLimit = 20
	maxLimit     = 1000
	maxTo        = 2048 // bytes, as long as an attribute's value
)

// message is an inbox message as JSON.
type message struct {
	ID         string                  `json:"id"`
	Channel    string                  `json:"channel"` // email, sms
	To         string                  `json:"to"`
	Subject    string                  `json:"subject"`
	Body       string                  `json:"body"`
	Code       string                  `json:"code"`
	Link       string                  `json:"link"`
	Purpose    userpool.MessagePurpose `json:"purpose"`
	UserPoolID string                  `json:"user_pool_id"`
	Username   string                  `json:"username"`
	SentAt     string                  `json:"sent_at"` // RFC 3339, UTC
}

// inbox lists messages, newest first: ?to= an address (default all), ?limit= 1 to 1000 (default 20). It
// answers JSON, and a page to who asks for HTML.
func (d *Door) inbox(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit := defaultLimit
	if s := query.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxLimit {
			refuse(w, http.StatusBadRequest, "limit must be a number from 1 to 1000.")
			return
		}
		limit = n
	}
	// No address has a blank, and a plus that was not escaped arrives as one.
	to := strings.ReplaceAll(query.Get("to"), " ", "+")
	if len(to) > maxTo {
		refuse(w, http.StatusBadRequest, "to must be an email address or a phone number.")
		return
	}
	found, err := d.Inbox.Inbox(r.Context(), to, limit)
	if err != nil {
		d.Log.ErrorContext(r.Context(), "the inbox cannot be read", "error", err)
		refuse(w, http.StatusInternalServerError, "The inbox cannot be read. The server's log says why.")
		return
	}
	messages := make([]message, len(found))
	for i, m := range found {
		messages[i] = message{
			ID: m.ID, Channel: m.Channel, To: m.To, Subject: m.Subject, Body: m.Body, Code: m.Code, Link: m.Link,
			Purpose: m.Purpose, UserPoolID: m.PoolID, Username: m.Username, SentAt: m.Sent.UTC().Format(time.RFC3339Nano),
		}
	}
	w.Header().Set("Vary", "Accept")
	if !wantsPage(r) {
		answer(w, http.StatusOK, messages)
		return
	}
	d.page(w, r, inboxPage{Text: inboxTexts, To: to, Messages: messages})
}

// wantsPage says whether the client names HTML as what it accepts, as browsers do and programs do not.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// inboxPage is what the page shows.
type inboxPage struct {
	Text     inboxText
	To       string
	Messages []message
}

// inboxText holds every word of the page.
type inboxText struct {
	Title, Empty, EmptyTo, Only, All, To, Sent, Code, Link, Purpose, User, Pool, Body string
}

var inboxTexts = inboxText{
	Title:   "Inbox",
	Empty:   "No message yet. This page looks for new ones by itself.",
	EmptyTo: "No message to this address yet. This page looks for new ones by itself.",
	Only:    "Only messages to",
	All:     "Show all",
	To:      "To",
	Sent:    "Sent",
	Code:    "Code",
	Link:    "Link",
	Purpose: "Purpose",
	User:    "User",
	Pool:    "User pool",
	Body:    "Message",
}

//go:embed inbox.html
var inboxHTML string

var inboxTemplate = template.Must(template.New("inbox").Parse(inboxHTML))

// pagePolicy allows the page's own style and that of the messages, which inherit the policy, and pictures
// inside a message; nothing is loaded from elsewhere and no script runs.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

func (d *Door) page(w http.ResponseWriter, r *http.Request, p inboxPage) {
	var b bytes.Buffer
	if err := inboxTemplate.Execute(&b, p); err != nil {
		d.Log.ErrorContext(r.Context(), "the inbox page cannot be made", "error", err)
		refuse(w, http.StatusInternalServerError, "The page cannot be made. The server's log says why.")
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}
