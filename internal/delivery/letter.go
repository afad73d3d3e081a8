package delivery

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Letter is a rendered message.
type Letter struct {
	Message *userpool.Message // what it was made of
	Subject string            // one line; "" for SMS
	HTML    string            // "" for SMS
	Text    string            // the SMS, or the same as HTML where that has no markup, or ""

	// Only for email.
	From             *mail.Address
	ReplyTo          *mail.Address // nil: none
	ConfigurationSet string        // of SES
}

// Body is the form of the text that the medium prefers.
func (l *Letter) Body() string {
	if l.Message.Medium == userpool.BySMS {
		return l.Text
	}
	return l.HTML
}

// sender chooses the From address: that of the pool's own account, the address of the identity that
// SourceArn names, or the server's. From counts with EmailSendingAccount DEVELOPER only.
func sender(pool *userpool.Pool, fallback string) string {
	c := pool.Settings.EmailConfiguration
	if c == nil {
		return fallback
	}
	if c.EmailSendingAccount == "DEVELOPER" && c.From != "" {
		return c.From
	}
	if _, identity, ok := strings.Cut(c.SourceARN, ":identity/"); ok && strings.Contains(identity, "@") {
		return identity
	}
	return fallback
}

// parseAddress reads "addr" or "Name <addr>".
func parseAddress(s string) (*mail.Address, bool) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return nil, false
	}
	a, err := mail.ParseAddress(s)
	return a, err == nil
}

// CheckSender says what is wrong with a sender in a configuration: "addr", "Name <addr>" or "" are right.
func CheckSender(s string) error {
	if _, ok := parseAddress(s); !ok && s != "" {
		return fmt.Errorf("sender %q is neither an email address nor a name with one in angle brackets", s)
	}
	return nil
}

// bareAddress says whether s is an email address and nothing else.
func bareAddress(s string) bool {
	a, ok := parseAddress(s)
	return ok && a.Address == s
}

// phoneNumber says whether s is a number as SMS services take it (E.164).
func phoneNumber(s string) bool {
	return len(s) >= 2 && len(s) <= 16 && s[0] == '+' && strings.Trim(s[1:], "0123456789") == ""
}
