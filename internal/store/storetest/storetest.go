// Package storetest says, in tests, what every engine of the store does. A subject is a file.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// A Store is what is tested.
type Store interface {
	userpool.Store
	userpool.Sealer
	Sweep(ctx context.Context) (int, error)
}

// Open opens an empty store for a test, which closes it when it ends. The store keeps its audit log for AuditFor.
type Open func(t testing.TB, now func() time.Time) Store

// Run runs every subject, each on a store of its own.
func Run(t *testing.T, open Open) {
	for _, subject := range []struct {
		name string
		test func(*house)
	}{
		{"Pools", testPools},
		{"PoolList", testPoolList},
		{"PoolVersions", testPoolVersions},
		{"PoolDeletion", testPoolDeletion},
		{"SigningKeys", testSigningKeys},
		{"CountUsers", testCountUsers},
		{"Clients", testClients},
		{"ClientList", testClientList},
		{"ClientVersions", testClientVersions},
		{"ClientDeletion", testClientDeletion},
		{"Documents", testDocuments},
		{"DocumentNames", testDocumentNames},
		{"DocumentList", testDocumentList},
		{"Groups", testGroups},
		{"GroupList", testGroupList},
		{"Members", testMembers},
		{"MembersAtOnce", testMembersAtOnce},
		{"Links", testLinks},
		{"ImportJobs", testImportJobs},
		{"Uploads", testUploads},
		{"CreateUsers", testCreateUsers},
		{"UserSessions", testUserSessions},
		{"AuthEvents", testAuthEvents},
		{"Users", testUsers},
		{"UserVersions", testUserVersions},
		{"UserDeletion", testUserDeletion},
		{"FindUser", testFindUser},
		{"Search", testSearch},
		{"SearchFollowsChanges", testSearchFollowsChanges},
		{"SearchPages", testSearchPages},
		{"SearchLongValues", testSearchLongValues},
		{"Aliases", testAliases},
		{"LongAliases", testLongAliases},
		{"Passwords", testPasswords},
		{"FormerPasswords", testFormerPasswords},
		{"Codes", testCodes},
		{"Attempts", testAttempts},
		{"TokenState", testTokenState},
		{"RefreshState", testRefreshState},
		{"ReplaceRefreshToken", testReplaceRefreshToken},
		{"Grants", testGrants},
		{"Spend", testSpend},
		{"AccessKeys", testAccessKeys},
		{"Inbox", testInbox},
		{"AuditEntry", testAuditEntry},
		{"AuditNothing", testAuditNothing},
		{"AuditMade", testAuditMade},
		{"AuditQueries", testAuditQueries},
		{"AuditRace", testAuditRace},
		{"AuditSweep", testAuditSweep},
		{"Sealer", testSealer},
		{"SweepExpired", testSweepExpired},
		{"SweepDeleted", testSweepDeleted},
		{"Texts", testTexts},
		{"UnitKeepsAllOrNothing", testUnitKeepsAllOrNothing},
		{"UnitReadsItsOwn", testUnitReadsItsOwn},
		{"UnitIsOver", testUnitIsOver},
		{"UnitsTogether", testUnitsTogether},
		{"UnitCancelled", testUnitCancelled},
		{"NoLostUpdates", testNoLostUpdates},
		{"AliasRace", testAliasRace},
		{"SpendRace", testSpendRace},
		{"UserNameRace", testUserNameRace},
		{"InboxRace", testInboxRace},
		{"ReadsDuringUnit", testReadsDuringUnit},
		{"AcknowledgedIsVisible", testAcknowledgedIsVisible},
	} {
		t.Run(subject.name, func(t *testing.T) {
			t.Parallel()
			subject.test(newHouse(t, open))
		})
	}
}

// A house is a store with a clock and what most subjects begin with: a pool, a client, a user.
type house struct {
	Store
	t     *testing.T
	ctx   context.Context
	clock *clock

	numbers atomic.Int64 // of users: drawn ones meet now and then under a clock that stands still

	pool   *userpool.Pool
	client *userpool.Client
	user   *userpool.User
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newHouse(t *testing.T, open Open) *house {
	h := &house{t: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 89000, time.UTC)}}
	h.Store = open(t, h.clock.Now)
	h.pool = h.newPool("us-east-1_first")
	h.client = h.newClient(h.pool, "firstclient")
	h.user = h.newUser(h.pool, "jane")
	return h
}

// write is a unit of work that must succeed.
func (h *house) write(fn func(tx userpool.Tx) error) {
	h.t.Helper()
	if err := h.Write(h.ctx, fn); err != nil {
		h.t.Fatal(err)
	}
}

// refused is a unit of work that must end with want.
func (h *house) refused(want error, fn func(tx userpool.Tx) error) {
	h.t.Helper()
	if err := h.Write(h.ctx, fn); !errors.Is(err, want) {
		h.t.Errorf("the unit of work ended with %v, want %v", err, want)
	}
}

// missing checks that a read answered ErrNotFound.
func (h *house) missing(what string, err error) {
	h.t.Helper()
	if !errors.Is(err, userpool.ErrNotFound) {
		h.t.Errorf("%s: got %v, want %v", what, err, userpool.ErrNotFound)
	}
}

