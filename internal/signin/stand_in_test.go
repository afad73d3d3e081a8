package signin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// TestStandIn compares every step of a sign-in with a wrong password for a user and for a name that nobody
// has: what is answered, how long the answers are, and what is read, computed and written.
func TestStandIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		settings []setting
		known    func(*world) string // makes the user
		unknown  string
	}{
		{"chosen names", nil, func(w *world) string { w.confirmed("jane"); return "jane" }, "joan"},
		{"folded names", []setting{caseInsensitive}, func(w *world) string { w.confirmed("jane"); return "JANE" }, "JOAN"},
		{"client with a secret", []setting{secret}, func(w *world) string { w.confirmed("jane"); return "jane" }, "joan"},
		{"addresses", []setting{emailPool}, func(w *world) string { w.confirmed("jane@example.com"); return "jane@example.com" }, "joan@example.com"},
		{"sub", []setting{emailPool}, func(w *world) string { return w.confirmed("jane@example.com").Sub }, "12c3d4e5-0d7a-4d41-9c7e-0a86a1f90f5d"},
		{"threat protection", []setting{protected}, func(w *world) string { w.confirmed("jane"); return "jane" }, "joan"},
		{"required reset", nil, func(w *world) string {
			u := w.confirmed("jane")
			w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
			return "jane"
		}, "joan"},
		{"temporary password", nil, func(w *world) string { w.invite("jane", password); return "jane" }, "joan"},
		{"no password", []setting{passwordless}, func(w *world) string { w.invite("jane", ""); return "jane" }, "joan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, append(tt.settings, hidden)...)
			known := tt.known(w)
			type trace struct {
				told  []string
				sizes map[string]int
				did   []string
			}
			follow := func(name string) (tr trace) {
				t.Helper()
				note := func(told string) {
					tr.told = append(tr.told, told)
					tr.did = append(tr.did, strings.Join(w.store.since(), " "))
				}
				w.store.since()
				note(w.signIn(name, wrong))
				_, told := w.initiate("ADMIN_USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", wrong, "SECRET_HASH", w.hash(name))
				note(told)
				x, told := w.tryStartSRP(name)
				note(told)
				tr.sizes = map[string]int{}
				for key, value := range x.given {
					if key != "SRP_B" && key != "SALT" { // numbers, now and then with a digit less
						tr.sizes[key] = len(value)
					}
				}
				x.sign(wrong)
				note(x.send())
				note(x.set("USERNAME", name).set("SECRET_HASH", w.hash(name)).send())
				note(x.set("USERNAME", "somebody else").set("SECRET_HASH", w.hash("somebody else")).send())
				note(x.send()) // locked now
				return tr
			}
			user, standIn := follow(known), follow(tt.unknown)
			want := []string{wrongPassword, wrongPassword, challengeSRP, wrongPassword, wrongPassword, wrongPassword, locked}
			if !slices.Equal(user.told, want) {
				t.Errorf("a user was told %q", user.told)
			}
			if !slices.Equal(standIn.told, want) {
				t.Errorf("a stand-in was told %q", standIn.told)
			}
			for i := range want {
				if user.did[i] != standIn.did[i] {
					t.Errorf("step %d: for a user %s, for a stand-in %s", i+1, user.did[i], standIn.did[i])
				}
			}
			for key, size := range user.sizes {
				if standIn.sizes[key] != size {
					t.Errorf("%s has %d bytes for a user and %d for a stand-in", key, size, standIn.sizes[key])
				}
			}
			if len(user.sizes) != len(standIn.sizes) {
				t.Errorf("parameters: %v and %v", user.sizes, standIn.sizes)
			}
		})
	}
}

