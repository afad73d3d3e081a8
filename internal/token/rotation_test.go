package token

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const reused = "RefreshTokenReuse: Refresh token has already been used."

// rotates makes a client rotate refresh tokens, with that many seconds of grace.
func rotates(grace int32) func(*userpool.Client) {
	return func(c *userpool.Client) {
		c.Settings.RefreshTokenRotation = &wire.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: new(grace)}
	}
}

// exchange gives what is issued for a refresh token, and what is told.
func (w *world) exchange(c *userpool.Client, token string) (*Issued, string) {
	w.t.Helper()
	issued, err := w.Exchange(w.t.Context(), c, token)
	return issued, outcome(w.t, err)
}

// good says what an exchange must give.
func (w *world) good(c *userpool.Client, token string) *Issued {
	w.t.Helper()
	issued, told := w.exchange(c, token)
	if told != "" {
		w.t.Fatal(told)
	}
	if got := w.authorize(issued.AccessToken); got != "" {
		w.t.Errorf("authorize: %q", got)
	}
	return issued
}

func TestExchangeWithoutRotation(t *testing.T) {
	w := newWorld(t)
	first := w.signIn(w.client)
	w.clock = w.clock.Add(time.Hour)
	for range 2 {
		if got := w.good(w.client, first.RefreshToken); got.RefreshToken != "" || got.Refresh != nil || got.ExpiresIn != 3600 {
			t.Errorf("got %+v", got)
		}
	}
}

func TestRotation(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "rotating", rotates(0))
	first := w.signIn(c)
	w.clock = w.clock.Add(time.Hour)
	second := w.good(c, first.RefreshToken)
	if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken || !second.Refresh.Expires.Equal(first.Refresh.Expires) {
		t.Errorf("the next token is %+v", second.Refresh)
	}
	_, key := w.key(w.a, userpool.SignsAccess)
	before, after := claimsOf(t, first.AccessToken, &key.PublicKey), claimsOf(t, second.AccessToken, &key.PublicKey)
	for _, claim := range []string{"jti", "iat", "exp"} {
		delete(before, claim)
		delete(after, claim)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("claims (-before +after):\n%s", diff)
	}
	for _, ago := range []time.Duration{0, time.Second} { // also by a request that began before the one that replaced it
		w.clock = w.clock.Add(-ago)
		if _, told := w.exchange(c, first.RefreshToken); told != reused {
			t.Errorf("the first again: %q", told)
		}
		w.clock = w.clock.Add(ago)
	}
	third := w.good(c, second.RefreshToken) // whoever used the first again has done no harm

	// A day later nothing is known of those that were replaced; the newest ends when the first would have.
	w.clock = w.clock.Add(25 * time.Hour)
	fourth := w.good(c, third.RefreshToken)
	if _, told := w.exchange(c, first.RefreshToken); told != invalidRefresh {
		t.Errorf("the first, a day later: %q", told)
	}
	if _, told := w.exchange(c, third.RefreshToken); told != reused {
		t.Errorf("the third again: %q", told)
	}
	w.clock = first.Refresh.Expires
	if _, told := w.exchange(c, fourth.RefreshToken); told != expiredRefresh {
		t.Errorf("at the end: %q", told)
	}
}

func TestRotationGrace(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "rotating", rotates(10))
	first := w.signIn(c)
	second := w.good(c, first.RefreshToken)
	w.clock = w.clock.Add(9 * time.Second)
	sibling := w.good(c, first.RefreshToken)
	w.clock = w.clock.Add(time.Second) // ten after the first use
	if _, told := w.exchange(c, first.RefreshToken); told != reused {
		t.Errorf("after the grace: %q", told)
	}
	w.good(c, second.RefreshToken)
	third := w.good(c, sibling.RefreshToken)
	if err := w.Revoke(t.Context(), c.ID, "", first.RefreshToken); err != nil { // any of the family ends it
		t.Fatal(err)
	}
	for _, token := range []string{second.RefreshToken, third.RefreshToken} {
		if _, told := w.exchange(c, token); told != revokedRefresh {
			t.Errorf("after the revocation: %q", told)
		}
	}
}

// Of many who use a token at the same moment, one gets the next.
func TestRotationRace(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "rotating", rotates(0))
	first := w.signIn(c)
	var group sync.WaitGroup
	told := make([]string, 20)
	for i := range told {
		group.Go(func() {
			_, err := w.Exchange(t.Context(), c, first.RefreshToken)
			told[i] = fmt.Sprint(err)
		})
	}
	group.Wait()
	won := 0
	for _, text := range told {
		switch text {
		case "<nil>":
			won++
		case reused:
		default:
			t.Errorf("told %q", text)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func TestExchangeRefused(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(w.a, "rotating", rotates(60))
	status := func(s wire.UserStatusType) func(*Issued) {
		return func(*Issued) { w.changeUser(func(u *userpool.User) { u.Status = s }) }
	}
	for _, tt := range []struct {
		name   string
		happen func(*Issued)
		at     *userpool.Client
		want   string
	}{
		{name: "another client", at: w.client, want: invalidRefresh},
		{name: "expired", happen: func(*Issued) { w.clock = w.clock.Add(30 * 24 * time.Hour) }, want: expiredRefresh},
		{name: "signed out", happen: func(*Issued) { w.signOut() }, want: revokedRefresh},
		{name: "disabled", happen: func(*Issued) { w.changeUser(func(u *userpool.User) { u.Enabled = false }) }, want: disabled},
		{name: "to be reset", happen: status(userpool.RequireReset), want: revokedRefresh},
		{name: "not confirmed", happen: status(userpool.Unconfirmed), want: revokedRefresh},
		{name: "deleted", happen: func(*Issued) {
			w.write(func(tx userpool.Tx) error { return tx.DeleteUser(t.Context(), w.user.Key) })
			w.user = w.newUser(w.a, "alice", userpool.Confirmed)
		}, want: invalidRefresh},
	} {
		w.renew()
		issued := w.signIn(c)
		if tt.happen != nil {
			tt.happen(issued)
		}
		at := c
		if tt.at != nil {
			at = tt.at
		}
		if _, told := w.exchange(at, issued.RefreshToken); told != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, told, tt.want)
		}
	}
	w.renew()
	issued := w.signIn(c)
	next := w.good(c, issued.RefreshToken)
	w.write(func(tx userpool.Tx) error { return tx.DeleteClient(t.Context(), c) })
	if _, told := w.exchange(c, next.RefreshToken); told != invalidRefresh {
		t.Errorf("at a client that is gone: %q", told)
	}
}
