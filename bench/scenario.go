package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/srp"
)

const password = "Correct-Horse-7"

type tokens struct {
	AuthenticationResult struct{ AccessToken, RefreshToken string }
}

func signIn(ctx context.Context, c *connection, p *process, t *target, name string) (access, refresh string, err error) {
	var out tokens
	err = c.call(ctx, p, "InitiateAuth", map[string]any{
		"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": t.client,
		"AuthParameters": map[string]string{"USERNAME": name, "PASSWORD": password},
	}, &out)
	return out.AuthenticationResult.AccessToken, out.AuthenticationResult.RefreshToken, err
}

// scenario is one operation under load.
type scenario struct {
	name       string
	concurrent []int
	// arithmetic is what a request costs in signatures and exponentiations.
	arithmetic func(l *limits) time.Duration
	one        func(p *process, t *target) func(ctx context.Context, c *connection, i int) error
}

var none = func(*limits) time.Duration { return 0 }

var getUser = scenario{"GetUser", []int{1, 16, 64}, none, func(p *process, t *target) func(context.Context, *connection, int) error {
	return func(ctx context.Context, c *connection, i int) error {
		return c.call(ctx, p, "GetUser", map[string]string{"AccessToken": t.access[i%len(t.access)]}, nil)
	}
}}

var sendCode = scenario{"GetUserAttributeVerificationCode", []int{1, 16, 64}, none, func(p *process, t *target) func(context.Context, *connection, int) error {
	return func(ctx context.Context, c *connection, i int) error {
		return c.call(ctx, p, "GetUserAttributeVerificationCode",
			map[string]string{"AccessToken": t.access[i%len(t.access)], "AttributeName": "email"}, nil)
	}
}}

var passwordSignIn = scenario{"password sign-in", []int{1, 16, 64},
	func(l *limits) time.Duration { return 2*l.signature + l.generatorExp },
	func(p *process, t *target) func(context.Context, *connection, int) error {
		return func(ctx context.Context, c *connection, i int) error {
			_, _, err := signIn(ctx, c, p, t, username(int64(i%t.signIns)))
			return err
		}
	}}

var srpSignIn = scenario{"SRP sign-in (two calls)", []int{1, 16},
	func(l *limits) time.Duration { return 2*l.signature + l.generatorExp + 2*l.exp },
	func(p *process, t *target) func(context.Context, *connection, int) error {
		return func(ctx context.Context, c *connection, i int) error {
			return srpExchange(ctx, c, p, t, username(int64(i%t.signIns)))
		}
	}}

var refresh = scenario{"refresh", []int{1, 16, 64},
	func(l *limits) time.Duration { return 2 * l.signature },
	func(p *process, t *target) func(context.Context, *connection, int) error {
		return func(ctx context.Context, c *connection, i int) error {
			return c.call(ctx, p, "InitiateAuth", map[string]any{
				"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": t.client,
				"AuthParameters": map[string]string{"REFRESH_TOKEN": t.refresh[i%len(t.refresh)]},
			}, nil)
		}
	}}

var signUp = scenario{"SignUp", []int{1, 64},
	func(l *limits) time.Duration { return l.generatorExp },
	func(p *process, t *target) func(context.Context, *connection, int) error {
		return func(ctx context.Context, c *connection, _ int) error {
			n := t.next.Add(1)
			return c.call(ctx, p, "SignUp", map[string]any{
				"ClientId": t.client, "Username": fmt.Sprint("s", n), "Password": password,
				"UserAttributes": []map[string]string{{"Name": "email", "Value": fmt.Sprintf("s%d@example.com", n)}},
			}, nil)
		}
	}}

var adminCreateUser = scenario{"AdminCreateUser (no password)", []int{1, 64}, none,
	func(p *process, t *target) func(context.Context, *connection, int) error {
		return func(ctx context.Context, c *connection, _ int) error {
			return t.create(ctx, c, p, t.next.Add(1))
		}
	}}

