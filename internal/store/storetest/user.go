package storetest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testUsers(h *house) {
	u := h.makeUser(h.pool, "Mixed")
	u.Pending = userpool.Attributes{{Name: "email", Value: "new@example.com"}}
	u.ValidAfter = h.clock.Now().Add(-time.Hour)
	u.MFA = userpool.MFA{Enabled: []string{"SOFTWARE_TOKEN_MFA", userpool.SMSMFA}, Preferred: userpool.SMSMFA, Options: true}
	u.Status, u.Enabled = userpool.Unconfirmed, false
	h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, "mixed") })
	got := must[*userpool.User](h)(h.User(h.ctx, u.Key))
	h.equal("a user as stored", got, u)
	if got == must[*userpool.User](h)(h.User(h.ctx, u.Key)) {
		h.t.Error("two reads share one user")
	}
	_, err := h.User(h.ctx, userpool.UserKey{Pool: h.pool.Number, User: -1})
	h.missing("an unknown number", err)

	for _, taken := range []struct {
		name   string
		change func(*userpool.User)
		folded string
	}{
		{"number", func(n *userpool.User) { n.Key.User = u.Key.User }, "other"},
		{"sub", func(n *userpool.User) { n.Sub = u.Sub }, "other"},
		{"user name", func(n *userpool.User) {}, "mixed"},
	} {
		n := h.makeUser(h.pool, "other")
		taken.change(n)
		h.t.Log("taken:", taken.name)
		h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, n, taken.folded) })
	}
	// The same name in another pool is another user.
	h.newUser(h.newPool("us-east-1_other"), "mixed")
}

func testUserVersions(h *house) {
	u := must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
	stale := must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
	u.Attributes.Set("email", "new@example.com")
	u.Attributes.Set("custom:level", "3")
	u.Pending.Set("phone_number", "+12065551234")
	u.Status, u.Enabled = userpool.RequireReset, false
	u.MFA.Enabled = []string{userpool.SMSMFA}
	u.Modified, u.ValidAfter = h.clock.Now().Add(time.Second), h.clock.Now()
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, u) })
	if u.Version != 2 {
		h.t.Errorf("the version in hand is %d, want 2", u.Version)
	}
	h.equal("a changed user", must[*userpool.User](h)(h.User(h.ctx, u.Key)), u)
	h.refused(userpool.ErrVersion, func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, stale) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, h.makeUser(h.pool, "nobody")) })
}

func testUserDeletion(h *house) {
	h.newCode(h.user, "123456")
	g, token := h.newGrant(h.client, h.user)
	subject := userpool.AttemptKey{Pool: h.pool.Number, Kind: userpool.AttemptPassword, Subject: fmt.Sprint(h.user.Key.User)}
	alias := userpool.Alias{Attribute: "email", Value: "jane@example.com"}
	h.write(func(tx userpool.Tx) error {
		return errors.Join(
			tx.PutPassword(h.ctx, &userpool.Password{User: h.user.Key, Salt: []byte("salt"), Verifier: []byte("v"), Generation: 1}, 1),
			tx.PutAlias(h.ctx, h.user.Key, alias),
			tx.PutAttempts(h.ctx, subject, userpool.Attempts{Count: 3, Expires: h.clock.Now().Add(time.Hour)}))
	})
	other := h.newUser(h.pool, "other")
	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, h.user.Key) })

	_, err := h.User(h.ctx, h.user.Key)
	h.missing("a deleted user", err)
	_, err = h.Password(h.ctx, h.user.Key)
	h.missing("the password of a deleted user", err)
	_, err = h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Username: "jane", Aliases: []userpool.Alias{alias}, Sub: h.user.Sub})
	h.missing("a deleted user by name, alias and sub", err)
	_, err = h.RefreshState(h.ctx, token.GrantID, token.Hash)
	h.missing("a refresh token of a deleted user", err)
	if codes := must[[]userpool.Code](h)(h.Codes(h.ctx, h.user.Key, userpool.VerifyAttribute, "")); len(codes) != 0 {
		h.t.Errorf("a deleted user has %d codes", len(codes))
	}
	if a := must[userpool.Attempts](h)(h.Attempts(h.ctx, subject)); a.Count != 0 {
		h.t.Errorf("a deleted user has %d attempts", a.Count)
	}
	state := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, g.ID))
	if state.User != nil || state.Grant != nil || state.Client == nil || state.Pool == nil {
		h.t.Errorf("the state of a token of a deleted user: %+v", state)
	}
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, h.user.Key) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutCode(h.ctx, h.makeCode(h.user, "1")) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutAlias(h.ctx, h.user.Key, alias) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.PutPassword(h.ctx, &userpool.Password{User: h.user.Key, Salt: []byte("s"), Verifier: []byte("v"), Generation: 9}, 1)
	})
	g2, t2 := h.makeGrant(h.client, h.user)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutGrant(h.ctx, g2, t2) })
	must[*userpool.User](h)(h.User(h.ctx, other.Key))
	h.newUser(h.pool, "jane") // the name is free
}