// TestStandInIsStable shows that SALT and USER_ID_FOR_SRP are always the same, and differ by name and pool.
func TestStandInIsStable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hidden)
	first, again, other := w.startSRP("nobody"), w.startSRP("nobody"), w.startSRP("no one")
	for _, key := range []string{"SALT", "USER_ID_FOR_SRP", "USERNAME"} {
		if first.given[key] != again.given[key] {
			t.Errorf("%s: %q and then %q", key, first.given[key], again.given[key])
		}
		if first.given[key] == other.given[key] {
			t.Errorf("%s is the same for another name", key)
		}
	}
	for _, key := range []string{"SRP_B", "SECRET_BLOCK"} {
		if first.given[key] == again.given[key] {
			t.Errorf("%s comes twice", key)
		}
	}
	if x := newWorld(t, hidden).startSRP("nobody"); x.given["SALT"] == first.given["SALT"] {
		t.Error("SALT is the same in another pool")
	}
	folded := newWorld(t, hidden, caseInsensitive)
	if a, b := folded.startSRP("nobody"), folded.startSRP("NoBody"); a.given["SALT"] != b.given["SALT"] || a.given["USERNAME"] != b.given["USERNAME"] {
		t.Error("case makes a difference where it must not")
	}
}

// TestStandInName shows that USER_ID_FOR_SRP is what it would be for a user of that name, if there can be one.
func TestStandInName(t *testing.T) {
	t.Parallel()
	const sub = "12c3d4e5-0d7a-4d41-9c7e-0a86a1f90f5d"
	long := strings.Repeat("x", 129)
	tests := []struct {
		name     string
		settings []setting
		typed    string
		want     string // "" for a UUID
	}{
		{"chosen name", nil, "nobody", "nobody"},
		{"chosen name, folded", []setting{caseInsensitive}, "NoBody", "nobody"},
		{"address as a chosen name", nil, "nobody@example.com", "nobody@example.com"},
		{"too long for a name", nil, long, ""},
		{"alias", []setting{emailAlias}, "nobody@example.com", ""},
		{"name beside aliases", []setting{emailAlias}, "nobody", "nobody"},
		{"address where names are addresses", []setting{emailPool}, "nobody@example.com", ""},
		{"no address where names are addresses", []setting{emailPool}, "nobody", ""},
		{"sub where names are addresses", []setting{emailPool}, sub, sub},
		{"sub where names are chosen", nil, sub, sub},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, append(tt.settings, hidden)...)
			got := w.startSRP(tt.typed).given["USER_ID_FOR_SRP"]
			if id, err := uuid.Parse(got); tt.want == "" && (err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 || id.String() != got) {
				t.Errorf("got %q, want a UUID", got)
			}
			if tt.want != "" && got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestStandInStays shows that a user who is made between the two steps does not take the stand-in's place,
// and that one who is deleted between them becomes one.
func TestStandInStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hidden, secret)
	x := w.startSRP("late")
	late := w.confirmed("late")
	for range 5 {
		if got := x.sign(password).send(); got != wrongPassword {
			t.Fatalf("made meanwhile: got %q", got)
		}
	}
	if got := w.signIn("late", password); got != issued {
		t.Errorf("the stand-in's failures count for the user: got %q", got)
	}
	w.advance(time.Second) // the stand-in's lock is over
	y := w.startSRP("late").sign(password)
	w.must(w.remove(late.Username))
	if got := y.send(); got != wrongPassword {
		t.Errorf("deleted meanwhile: got %q", got)
	}
}

// TestNoPassword is about users who have none, where existence is told.
func TestNoPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordless, secret)
	w.invite(username, "")
	if got := w.signIn(username, password); got != wrongPassword {
		t.Errorf("password: got %q", got)
	}
	x := w.startSRP(username)
	if x.given["USER_ID_FOR_SRP"] != username {
		t.Errorf("USER_ID_FOR_SRP is %q", x.given["USER_ID_FOR_SRP"])
	}
	if got := x.sign(password).send(); got != wrongPassword {
		t.Errorf("SRP: got %q", got)
	}
	w.setPassword(username, password)
	if got := x.sign(password).send(); got != wrongPassword {
		t.Errorf("a block from before the password: got %q", got)
	}
	if got := w.startSRP(username).sign(password).send(); got != issued {
		t.Errorf("with a password: got %q", got)
	}
}