// table prints a line for each operation and concurrency.
func table(ctx context.Context, p *process, t *target, l *limits, o options) error {
	fmt.Printf("\n%d users:\n", t.users)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "operation\tconcurrency\trequests/s\tp50\tp99\tserver CPU/request\tless its arithmetic\trefused\tunits of work/commit\t")
	for _, s := range []scenario{getUser, sendCode, passwordSignIn, srpSignIn, refresh, signUp, adminCreateUser} {
		for _, n := range s.concurrent {
			units, commits, err := p.commits(ctx)
			if err != nil {
				return err
			}
			before := p.cpu()
			r := load(ctx, n, o.duration, s.one(p, t))
			if r.err != nil {
				return fmt.Errorf("%s: %w", s.name, r.err)
			}
			cpu := (p.cpu() - before) / time.Duration(max(1, len(r.each)))
			units2, commits2, err := p.commits(ctx)
			if err != nil {
				return err
			}
			group := "-"
			if commits2 > commits {
				group = fmt.Sprintf("%.1f", float64(units2-units)/float64(commits2-commits))
			}
			fmt.Fprintf(w, "%s\t%d\t%.0f\t%v\t%v\t%v\t%v\t%d\t%s\t\n", s.name, n, r.rate(),
				short(r.quantile(0.5)), short(r.quantile(0.99)), short(cpu), short(cpu-s.arithmetic(l)), r.refused, group)
		}
	}
	return w.Flush()
}

// mixed measures GetUser while sign-ins load the machine.
func mixed(ctx context.Context, p *process, t *target, o options) error {
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan result)
	go func() { done <- load(ctx2, 16, 2*o.duration, passwordSignIn.one(p, t)) }()
	r := load(ctx, 4, o.duration, getUser.one(p, t))
	cancel()
	background := <-done
	if r.err != nil {
		return r.err
	}
	fmt.Printf("\nGetUser at 4 while 16 connections sign in with passwords (%.0f a second): %.0f requests/s, p50 %v, p99 %v\n",
		background.rate(), r.rate(), short(r.quantile(0.5)), short(r.quantile(0.99)))
	return nil
}

// flat compares the small with the large pool, in turns.
func flat(ctx context.Context, p *process, small, large *target, o options) error {
	fmt.Printf("\n%d users against %d, median of %d interleaved pairs:\n", small.users, large.users, o.pairs)
	for _, s := range []scenario{getUser, sendCode} {
		var ratios []float64
		for range o.pairs {
			a := load(ctx, 8, o.duration/2, s.one(p, small))
			b := load(ctx, 8, o.duration/2, s.one(p, large))
			if a.err != nil || b.err != nil {
				return fmt.Errorf("%s: %w", s.name, firstError(a.err, b.err))
			}
			ratios = append(ratios, a.rate()/b.rate())
		}
		fmt.Printf("  %-34s takes %.2f times as long\n", s.name, median(ratios))
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// short rounds a duration to three digits or so.
func short(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Microsecond)
}

// srpExchange signs in with SRP; the client's own arithmetic is in the latency, not in the server's CPU time.
func srpExchange(ctx context.Context, c *connection, p *process, t *target, name string) error {
	_, poolName, _ := strings.Cut(t.pool, "_")
	client := srp.NewClient(poolName)
	var challenge struct {
		ChallengeParameters map[string]string
	}
	err := c.call(ctx, p, "InitiateAuth", map[string]any{
		"AuthFlow": "USER_SRP_AUTH", "ClientId": t.client,
		"AuthParameters": map[string]string{"USERNAME": name, "SRP_A": client.SRPA()},
	}, &challenge)
	if err != nil {
		return err
	}
	given := challenge.ChallengeParameters
	block, err := base64.StdEncoding.DecodeString(given["SECRET_BLOCK"])
	if err != nil {
		return err
	}
	stamp := srp.FormatTimestamp(time.Now())
	signature, err := client.Respond(given["USER_ID_FOR_SRP"], password, given["SALT"], given["SRP_B"], block, stamp)
	if err != nil {
		return err
	}
	responses := map[string]string{
		"USERNAME":                    given["USER_ID_FOR_SRP"],
		"PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE":    base64.StdEncoding.EncodeToString(signature),
		"TIMESTAMP":                   stamp,
	}
	var out tokens
	return c.call(ctx, p, "RespondToAuthChallenge", map[string]any{
		"ChallengeName": "PASSWORD_VERIFIER", "ClientId": t.client, "ChallengeResponses": responses,
	}, &out)
}
