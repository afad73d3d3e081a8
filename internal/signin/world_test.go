package signin_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/delivery"
	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	passwords "github.com/poolhouse-id/poolhouse/internal/password"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/store"
	"github.com/poolhouse-id/poolhouse/internal/token"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	region   = "us-east-1"
	poolID   = "us-east-1_AbCdEf123"
	clientID = "1example23456789"
	username = "jane"
	password = "Correct-Horse7!"
	wrong    = "Wrong-Horse7!"
)

// The answers that many tests expect.
const (
	issued        = "tokens"
	challengeSRP  = "PASSWORD_VERIFIER"
	challengeNew  = "NEW_PASSWORD_REQUIRED"
	wrongPassword = "NotAuthorized: Incorrect username or password."
	locked        = "NotAuthorized: Password attempts exceeded"
	noSuchUser    = "UserNotFound: User does not exist."
	disabled      = "NotAuthorized: User is disabled."
	unconfirmed   = "UserNotConfirmed: User is not confirmed."
	resetRequired = "PasswordResetRequired: Password reset required for the user"
	tooOld        = "NotAuthorized: Temporary password has expired and must be reset by an administrator."
	badSession    = "NotAuthorized: Invalid session for the user."
	usedSession   = "NotAuthorized: Invalid session for the user, session can only be used once."
	oldSession    = "NotAuthorized: Invalid session for the user, session is expired."
)

// world is a sign-in service on a store of its own, with one pool, one client and a clock that only the
// test moves.
type world struct {
	t         testing.TB
	service   *signin.Service
	directory *directory.Service
	accounts  *account.Service
	store     *observed
	clock     atomic.Int64 // microseconds since 1970
	pool      *userpool.Pool
	client    *userpool.Client
}

// setting changes what a world begins with.
type setting func(*wire.CreateUserPoolRequest, *wire.CreateUserPoolClientRequest)

func hidden(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
	c.PreventUserExistenceErrors = "ENABLED"
}

func secret(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
	c.GenerateSecret = new(true)
}

func emailPool(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
	p.UsernameAttributes = []wire.UsernameAttributeType{"email"}
}

func emailAlias(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
	p.AliasAttributes = []wire.AliasAttributeType{"email", "preferred_username"}
}

func caseInsensitive(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
	p.UsernameConfiguration = &wire.UsernameConfigurationType{CaseSensitive: false}
}

func passwordless(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
	p.Policies = &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{
		AllowedFirstAuthFactors: []wire.AuthFactorType{"PASSWORD", "EMAIL_OTP"},
	}}
}

func protected(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
	p.UserPoolTier, p.UserPoolAddOns = "PLUS", &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
}

func flows(flows ...wire.ExplicitAuthFlowsType) setting {
	return func(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) { c.ExplicitAuthFlows = flows }
}

func newWorld(t testing.TB, settings ...setting) *world {
	t.Helper()
	w := &world{t: t}
	w.clock.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), store.Config{Memory: true, Now: w.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.store = &observed{Store: db, sealer: db}
	queue := limits.NewQueue(2, 64)
	tokens := &token.Service{
		Store: w.store, Queue: queue, Issuer: func(id string) string { return "https://id.example.com/" + id },
		Now: w.now, NewKey: testKey, Log: log,
	}
	messenger := &delivery.Messenger{}
	w.directory = &directory.Service{Store: db, Tokens: tokens, Now: w.now, Account: "123456789012"}
	plain := &passwords.Service{Store: db, Queue: queue, Now: w.now}
	w.accounts = &account.Service{Store: db, Sealer: db, Messenger: messenger, Passwords: plain, Now: w.now, Log: log}
	w.service = &signin.Service{
		Store: w.store, Sealer: w.store, Tokens: tokens, Now: w.now, Lockout: true,
		Passwords: &passwords.Service{Store: w.store, Queue: queue, Now: w.now},
	}
	w.create(settings...)
	return w
}

// create makes the pool and its client.
func (w *world) create(settings ...setting) {
	w.t.Helper()
	p := &wire.CreateUserPoolRequest{PoolName: "pool"}
	c := &wire.CreateUserPoolClientRequest{ClientName: "client", ExplicitAuthFlows: []wire.ExplicitAuthFlowsType{
		"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
	}}
	for _, set := range settings {
		set(p, c)
	}
	pool, err := w.directory.CreatePool(w.t.Context(), region, p, directory.PoolOptions{ID: poolID})
	w.must(err)
	w.client, err = w.directory.CreateClient(w.t.Context(), pool, c, directory.ClientOptions{ID: clientID})
	w.must(err)
	w.pool = w.client.Pool
}

