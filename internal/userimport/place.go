package userimport

import (
	"context"
	"errors"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// A batch is some rows of a stretch, what is left of them.
type batch struct {
	stretch    *stretch
	candidates []candidate
	draws      int // of other numbers for the users, since some were taken
}

const existsAlready = "The user already exists."

// place makes the users for whom nobody is in the way, and tells what became of each row. Search entries that were written
// first go if they get no user, or redraw gives the users other numbers.
func place(ctx context.Context, tx userpool.Tx, pool *userpool.Pool, candidates []candidate, redraw bool, now time.Time) ([]outcome, error) {
	there, err := neighbours(ctx, tx, pool, candidates)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, 0, len(candidates))
	var made []userpool.ImportedUser
	var vain []userpool.SearchEntry
	for i := range candidates {
		c := &candidates[i]
		o := there.judge(c)
		if c.prepared && (redraw || o.result != succeeded) {
			c.user.User.Key.User = c.number
			vain = append(vain, tx.SearchEntries(c.user.User)...)
		}
		if o.result == succeeded {
			c.user.User.Key.User, c.user.Prepared = c.number, c.prepared
			if redraw {
				c.user.User.Key.User, c.user.Prepared = userpool.NewNumber(now), false
			}
			there.add(c)
			made = append(made, c.user)
		}
		outcomes = append(outcomes, o)
	}
	sortEntries(vain)
	if err := tx.DropSearchEntries(ctx, pool.Number, vain); err != nil {
		return nil, err
	}
	return outcomes, tx.CreateUsers(ctx, pool.Number, made)
}

// taken is what stands in the way of new users: names and aliases, of users who were there and of those that the batch
// has made.
type taken struct {
	names   map[string]bool
	aliases map[string]map[string]bool // by attribute
	named   bool                       // preferred_username is an alias, so that it and user names share a space
}

// neighbours reads everything that could stand in the way of the batch.
func neighbours(ctx context.Context, in userpool.Reader, pool *userpool.Pool, candidates []candidate) (*taken, error) {
	t := &taken{aliases: map[string]map[string]bool{}, named: pool.Alias(userpool.PreferredUsername)}
	var names []string
	values := map[string][]string{}
	for i := range candidates {
		c := &candidates[i]
		if c.fault != "" {
			continue
		}
		names = append(names, c.typed)
		if t.named {
			values[userpool.PreferredUsername] = append(values[userpool.PreferredUsername], c.typed)
		}
		for _, a := range c.user.Aliases {
			values[a.Attribute] = append(values[a.Attribute], a.Value)
			if a.Attribute == userpool.PreferredUsername {
				names = append(names, a.Value)
			}
		}
	}
	var err error
	t.names = map[string]bool{}
	if !pool.HasUsernameAttributes() { // else they are subs, which nobody has yet
		if t.names, err = in.TakenNames(ctx, pool.Number, names); err != nil {
			return nil, err
		}
		if err := t.addSubs(ctx, in, pool, names); err != nil {
			return nil, err
		}
	}
	for attribute, wanted := range values {
		if t.aliases[attribute], err = in.TakenAliases(ctx, pool.Number, attribute, wanted); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// addSubs adds the names that are another user's sub.
func (t *taken) addSubs(ctx context.Context, in userpool.Reader, pool *userpool.Pool, names []string) error {
	for _, name := range names {
		by := userpool.Lookup{Sub: pool.Lookup(name).Sub}
		if by.Sub == "" || t.names[name] {
			continue
		}
		_, err := in.FindUser(ctx, pool.Number, by)
		if err != nil && !errors.Is(err, userpool.ErrNotFound) {
			return err
		}
		t.names[name] = err == nil
	}
	return nil
}

// judge says what becomes of a candidate.
func (t *taken) judge(c *candidate) outcome {
	switch {
	case c.fault != "":
		return outcome{failed, c.line, c.fault}
	case t.names[c.typed], t.named && t.aliases[userpool.PreferredUsername][c.typed]:
		return outcome{skipped, c.line, existsAlready}
	case c.signIn != "" && t.aliases[c.signIn][c.typed]:
		return outcome{skipped, c.line, existsAlready}
	}
	for _, a := range c.user.Aliases {
		if t.aliases[a.Attribute][a.Value] || a.Attribute == userpool.PreferredUsername && t.names[a.Value] {
			return outcome{failed, c.line, userpool.AliasTaken(a.Attribute).Message}
		}
	}
	return outcome{succeeded, c.line, ""}
}

func (t *taken) add(c *candidate) {
	t.names[c.typed] = true
	for _, a := range c.user.Aliases {
		if t.aliases[a.Attribute] == nil {
			t.aliases[a.Attribute] = map[string]bool{}
		}
		t.aliases[a.Attribute][a.Value] = true
	}
}
