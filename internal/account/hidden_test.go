package account_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// counted counts what is asked of a store.
type counted struct {
	userpool.Store
	mu                                sync.Mutex
	units, lookUps, passwords, events int
}

func (c *counted) Write(ctx context.Context, fn func(userpool.Tx) error) error {
	c.mu.Lock()
	c.units++
	c.mu.Unlock()
	return c.Store.Write(ctx, func(tx userpool.Tx) error { return fn(countedTx{tx, c}) })
}

type countedTx struct {
	userpool.Tx
	c *counted
}

func (t countedTx) PutAuthEvent(ctx context.Context, e *userpool.AuthEvent) error {
	t.c.mu.Lock()
	t.c.events++
	t.c.mu.Unlock()
	return t.Tx.PutAuthEvent(ctx, e)
}

func (c *counted) FindUser(ctx context.Context, pool int64, by userpool.Lookup) (*userpool.User, error) {
	c.mu.Lock()
	c.lookUps++
	c.mu.Unlock()
	return c.Store.FindUser(ctx, pool, by)
}

func (c *counted) Password(ctx context.Context, key userpool.UserKey) (*userpool.Password, error) {
	c.mu.Lock()
	c.passwords++
	c.mu.Unlock()
	return c.Store.Password(ctx, key)
}

// cost is what an operation asked of the store until it answered, and of the queue.
type cost struct{ units, lookUps, passwords, events int }

func (w *world) cost(fn func()) cost {
	c := &counted{Store: w.Store}
	real := w.Store
	w.Store = c
	fn()
	w.Store = real
	c.mu.Lock()
	defer c.mu.Unlock()
	return cost{c.units, c.lookUps, c.passwords, c.events}
}

// Where an app client hides who exists, strangers and users whom the operation cannot serve get the answers
// of those whom it serves.
func TestHidden(t *testing.T) {
	type call func(w *world, c *userpool.Client, name string) (*userpool.Delivery, error)
	forgot := func(w *world, c *userpool.Client, name string) (*userpool.Delivery, error) {
		return w.ForgotPassword(w.t.Context(), c, name)
	}
	resend := func(w *world, c *userpool.Client, name string) (*userpool.Delivery, error) {
		return w.ResendConfirmation(w.t.Context(), c, name)
	}
	reset := func(w *world, c *userpool.Client, name string) (*userpool.Delivery, error) {
		return nil, w.ConfirmForgotPassword(w.t.Context(), c, name, "000000", another)
	}
	confirm := func(w *world, c *userpool.Client, name string) (*userpool.Delivery, error) {
		return nil, w.Confirm(w.t.Context(), c, name, "000000", false)
	}
	const known, strangers = "known", "stranger disabled odd"
	tests := []struct {
		name  string
		steps []call
		want  []string
	}{
		{"reset under threat protection", []call{reset, forgot, reset}, []string{noCode, "", wrongCode}},
		{"confirmation under threat protection", []call{confirm, resend, confirm}, []string{noCode, "", wrongCode}},
		{"reset without a code", []call{reset}, []string{noCode}},
		{"reset after one was sent", []call{forgot, reset}, []string{"", wrongCode}},
		{"confirmation without a code", []call{confirm}, []string{noCode}},
		{"confirmation after one was sent", []call{resend, confirm}, []string{"", wrongCode}},
		{"too many codes", []call{forgot, forgot, forgot, forgot, forgot, forgot}, []string{"", "", "", "", "", limit}},
		{"too many confirmation codes", []call{resend, resend, resend, resend, resend, resend}, []string{"", "", "", "", "", limit}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, release := w.post.hold(t) // no message is delivered before its answer
			defer release()
			mode := wire.AdvancedSecurityModeType("OFF")
			if strings.Contains(tt.name, "threat protection") {
				mode = "AUDIT"
			}
			p := w.pool(autoVerify("email"), threatProtection(mode))
			c := w.client(p, true)
			asConfirmation := strings.Contains(tt.name, "confirmation")
			for _, name := range strings.Fields(known + " disabled odd") {
				// Those of confirmation are served unconfirmed, those of recovery confirmed and verified.
				attributes := []string{"email", name + "@example.com", "email_verified", "true"}
				if name == "odd" {
					attributes = attributes[:2] // no verified address
				}
				u := w.member(p, name, attributes...)
				if asConfirmation && name != "odd" {
					setStatus(userpool.Unconfirmed)(w, u)
				}
				if name == "disabled" {
					w.disable(u)
				}
			}
			for i, step := range tt.steps {
				var costs []cost
				for _, name := range strings.Fields(known + " " + strangers) {
					var d *userpool.Delivery
					var err error
					costs = append(costs, w.cost(func() { d, err = step(w, c, name) }))
					told(t, err, tt.want[i])
					if (d != nil) != (tt.want[i] == "") {
						t.Fatalf("%s: delivery %v", name, d)
					}
					if d != nil && !believable(d) {
						t.Errorf("%s: delivery %v", name, d)
					}
				}
				for _, other := range costs[1:] {
					if other != costs[0] {
						t.Errorf("step %d costs %v", i, costs)
						break
					}
				}
			}
		})
	}
}