// testKey is made once a process.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func (w *world) now() time.Time          { return time.UnixMicro(w.clock.Load()).UTC() }
func (w *world) advance(d time.Duration) { w.clock.Add(d.Microseconds()) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// invite creates a user with a temporary password, or, where the pool allows it, with none.
func (w *world) invite(name, temporary string, attributes ...string) *userpool.User {
	w.t.Helper()
	in := account.Invitation{Pool: w.pool, Username: name, TemporaryPassword: temporary, Suppress: true}
	for i := 0; i < len(attributes); i += 2 {
		in.Attributes.Set(attributes[i], attributes[i+1])
	}
	u, err := w.accounts.Invite(w.t.Context(), in)
	w.must(err)
	return u
}

// confirmed creates a user with a permanent password.
func (w *world) confirmed(name string, attributes ...string) *userpool.User {
	w.t.Helper()
	u := w.invite(name, password, attributes...)
	w.setPassword(name, password)
	return w.user(u.Key)
}

func (w *world) setPassword(name, text string) {
	w.t.Helper()
	w.must(w.accounts.SetPassword(w.t.Context(), w.pool, name, text, true))
}

func (w *world) user(key userpool.UserKey) *userpool.User {
	w.t.Helper()
	u, err := w.store.User(w.t.Context(), key)
	w.must(err)
	return u
}

// change writes a user's row.
func (w *world) change(key userpool.UserKey, change func(*userpool.User)) {
	w.t.Helper()
	w.must(w.store.Store.Write(w.t.Context(), func(tx userpool.Tx) error {
		u, err := tx.User(w.t.Context(), key)
		if err != nil {
			return err
		}
		change(u)
		return tx.UpdateUser(w.t.Context(), u)
	}))
}

// parameters are pairs of names and values; blank values are left out.
func parameters(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

func (w *world) initiate(flow userpool.Flow, pairs ...string) (*signin.Outcome, string) {
	w.t.Helper()
	return w.initiateIn(w.t.Context(), flow, pairs...)
}

// initiateIn is initiate in the context of a request.
func (w *world) initiateIn(ctx context.Context, flow userpool.Flow, pairs ...string) (*signin.Outcome, string) {
	w.t.Helper()
	admin := flow == userpool.AdminUserPasswordAuth || flow == userpool.AdminNoSRPAuth
	return w.told(w.service.Initiate(ctx, signin.Request{
		Client: w.client, Flow: flow, Admin: admin, Parameters: parameters(pairs...),
	}))
}

func (w *world) respond(challenge, session string, pairs ...string) (*signin.Outcome, string) {
	w.t.Helper()
	return w.told(w.service.Respond(w.t.Context(), signin.Answer{
		Client: w.client, Challenge: challenge, Session: session, Responses: parameters(pairs...),
	}))
}

// told sums an outcome up in one word or sentence.
func (w *world) told(out *signin.Outcome, err error) (*signin.Outcome, string) {
	w.t.Helper()
	var e *userpool.Error
	switch {
	case errors.As(err, &e):
		if out != nil {
			w.t.Errorf("an outcome beside the error %v", err)
		}
		return nil, e.Error()
	case err != nil:
		w.t.Fatalf("internal error: %v", err)
	case out.Issued != nil:
		return out, issued
	}
	return out, out.Challenge
}

// signIn is USER_PASSWORD_AUTH.
func (w *world) signIn(name, text string) string {
	w.t.Helper()
	_, told := w.initiate(userpool.UserPasswordAuth, "USERNAME", name, "PASSWORD", text, "SECRET_HASH", w.hash(name))
	return told
}

// hash is the SECRET_HASH of a name, or "" in a client without secret.
func (w *world) hash(name string) string {
	if w.client.Public() {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(w.client.Secrets[0].Value))
	mac.Write([]byte(name + w.client.ID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// exchange is one SRP sign-in: the first step is taken, the answer can be changed before it is sent.
type exchange struct {
	w      *world
	client *srp.Client
	given  map[string]string // ChallengeParameters
	answer map[string]string // ChallengeResponses
}

// startSRP takes the first step, which must give the challenge.
func (w *world) startSRP(name string) *exchange {
	w.t.Helper()
	x, told := w.tryStartSRP(name)
	if told != challengeSRP {
		w.t.Fatalf("USER_SRP_AUTH: got %q", told)
	}
	return x
}

func (w *world) tryStartSRP(name string) (*exchange, string) {
	w.t.Helper()
	x := &exchange{w: w, client: srp.NewClient(w.pool.SRPName())}
	out, told := w.initiate(userpool.UserSRPAuth, "USERNAME", name, "SRP_A", x.client.SRPA(), "SECRET_HASH", w.hash(name))
	if out != nil {
		x.given = out.Parameters
	}
	return x, told
}

// sign computes the answer with a password, at the server's time.
func (x *exchange) sign(text string) *exchange {
	return x.signAt(text, srp.FormatTimestamp(x.w.now()))
}

func (x *exchange) signAt(text, timestamp string) *exchange {
	x.w.t.Helper()
	block, err := base64.StdEncoding.DecodeString(x.given["SECRET_BLOCK"])
	x.w.must(err)
	id := x.given["USER_ID_FOR_SRP"]
	signature, err := x.client.Respond(id, text, x.given["SALT"], x.given["SRP_B"], block, timestamp)
	x.w.must(err)
	x.answer = parameters(
		"USERNAME", id, "PASSWORD_CLAIM_SECRET_BLOCK", x.given["SECRET_BLOCK"], "TIMESTAMP", timestamp,
		"PASSWORD_CLAIM_SIGNATURE", base64.StdEncoding.EncodeToString(signature), "SECRET_HASH", x.w.hash(id),
	)
	return x
}

func (x *exchange) set(name, value string) *exchange {
	x.answer[name] = value
	return x
}

func (x *exchange) send() string {
	x.w.t.Helper()
	_, told := x.respond()
	return told
}

func (x *exchange) respond() (*signin.Outcome, string) {
	x.w.t.Helper()
	return x.w.told(x.w.service.Respond(x.w.t.Context(), signin.Answer{
		Client: x.w.client, Challenge: challengeSRP, Responses: x.answer,
	}))
}

// observed is the real store, which notes what is asked of it.
type observed struct {
	userpool.Store
	sealer userpool.Sealer
	mu     sync.Mutex
	notes  []string
	before func() // runs before each unit of work
}

func (o *observed) note(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notes = append(o.notes, text)
}

// since gives what was noted since the last call.
func (o *observed) since() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	notes := o.notes
	o.notes = nil
	return notes
}

func (o *observed) FindUser(ctx context.Context, pool int64, by userpool.Lookup) (*userpool.User, error) {
	o.note("FindUser")
	return o.Store.FindUser(ctx, pool, by)
}

func (o *observed) User(ctx context.Context, key userpool.UserKey) (*userpool.User, error) {
	o.note("User")
	return o.Store.User(ctx, key)
}

func (o *observed) Password(ctx context.Context, key userpool.UserKey) (*userpool.Password, error) {
	o.note("Password")
	return o.Store.Password(ctx, key)
}

func (o *observed) Attempts(ctx context.Context, key userpool.AttemptKey) (userpool.Attempts, error) {
	o.note("Attempts")
	return o.Store.Attempts(ctx, key)
}

func (o *observed) SignInHistory(ctx context.Context, key userpool.UserKey, since time.Time, limit int) (userpool.SignInHistory, error) {
	o.note("SignInHistory")
	return o.Store.SignInHistory(ctx, key, since, limit)
}

func (o *observed) Write(ctx context.Context, fn func(userpool.Tx) error) error {
	if o.before != nil {
		o.before()
	}
	o.note("Write")
	return o.Store.Write(ctx, func(tx userpool.Tx) error { return fn(&observedTx{tx, o}) })
}

func (o *observed) Seal(ctx context.Context, pool int64, purpose string, plaintext []byte) ([]byte, error) {
	o.note("Seal")
	return o.sealer.Seal(ctx, pool, purpose, plaintext)
}

func (o *observed) Open(ctx context.Context, pool int64, purpose string, sealed []byte) ([]byte, error) {
	o.note("Open")
	return o.sealer.Open(ctx, pool, purpose, sealed)
}

func (o *observed) MAC(ctx context.Context, pool int64, purpose string, parts ...string) ([32]byte, error) {
	o.note("MAC")
	return o.sealer.MAC(ctx, pool, purpose, parts...)
}

type observedTx struct {
	userpool.Tx
	o *observed
}

func (t *observedTx) Attempts(ctx context.Context, key userpool.AttemptKey) (userpool.Attempts, error) {
	t.o.note("tx.Attempts")
	return t.Tx.Attempts(ctx, key)
}

func (t *observedTx) PutAttempts(ctx context.Context, key userpool.AttemptKey, a userpool.Attempts) error {
	t.o.note("tx.PutAttempts")
	return t.Tx.PutAttempts(ctx, key, a)
}

func (t *observedTx) PutAuthEvent(ctx context.Context, e *userpool.AuthEvent) error {
	t.o.note("PutAuthEvent " + string(e.Response))
	return t.Tx.PutAuthEvent(ctx, e)
}

func (t *observedTx) User(ctx context.Context, key userpool.UserKey) (*userpool.User, error) {
	t.o.note("tx.User")
	return t.Tx.User(ctx, key)
}

// remove deletes the user whom an administrator names.
func (w *world) remove(name string) error {
	u, err := w.accounts.Find(w.t.Context(), w.pool, name)
	if err != nil {
		return err
	}
	return w.accounts.Delete(w.t.Context(), u.Key)
}
