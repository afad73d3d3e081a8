package account_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	passwords "github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	password = "Passw0rd!"
	another  = "An0ther-one"
	email    = "jane@example.com"
	phone    = "+12065551234"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shared is one store in memory for all tests: opening one takes longer than most of them.
var shared *store.Store

func TestMain(m *testing.M) {
	var err error
	shared, err = store.Open(context.Background(), store.Config{
		Memory: true, Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	code := m.Run()
	if err := shared.Close(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// world is a Service with pools of its own, a clock that only the test moves, and messages that go to the
// built-in inbox.
type world struct {
	*account.Service
	t     *testing.T
	post  *post
	log   *strings.Builder
	pools map[int64]*userpool.Pool

	mu    sync.Mutex
	clock time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: start, log: &strings.Builder{}, pools: map[int64]*userpool.Pool{}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.post = &post{inbox: &delivery.Inbox{Store: shared, Now: w.now}}
	w.Service = &account.Service{
		Store: shared, Sealer: shared, Messenger: &delivery.Messenger{Email: w.post, SMS: w.post},
		Passwords: &passwords.Service{Store: shared, Queue: limits.NewQueue(2, 64), Now: w.now}, Now: w.now, Log: log, AttemptLimits: true,
	}
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// post is the way of all messages: to the inbox, unless the test refuses them or holds them up.
type post struct {
	inbox *delivery.Inbox

	mu      sync.Mutex
	refusal error
	gate    chan struct{} // messages wait for it, unless nil
	arrived chan struct{} // one for each message that waits
}

func (p *post) Deliver(ctx context.Context, l *delivery.Letter) error {
	p.mu.Lock()
	refusal, gate, arrived := p.refusal, p.gate, p.arrived
	p.mu.Unlock()
	if gate != nil {
		arrived <- struct{}{}
		<-gate
	}
	if refusal != nil {
		return refusal
	}
	return p.inbox.Deliver(ctx, l)
}

// refuse makes the post refuse messages, or with nil take them again.
func (p *post) refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = err
}

// hold lets no message through until the test ends or release is called. Each one that waits is announced.
func (p *post) hold(t *testing.T) (arrived <-chan struct{}, release func()) {
	gate, waiting := make(chan struct{}), make(chan struct{}, 1000)
	p.mu.Lock()
	p.gate, p.arrived = gate, waiting
	p.mu.Unlock()
	release = sync.OnceFunc(func() {
		p.mu.Lock()
		p.gate = nil
		p.mu.Unlock()
		close(gate)
	})
	t.Cleanup(release)
	return waiting, release
}

var undeliverable = userpool.NewError(userpool.CodeDeliveryFailure, "The mail server refused the recipient.")

type ctx = context.Context

// setting changes a pool before it is made.
type setting func(*wire.UserPoolType)

func autoVerify(attributes ...wire.VerifiedAttributeType) setting {
	return func(s *wire.UserPoolType) { s.AutoVerifiedAttributes = attributes }
}

func aliases(attributes ...wire.AliasAttributeType) setting {
	return func(s *wire.UserPoolType) { s.AliasAttributes = attributes }
}

func usernames(attributes ...wire.UsernameAttributeType) setting {
	return func(s *wire.UserPoolType) { s.UsernameAttributes = attributes }
}

func verifyBeforeUpdate(attributes ...wire.VerifiedAttributeType) setting {
	return func(s *wire.UserPoolType) {
		s.UserAttributeUpdateSettings = &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: attributes}
	}
}

func history(size int32) setting {
	return func(s *wire.UserPoolType) { s.Policies.PasswordPolicy.PasswordHistorySize = new(size) }
}

func foldCase(s *wire.UserPoolType) {
	s.UsernameConfiguration = &wire.UsernameConfigurationType{CaseSensitive: false}
}

func passwordless(s *wire.UserPoolType) {
	s.Policies.SignInPolicy = &wire.SignInPolicyType{AllowedFirstAuthFactors: []wire.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}
}

func optionalMFA(s *wire.UserPoolType) { s.MFAConfiguration = "OPTIONAL" }

func require(name string) setting {
	return func(s *wire.UserPoolType) {
		for i := range s.SchemaAttributes {
			if s.SchemaAttributes[i].Name == name {
				s.SchemaAttributes[i].Required = new(true)
			}
		}
	}
}

func recovery(names ...wire.RecoveryOptionNameType) setting {
	return func(s *wire.UserPoolType) {
		s.AccountRecoverySetting = &wire.AccountRecoverySettingType{}
		for i, name := range names {
			s.AccountRecoverySetting.RecoveryMechanisms = append(s.AccountRecoverySetting.RecoveryMechanisms,
				wire.RecoveryOptionType{Name: name, Priority: int32(i + 1)})
		}
	}
}

// pool makes a pool that can send SMS, with the service's default policy and recovery.
func (w *world) pool(settings ...setting) *userpool.Pool {
	w.t.Helper()
	text := func(name string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: "String", Mutable: new(true), Required: new(false)}
	}
	flag := func(name string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: "Boolean", Mutable: new(true), Required: new(false)}
	}
	sub, fixed := text("sub"), text("custom:fixed")
	sub.Mutable, sub.Required, fixed.Mutable = new(false), new(true), new(false)
	s := &wire.UserPoolType{
		Policies: &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{
			MinimumLength: new(int32(8)), RequireUppercase: new(true), RequireLowercase: new(true),
			RequireNumbers: new(true), RequireSymbols: new(true),
		}},
		SMSConfiguration: &wire.SMSConfigurationType{SNSCallerARN: "arn:aws:iam::123456789012:role/sms"},
		SchemaAttributes: []wire.SchemaAttributeType{
			sub, text("name"), text("preferred_username"), text("email"), flag("email_verified"),
			text("phone_number"), flag("phone_number_verified"), text("custom:x"), fixed,
		},
	}
	recovery("verified_email", "verified_phone_number")(s)
	for _, set := range settings {
		set(s)
	}
	number := lastPool.Add(1)
	p := &userpool.Pool{
		Number: number, ID: fmt.Sprintf("us-east-1_%09d", number), Name: "pool", Created: w.now(), Modified: w.now(), Settings: s,
	}
	w.write(func(ctx context.Context, tx userpool.Tx) error { return tx.CreatePool(ctx, p, nil) })
	w.pools[number] = p
	return p
}

