package token

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// track switches the tracking of sessions, and reads the client again that has it.
func (w *world) track(enabled bool, most int32) {
	w.t.Helper()
	w.write(func(tx userpool.Tx) error {
		p, err := tx.Pool(w.t.Context(), poolA)
		if err != nil {
			return err
		}
		changed := *p
		changed.Sessions = userpool.SessionTracking{Enabled: enabled, MaxPerUser: most}
		return tx.UpdatePool(w.t.Context(), &changed)
	})
	w.client = w.readClient(clientA)
}

// keep signs alice in from a device at an address.
func (w *world) keep(agent, address string) *Issued {
	w.t.Helper()
	ctx := userpool.WithCaller(w.t.Context(), userpool.Caller{UserAgent: agent, Address: address})
	user, err := w.Store.User(ctx, w.user.Key)
	if err != nil {
		w.t.Fatal(err)
	}
	issued, err := w.Issue(ctx, w.client, user, userpool.NewEventID())
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx userpool.Tx) error { return w.Keep(ctx, tx, w.client, issued) })
	return issued
}

func (w *world) sessions() []userpool.UserSession {
	w.t.Helper()
	sessions, err := w.UserSessions(w.t.Context(), w.user.Key, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return sessions
}

// grants are the grants of the sessions that are listed.
func (w *world) grants() (ids []string) {
	w.t.Helper()
	for _, s := range w.sessions() {
		ids = append(ids, s.GrantID)
	}
	return ids
}

func TestUserSessions(t *testing.T) {
	w := newWorld(t)
	w.keep("curl/8.5.0", "192.0.2.1")
	if got := w.sessions(); len(got) != 0 {
		t.Errorf("without tracking there are sessions: %v", got)
	}
	w.track(true, 3)
	one := w.keep("curl/8.5.0", "192.0.2.1")
	w.clock = w.clock.Add(time.Minute)
	two := w.keep("", "2001:db8::1")
	got := w.sessions()
	want := []userpool.UserSession{
		{User: w.user.Key, GrantID: two.Grant.ID, ClientID: clientA, Device: "unknown", Address: "2001:db8::1", Created: w.clock, Active: w.clock},
		{User: w.user.Key, GrantID: one.Grant.ID, ClientID: clientA, Device: "curl 8", Address: "192.0.2.1", Created: w.start, Active: w.start},
	}
	for i := range want {
		want[i].ID = got[i].ID
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("sessions (-want +got):\n%s", diff)
	}

	// A refresh is a use, from wherever it comes.
	w.clock = w.clock.Add(time.Minute)
	ctx := userpool.WithCaller(t.Context(), userpool.Caller{UserAgent: "aws-cli/2.15.0", Address: "192.0.2.9"})
	refreshed, err := w.Refresh(ctx, w.client, one.RefreshToken, "")
	if err != nil {
		t.Fatal(err)
	}
	want[1].Device, want[1].Address, want[1].Active = "aws-cli 2", "192.0.2.9", w.clock
	want[0], want[1] = want[1], want[0]
	if diff := cmp.Diff(want, w.sessions()); diff != "" {
		t.Errorf("sessions after a refresh (-want +got):\n%s", diff)
	}

	// The fourth of three takes the place of the least recently used.
	w.clock = w.clock.Add(time.Minute)
	three := w.keep("", "")
	w.clock = w.clock.Add(time.Minute)
	four := w.keep("", "")
	if diff := cmp.Diff([]string{four.Grant.ID, three.Grant.ID, one.Grant.ID}, w.grants()); diff != "" {
		t.Errorf("sessions after one too many (-want +got):\n%s", diff)
	}
	if got := w.authorize(two.AccessToken); got != errAccessRevoked.Error() {
		t.Errorf("a token of an evicted session: %q", got)
	}

	// A user ends sessions of theirs, but not with a token of the same.
	id := func(i *Issued) string {
		for _, s := range w.sessions() {
			if s.GrantID == i.Grant.ID {
				return s.ID
			}
		}
		return "tkn0000000000000000000000000"
	}
	revoke := func(i *Issued, current string) string {
		return outcome(t, w.RevokeUserSession(t.Context(), w.user.Key, id(i), current))
	}
	if got := revoke(four, four.Grant.ID); got != "InvalidParameter: The session of the access token cannot be revoked with it." {
		t.Errorf("one's own session: %q", got)
	}
	if got := revoke(two, four.Grant.ID); got != "ResourceNotFound: Session does not exist." {
		t.Errorf("a session that is gone: %q", got)
	}
	if got := revoke(one, four.Grant.ID); got != "" {
		t.Errorf("another session: %q", got)
	}
	if got := w.authorize(refreshed.AccessToken); got != errAccessRevoked.Error() {
		t.Errorf("a token of a revoked session: %q", got)
	}
	if got := revoke(three, ""); got != "" {
		t.Errorf("by an administrator: %q", got)
	}
	if got := outcome(t, w.RevokeUserSession(t.Context(), userpool.UserKey{Pool: w.a.Number, User: 1}, id(four), "")); got != "ResourceNotFound: Session does not exist." {
		t.Errorf("another user's session: %q", got)
	}
	if diff := cmp.Diff([]string{four.Grant.ID}, w.grants()); diff != "" {
		t.Errorf("sessions that are left (-want +got):\n%s", diff)
	}
	if _, err := w.UserSessions(t.Context(), w.user.Key, "nobodys"); !userpool.IsCode(err, userpool.InvalidParameter) {
		t.Errorf("a token of another list: %v", err)
	}
}

// However a sign-in ends, its session does.
func TestEndOfUserSessions(t *testing.T) {
	w := newWorld(t)
	w.track(true, 20)
	tests := []struct {
		name string
		end  func(ctx context.Context, i *Issued) error
	}{
		{"revoked token", func(ctx context.Context, i *Issued) error { return w.Revoke(ctx, clientA, "", i.RefreshToken) }},
		{"sign-out", func(ctx context.Context, i *Issued) error { return w.SignOut(ctx, w.user.Key) }},
		{"disabled", func(ctx context.Context, i *Issued) error {
			w.changeUser(func(u *userpool.User) { u.Enabled = false })
			return nil
		}},
		{"expired", func(ctx context.Context, i *Issued) error {
			w.clock = w.clock.Add(31 * 24 * time.Hour)
			return nil
		}},
		{"deleted", func(ctx context.Context, i *Issued) error {
			return w.Store.Write(ctx, func(tx userpool.Tx) error { return tx.DeleteUser(ctx, w.user.Key) })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.renew()
			i := w.keep("", "")
			if n := len(w.sessions()); n != 1 {
				t.Fatalf("%d sessions after a sign-in", n)
			}
			if err := tt.end(t.Context(), i); err != nil {
				t.Fatal(err)
			}
			if got := w.sessions(); len(got) != 0 {
				t.Errorf("the session goes on: %v", got)
			}
		})
	}
}

// Sign-ins at the same moment do not leave more sessions than there may be.
func TestUserSessionsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.track(true, 2)
	done := make(chan struct{})
	const signIns = 8
	for range signIns {
		go func() {
			defer func() { done <- struct{}{} }()
			issued, err := w.Issue(t.Context(), w.client, w.user, userpool.NewEventID())
			if err == nil {
				err = w.Store.Write(t.Context(), func(tx userpool.Tx) error { return w.Keep(t.Context(), tx, w.client, issued) })
			}
			if err != nil {
				t.Error(err)
			}
		}()
	}
	for range signIns {
		<-done
	}
	if n := len(w.sessions()); n != 2 {
		t.Errorf("%d sessions are left, want 2", n)
	}
}

