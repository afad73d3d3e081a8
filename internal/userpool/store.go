package userpool

import (
	"context"
	"time"
)

// Store keeps everything. Reads see committed data; a change is one unit of work.
type Store interface {
	Reader
	// Write runs fn as one unit of work and returns when it is durable. fn may run more than once: it
	// decides only on what it reads from tx, changes nothing outside, and does no network, delivery,
	// signing or exponentiation. An error of fn is returned unchanged and nothing of it is kept.
	Write(ctx context.Context, fn func(tx Tx) error) error
}

// Reader reads. Everything that can be missing answers ErrNotFound.
type Reader interface {
	PoolReader
	ClientReader
	DocumentReader
	UserReader
	GroupReader
	LinkReader
	UserSessionReader
	AuthEventReader
	TokenReader
	AccessKeyReader
	InboxReader
	AuditReader
	ImportReader
}

// Tx reads and changes inside one unit of work.
type Tx interface {
	Reader
	PoolWriter
	ClientWriter
	DocumentWriter
	UserWriter
	GroupWriter
	LinkWriter
	UserSessionWriter
	AuthEventWriter
	TokenWriter
	AccessKeyWriter
	InboxWriter
	ImportWriter
}

// Page bounds a list: what follows After (the last key seen, "" for the start), at most Limit items.
type Page struct {
	After string
	Limit int
}

type PoolReader interface {
	// Pool finds a living pool by its id.
	Pool(ctx context.Context, id string) (*Pool, error)
	// Pools lists the living pools of a region, those with a replica there too, by creation and id. The next page starts after the
	// returned key, which is "" on the last page.
	Pools(ctx context.Context, region string, page Page) (pools []*Pool, next string, err error)
	// CountPools counts the living pools of a region.
	CountPools(ctx context.Context, region string) (int, error)
	// CountUsers counts the users of a pool.
	CountUsers(ctx context.Context, pool int64) (int64, error)
	// SigningKey finds a key by its kid, also that of a deleted pool.
	SigningKey(ctx context.Context, kid string) (*SigningKey, error)
	// SigningKeys lists the keys of a living pool, oldest first.
	SigningKeys(ctx context.Context, pool int64) ([]SigningKey, error)
}

type PoolWriter interface {
	// CreatePool stores a new pool at version 1 with its data key and signing keys. ErrExists when the
	// id or the number is taken.
	CreatePool(ctx context.Context, p *Pool, keys []SigningKey) error
	// UpdatePool stores name, configuration and Modified if the version is still p.Version, and moves it.
	// ErrVersion otherwise, ErrNotFound when the pool is gone.
	UpdatePool(ctx context.Context, p *Pool) error
	// DeletePool removes the pool with everything in it; its public keys stay for a day.
	DeletePool(ctx context.Context, pool int64, at time.Time) error
}

type ClientReader interface {
	// Client finds an app client of a living pool, with its pool.
	Client(ctx context.Context, id string) (*Client, error)
	// Clients lists the clients of a pool by id; next as in Pools.
	Clients(ctx context.Context, pool *Pool, page Page) (clients []*Client, next string, err error)
	// CountClients counts the clients of a pool.
	CountClients(ctx context.Context, pool int64) (int, error)
}

type ClientWriter interface {
	// CreateClient stores a new client at version 1 with its secrets. ErrExists when the id is taken.
	CreateClient(ctx context.Context, c *Client) error
	// UpdateClient stores name, settings, Modified and the list of secrets, like UpdatePool.
	UpdateClient(ctx context.Context, c *Client) error
	// DeleteClient removes the client. Its grants are worthless from then on.
	DeleteClient(ctx context.Context, c *Client) error
}

type UserReader interface {
	User(ctx context.Context, key UserKey) (*User, error)
	// FindUser finds a user by the first part of the look-up that matches.
	FindUser(ctx context.Context, pool int64, by Lookup) (*User, error)
	// Users lists users in the order of the value searched, all of them by creation. There are more after next
	// unless it is zero; a page can have fewer than its limit before that.
	Users(ctx context.Context, pool int64, s UserSearch) (users []*User, next UserMark, err error)
	// Standing reads what a sign-in relies on, in one statement.
	Standing(ctx context.Context, key UserKey) (Standing, error)
	// Password gives the password in force.
	Password(ctx context.Context, key UserKey) (*Password, error)
	// Passwords lists the password in force and former ones that were kept, newest first, at most limit.
	Passwords(ctx context.Context, key UserKey, limit int) ([]Password, error)
	// Codes lists the codes of that purpose and attribute ("" for all), newest first, expired ones too.
	Codes(ctx context.Context, key UserKey, purpose CodePurpose, attribute string) ([]Code, error)
	// Attempts gives a counter; the zero value when there is none.
	Attempts(ctx context.Context, key AttemptKey) (Attempts, error)
}

