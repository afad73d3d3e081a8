package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testUnitKeepsAllOrNothing(h *house) {
	undone := errors.New("undone")
	fail := func(end func()) func(tx userpool.Tx) error {
		return func(tx userpool.Tx) error {
			if err := tx.CreateUser(h.ctx, h.makeUser(h.pool, "lost"), "lost"); err != nil {
				return err
			}
			if err := tx.CreatePool(h.ctx, h.makePool("us-east-1_lost"), nil); err != nil {
				return err
			}
			end()
			return undone
		}
	}
	if err := h.Write(h.ctx, fail(func() {})); err != undone {
		h.t.Errorf("the error came back as %v", err)
	}
	func() {
		defer func() {
			if v := recover(); v != "panic of a unit" {
				h.t.Errorf("recovered %v", v)
			}
		}()
		h.Write(h.ctx, fail(func() { panic("panic of a unit") }))
	}()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		h.Write(h.ctx, fail(runtime.Goexit))
	}()
	<-gone

	_, err := h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Username: "lost"})
	h.missing("a user of a unit that failed", err)
	_, err = h.Pool(h.ctx, "us-east-1_lost")
	h.missing("a pool of a unit that failed", err)
	h.newUser(h.pool, "lost") // and the store goes on
}

func testUnitReadsItsOwn(h *house) {
	p := h.makePool("us-east-1_own")
	h.write(func(tx userpool.Tx) error {
		if err := tx.CreatePool(h.ctx, p, h.makeKeys(p)); err != nil {
			return err
		}
		c, u := h.makeClient(p, "ownclient"), h.makeUser(p, "own")
		if err := errors.Join(tx.CreateClient(h.ctx, c), tx.CreateUser(h.ctx, u, "own")); err != nil {
			return err
		}
		g, token := h.makeGrant(c, u)
		if err := errors.Join(tx.PutGrant(h.ctx, g, token), tx.PutCode(h.ctx, h.makeCode(u, "123456"))); err != nil {
			return err
		}
		s, err := tx.RefreshState(h.ctx, token.GrantID, token.Hash)
		if err != nil || s.User == nil || s.Client == nil || s.Grant == nil {
			return fmt.Errorf("state of its own token: %+v, %w", s, err)
		}
		codes, err := tx.Codes(h.ctx, u.Key, userpool.VerifyAttribute, "email")
		if err != nil || len(codes) != 1 {
			return fmt.Errorf("its own codes: %v, %w", codes, err)
		}
		keys, err := tx.SigningKeys(h.ctx, p.Number)
		if err != nil || len(keys) != 2 || string(keys[0].Private) == "" {
			return fmt.Errorf("its own keys: %d, %w", len(keys), err)
		}
		// Nobody else sees them yet.
		if _, err := h.Pool(h.ctx, p.ID); !errors.Is(err, userpool.ErrNotFound) {
			return fmt.Errorf("the pool is visible before the commit: %w", err)
		}
		return nil
	})
	must[*userpool.Client](h)(h.Client(h.ctx, "ownclient"))
}

func testUnitIsOver(h *house) {
	var leaked userpool.Tx
	h.write(func(tx userpool.Tx) error {
		leaked = tx
		return nil
	})
	if err := leaked.Spend(h.ctx, h.pool.Number, "late", h.clock.Now()); err == nil {
		h.t.Error("a unit of work that is over still writes")
	}
	if _, err := leaked.Pool(h.ctx, h.pool.ID); err == nil {
		h.t.Error("a unit of work that is over still reads")
	}
}