func TestDevice(t *testing.T) {
	tests := []struct{ agent, want string }{
		{"", "unknown"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36", "Chrome 125 / macOS 15.0"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0", "Firefox 126 / Windows 10"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17 / iOS 17.5"},
		{"aws-sdk-go-v2/1.30.0 os/linux lang/go#1.26 md/GOOS#linux", "aws-sdk-go-v2 1"},
		{"aws-cli/2.15.0 Python/3.11.6 Linux/6.1.0", "aws-cli 2 / Linux 6.1.0"},
		{"curl/8.5.0", "curl 8"},
		{"aws-amplify/6.3.0 auth/4 framework/1", "aws-amplify 6"},
		{"\x00\xff", "unknown"},
	}
	for _, tt := range tests {
		from := userpool.ClientContextFrom(userpool.WithCaller(t.Context(), userpool.Caller{UserAgent: tt.agent}))
		if got := device(from); got != tt.want {
			t.Errorf("%q is %q, want %q", tt.agent, got, tt.want)
		}
	}
}

func TestNewSessionID(t *testing.T) {
	form := regexp.MustCompile(`^tkn[a-z0-9]{25}$`)
	for range 100 {
		if id := newSessionID(); !form.MatchString(id) {
			t.Fatal(id)
		}
	}
}