func testFindUser(h *house) {
	email := userpool.Alias{Attribute: "email", Value: "jane@example.com"}
	phone := userpool.Alias{Attribute: "phone_number", Value: "+12065551234"}
	john := h.newUser(h.pool, "john")
	h.write(func(tx userpool.Tx) error {
		return errors.Join(tx.PutAlias(h.ctx, h.user.Key, email), tx.PutAlias(h.ctx, john.Key, phone))
	})
	nobody := userpool.Alias{Attribute: "email", Value: "nobody@example.com"}
	for _, tt := range []struct {
		name string
		by   userpool.Lookup
		want *userpool.User
	}{
		{"user name", userpool.Lookup{Username: "jane"}, h.user},
		{"user names differ by case here", userpool.Lookup{Username: "Jane"}, nil},
		{"alias", userpool.Lookup{Aliases: []userpool.Alias{email}}, h.user},
		{"alias of another attribute", userpool.Lookup{Aliases: []userpool.Alias{{Attribute: "phone_number", Value: email.Value}}}, nil},
		{"sub", userpool.Lookup{Sub: john.Sub}, john},
		{"user name before alias", userpool.Lookup{Username: "john", Aliases: []userpool.Alias{email}, Sub: h.user.Sub}, john},
		{"first alias", userpool.Lookup{Username: "x", Aliases: []userpool.Alias{nobody, phone, email}}, john},
		{"alias before sub", userpool.Lookup{Aliases: []userpool.Alias{email}, Sub: john.Sub}, h.user},
		{"sub at last", userpool.Lookup{Username: "x", Aliases: []userpool.Alias{nobody}, Sub: john.Sub}, john},
		{"nothing", userpool.Lookup{}, nil},
		{"a text that no database holds", userpool.Lookup{Username: "jane\x00"}, nil},
	} {
		got, err := h.FindUser(h.ctx, h.pool.Number, tt.by)
		switch {
		case tt.want == nil:
			h.missing(tt.name, err)
		case err != nil:
			h.t.Errorf("%s: %v", tt.name, err)
		case got.Key != tt.want.Key:
			h.t.Errorf("%s: found %s, want %s", tt.name, got.Username, tt.want.Username)
		}
	}
	_, err := h.FindUser(h.ctx, h.newPool("us-east-1_other").Number,
		userpool.Lookup{Username: "jane", Aliases: []userpool.Alias{email}, Sub: h.user.Sub})
	h.missing("a user in another pool", err)
}

func testAliases(h *house) {
	email := userpool.Alias{Attribute: "email", Value: "jane@example.com"}
	john := h.newUser(h.pool, "john")
	h.write(func(tx userpool.Tx) error {
		_, err := tx.AliasOwner(h.ctx, h.pool.Number, email)
		h.missing("an alias that nobody has", err)
		return tx.PutAlias(h.ctx, h.user.Key, email)
	})
	h.write(func(tx userpool.Tx) error { return tx.PutAlias(h.ctx, h.user.Key, email) }) // again
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.PutAlias(h.ctx, john.Key, email) })
	h.write(func(tx userpool.Tx) error {
		owner, err := tx.AliasOwner(h.ctx, h.pool.Number, email)
		if owner != h.user.Key.User {
			h.t.Errorf("the alias belongs to %d, want %d", owner, h.user.Key.User)
		}
		if err != nil {
			return err
		}
		if err := tx.PutAlias(h.ctx, john.Key, email); !errors.Is(err, userpool.ErrExists) {
			return fmt.Errorf("an alias that another has: %w", err)
		}
		// The unit of work goes on after the refusal, and moves the alias.
		if err := tx.DeleteAliases(h.ctx, h.user.Key, "phone_number"); err != nil {
			return err
		}
		if err := tx.PutAlias(h.ctx, john.Key, email); !errors.Is(err, userpool.ErrExists) {
			return fmt.Errorf("an alias of another attribute was taken away: %w", err)
		}
		if err := tx.DeleteAliases(h.ctx, h.user.Key, "email"); err != nil {
			return err
		}
		return tx.PutAlias(h.ctx, john.Key, email)
	})
	got := must[*userpool.User](h)(h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Aliases: []userpool.Alias{email}}))
	if got.Key != john.Key {
		h.t.Errorf("the alias leads to %s", got.Username)
	}
	other := h.newPool("us-east-1_other")
	elsewhere := h.newUser(other, "jane")
	h.write(func(tx userpool.Tx) error { return tx.PutAlias(h.ctx, elsewhere.Key, email) })
}