// believable says whether a delivery could be a user's.
func believable(d *userpool.Delivery) bool {
	if d.Attribute == userpool.PhoneNumber {
		return d.Medium == userpool.BySMS && len(d.Destination) >= len("+1234567890") && strings.HasPrefix(d.Destination, "+***")
	}
	return d.Attribute == userpool.Email && d.Medium == userpool.ByEmail && len(d.Destination) == len("j***@e***")
}

// What is made up of strangers is of every medium that the pool has, and always the same for one name.
func TestImaginedMedia(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(autoVerify("email")), true)
	media := map[userpool.Medium]int{}
	for i := range 40 {
		name := fmt.Sprint("stranger", i)
		if i%2 == 0 {
			name += "@example.com"
		}
		first, err := w.ForgotPassword(t.Context(), c, name)
		if err != nil || !believable(first) {
			t.Fatalf("%s: %v, %v", name, first, err)
		}
		again, err := w.ForgotPassword(t.Context(), c, name)
		if diff := cmp.Diff(first, again); err != nil || diff != "" {
			t.Errorf("%s again: %v\n%s", name, err, diff)
		}
		media[first.Medium]++
	}
	if media[userpool.ByEmail] < 5 || media[userpool.BySMS] < 5 {
		t.Errorf("media: %v", media)
	}
}

// Whatever happened to a user's code, the answers to wrong ones are those that strangers get, and so is the call at which
// there were too many.
func TestHiddenAfterACode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		happens func(w *world, c *userpool.Client, u *userpool.User)
	}{
		{"nothing", func(*world, *userpool.Client, *userpool.User) {}},
		{"used", func(w *world, c *userpool.Client, _ *userpool.User) {
			told(w.t, w.ConfirmForgotPassword(w.t.Context(), c, "known", w.code("known@example.com"), another), "")
		}},
		{"another password", func(w *world, _ *userpool.Client, u *userpool.User) {
			told(w.t, w.SetPassword(w.t.Context(), w.poolOf(u), "known", another, true), "")
		}},
		{"disabled", func(w *world, _ *userpool.Client, u *userpool.User) { w.disable(u) }},
		{"no address any more", func(w *world, _ *userpool.Client, u *userpool.User) {
			w.change(u, func(u *userpool.User) { u.Attributes.Set("email_verified", "false") })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool()
			c := w.client(p, true)
			u := w.member(p, "known", "email", "known@example.com", "email_verified", "true")
			follow := func(name string) (answers []string) {
				note := func(err error) { answers = append(answers, fmt.Sprint(err)) }
				_, err := w.ForgotPassword(t.Context(), c, name)
				note(err)
				if err := w.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if name == "known" {
					tt.happens(w, c, u)
				}
				for range 25 {
					note(w.ConfirmForgotPassword(t.Context(), c, name, "no code", another))
				}
				return answers
			}
			known, stranger := follow("known"), follow("stranger")
			if tt.name == "used" { // which forgets what was counted
				known, stranger = known[:19], stranger[:19]
			}
			if diff := cmp.Diff(stranger, known); diff != "" {
				t.Errorf("a stranger (-) and a user (+):\n%s", diff)
			}
		})
	}
}

