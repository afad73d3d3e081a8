package userpool

import "time"

// Grant is one sign-in: the family of tokens that came from it. Its ID is the tokens' origin_jti.
type Grant struct {
	Pool     int64
	ID       string // UUID
	User     int64
	ClientID string
	Scopes   []string // aws.cognito.signin.user.admin for sign-in by API
	EventID  string   // UUID, claim event_id
	AuthTime time.Time
	Created  time.Time
	Expires  time.Time // end of the refresh token's life; refreshing does not move it
	Revoked  time.Time // zero while it is good
}

// RefreshToken is one refresh token of a grant. Only the hash of the token is known to the server.
type RefreshToken struct {
	Hash     [32]byte // SHA-256 of the token
	Pool     int64
	GrantID  string
	Issued   time.Time
	Expires  time.Time
	Replaced time.Time // by rotation; zero while it is the newest
}

// TokenState is what the store knows of an access token's or refresh token's subject, read in one
// statement. Members are nil when they are gone.
type TokenState struct {
	Pool    *Pool // also when deleted: look at Deleted
	Client  *Client
	User    *User
	Grant   *Grant
	Refresh *RefreshToken // only from RefreshState
}

// KeyUse is what a signing key signs.
type KeyUse string

const (
	SignsAccess KeyUse = "access"
	SignsID     KeyUse = "id"
)

// SigningKey is one RSA-2048 key of a pool. The keys of a deleted pool are kept, without their private
// part, as long as an access token can live.
type SigningKey struct {
	KID     string
	Pool    int64
	PoolID  string
	Use     KeyUse
	Public  []byte // PKCS #1 DER
	Private []byte // PKCS #8 DER; sealed in the database; nil when the pool is deleted
	Created time.Time
}

// AccessKey is a credential of a caller of signed operations.
type AccessKey struct {
	ID          string // AKIA… , 20 characters
	Secret      string // 40 characters; sealed in the database
	Description string
	Created     time.Time
}