// An alias that is longer than what an index takes is one all the same.
func testLongAliases(h *house) {
	random := make([]byte, 1024)
	rand.Read(random)
	long := userpool.Alias{Attribute: "email", Value: hex.EncodeToString(random) + strings.Repeat("ż", 1000)}
	next := userpool.Alias{Attribute: "email", Value: long.Value + "x"}
	john := h.newUser(h.pool, "john")
	h.write(func(tx userpool.Tx) error {
		return errors.Join(tx.PutAlias(h.ctx, h.user.Key, long), tx.PutAlias(h.ctx, john.Key, next))
	})
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.PutAlias(h.ctx, john.Key, long) })
	for alias, want := range map[userpool.Alias]*userpool.User{long: h.user, next: john} {
		got := must[*userpool.User](h)(h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Aliases: []userpool.Alias{alias}}))
		h.equal("whom the alias finds", got.Username, want.Username)
	}
	h.write(func(tx userpool.Tx) error {
		taken, err := tx.TakenAliases(h.ctx, h.pool.Number, "email", []string{long.Value, long.Value + "y"})
		h.equal("taken aliases", taken, map[string]bool{long.Value: true})
		return err
	})
}

func testPasswords(h *house) {
	_, err := h.Password(h.ctx, h.user.Key)
	h.missing("a password that was never set", err)
	put := func(generation int64, text string) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			return tx.PutPassword(h.ctx, &userpool.Password{User: h.user.Key, Salt: []byte("salt" + text), Verifier: []byte("verifier" + text),
				Generation: generation, Set: h.clock.Now(), Temporary: generation == 1}, 1)
		})
	}
	for _, step := range []struct {
		generation int64
		text       string
		want       error
	}{{1, "a", nil}, {2, "b", nil}, {2, "c", userpool.ErrVersion}, {1, "d", userpool.ErrVersion}, {7, "e", nil}} {
		if err := put(step.generation, step.text); !errors.Is(err, step.want) {
			h.t.Errorf("password %s of generation %d: %v, want %v", step.text, step.generation, err, step.want)
		}
	}
	h.user.MFA = userpool.MFA{Enabled: []string{userpool.SMSMFA}, Preferred: userpool.SMSMFA}
	h.write(func(tx userpool.Tx) error { return tx.UpdateUser(h.ctx, h.user) })
	h.equal("the standing", must[userpool.Standing](h)(h.Standing(h.ctx, h.user.Key)),
		userpool.Standing{Status: h.user.Status, Enabled: h.user.Enabled, Generation: 7, MFA: h.user.MFA})
	_, err = h.Standing(h.ctx, userpool.UserKey{Pool: h.pool.Number, User: 99})
	h.missing("the standing of nobody", err)
	h.equal("the password", must[*userpool.Password](h)(h.Password(h.ctx, h.user.Key)), &userpool.Password{
		User: h.user.Key, Salt: []byte("salte"), Verifier: []byte("verifiere"), Generation: 7, Set: h.clock.Now()})
}

// Former passwords are kept as far as each change says, and are listed newest first.
func testFormerPasswords(h *house) {
	put := func(generation int64, keep int) {
		h.write(func(tx userpool.Tx) error {
			return tx.PutPassword(h.ctx, &userpool.Password{User: h.user.Key, Salt: []byte("salt"),
				Verifier: fmt.Append(nil, "verifier", generation), Generation: generation, Set: h.clock.Now()}, keep)
		})
	}
	listed := func(limit int) (generations []int64) {
		for _, p := range must[[]userpool.Password](h)(h.Passwords(h.ctx, h.user.Key, limit)) {
			if want := fmt.Sprint("verifier", p.Generation); string(p.Verifier) != want {
				h.t.Errorf("the verifier of generation %d is %q", p.Generation, p.Verifier)
			}
			generations = append(generations, p.Generation)
		}
		return generations
	}
	h.equal("no password", listed(5), []int64(nil))
	for generation := range int64(5) {
		put(generation+1, 3)
	}
	h.equal("three are kept", listed(5), []int64{5, 4, 3})
	h.equal("as many as asked for", listed(2), []int64{5, 4})
	put(6, 1)
	h.equal("only the one in force", listed(5), []int64{6})
}

func testTexts(h *house) {
	for _, name := range []string{"zero\x00byte", "broken\xff"} {
		u := h.makeUser(h.pool, name)
		err := h.Write(h.ctx, func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, name) })
		if err == nil {
			h.t.Errorf("the name %q was stored", name)
		}
		_, err = h.SigningKey(h.ctx, name)
		h.missing("a key by such a name", err)
		_, err = h.Client(h.ctx, name)
		h.missing("a client by such a name", err)
		state := must[*userpool.TokenState](h)(h.TokenState(h.ctx, h.pool.Number, h.client.ID, h.user.Sub, uuid.NewString()))
		if state.Grant != nil {
			h.t.Error("an unknown grant was found")
		}
	}
	u := h.makeUser(h.pool, "Zoë 🦆")
	h.write(func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, u.Username) })
	h.equal("a user with letters of all kinds", must[*userpool.User](h)(h.User(h.ctx, u.Key)), u)
}