var lastPool atomic.Int64

// client makes an app client; one that hides who exists, if so.
func (w *world) client(p *userpool.Pool, hides bool) *userpool.Client {
	w.t.Helper()
	c := &userpool.Client{
		Pool: p, ID: "client" + strings.ToLower(p.SRPName()), Name: "client", Created: w.now(), Modified: w.now(),
		Settings: &wire.UserPoolClientType{},
	}
	if hides {
		c.ID += "h"
		c.Settings.PreventUserExistenceErrors = "ENABLED"
	}
	w.write(func(ctx context.Context, tx userpool.Tx) error { return tx.CreateClient(ctx, c) })
	return c
}

func (w *world) write(fn func(context.Context, userpool.Tx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	if err := w.Store.Write(ctx, func(tx userpool.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// signUp signs a user up with attributes given as name, value, name, value.
func (w *world) signUp(c *userpool.Client, name string, attributes ...string) *userpool.User {
	w.t.Helper()
	u, _, err := w.SignUp(w.t.Context(), account.SignUp{
		Client: c, Username: name, Password: password, Attributes: pairs(attributes...),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// member makes a confirmed user with those attributes; a verified flag may be among them.
func (w *world) member(p *userpool.Pool, name string, attributes ...string) *userpool.User {
	w.t.Helper()
	u, err := w.Invite(w.t.Context(), account.Invitation{Pool: p, Username: name, Suppress: true, Attributes: pairs(attributes...)})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.SetPassword(w.t.Context(), p, name, password, true); err != nil {
		w.t.Fatal(err)
	}
	return w.user(u)
}

// poolOf is the pool of a user.
func (w *world) poolOf(u *userpool.User) *userpool.Pool { return w.pools[u.Key.Pool] }

// user reads the user again.
func (w *world) user(u *userpool.User) *userpool.User {
	w.t.Helper()
	u, err := w.Store.User(w.t.Context(), u.Key)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// disable switches a user off.
func (w *world) disable(u *userpool.User) {
	w.t.Helper()
	w.change(u, func(u *userpool.User) { u.Enabled = false })
}

// change writes a user's row.
func (w *world) change(u *userpool.User, change func(*userpool.User)) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx userpool.Tx) error {
		u, err := tx.User(ctx, u.Key)
		if err != nil {
			return err
		}
		change(u)
		return tx.UpdateUser(ctx, u)
	})
}

// inbox lists what was delivered to an address ("" for all), newest first.
func (w *world) inbox(to string) []userpool.InboxMessage {
	w.t.Helper()
	messages, err := w.Store.Inbox(w.t.Context(), to, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(messages, func(m userpool.InboxMessage) bool {
		return !slices.ContainsFunc(slices.Collect(maps.Values(w.pools)), func(p *userpool.Pool) bool { return p.ID == m.PoolID })
	})
}

// code is the code in the newest message to an address.
func (w *world) code(to string) string {
	w.t.Helper()
	messages := w.inbox(to)
	if len(messages) == 0 {
		w.t.Fatalf("no message to %s", to)
	}
	return messages[0].Code
}

// codes lists the user's codes of a purpose.
func (w *world) codes(u *userpool.User, purpose userpool.CodePurpose) []userpool.Code {
	w.t.Helper()
	codes, err := w.Store.Codes(w.t.Context(), u.Key, purpose, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return codes
}

// generation is that of the user's password, 0 for none.
func (w *world) generation(u *userpool.User) int64 {
	w.t.Helper()
	p, err := w.Store.Password(w.t.Context(), u.Key)
	if err == userpool.ErrNotFound {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Generation
}

// typo is a code that is not the one.
func typo(code string) string {
	if code[5] == '0' {
		return code[:5] + "1"
	}
	return code[:5] + "0"
}

func pairs(attributes ...string) userpool.Attributes {
	var a userpool.Attributes
	for pair := range slices.Chunk(attributes, 2) {
		a = append(a, userpool.Attribute{Name: pair[0], Value: pair[1]})
	}
	return a
}

// told compares an error with the exception and text that are wanted; "" wants none.
func told(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

const (
	wrongCode    = "CodeMismatch: Invalid verification code provided, please try again."
	noCode       = "ExpiredCode: Invalid code provided, please request a code again."
	limit        = "LimitExceeded: Attempt limit exceeded, please try after some time."
	noCombi      = "UserNotFound: Username/client id combination not found."
	noUser       = "UserNotFound: User does not exist."
	disabled     = "NotAuthorized: User is disabled."
	wrongOld     = "NotAuthorized: Incorrect username or password."
	unauthorized = "NotAuthorized: A client attempted to write unauthorized attribute"
	isConfirmed  = "NotAuthorized: User cannot be confirmed. Current status is CONFIRMED"
	tooShort     = "InvalidPassword: Password did not conform with policy: Password not long enough"
	usedPassword = "PasswordHistoryPolicyViolation: Password has previously been used"
	refused      = "CodeDeliveryFailure: The mail server refused the recipient."
)

// remove deletes the user whom an administrator names.
func (w *world) remove(p *userpool.Pool, name string) error {
	u, err := w.Find(w.t.Context(), p, name)
	if err != nil {
		return err
	}
	return w.Delete(w.t.Context(), u.Key)
}
