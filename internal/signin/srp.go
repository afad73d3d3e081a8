package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// startSRP is the first step of USER_SRP_AUTH: it answers the client's A with B.
func (s *Service) startSRP(ctx context.Context, req Request) (*Outcome, error) {
	c, p := req.Client, req.Parameters
	if err := required(p, "USERNAME", "SRP_A"); err != nil {
		return nil, err
	}
	a, err := srp.ParseA(p["SRP_A"])
	if err != nil {
		return nil, userpool.NewError(userpool.InvalidParameter, "SRP_A is not a valid public value.")
	}
	sub, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	block := s.newSecretBlock(c, sub)
	var publicKey string
	if err := s.Passwords.Compute(ctx, func() error {
		exchange, key, err := srp.Start(sub.verifier, a)
		if err == nil {
			block.Exchange, publicKey = [srp.StateSize]byte(exchange.State()), key
		}
		return err
	}); err != nil {
		return nil, err
	}
	sealed, err := s.sealBlock(ctx, c.Pool, block)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Challenge: passwordVerifier,
		Parameters: map[string]string{
			"SALT":            srp.Hex(sub.salt),
			"SRP_B":           publicKey,
			"SECRET_BLOCK":    sealed,
			"USERNAME":        sub.name,
			"USER_ID_FOR_SRP": sub.name,
		},
	}, nil
}

// finishSRP answers PASSWORD_VERIFIER. Whatever is wrong with the answer, but for a timestamp that cannot
// be read, looks like a wrong password, and the signature is computed before anything is decided.
func (s *Service) finishSRP(ctx context.Context, ans Answer) (*Outcome, error) {
	c, r := ans.Client, ans.Responses
	if err := required(r, "USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"); err != nil {
		return nil, err
	}
	stamp, stampErr := srp.ParseTimestamp(r["TIMESTAMP"])
	if errors.Is(stampErr, srp.ErrTimestampFormat) {
		return nil, userpool.NewError(userpool.InvalidParameter,
			"TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	block, raw, err := s.openBlock(ctx, c, r["PASSWORD_CLAIM_SECRET_BLOCK"])
	if err != nil {
		return nil, err
	}
	if block == nil { // whose it was meant to be is not known
		if err := admitAnswer(ans); err != nil {
			return nil, err
		}
		return nil, userpool.WrongPassword()
	}
	if err := admitAnswer(ans, block.name); err != nil {
		return nil, err
	}
	sub, err := s.subjectOf(ctx, c, block)
	if err != nil {
		return nil, err
	}
	if err := s.admit(ctx, c, sub); err != nil {
		return nil, err
	}
	right, err := s.verify(ctx, c.Pool, sub, block, raw, r)
	if err != nil {
		return nil, err
	}
	named, err := s.named(ctx, c.Pool, sub, r["USERNAME"])
	if err != nil {
		return nil, err
	}
	fresh := stampErr == nil && s.fresh(stamp)
	current := sub.known() && sub.password.Generation == block.Generation
	if !right || !fresh || !current || !named {
		return nil, s.failed(ctx, c.Pool, sub)
	}
	return s.proceed(ctx, c, sub, func(tx userpool.Tx) error { return block.spend(ctx, tx, c.Pool) })
}

// verify computes the signature that the right password gives and compares.
func (s *Service) verify(ctx context.Context, pool *userpool.Pool, sub *subject, block *secretBlock, raw []byte, r map[string]string) (right bool, err error) {
	claimed, _ := decodeBase64(base64.StdEncoding, r["PASSWORD_CLAIM_SIGNATURE"], 44) // nothing equals no signature
	err = s.Passwords.Compute(ctx, func() error {
		exchange, err := srp.Resume(block.Exchange[:])
		if err != nil {
			return err
		}
		right, err = exchange.Verify(sub.verifier, srp.Proof{
			PoolName: pool.SRPName(), UserID: sub.name,
			Block: raw, Timestamp: r["TIMESTAMP"], Signature: claimed,
		})
		return err
	})
	return right, err
}

// fresh says whether the time in an answer is near enough to now.
func (s *Service) fresh(stamp time.Time) bool {
	tolerance := s.TimestampTolerance
	if tolerance == 0 {
		tolerance = 5 * time.Minute
	}
	return s.Now().Sub(stamp).Abs() <= tolerance ||
		s.ClientNow != nil && s.ClientNow().Sub(stamp).Abs() <= tolerance
}

// subjectOf finds the user of a block again. For one who is gone, or was never there, a stand-in answers.
func (s *Service) subjectOf(ctx context.Context, c *userpool.Client, block *secretBlock) (*subject, error) {
	user, err := s.Store.User(ctx, userpool.UserKey{Pool: c.Pool.Number, User: block.User})
	if err != nil && !errors.Is(err, userpool.ErrNotFound) {
		return nil, err
	}
	return s.subject(ctx, c, user, block.Mark, block.name)
}