// testUnitsTogether runs 64 units at once: every eighth fails, every eighth panics, every eighth is cancelled in the
// middle, and the others must be there.
func testUnitsTogether(h *house) {
	undone := errors.New("undone")
	for round := range 3 {
		name := func(i int) string { return fmt.Sprintf("user-%d-%d", round, i) }
		errs := together(64, func(i int) (err error) {
			ctx, cancel := context.WithCancel(h.ctx)
			defer cancel()
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v", v)
				}
			}()
			return h.Write(ctx, func(tx userpool.Tx) error {
				u := h.makeUser(h.pool, name(i))
				if err := tx.CreateUser(ctx, u, name(i)); err != nil {
					return err
				}
				switch i % 8 {
				case 1:
					return undone
				case 2:
					panic("in a unit")
				case 3:
					cancel()
				}
				return tx.PutAlias(ctx, u.Key, userpool.Alias{Attribute: "email", Value: name(i) + "@example.com"})
			})
		})
		want := map[string]int{"<nil>": 40, "undone": 8, "panic: in a unit": 8, "context canceled": 8}
		got := map[string]int{}
		for text, n := range tally(errs) {
			if i := strings.LastIndex(text, "context canceled"); i >= 0 {
				text = text[i:]
			}
			got[text] += n
		}
		h.equal("outcomes", got, want)
		for i, err := range errs {
			_, found := h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Aliases: []userpool.Alias{{Attribute: "email", Value: name(i) + "@example.com"}}})
			if (err == nil) != (found == nil) {
				h.t.Errorf("unit %d ended with %v and its user with %v", i, err, found)
			}
		}
	}
}

func testUnitCancelled(h *house) {
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	if err := h.Write(ctx, func(userpool.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		h.t.Errorf("a unit that was cancelled before it began ended with %v", err)
	}
	if _, err := h.User(ctx, h.user.Key); !errors.Is(err, context.Canceled) {
		h.t.Errorf("a read that was cancelled before it began ended with %v", err)
	}
	// An error of the context that the function swallows does not keep half of the unit.
	ctx, cancel = context.WithCancel(h.ctx)
	err := h.Write(ctx, func(tx userpool.Tx) error {
		if err := tx.CreateUser(ctx, h.makeUser(h.pool, "half"), "half"); err != nil {
			return err
		}
		cancel()
		tx.Spend(ctx, h.pool.Number, "half", h.clock.Now())
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		h.t.Errorf("a unit that swallowed its end ended with %v", err)
	}
	_, err = h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Username: "half"})
	h.missing("half of a unit", err)
}

func testNoLostUpdates(h *house) {
	errs := together(64, func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			u, err := tx.User(h.ctx, h.user.Key)
			if err != nil {
				return err
			}
			n, _ := strconv.Atoi(u.Attributes.Get("custom:n"))
			u.Attributes.Set("custom:n", strconv.Itoa(n+1))
			return tx.UpdateUser(h.ctx, u)
		})
	})
	kept := tally(errs)["<nil>"]
	u := must[*userpool.User](h)(h.User(h.ctx, h.user.Key))
	if got := u.Attributes.Get("custom:n"); got != strconv.Itoa(kept) || kept != 64 {
		h.t.Errorf("%d units were kept and the counter is %s: %v", kept, got, tally(errs))
	}

	// Compare-and-swap from outside: one of the readers of a version wins.
	read := must[*userpool.Pool](h)(h.Pool(h.ctx, h.pool.ID))
	errs = together(16, func(i int) error {
		changed := *read
		changed.Name = fmt.Sprintf("name %d", i)
		return h.Write(h.ctx, func(tx userpool.Tx) error { return tx.UpdatePool(h.ctx, &changed) })
	})
	h.equal("outcomes of a compare-and-swap", tally(errs), map[string]int{"<nil>": 1, userpool.ErrVersion.Error(): 15})
}

func testAliasRace(h *house) {
	users := make([]*userpool.User, 16)
	for i := range users {
		users[i] = h.newUser(h.pool, fmt.Sprintf("user%d", i))
	}
	errs := together(len(users), func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			return tx.PutAlias(h.ctx, users[i].Key, userpool.Alias{Attribute: "email", Value: "same@example.com"})
		})
	})
	h.equal("outcomes", tally(errs), map[string]int{"<nil>": 1, userpool.ErrExists.Error(): 15})
}

