package userpool

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Medium is the way of a message.
type Medium string

const (
	ByEmail Medium = "EMAIL"
	BySMS   Medium = "SMS"
)

// MediumOf gives the medium of a contact attribute.
func MediumOf(attribute string) Medium {
	if attribute == PhoneNumber {
		return BySMS
	}
	return ByEmail
}

// MessagePurpose is the occasion of a message; it decides the template.
type MessagePurpose string

const (
	MessageSignUp          MessagePurpose = "sign-up"
	MessageResend          MessagePurpose = "resend-confirmation"
	MessageForgotPassword  MessagePurpose = "forgot-password"
	MessageVerifyAttribute MessagePurpose = "verify-attribute" // asked for by the user
	MessageUpdateAttribute MessagePurpose = "update-attribute" // because a value changed
	MessageInvitation      MessagePurpose = "invitation"
	MessageAuthentication  MessagePurpose = "authentication"
)

// Message is one message to one user, before it is rendered.
type Message struct {
	Purpose  MessagePurpose
	Medium   Medium
	To       string // address or number
	Pool     *Pool
	ClientID string // "" for administrators' operations
	Username string
	Code     string // code or temporary password; "" in an invitation without password
}

// Messenger hands messages over. Its errors are *Error of the codes CodeDeliveryFailure,
// InvalidEmailRoleAccessPolicy, InvalidSMSRoleAccessPolicy or InvalidSMSRoleTrustRelationship with
// sentences of ours (what a mail server said goes to the log), or internal ones.
type Messenger interface {
	// Send returns when the transport has accepted or refused the message.
	Send(ctx context.Context, m Message) error
	// CanSend says, without sending, whether the pool's settings allow that medium and purpose.
	CanSend(pool *Pool, medium Medium, purpose MessagePurpose) error
}

// Delivery says where a code went (CodeDeliveryDetailsType).
type Delivery struct {
	Attribute   string
	Medium      Medium
	Destination string // masked
}

// InboxMessage is a message that the built-in inbox holds.
type InboxMessage struct {
	ID       string // UUID
	Channel  string // email, sms
	To       string
	Subject  string
	Body     string
	Code     string
	Link     string
	Purpose  MessagePurpose
	PoolID   string
	Username string
	Sent     time.Time
}

// MaskEmail gives j***@e*** for jane@example.com.
func MaskEmail(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return first(local) + "***@" + first(domain) + "***"
}

// MaskPhone gives +*******1234 for +12065551234: the length stays, and the last four digits.
func MaskPhone(number string) string {
	digits := strings.TrimPrefix(number, "+")
	keep := min(4, len(digits))
	return "+" + strings.Repeat("*", len(digits)-keep) + digits[len(digits)-keep:]
}

// Mask hides an address of the attribute (email, phone_number).
func Mask(attribute, value string) string {
	if attribute == PhoneNumber {
		return MaskPhone(value)
	}
	return MaskEmail(value)
}

func first(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