type UserWriter interface {
	// CreateUser stores a new user at version 1. ErrExists when number, sub or user name is taken.
	CreateUser(ctx context.Context, u *User, folded string) error
	// UpdateUser stores status, enabled, attributes, pending values, Modified and ValidAfter if the
	// version is still u.Version, and moves it (also in u).
	UpdateUser(ctx context.Context, u *User) error
	// DeleteUser removes the user with everything that is theirs.
	DeleteUser(ctx context.Context, key UserKey) error
	// PutPassword stores a password as the one in force and keeps that many in all, at least this one.
	// Its generation must be the highest: ErrVersion otherwise.
	PutPassword(ctx context.Context, p *Password, keep int) error
	// AliasOwner gives the user's number that owns the alias.
	AliasOwner(ctx context.Context, pool int64, a Alias) (user int64, err error)
	// PutAlias gives the alias to the user; ErrExists when another user has it.
	PutAlias(ctx context.Context, key UserKey, a Alias) error
	// DeleteAliases takes the user's aliases of that attribute away.
	DeleteAliases(ctx context.Context, key UserKey, attribute string) error
	PutCode(ctx context.Context, c *Code) error
	DeleteCode(ctx context.Context, key UserKey, id string) error
	// DeleteCodes removes the user's codes of that purpose and attribute ("" for all) except the one
	// with the id keep ("" keeps none) and those that were made after it.
	DeleteCodes(ctx context.Context, key UserKey, purpose CodePurpose, attribute, keep string) error
	PutAttempts(ctx context.Context, key AttemptKey, a Attempts) error
	DeleteAttempts(ctx context.Context, key AttemptKey) error
}

type TokenReader interface {
	// TokenState reads the subject of an access token in one statement. grant may be "".
	TokenState(ctx context.Context, pool int64, clientID, sub, grant string) (*TokenState, error)
	// RefreshState reads a refresh token of a grant with the grant, its user and client in one statement.
	RefreshState(ctx context.Context, grant string, hash [32]byte) (*TokenState, error)
}

type TokenWriter interface {
	PutGrant(ctx context.Context, g *Grant, t *RefreshToken) error
	// ReplaceRefreshToken stores the next token of a grant. The old one is marked replaced at the moment when the next was
	// issued, unless it was before; then the oldest of those that are good go, beyond twenty. Those that were replaced a day
	// ago go. ErrNotFound when the grant is gone.
	ReplaceRefreshToken(ctx context.Context, g *Grant, old, next *RefreshToken) error
	// RevokeGrant marks a grant revoked; nothing happens when it is revoked already.
	RevokeGrant(ctx context.Context, g *Grant, at time.Time) error
	// Spend records that a challenge session or secret block was used. ErrExists when it was before.
	Spend(ctx context.Context, pool int64, id string, expires time.Time) error
}

type AccessKeyReader interface {
	AccessKey(ctx context.Context, id string) (*AccessKey, error)
	AccessKeys(ctx context.Context) ([]AccessKey, error) // without secrets
}

type AccessKeyWriter interface {
	CreateAccessKey(ctx context.Context, k *AccessKey) error
	DeleteAccessKey(ctx context.Context, id string) error
}

type InboxReader interface {
	// Inbox lists messages to an address ("" for all), newest first.
	Inbox(ctx context.Context, to string, limit int) ([]InboxMessage, error)
}

type InboxWriter interface {
	// PutInbox stores a message; only the newest thousand are kept.
	PutInbox(ctx context.Context, m *InboxMessage) error
}

// Sealer seals what leaves the server (challenge sessions, secret blocks) under a pool's data key.
type Sealer interface {
	// Seal binds plaintext to the pool and to what it is for.
	Seal(ctx context.Context, pool int64, purpose string, plaintext []byte) ([]byte, error)
	// Open gives the plaintext, or ErrNotFound for anything that Seal did not make for this pool and purpose.
	Open(ctx context.Context, pool int64, purpose string, sealed []byte) ([]byte, error)
	// MAC is a keyed hash of the parts: the same for ever for this pool and purpose, unknown to others.
	MAC(ctx context.Context, pool int64, purpose string, parts ...string) ([32]byte, error)
}
