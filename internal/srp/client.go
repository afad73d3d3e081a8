package srp

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
)

// A Client is the client's side of one sign-in.
type Client struct {
	poolName string
	a        *big.Int // the secret exponent
	publicA  *big.Int
}

// NewClient begins a sign-in. poolName is the part of the pool's id after the underscore; for a device, its
// group key.
func NewClient(poolName string) *Client {
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return newClient(poolName, new(big.Int).SetBytes(secret))
}

// newClient is NewClient with the secret exponent given.
func newClient(poolName string, a *big.Int) *Client {
	return &Client{poolName: poolName, a: a, publicA: GeneratorExp(a)}
}

// Format hides the client's secret from formatted output.
func (*Client) Format(s fmt.State, _ rune) { io.WriteString(s, "srp.Client") }

// SRPA is the client's public key, SRP_A, in hexadecimal.
func (c *Client) SRPA() string {
	return c.publicA.Text(16)
}

// Respond answers the challenge PASSWORD_VERIFIER (DEVICE_PASSWORD_VERIFIER): it gives the signature, 32 bytes.
// userID is the challenge's USER_ID_FOR_SRP (the device's key), salt its SALT and srpB its SRP_B, both in
// hexadecimal, block its SECRET_BLOCK, decoded; timestamp is FormatTimestamp's, and is sent along. The error is
// ErrHex or ErrRange; whether the password is right, only the server knows.
func (c *Client) Respond(userID, password, salt, srpB string, block []byte, timestamp string) (signature []byte, err error) {
	s, err := parseHex(salt)
	if err != nil {
		return nil, err
	}
	b, err := parsePublicKey(srpB)
	if err != nil {
		return nil, err
	}
	u := hashInt(Pad(c.publicA), Pad(b))
	if u.Sign() == 0 {
		return nil, ErrRange
	}
	x := privateKey(s, c.poolName, userID, password)
	key := newKey(u, c.secret(b, u, x))
	return key.Sign(Proof{PoolName: c.poolName, UserID: userID, Block: block, Timestamp: timestamp}), nil
}

// secret is S = (B - k·g^x)^(a + u·x) mod N.
func (c *Client) secret(b, u, x *big.Int) *big.Int {
	base := GeneratorExp(x)
	base.Mul(base, k).Sub(b, base).Mod(base, n)
	e := new(big.Int).Mul(u, x)
	return Exp(base, e.Add(e, c.a))
}
