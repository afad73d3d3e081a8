package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// secretBlock is the server's state between the two steps of SRP, sealed into SECRET_BLOCK. It is bound to
// the client, the user and the password that was in force.
type secretBlock struct {
	ID         string    `json:"id"`
	ClientID   string    `json:"client"`
	User       int64     `json:"user,omitzero"` // zero for a stand-in
	Typed      string    `json:"typed"`
	Generation int64     `json:"generation,omitzero"`
	Exchange   []byte    `json:"exchange"`
	Expires    time.Time `json:"expires"`
}

const blockPurpose = "srp secret block"

// startSRP is the first step of USER_SRP_AUTH: it answers the client's A with B.
func (s *Service) startSRP(ctx context.Context, req Request) (*Outcome, error) {
	c, p := req.Client, req.Parameters
	for _, name := range []string{"USERNAME", "SRP_A"} {
		if p[name] == "" {
			return nil, missing(name)
		}
	}
	a, err := srp.ParseA(p["SRP_A"])
	if err != nil {
		return nil, userpool.NewError(userpool.InvalidParameter, "SRP_A is not a valid public value.")
	}
	if err := c.CheckSecretHash(p["SECRET_HASH"], p["USERNAME"]); err != nil {
		return nil, err
	}
	if err := honoured(c.Pool); err != nil {
		return nil, err
	}
	sub, err := s.find(ctx, c, p["USERNAME"])
	if err != nil {
		return nil, err
	}
	if err := s.state(c, sub); err != nil {
		return nil, err
	}
	salt, verifier, name, err := s.verifier(ctx, c.Pool, sub)
	if err != nil {
		return nil, err
	}
	block := secretBlock{
		ID: uuid.NewString(), ClientID: c.ID, Typed: sub.typed,
		Expires: s.Now().Add(c.SessionLifetime()),
	}
	if sub.known() {
		block.User, block.Generation = sub.user.Key.User, sub.password.Generation
	}
	var publicKey string
	if err := s.arithmetic(ctx, func() error {
		exchange, key, err := srp.Start(verifier, a)
		if err == nil {
			block.Exchange, publicKey = exchange.State(), key
		}
		return err
	}); err != nil {
		return nil, err
	}
	sealed, err := s.sealJSON(ctx, c.Pool, blockPurpose, block)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Challenge: "PASSWORD_VERIFIER",
		Parameters: map[string]string{
			"SALT":            srp.Hex(salt),
			"SRP_B":           publicKey,
			"SECRET_BLOCK":    base64.StdEncoding.EncodeToString(sealed),
			"USERNAME":        name,
			"USER_ID_FOR_SRP": name,
		},
	}, nil
}

// finishSRP answers PASSWORD_VERIFIER. Whatever is wrong with the answer, but for a timestamp that cannot
// be read, looks like a wrong password, and the signature is computed before anything is decided.
func (s *Service) finishSRP(ctx context.Context, ans Answer) (*Outcome, error) {
	c, r := ans.Client, ans.Responses
	for _, name := range []string{"USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"} {
		if r[name] == "" {
			return nil, missing(name)
		}
	}
	stamp, stampErr := srp.ParseTimestamp(r["TIMESTAMP"])
	if errors.Is(stampErr, srp.ErrTimestampFormat) {
		return nil, userpool.NewError(userpool.InvalidParameter,
			"TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	sealed, err := base64.StdEncoding.DecodeString(r["PASSWORD_CLAIM_SECRET_BLOCK"])
	var block secretBlock
	if err == nil {
		err = s.openJSON(ctx, c.Pool, blockPurpose, sealed, &block)
	}
	if err != nil && !errors.Is(err, userpool.ErrNotFound) && !isCorrupt(err) {
		return nil, err
	}
	if err != nil || block.ClientID != c.ID || s.Now().After(block.Expires) {
		// Which user this was meant for is not known, so the secret hash can be checked over what was sent only.
		if err := c.CheckSecretHash(r["SECRET_HASH"], r["USERNAME"]); err != nil {
			return nil, err
		}
		return nil, userpool.WrongPassword()
	}
	sub, err := s.subjectOf(ctx, c, block)
	if err != nil {
		return nil, err
	}
	_, verifier, name, err := s.verifier(ctx, c.Pool, sub)
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(r["SECRET_HASH"], r["USERNAME"], name); err != nil {
		return nil, err
	}
	if err := s.open(ctx, sub.attempts); err != nil {
		return nil, err
	}
	if err := s.state(c, sub); err != nil {
		return nil, err
	}
	claimed, claimErr := base64.StdEncoding.DecodeString(r["PASSWORD_CLAIM_SIGNATURE"])
	right := false
	if err := s.arithmetic(ctx, func() error {
		exchange, err := srp.Resume(block.Exchange)
		if err == nil {
			right, err = exchange.Verify(verifier, srp.Proof{
				PoolName: c.Pool.SRPName(), UserID: name,
				Block: sealed, Timestamp: r["TIMESTAMP"], Signature: claimed,
			})
		}
		return err
	}); err != nil {
		return nil, err
	}
	tolerance := s.TimestampTolerance
	if tolerance == 0 {
		tolerance = 5 * time.Minute
	}
	fresh := stampErr == nil && s.Now().Sub(stamp).Abs() <= tolerance
	current := sub.known() && sub.password.Generation == block.Generation
	if !right || claimErr != nil || !fresh || !current || !sub.named(r["USERNAME"], name) {
		return nil, s.failed(ctx, sub.attempts)
	}
	return s.proceed(ctx, c, sub, func(tx userpool.Tx) error {
		err := tx.Spend(ctx, c.Pool.Number, block.ID, block.Expires)
		if errors.Is(err, userpool.ErrExists) {
			return userpool.WrongPassword()
		}
		return err
	})
}

// subjectOf finds the user of a block again, or the stand-in.
func (s *Service) subjectOf(ctx context.Context, c *userpool.Client, block secretBlock) (subject, error) {
	sub := subject{typed: block.Typed}
	if block.User == 0 {
		found, err := s.find(ctx, c, block.Typed)
		found.user, found.password = nil, nil // a user made meanwhile is not the one that was asked
		return found, err
	}
	key := userpool.UserKey{Pool: c.Pool.Number, User: block.User}
	user, err := s.Store.User(ctx, key)
	if err != nil {
		return sub, userpool.OrNotFound(err, userpool.WrongPassword())
	}
	sub.user, sub.attempts = user, attemptKey(key.Pool, decimal(key.User))
	sub.password, err = s.Store.Password(ctx, key)
	return sub, userpool.OrNotFound(err, userpool.WrongPassword())
}

// named says whether the USERNAME of an answer means the subject: the real name, the sub, or what was
// typed at the start.
func (sub subject) named(username, name string) bool {
	return username == name || username == sub.typed || sub.user != nil && username == sub.user.Sub
}
