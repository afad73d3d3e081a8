package server_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/poolhouse-id/poolhouse/internal/server"
	"github.com/poolhouse-id/poolhouse/internal/store/postgrestest"
)

// A server that is killed in the middle of sign-ups loses none that it has acknowledged.
func TestKillLosesNoAcknowledgedSignUp(t *testing.T) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := ""
			if engine == "PostgreSQL" {
				url = postgrestest.Start(t)
			}
			in := install(t, url)
			first := in.start(t)
			poolID, clientID := first.pool(t)

			const signUps, killAfter, clients = 500, 300, 16
			var (
				wg     sync.WaitGroup
				next   atomic.Int64
				mu     sync.Mutex
				acked  []string
				killed = make(chan struct{})
				once   sync.Once
			)
			for range clients {
				wg.Go(func() {
					for {
						n := next.Add(1)
						if n > signUps {
							return
						}
						name := fmt.Sprint("user", n)
						_, err := first.SignUp(context.Background(), &cognitoidentityprovider.SignUpInput{
							ClientId: &clientID, Username: &name, Password: aws.String(password),
						})
						if err != nil {
							select {
							case <-killed: // what was under way may be lost: nobody was told that it is kept
							default:
								t.Errorf("sign-up of %s: %v", name, err)
							}
							return
						}
						mu.Lock()
						acked = append(acked, name)
						enough := len(acked) >= killAfter
						mu.Unlock()
						if enough {
							once.Do(func() { close(killed); first.kill() })
						}
					}
				})
			}
			wg.Wait()
			if len(acked) < killAfter {
				t.Fatalf("%d sign-ups were acknowledged, too few to kill in the middle of", len(acked))
			}

			second := in.start(t)
			for _, name := range acked {
				_, err := second.AdminGetUser(context.Background(), &cognitoidentityprovider.AdminGetUserInput{
					UserPoolId: &poolID, Username: &name,
				})
				if err != nil {
					t.Errorf("%s was acknowledged and is lost: %v", name, err)
				}
			}
			t.Logf("killed after %d acknowledged sign-ups; all are there", len(acked))
		})
	}
}

// A server that is killed while administrators change things has an entry in the audit log for each change that is
// kept, and for no other.
func TestKillKeepsChangesWithTheirEntries(t *testing.T) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var cfg server.Config
			if engine == "PostgreSQL" {
				cfg.PostgresURL = postgrestest.Start(t)
			}
			in := install(t, cfg.PostgresURL)
			if cfg.PostgresURL == "" {
				cfg.DataDir = in.storage[1]
			} else {
				cfg.MasterKeyFile = in.storage[3]
			}
			first := in.start(t)
			poolID, _ := first.pool(t)

			const changes, killAfter, clients = 400, 200, 16
			var (
				wg    sync.WaitGroup
				next  atomic.Int64
				acked atomic.Int64
				once  sync.Once
			)
			name := func(n int64) *string { return aws.String(fmt.Sprint("user", n)) }
			for range clients {
				wg.Go(func() {
					for n := next.Add(1); n <= changes; n = next.Add(1) {
						_, err := first.AdminCreateUser(context.Background(), &cognitoidentityprovider.AdminCreateUserInput{
							UserPoolId: &poolID, Username: name(n), MessageAction: types.MessageActionTypeSuppress,
							TemporaryPassword: aws.String(password),
						})
						if err != nil {
							return
						}
						if acked.Add(1) == killAfter {
							once.Do(first.kill)
						}
					}
				})
			}
			wg.Wait()
			if acked.Load() < killAfter {
				t.Fatalf("%d changes were acknowledged, too few to kill in the middle of", acked.Load())
			}

			second := in.start(t)
			subs := map[string]bool{} // of users who are there
			for n := range int64(changes) {
				user, err := second.AdminGetUser(context.Background(), &cognitoidentityprovider.AdminGetUserInput{
					UserPoolId: &poolID, Username: name(n + 1),
				})
				if err != nil {
					continue
				}
				for _, a := range user.UserAttributes {
					if *a.Name == "sub" {
						subs[*a.Value] = true
					}
				}
			}
			if len(subs) < int(acked.Load()) {
				t.Errorf("%d users of %d are there", len(subs), acked.Load())
			}
			for _, e := range auditOf(t, cfg) {
				if e.Operation != "AdminCreateUser" {
					continue
				}
				if !subs[e.Sub] {
					t.Errorf("there is an entry without its change: %+v", e)
				}
				delete(subs, e.Sub)
			}
			if len(subs) > 0 {
				t.Errorf("%d changes have no entry", len(subs))
			}
		})
	}
}
