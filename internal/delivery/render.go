package delivery

import (
	"html"
	"strings"
	"unicode/utf8"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// What templates stand in for.
const (
	codeHole     = "{####}"
	usernameHole = "{username}" // in invitations only
)

// The service's texts for pools that set none.
const (
	verificationText    = "Your verification code is {####}. "
	verificationSubject = "Your verification code"
	invitationText      = "Your username is {username} and temporary password is {####}. "
	invitationSubject   = "Your temporary password"
	authenticationText  = "Your authentication code is {####}. "
	authenticationTitle = "Your authentication code"
)

const (
	maxEmail = 256 << 10 // bytes; a template has at most 20,000 characters
	maxSMS   = 1600      // characters, SNS's limit; a template has at most 140
)

// template is what one occasion says.
type template struct{ subject, email, sms string }

// templateOf finds the pool's texts for the occasion. The template members win over the older ones.
func templateOf(pool *userpool.Pool, purpose userpool.MessagePurpose) template {
	s := pool.Settings
	switch purpose {
	case userpool.MessageInvitation:
		t := template{invitationSubject, invitationText, invitationText}
		if s.AdminCreateUserConfig != nil && s.AdminCreateUserConfig.InviteMessageTemplate != nil {
			own := s.AdminCreateUserConfig.InviteMessageTemplate
			t.override(own.EmailSubject, own.EmailMessage, own.SMSMessage)
		}
		return t
	case userpool.MessageAuthentication:
		t := template{authenticationTitle, authenticationText, authenticationText}
		t.override("", "", s.SMSAuthenticationMessage)
		return t
	}
	t := template{verificationSubject, verificationText, verificationText}
	t.override(s.EmailVerificationSubject, s.EmailVerificationMessage, s.SMSVerificationMessage)
	if own := s.VerificationMessageTemplate; own != nil {
		t.override(own.EmailSubject, own.EmailMessage, own.SMSMessage)
	}
	return t
}

func (t *template) override(subject, email, sms string) {
	if subject != "" {
		t.subject = subject
	}
	if email != "" {
		t.email = email
	}
	if sms != "" {
		t.sms = sms
	}
}

// render writes the letter. Values are put in once, so that a value which looks like a hole stays as it
// is, and are escaped in email, whose bodies are HTML.
func render(m *userpool.Message, from string) (*Letter, error) {
	t := templateOf(m.Pool, m.Purpose)
	if m.Medium == userpool.BySMS {
		if !phoneNumber(m.To) {
			return nil, failure("The recipient is not a phone number.")
		}
		text, err := fill(t.sms, m, func(s string) string { return s })
		if err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(text) > maxSMS {
			return nil, failure("The SMS message is too long.")
		}
		return &Letter{Message: m, Text: text}, nil
	}

	if !bareAddress(m.To) {
		return nil, failure("The recipient is not an email address.")
	}
	body, err := fill(t.email, m, html.EscapeString)
	if err != nil {
		return nil, err
	}
	if len(body) > maxEmail {
		return nil, failure("The email message is too long.")
	}
	l := &Letter{Message: m, HTML: body, Subject: strings.Join(strings.Fields(t.subject), " ")}
	if !strings.Contains(t.email, "<") {
		l.Text = html.UnescapeString(body)
	}
	var ok bool
	if l.From, ok = parseAddress(sender(m.Pool, from)); !ok {
		return nil, refusedSender("The sender in the user pool's EmailConfiguration is not an email address.")
	}
	if c := m.Pool.Settings.EmailConfiguration; c != nil {
		l.ConfigurationSet = c.ConfigurationSet
		if c.ReplyToEmailAddress != "" {
			if l.ReplyTo, ok = parseAddress(c.ReplyToEmailAddress); !ok {
				return nil, refusedSender("The ReplyToEmailAddress in the user pool's EmailConfiguration is not an email address.")
			}
		}
	}
	return l, nil
}

// fill puts the values into the template's holes. A code without a hole for it is an error.
func fill(text string, m *userpool.Message, escape func(string) string) (string, error) {
	if m.Code != "" && !strings.Contains(text, codeHole) {
		return "", failure("The message template of the user pool lacks " + codeHole + ".")
	}
	holes := []string{codeHole, escape(m.Code)}
	if m.Purpose == userpool.MessageInvitation {
		holes = append(holes, usernameHole, escape(m.Username))
	}
	return strings.NewReplacer(holes...).Replace(text), nil
}