func testSpendRace(h *house) {
	errs := together(32, func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			if err := tx.Spend(h.ctx, h.pool.Number, "once", h.clock.Now().Add(time.Minute)); err != nil {
				return err
			}
			return tx.PutCode(h.ctx, h.makeCode(h.user, strconv.Itoa(i)))
		})
	})
	h.equal("outcomes", tally(errs), map[string]int{"<nil>": 1, userpool.ErrExists.Error(): 31})
	if n := len(must[[]userpool.Code](h)(h.Codes(h.ctx, h.user.Key, userpool.VerifyAttribute, ""))); n != 1 {
		h.t.Errorf("what a challenge completes happened %d times", n)
	}
}

func testUserNameRace(h *house) {
	errs := together(32, func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			_, err := tx.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Username: "wanted"})
			if err == nil {
				return userpool.ErrExists
			} else if !errors.Is(err, userpool.ErrNotFound) {
				return err
			}
			return tx.CreateUser(h.ctx, h.makeUser(h.pool, "wanted"), "wanted")
		})
	})
	h.equal("outcomes", tally(errs), map[string]int{"<nil>": 1, userpool.ErrExists.Error(): 31})
}

// testInboxRace numbers messages and codes from many units at once: none is lost and none is refused.
func testInboxRace(h *house) {
	errs := together(32, func(i int) error {
		return h.Write(h.ctx, func(tx userpool.Tx) error {
			return errors.Join(tx.PutCode(h.ctx, h.makeCode(h.user, strconv.Itoa(i))),
				tx.PutInbox(h.ctx, &userpool.InboxMessage{ID: uuid.NewString(), To: "jane@example.com", Subject: strconv.Itoa(i)}))
		})
	})
	h.equal("outcomes", tally(errs), map[string]int{"<nil>": 32})
	messages := must[[]userpool.InboxMessage](h)(h.Inbox(h.ctx, "", 100))
	codes := must[[]userpool.Code](h)(h.Codes(h.ctx, h.user.Key, userpool.VerifyAttribute, ""))
	if len(messages) != 32 || len(codes) != 32 {
		h.t.Fatalf("there are %d messages and %d codes, want 32", len(messages), len(codes))
	}
	for i := range messages { // one unit wrote both, so both are in one order
		if messages[i].Subject != codes[i].Value {
			h.t.Errorf("in place %d there are message %s and code %s", i, messages[i].Subject, codes[i].Value)
		}
	}
}

// testReadsDuringUnit reads while a unit of work has written and not ended.
func testReadsDuringUnit(h *house) {
	written, read := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		first := true
		done <- h.Write(h.ctx, func(tx userpool.Tx) error {
			u, err := tx.User(h.ctx, h.user.Key)
			if err != nil {
				return err
			}
			u.Status = userpool.RequireReset
			if err := tx.UpdateUser(h.ctx, u); err != nil {
				return err
			}
			if first {
				first = false
				close(written)
				<-read
			}
			return nil
		})
	}()
	<-written
	for _, err := range together(32, func(int) error {
		u, err := h.User(h.ctx, h.user.Key)
		if err == nil && u.Status != userpool.Confirmed {
			err = errors.New("a read sees what is not committed")
		}
		return err
	}) {
		if err != nil {
			h.t.Error(err)
		}
	}
	close(read)
	if err := <-done; err != nil {
		h.t.Fatal(err)
	}
	if u := must[*userpool.User](h)(h.User(h.ctx, h.user.Key)); u.Status != userpool.RequireReset {
		h.t.Errorf("after the unit the status is %s", u.Status)
	}
}

func testAcknowledgedIsVisible(h *house) {
	for _, err := range together(16, func(i int) error {
		for n := range 10 {
			name := fmt.Sprintf("user-%d-%d", i, n)
			u := h.makeUser(h.pool, name)
			if err := h.Write(h.ctx, func(tx userpool.Tx) error { return tx.CreateUser(h.ctx, u, name) }); err != nil {
				return err
			}
			if _, err := h.User(h.ctx, u.Key); err != nil {
				return fmt.Errorf("an acknowledged user: %w", err)
			}
		}
		return nil
	}) {
		if err != nil {
			h.t.Error(err)
		}
	}
}