func (h *house) equal(what string, got, want any) {
	h.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// must gives the value of a read that must succeed.
func must[T any](h *house) func(T, error) T {
	h.t.Helper()
	return func(v T, err error) T {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
		return v
	}
}

func (h *house) makePool(id string) *userpool.Pool {
	now := h.clock.Now()
	return &userpool.Pool{
		Number: userpool.NewNumber(now), ID: id, Name: "a pool", Created: now, Modified: now,
		Settings: &wire.UserPoolType{
			AliasAttributes:  []wire.AliasAttributeType{"email", "phone_number"},
			MFAConfiguration: "OFF",
			Policies:         &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: new(int32(8))}},
			UserPoolTags:     map[string]string{"stage": "tést <&>"},
		},
		Factors: userpool.Factors{SMS: true, SoftwareToken: &wire.SoftwareTokenMFAConfigType{Enabled: new(false)}},
	}
}

func (h *house) makeKeys(p *userpool.Pool) []userpool.SigningKey {
	var keys []userpool.SigningKey
	for _, use := range []userpool.KeyUse{userpool.SignsAccess, userpool.SignsID} {
		keys = append(keys, userpool.SigningKey{KID: "kid-" + string(use) + "-" + uuid.NewString(), Pool: p.Number, PoolID: p.ID,
			Use: use, Public: []byte("public " + use), Private: []byte("private " + use), Created: h.clock.Now()})
	}
	return keys
}

func (h *house) newPool(id string) *userpool.Pool {
	h.t.Helper()
	p := h.makePool(id)
	keys := h.makeKeys(p)
	h.write(func(tx userpool.Tx) error { return tx.CreatePool(h.ctx, p, keys) })
	return p
}

func (h *house) makeClient(p *userpool.Pool, id string) *userpool.Client {
	now := h.clock.Now()
	return &userpool.Client{
		Pool: p, ID: id, Name: "a client", Created: now, Modified: now,
		Settings: &wire.UserPoolClientType{ExplicitAuthFlows: []wire.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"},
			CallbackURLs: []string{}, RefreshTokenValidity: new(int32(30))},
		Secrets: []userpool.ClientSecret{{ID: "one", Value: "first secret", Created: now}},
	}
}

func (h *house) newClient(p *userpool.Pool, id string) *userpool.Client {
	h.t.Helper()
	c := h.makeClient(p, id)
	h.write(func(tx userpool.Tx) error { return tx.CreateClient(h.ctx, c) })
	return c
}

func (h *house) makeUser(p *userpool.Pool, name string) *userpool.User {
	now := h.clock.Now()
	return &userpool.User{
		Key: userpool.UserKey{Pool: p.Number, User: h.numbers.Add(1)}, Username: name, Sub: uuid.NewString(),
		Status: userpool.Confirmed, Enabled: true,
		Attributes: userpool.Attributes{{Name: "name", Value: "Jané \"x\" \x00"}, {Name: "email", Value: name + "@example.com"}},
		Created:    now, Modified: now,
	}
}

func (h *house) newUser(p *userpool.Pool, name string) *userpool.User {
	h.t.Helper()
	u := h.makeUser(p, name)
	h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, p.Fold(name)) })
	return u
}

func (h *house) makeGrant(c *userpool.Client, u *userpool.User) (*userpool.Grant, *userpool.RefreshToken) {
	now := h.clock.Now()
	g := &userpool.Grant{Pool: c.Pool.Number, ID: uuid.NewString(), User: u.Key.User, ClientID: c.ID,
		Scopes: []string{"aws.cognito.signin.user.admin"}, EventID: uuid.NewString(), AuthTime: now, Created: now,
		Expires: now.Add(time.Hour)}
	t := &userpool.RefreshToken{Pool: g.Pool, GrantID: g.ID, Issued: now, Expires: g.Expires}
	copy(t.Hash[:], g.ID)
	return g, t
}

func (h *house) newGrant(c *userpool.Client, u *userpool.User) (*userpool.Grant, *userpool.RefreshToken) {
	h.t.Helper()
	g, t := h.makeGrant(c, u)
	h.write(func(tx userpool.Tx) error { return tx.PutGrant(h.ctx, g, t) })
	return g, t
}

func (h *house) makeCode(u *userpool.User, value string) *userpool.Code {
	now := h.clock.Now()
	return &userpool.Code{User: u.Key, ID: uuid.NewString(), Purpose: userpool.VerifyAttribute, Attribute: "email",
		Destination: "jane@example.com", Value: value, Created: now, Expires: now.Add(time.Hour)}
}

func (h *house) newCode(u *userpool.User, value string) *userpool.Code {
	h.t.Helper()
	c := h.makeCode(u, value)
	h.write(func(tx userpool.Tx) error { return tx.PutCode(h.ctx, c) })
	return c
}

// together runs fn n times at once and gives the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// tally counts errors by what they are.
func tally(errs []error) map[string]int {
	n := map[string]int{}
	for _, err := range errs {
		n[fmt.Sprint(err)]++
	}
	return n
}
