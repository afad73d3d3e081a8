package server_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

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
