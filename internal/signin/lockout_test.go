package signin_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// TestLock goes through all locks. Unknown users of a client that hides them are locked alike.
func TestLock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{username, "nobody"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hidden)
			w.confirmed(username)
			for range 4 {
				if got := w.signIn(name, wrong); got != wrongPassword {
					t.Fatalf("free failure: got %q", got)
				}
			}
			for i, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900} {
				if got := w.signIn(name, wrong); got != wrongPassword {
					t.Fatalf("failure %d: got %q", i+5, got)
				}
				for range 3 { // attempts while locked do not count
					if got := w.signIn(name, wrong); got != locked {
						t.Fatalf("after failure %d: got %q", i+5, got)
					}
				}
				if got := w.signIn(name, password); got != locked {
					t.Fatalf("right password after failure %d: got %q", i+5, got)
				}
				if x, got := w.tryStartSRP(name); got != locked {
					t.Fatalf("SRP after failure %d: got %q %v", i+5, got, x)
				}
				if _, got := w.initiate("ADMIN_USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", password); got != locked {
					t.Fatalf("administrator after failure %d: got %q", i+5, got)
				}
				w.advance(time.Duration(seconds)*time.Second - time.Microsecond)
				if got := w.signIn(name, password); got != locked {
					t.Fatalf("at the end of lock %d: got %q", i+5, got)
				}
				w.advance(time.Microsecond)
			}
			// A quarter of an hour has passed, so counting begins anew.
			for range 5 {
				if got := w.signIn(name, wrong); got != wrongPassword {
					t.Fatalf("after the longest lock: got %q", got)
				}
			}
			if got := w.signIn(name, wrong); got != locked {
				t.Errorf("second round: got %q", got)
			}
		})
	}
}

func TestLockIsLifted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*world)
		want string // of the sixth failure
	}{
		{"success", func(w *world) { w.signIn(username, password) }, wrongPassword},
		{"success with SRP", func(w *world) { w.startSRP(username).sign(password).send() }, wrongPassword},
		{"a quarter of an hour", func(w *world) { w.advance(15 * time.Minute) }, wrongPassword},
		{"a little less", func(w *world) { w.advance(15*time.Minute - time.Microsecond) }, locked},
		{"another user's success", func(w *world) { w.signIn("other", password) }, locked},
		{"refused by the user's state", func(w *world) {
			u, _ := w.store.FindUser(w.t.Context(), w.pool.Number, userpool.Lookup{Username: username})
			w.change(u.Key, func(u *userpool.User) { u.Enabled = false })
			w.signIn(username, password)
			w.change(u.Key, func(u *userpool.User) { u.Enabled = true })
		}, locked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.confirmed(username)
			w.confirmed("other")
			for range 4 {
				w.signIn(username, wrong)
			}
			tt.do(w)
			w.signIn(username, wrong)
			if got := w.signIn(username, wrong); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFailuresAddUp counts wrong answers of every kind in one counter.
func TestFailuresAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emailAlias)
	w.confirmed(username, "email", "jane@example.com", "email_verified", "true")
	x := w.startSRP(username)
	for i, fail := range []func() string{
		func() string { return w.signIn(username, wrong) },
		func() string { return w.signIn("jane@example.com", wrong) },
		func() string {
			_, told := w.initiate("ADMIN_USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", wrong)
			return told
		},
		func() string { return x.sign(wrong).send() },
		func() string { return x.sign(wrong).send() }, // a failure does not spend the block
	} {
		if got := fail(); got != wrongPassword {
			t.Fatalf("failure %d: got %q", i+1, got)
		}
	}
	if got := x.sign(password).send(); got != locked {
		t.Errorf("SRP, second step: got %q", got)
	}
	w.advance(time.Second)
	if got := x.sign(password).send(); got != issued {
		t.Errorf("after the lock: got %q", got)
	}
}

func TestNoLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.Lockout = false
	w.confirmed(username)
	for range 8 {
		if got := w.signIn(username, wrong); got != wrongPassword {
			t.Fatalf("got %q", got)
		}
	}
	if got := w.signIn(username, password); got != issued {
		t.Errorf("got %q", got)
	}
}

// TestParallelGuesses sends more guesses at once than are free, the right one among them last to reach its
// unit of work. The lock that falls meanwhile decides.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hidden)
			u := w.confirmed(username)
			w.change(u.Key, func(u *userpool.User) { u.Status = userpool.ForceChangePassword })
			if status != "FORCE_CHANGE_PASSWORD" {
				w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
			}
			if status == "CONFIRMED" {
				w.change(u.Key, func(u *userpool.User) { u.Status = userpool.Confirmed })
			}
			const guesses = 12
			var arrived, answered sync.WaitGroup
			arrived.Add(guesses)
			w.store.before = func() { // every guess has been judged before the first is counted
				arrived.Done()
				arrived.Wait()
			}
			told := make(chan string, guesses)
			for range guesses {
				answered.Go(func() {
					_, err := w.service.Initiate(t.Context(), signin.Request{Client: w.client, Flow: userpool.UserPasswordAuth,
						Parameters: parameters("USERNAME", username, "PASSWORD", wrong)})
					told <- err.Error()
				})
			}
			answered.Wait()
			close(told)
			count := map[string]int{}
			for text := range told {
				count[text]++
			}
			if count[wrongPassword] != 5 || count[locked] != guesses-5 {
				t.Errorf("got %v, want five failures told and the rest locked out", count)
			}

			// The right password was found while the lock fell: its unit of work comes after it.
			w.advance(time.Hour)
			w.store.before = nil
			once := sync.OnceFunc(func() { w.lock(u.Key) })
			w.store.before = once
			if got := w.signIn(username, password); got != locked {
				t.Errorf("right password under way when the lock fell: got %q", got)
			}
		})
	}
}
