package delivery

import (
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// newPool makes a pool that can send both ways, with the service's texts.
func newPool() *userpool.Pool {
	return &userpool.Pool{ID: "us-east-1_Example00", Settings: &wire.UserPoolType{
		SMSConfiguration: &wire.SMSConfigurationType{SNSCallerARN: "arn:aws:iam::123456789012:role/sms"},
	}}
}

// newMessage makes a verification message by email.
func newMessage() userpool.Message {
	return userpool.Message{
		Purpose: userpool.MessageVerifyAttribute, Medium: userpool.ByEmail, To: "jane@example.com",
		Pool: newPool(), Username: "jane", Code: "042137",
	}
}

func bySMS(m *userpool.Message) { m.Medium, m.To = userpool.BySMS, "+12065550100" }

func TestRender(t *testing.T) {
	type letter struct{ Subject, HTML, Text string }
	own := &wire.VerificationMessageTemplateType{
		EmailSubject: "Your\r\n code:  now ", EmailMessage: "<p>{####} for {username}, again {####}</p>", SMSMessage: "Own {####}",
	}
	invite := func(t wire.MessageTemplateType) *wire.AdminCreateUserConfigType {
		return &wire.AdminCreateUserConfigType{InviteMessageTemplate: &t}
	}
	tests := []struct {
		name string
		edit func(*userpool.Message)
		want letter
		err  string
	}{
		{name: "email", want: letter{"Your verification code", "Your verification code is 042137. ", "Your verification code is 042137. "}},
		{name: "SMS", edit: bySMS, want: letter{Text: "Your verification code is 042137. "}},
		{name: "own email", edit: func(m *userpool.Message) { m.Pool.Settings.VerificationMessageTemplate = own },
			want: letter{Subject: "Your code: now", HTML: "<p>042137 for {username}, again 042137</p>"}},
		{name: "own SMS", edit: func(m *userpool.Message) { bySMS(m); m.Pool.Settings.VerificationMessageTemplate = own },
			want: letter{Text: "Own 042137"}},
		{name: "older members", edit: func(m *userpool.Message) {
			m.Pool.Settings.EmailVerificationMessage, m.Pool.Settings.EmailVerificationSubject = "Old {####}", "Old"
		}, want: letter{"Old", "Old 042137", "Old 042137"}},
		{name: "older members beside the template", edit: func(m *userpool.Message) {
			m.Pool.Settings.EmailVerificationMessage, m.Pool.Settings.EmailVerificationSubject = "Old {####}", "Old"
			m.Pool.Settings.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{EmailMessage: "New {####}"}
		}, want: letter{"Old", "New 042137", "New 042137"}},
		{name: "older SMS member", edit: func(m *userpool.Message) { bySMS(m); m.Pool.Settings.SMSVerificationMessage = "Old {####}" },
			want: letter{Text: "Old 042137"}},
		{name: "sign-in by SMS", edit: func(m *userpool.Message) { bySMS(m); m.Purpose = userpool.MessageAuthentication },
			want: letter{Text: "Your authentication code is 042137. "}},
		{name: "own sign-in by SMS", edit: func(m *userpool.Message) {
			bySMS(m)
			m.Purpose = userpool.MessageAuthentication
			m.Pool.Settings.SMSAuthenticationMessage = "In: {####}"
		}, want: letter{Text: "In: 042137"}},
		{name: "sign-in by email", edit: func(m *userpool.Message) { m.Purpose = userpool.MessageAuthentication },
			want: letter{"Your authentication code", "Your authentication code is 042137. ", "Your authentication code is 042137. "}},

		{name: "invitation", edit: func(m *userpool.Message) { m.Purpose, m.Code = userpool.MessageInvitation, "<a&b>'\"" },
			want: letter{"Your temporary password", "Your username is jane and temporary password is &lt;a&amp;b&gt;&#39;&#34;. ", "Your username is jane and temporary password is <a&b>'\". "}},
		{name: "invitation by SMS", edit: func(m *userpool.Message) {
			bySMS(m)
			m.Purpose, m.Code = userpool.MessageInvitation, "<a&b>"
		}, want: letter{Text: "Your username is jane and temporary password is <a&b>. "}},
		{name: "user name that looks like a hole", edit: func(m *userpool.Message) {
			m.Purpose, m.Username = userpool.MessageInvitation, "{####}<b>"
		}, want: letter{"Your temporary password", "Your username is {####}&lt;b&gt; and temporary password is 042137. ", "Your username is {####}<b> and temporary password is 042137. "}},
		{name: "own invitation", edit: func(m *userpool.Message) {
			m.Purpose = userpool.MessageInvitation
			m.Pool.Settings.AdminCreateUserConfig = invite(wire.MessageTemplateType{EmailSubject: "Grüße", EmailMessage: "<i>{username}</i> {####}"})
		}, want: letter{Subject: "Grüße", HTML: "<i>jane</i> 042137"}},
		{name: "invitation without a password", edit: func(m *userpool.Message) {
			m.Purpose, m.Code = userpool.MessageInvitation, ""
			m.Pool.Settings.AdminCreateUserConfig = invite(wire.MessageTemplateType{EmailMessage: "Welcome, {username}"})
		}, want: letter{"Your temporary password", "Welcome, jane", "Welcome, jane"}},
		{name: "invitation that lacks the password", edit: func(m *userpool.Message) {
			m.Purpose = userpool.MessageInvitation
			m.Pool.Settings.AdminCreateUserConfig = invite(wire.MessageTemplateType{EmailMessage: "Welcome, {username}"})
		}, err: "CodeDeliveryFailure: The message template of the user pool lacks {####}."},

		{name: "no address", edit: func(m *userpool.Message) { m.To = "jane" }, err: "CodeDeliveryFailure: The recipient is not an email address."},
		{name: "address with a name", edit: func(m *userpool.Message) { m.To = "x <jane@example.com>" }, err: "CodeDeliveryFailure: The recipient is not an email address."},
		{name: "two addresses", edit: func(m *userpool.Message) { m.To = "a@example.com, b@example.com" }, err: "CodeDeliveryFailure: The recipient is not an email address."},
		{name: "address with a header", edit: func(m *userpool.Message) { m.To = "a@example.com\r\nBcc: b@example.com" }, err: "CodeDeliveryFailure: The recipient is not an email address."},
		{name: "no number", edit: func(m *userpool.Message) { bySMS(m); m.To = "12065550100" }, err: "CodeDeliveryFailure: The recipient is not a phone number."},
		{name: "too long", edit: func(m *userpool.Message) {
			m.Purpose, m.Username = userpool.MessageInvitation, strings.Repeat("<", 128)
			m.Pool.Settings.AdminCreateUserConfig = invite(wire.MessageTemplateType{EmailMessage: "{####}" + strings.Repeat("{username}", 1999)})
		}, err: "CodeDeliveryFailure: The email message is too long."},
		{name: "SMS too long", edit: func(m *userpool.Message) {
			bySMS(m)
			m.Purpose, m.Username = userpool.MessageInvitation, strings.Repeat("ü", 128)
			m.Pool.Settings.AdminCreateUserConfig = invite(wire.MessageTemplateType{SMSMessage: "{####}" + strings.Repeat("{username}", 13)})
		}, err: "CodeDeliveryFailure: The SMS message is too long."},
		{name: "sender with a header", edit: func(m *userpool.Message) {
			m.Pool.Settings.EmailConfiguration = &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", From: "a@example.com\nBcc: b@example.com"}
		}, err: "InvalidEmailRoleAccessPolicy: " + sesPrefix + "The sender in the user pool's EmailConfiguration is not an email address."},
		{name: "nonsense as reply address", edit: func(m *userpool.Message) {
			m.Pool.Settings.EmailConfiguration = &wire.EmailConfigurationType{ReplyToEmailAddress: "@"}
		}, err: "InvalidEmailRoleAccessPolicy: " + sesPrefix + "The ReplyToEmailAddress in the user pool's EmailConfiguration is not an email address."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMessage()
			if tt.edit != nil {
				tt.edit(&m)
			}
			l, err := render(&m, DefaultSender)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("got %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, letter{l.Subject, l.HTML, l.Text}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSender(t *testing.T) {
	identity := "arn:aws:ses:us-east-1:123456789012:identity/"
	tests := []struct {
		name string
		c    *wire.EmailConfigurationType
		want string
	}{
		{name: "nothing set", want: `"Pool" <default@example.com>`},
		{name: "own account", c: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", From: "Ann <ann@example.com>", SourceARN: identity + "example.com"}, want: `"Ann" <ann@example.com>`},
		{name: "From without an own account", c: &wire.EmailConfigurationType{EmailSendingAccount: "COGNITO_DEFAULT", From: "ann@example.com"}, want: `"Pool" <default@example.com>`},
		{name: "identity of an address", c: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceARN: identity + "bob@example.com"}, want: "<bob@example.com>"},
		{name: "identity without an own account", c: &wire.EmailConfigurationType{SourceARN: identity + "bob@example.com"}, want: "<bob@example.com>"},
		{name: "identity of a domain", c: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceARN: identity + "example.com"}, want: `"Pool" <default@example.com>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMessage()
			m.Pool.Settings.EmailConfiguration = tt.c
			l, err := render(&m, "Pool <default@example.com>")
			if err != nil {
				t.Fatal(err)
			}
			if got := l.From.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCheckSender(t *testing.T) {
	for sender, right := range map[string]bool{
		"": true, DefaultSender: true, "Grüße <a@example.com>": true,
		"a": false, "a@example.com, b@example.com": false, "a@example.com\r\nBcc: b@example.com": false,
	} {
		if err := CheckSender(sender); (err == nil) != right {
			t.Errorf("%q: %v", sender, err)
		}
	}
}

func TestCanSend(t *testing.T) {
	inbox := &Inbox{}
	link := &wire.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK"}
	const noDomain = "InvalidParameter: The user pool verifies email addresses by link, and this version of Poolhouse has no page for it. " +
		"Set DefaultEmailOption of VerificationMessageTemplate to CONFIRM_WITH_CODE."
	tests := []struct {
		name    string
		s       Messenger
		medium  userpool.Medium
		purpose userpool.MessagePurpose
		edit    func(*wire.UserPoolType)
		want    string
	}{
		{name: "email", s: Messenger{Email: inbox}, medium: userpool.ByEmail},
		{name: "SMS", s: Messenger{SMS: inbox}, medium: userpool.BySMS},
		{name: "no email here", medium: userpool.ByEmail, want: "CodeDeliveryFailure: This server is not configured to send email."},
		{name: "no SMS here", medium: userpool.BySMS, want: "CodeDeliveryFailure: This server is not configured to send SMS messages."},
		{name: "no SMS in the pool", s: Messenger{SMS: inbox}, medium: userpool.BySMS, edit: func(p *wire.UserPoolType) { p.SMSConfiguration = nil },
			want: "CodeDeliveryFailure: The user pool cannot send SMS messages: it has no SmsConfiguration."},
		{name: "link at sign-up", s: Messenger{Email: inbox}, medium: userpool.ByEmail, purpose: userpool.MessageSignUp, edit: func(p *wire.UserPoolType) { p.VerificationMessageTemplate = link }, want: noDomain},
		{name: "link again", s: Messenger{Email: inbox}, medium: userpool.ByEmail, purpose: userpool.MessageResend, edit: func(p *wire.UserPoolType) { p.VerificationMessageTemplate = link }, want: noDomain},
		{name: "code at sign-up by SMS", s: Messenger{SMS: inbox}, medium: userpool.BySMS, purpose: userpool.MessageSignUp, edit: func(p *wire.UserPoolType) { p.VerificationMessageTemplate = link }},
		{name: "code at recovery", s: Messenger{Email: inbox}, medium: userpool.ByEmail, purpose: userpool.MessageForgotPassword, edit: func(p *wire.UserPoolType) { p.VerificationMessageTemplate = link }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMessage()
			if tt.edit != nil {
				tt.edit(m.Pool.Settings)
			}
			got := ""
			if err := tt.s.CanSend(m.Pool, tt.medium, tt.purpose); err != nil {
				got = err.Error()
				m.Medium, m.Purpose = tt.medium, tt.purpose
				if sent := tt.s.Send(t.Context(), m); sent == nil || sent.Error() != got {
					t.Errorf("sending says %v", sent)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzRender puts any template and values together: no value of the user escapes into the markup.
func FuzzRender(f *testing.F) {
	f.Add("Your username is {username} and temporary password is {####}. ", "jane", "123456")
	f.Add("<b>{username}{####}", "{####}", "<script>&{username}")
	f.Add("{{####}}{user{username}name}", "\"'", "{")
	f.Fuzz(func(t *testing.T, template, username, code string) {
		m := newMessage()
		m.Purpose, m.Username, m.Code = userpool.MessageInvitation, username, code
		m.Pool.Settings.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{InviteMessageTemplate: &wire.MessageTemplateType{EmailMessage: template, EmailSubject: template}}
		l, err := render(&m, DefaultSender)
		if err != nil {
			return
		}
		if strings.ContainsAny(l.Subject, "\r\n") || len(l.HTML) > maxEmail {
			t.Errorf("subject %q, %d bytes", l.Subject, len(l.HTML))
		}
		if template != "" && strings.Count(l.HTML, "<") != strings.Count(template, "<") {
			t.Errorf("markup of a value in %q", l.HTML)
		}
		if l.Text != "" && !strings.Contains(html.UnescapeString(l.HTML), l.Text) {
			t.Errorf("the text %q is not that of %q", l.Text, l.HTML)
		}
	})
}