// A name that looks like an address says nothing of whose address it is.
func TestHiddenAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, true)
	w.member(p, "known", "email", "known@example.com", "email_verified", "true")
	for range 5 {
		if _, err := w.ForgotPassword(t.Context(), c, "known@example.com"); err != nil { // nobody's name
			t.Fatal(err)
		}
	}
	if _, err := w.ForgotPassword(t.Context(), c, "known"); err != nil {
		t.Errorf("the user of the address: %v", err)
	}
}

// A code that is delivered after the answer works, and those of a stand-in end when a real one would.
func TestHiddenRecovery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, true)
	u := w.member(p, "jane", verified...)
	arrived, release := w.post.hold(t)
	d, err := w.ForgotPassword(t.Context(), c, "jane")
	told(t, err, "")
	if want := (&userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: "j***@e***"}); cmp.Diff(want, d) != "" {
		t.Errorf("delivery %v", d)
	}
	if len(w.inbox("")) != 0 {
		t.Error("the message was delivered before the answer")
	}
	<-arrived
	release()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	told(t, w.ConfirmForgotPassword(t.Context(), c, "jane", w.code(email), another), "")
	if w.generation(u) != 3 {
		t.Errorf("generation %d", w.generation(u))
	}
	_, err = w.ForgotPassword(t.Context(), c, "jane")
	told(t, err, "TooManyRequests: Rate exceeded") // closed
}

func TestHiddenCodeExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(), true)
	if _, err := w.ForgotPassword(t.Context(), c, "joan"); err != nil {
		t.Fatal(err)
	}
	told(t, w.ConfirmForgotPassword(t.Context(), c, "joan", "000000", another), wrongCode)
	w.advance(time.Hour)
	told(t, w.ConfirmForgotPassword(t.Context(), c, "joan", "000000", another), wrongCode)
	w.advance(time.Microsecond)
	told(t, w.ConfirmForgotPassword(t.Context(), c, "joan", "000000", another), noCode)
}

// A message that is refused after the answer leaves a log line without an address.
func TestHiddenRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool()
	c := w.client(p, true)
	u := w.member(p, "jane", verified...)
	w.post.refuse(undeliverable)
	_, err := w.ForgotPassword(t.Context(), c, "jane")
	told(t, err, "")
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.codes(u, userpool.ResetPassword)) != 0 {
		t.Error("the code is left")
	}
	if line := w.log.String(); !strings.Contains(line, "CodeDeliveryFailure") || strings.Contains(line, "jane") || strings.Contains(line, "@") {
		t.Errorf("logged %q", line)
	}
}

func TestHiddenDestination(t *testing.T) {
	tests := []struct {
		name     string
		settings []setting
		username string
		shape    string // of the destination, or one of several; a stands for any letter, 0 for any digit, +* for a number's beginning
		same     string // the destination itself
	}{
		{name: "both", username: "joan", shape: "a***@a***|+*0000"},
		{name: "only email", settings: []setting{recovery("verified_email")}, username: "joan", shape: "a***@a***"},
		{name: "only SMS", settings: []setting{recovery("verified_phone_number")}, username: "joan@example.com", shape: "+*0000"},
		{
			name: "both, but no SMS", username: "joan", shape: "a***@a***",
			settings: []setting{recovery("verified_phone_number", "verified_email"), func(s *wire.UserPoolType) { s.SMSConfiguration = nil }},
		},
		{name: "an address as name", settings: []setting{usernames("email", "phone_number"), recovery("verified_email")}, username: "Joan@Other.example", same: "J***@O***"},
		{name: "a number as name", settings: []setting{usernames("email", "phone_number"), recovery("verified_phone_number")}, username: "+48123456789", same: "+*******6789"},
		{name: "a number where only email recovers", settings: []setting{recovery("verified_email")}, username: "+48123456789", shape: "a***@a***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.client(w.pool(tt.settings...), true)
			first, err := w.ForgotPassword(t.Context(), c, tt.username)
			if err != nil {
				t.Fatal(err)
			}
			second, err := w.ForgotPassword(t.Context(), c, tt.username)
			if err != nil || *first != *second {
				t.Errorf("first %v, then %v, %v", first, second, err)
			}
			if tt.same != "" && first.Destination != tt.same {
				t.Errorf("got %q, want %q", first.Destination, tt.same)
			}
			shape := strings.Map(func(r rune) rune {
				switch {
				case r >= 'a' && r <= 'z':
					return 'a'
				case r >= '0' && r <= '9':
					return '0'
				}
				return r
			}, first.Destination)
			if long := strings.HasPrefix(shape, "+******"); long {
				shape = "+*" + strings.TrimLeft(shape, "+*")
			}
			if tt.shape != "" && !slices.Contains(strings.Split(tt.shape, "|"), shape) {
				t.Errorf("got %q, want the shape %q", first.Destination, tt.shape)
			}
		})
	}
}

