package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// target is a filled pool.
type target struct {
	pool, client string
	users        int
	shuffled     bool     // in the files of import jobs
	status       string   // of most users
	signIns      int      // the first users, who have a password
	access       []string // an access token each of some of them
	refresh      []string
	subs         []string     // of some users, evenly spread
	middle       string       // token for the page in the middle; "" until the walk
	next         atomic.Int64 // number of the next user to create
}

const (
	passwordsOf = 2000 // users of a large pool have a password, half of those of a small one
	tokensOf    = 64   // users have signed in
	sampledSubs = 500
	group       = "members"
)

// The names and values of user n. They have as many digits for every n, so that a beginning finds as many in a small
// pool as in a large one.
func username(n int64) string { return fmt.Sprintf("u%07d", n) }

// attributes gives name and value of what a user has, in the order in which they are given.
func attributes(n int64) [][2]string {
	return [][2]string{
		{"email", username(n) + "@example.com"},
		{"email_verified", "true"},
		{"phone_number", fmt.Sprintf("+4930%07d", n)},
		{"name", fmt.Sprintf("Name%07d of User", n)},
		{"given_name", fmt.Sprintf("Given%07d", n)},
		{"family_name", fmt.Sprintf("Family%07d", n)},
		{"preferred_username", fmt.Sprintf("p%07d", n)},
	}
}

// fill makes a pool with that many users: by import jobs where the server has them, else one by one. Most have no
// password, which saves the arithmetic; a few can sign in.
func fill(ctx context.Context, p *process, users int, shuffled bool) (*target, error) {
	c := newConnection()
	t := &target{users: users, shuffled: shuffled, signIns: min(users/2, passwordsOf)}
	if err := t.makePool(ctx, c, p); err != nil {
		return nil, err
	}
	began, used := time.Now(), p.cpu()
	way, err := "import jobs", t.importUsers(ctx, c, p)
	if e := (*exception)(nil); errors.As(err, &e) && e.Type == "UnknownOperationException" {
		way, err = "AdminCreateUser", t.createUsers(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	used = p.cpu() - used
	t.next.Store(int64(users))
	fmt.Printf("A pool with %d users, filled by %s in %v: %.0f users a second, %v of server CPU each; at most %.0f MiB resident so far\n",
		users, way, took.Round(100*time.Millisecond), float64(users)/took.Seconds(), short(used/time.Duration(users)), float64(p.peak())/(1<<20))
	if way == "import jobs" && users >= 100_000 {
		verdict("5,000 imported rows a second or more", float64(users)/took.Seconds() >= 5000)
	}
	return t, t.signInSome(ctx, c, p)
}

// makePool makes the pool with an app client and a group.
func (t *target) makePool(ctx context.Context, c *connection, p *process) error {
	var pool struct {
		UserPool struct {
			ID string `json:"Id"`
		}
	}
	err := c.call(ctx, p, "CreateUserPool", map[string]any{
		"PoolName":               "bench",
		"AutoVerifiedAttributes": []string{"email"},
		"AliasAttributes":        []string{"email", "preferred_username"},
		"Policies":               map[string]any{"SignInPolicy": map[string]any{"AllowedFirstAuthFactors": []string{"PASSWORD", "EMAIL_OTP"}}},
	}, &pool)
	if err != nil {
		return err
	}
	t.pool = pool.UserPool.ID
	var client struct {
		UserPoolClient struct {
			ID string `json:"ClientId"`
		}
	}
	err = c.call(ctx, p, "CreateUserPoolClient", map[string]any{
		"UserPoolId": t.pool, "ClientName": "bench",
		"ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}, &client)
	if err != nil {
		return err
	}
	t.client = client.UserPoolClient.ID
	return c.call(ctx, p, "CreateGroup", map[string]any{"UserPoolId": t.pool, "GroupName": group}, nil)
}

// createUsers creates the users one by one, on many connections.
func (t *target) createUsers(ctx context.Context, p *process) error {
	t.status = "CONFIRMED"
	return t.each(ctx, t.users, func(ctx context.Context, c *connection, n int64) error { return t.create(ctx, c, p, n) })
}

// each runs one for the numbers below n, on many connections, and gives the first error.
func (t *target) each(ctx context.Context, n int, one func(ctx context.Context, c *connection, i int64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		wg.Go(func() {
			c := newConnection()
			defer c.http.CloseIdleConnections()
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := one(ctx, c, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (t *target) create(ctx context.Context, c *connection, p *process, n int64) error {
	var given []map[string]string
	for _, a := range attributes(n) {
		given = append(given, map[string]string{"Name": a[0], "Value": a[1]})
	}
	return c.call(ctx, p, "AdminCreateUser", map[string]any{
		"UserPoolId": t.pool, "Username": username(n), "MessageAction": "SUPPRESS", "UserAttributes": given,
	}, nil)
}

// signInSome gives some users a password, signs some of them in, and notes some subs.
func (t *target) signInSome(ctx context.Context, c *connection, p *process) error {
	err := t.each(ctx, t.signIns, func(ctx context.Context, c *connection, i int64) error {
		return retried(ctx, func() error {
			return c.call(ctx, p, "AdminSetUserPassword", map[string]any{
				"UserPoolId": t.pool, "Username": username(i), "Password": password, "Permanent": true,
			}, nil)
		})
	})
	if err != nil {
		return err
	}
	for i := range int64(tokensOf) {
		access, refresh, err := signIn(ctx, c, p, t, username(i))
		if err != nil {
			return err
		}
		t.access, t.refresh = append(t.access, access), append(t.refresh, refresh)
	}
	for i := range sampledSubs {
		var user struct {
			UserAttributes []struct{ Name, Value string }
		}
		n := int64(i) * int64(t.users) / sampledSubs
		if err := c.call(ctx, p, "AdminGetUser", map[string]string{"UserPoolId": t.pool, "Username": username(n)}, &user); err != nil {
			return err
		}
		for _, a := range user.UserAttributes {
			if a.Name == "sub" {
				t.subs = append(t.subs, a.Value)
			}
		}
	}
	return nil
}

// retried runs a call again as long as the server protects itself.
func retried(ctx context.Context, call func() error) error {
	for {
		err := call()
		var e *exception
		if !errors.As(err, &e) || e.Type != "TooManyRequestsException" || ctx.Err() != nil {
			return err
		}
	}
}