// A confirmed user looks like a stranger to the operations of confirmation.
func TestHiddenConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	c := w.client(p, true)
	w.member(p, "jane", verified...)
	for _, name := range []string{"jane", "joan"} {
		told(t, w.Confirm(t.Context(), c, name, "000000", false), noCode)
		if d, err := w.ResendConfirmation(t.Context(), c, name); err != nil || d == nil {
			t.Errorf("%s: %v, %v", name, d, err)
		}
		told(t, w.Confirm(t.Context(), c, name, "000000", false), wrongCode)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.inbox("")); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// What the pool cannot do is told for strangers and users alike; SignUp hides nothing.
func TestHiddenSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(recovery("verified_phone_number"), func(s *wire.UserPoolType) { s.SMSConfiguration = nil })
	c := w.client(p, true)
	w.member(p, "jane", verified...)
	for _, name := range []string{"jane", "joan"} {
		_, err := w.ForgotPassword(t.Context(), c, name)
		told(t, err, "CodeDeliveryFailure: The user pool cannot send SMS messages: it has no SmsConfiguration.")
	}
	_, _, err := w.SignUp(t.Context(), account.SignUp{Client: c, Username: "jane", Password: password})
	told(t, err, "UsernameExists: User already exists")
}

// Made-up addresses look alike, but no stranger's attempts count for another one, as no user's do.
func TestHiddenAddressesCountApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(w.pool(), true)
	seen := map[string]string{} // name by destination
	for i := 0; ; i++ {
		name := fmt.Sprint("stranger", i)
		d, err := w.ForgotPassword(t.Context(), c, name)
		if err != nil {
			t.Fatal(err)
		}
		twin, ok := seen[d.Destination]
		if !ok {
			seen[d.Destination] = name
			continue
		}
		for range 4 {
			_, err := w.ForgotPassword(t.Context(), c, twin)
			told(t, err, "")
		}
		_, err = w.ForgotPassword(t.Context(), c, name)
		told(t, err, "")
		_, err = w.ForgotPassword(t.Context(), c, twin)
		told(t, err, limit)
		return
	}
}

// A user whom the pool cannot send anything is answered as a stranger is.
func TestHiddenUnsendable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(recovery("verified_phone_number", "verified_email"), func(s *wire.UserPoolType) { s.SMSConfiguration = nil })
	c := w.client(p, true)
	w.member(p, "jane", "phone_number", phone, "phone_number_verified", "true")
	for _, name := range []string{"jane", "joan"} {
		d, err := w.ForgotPassword(t.Context(), c, name)
		told(t, err, "")
		if d == nil || d.Medium != userpool.ByEmail {
			t.Errorf("%s: delivery %v", name, d)
		}
		told(t, w.ConfirmForgotPassword(t.Context(), c, name, "000000", another), wrongCode)
	}
	if line := w.log.String(); !strings.Contains(line, "CodeDeliveryFailure") {
		t.Errorf("logged %q", line)
	}
}

// The places for messages on their way are bounded, and a full house says nothing about users.
func TestHiddenOverload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AttemptLimits = false
	p := w.pool()
	c := w.client(p, true)
	w.member(p, "jane", verified...)
	arrived, release := w.post.hold(t)
	sent := 0
	for {
		_, err := w.ForgotPassword(t.Context(), c, "jane")
		if err != nil {
			told(t, err, "TooManyRequests: Rate exceeded")
			break
		}
		if sent++; sent > 1000 {
			t.Fatal("there is no bound")
		}
	}
	_, err := w.ForgotPassword(t.Context(), c, "joan")
	told(t, err, "TooManyRequests: Rate exceeded")
	for range sent {
		<-arrived
	}
	release()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.inbox(email)); n != sent {
		t.Errorf("%d of %d messages arrived", n, sent)
	}
}
