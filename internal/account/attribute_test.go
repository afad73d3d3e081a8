package account_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	newEmail = "joan@other.example"
	newPhone = "+48123456789"
)

func TestUpdate(t *testing.T) {
	byMail := userpool.Delivery{Attribute: "email", Medium: "EMAIL", Destination: "j***@o***"}
	byPhone := userpool.Delivery{Attribute: "phone_number", Medium: "SMS", Destination: "+*******6789"}
	tests := []struct {
		name       string
		settings   []setting
		write      []string
		have       []string // of the user; email and phone, verified, unless set
		changes    []string
		want       string
		attributes []string // as have, unless set
		pending    []string
		deliveries []userpool.Delivery
		finds      string // a name that finds the user afterwards
		loses      string // a name that does not
	}{
		{name: "plain", have: []string{"name", "Jane"}, changes: []string{"name", "Joan", "custom:x", "1"}, attributes: []string{"name", "Joan", "custom:x", "1"}},
		{name: "nothing"},
		{name: "deleted", have: []string{"name", "Jane"}, changes: []string{"name", ""}, attributes: []string{}},
		{
			name: "not auto-verified", changes: []string{"email", newEmail},
			attributes: []string{"email", newEmail, "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"},
		},
		{
			name: "auto-verified", settings: []setting{autoVerify("email")}, changes: []string{"email", newEmail},
			attributes: []string{"email", newEmail, "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"},
			deliveries: []userpool.Delivery{byMail},
		},
		{
			name: "both", settings: []setting{autoVerify("email", "phone_number")}, changes: []string{"phone_number", newPhone, "email", newEmail},
			attributes: []string{"email", newEmail, "email_verified", "false", "phone_number", newPhone, "phone_number_verified", "false"},
			deliveries: []userpool.Delivery{byPhone, byMail},
		},
		{name: "the same", settings: []setting{autoVerify("email")}, changes: []string{"email", email}},
		{
			name: "first value", settings: []setting{autoVerify("email")}, have: []string{"name", "Jane"}, changes: []string{"email", newEmail},
			attributes: []string{"name", "Jane", "email", newEmail, "email_verified", "false"}, deliveries: []userpool.Delivery{byMail},
		},
		{
			name: "deleted address", changes: []string{"email", ""},
			attributes: []string{"phone_number", phone, "phone_number_verified", "true"},
		},
		{
			name: "verified before", settings: []setting{autoVerify("email"), verifyBeforeUpdate("email")}, changes: []string{"email", newEmail},
			pending: []string{"email", newEmail}, deliveries: []userpool.Delivery{byMail},
		},
		{
			name: "alias is lost", settings: []setting{autoVerify("email"), aliases("email")}, changes: []string{"email", newEmail},
			attributes: []string{"email", newEmail, "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"},
			deliveries: []userpool.Delivery{byMail}, loses: email,
		},
		{
			name:     "alias stays until the new one is verified",
			settings: []setting{autoVerify("email"), aliases("email"), verifyBeforeUpdate("email")}, changes: []string{"email", newEmail},
			pending: []string{"email", newEmail}, deliveries: []userpool.Delivery{byMail}, finds: email, loses: newEmail,
		},
		{
			name: "name to sign in with", settings: []setting{usernames("email"), autoVerify("email")}, changes: []string{"email", newEmail},
			attributes: []string{"email", newEmail, "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"},
			deliveries: []userpool.Delivery{byMail}, finds: newEmail, loses: email,
		},
		{
			name: "name to sign in with, deleted", settings: []setting{usernames("email")}, changes: []string{"email", ""},
			want: "InvalidParameter: user.email: The attribute is required\n ",
		},
		{
			name: "name to sign in with, taken", settings: []setting{usernames("email")}, changes: []string{"email", "owner@example.com"},
			want: "AliasExists: An account with the given email already exists.",
		},
		{
			name: "name to sign in with, taken, verified before", settings: []setting{usernames("email"), verifyBeforeUpdate("email")},
			changes: []string{"email", "owner@example.com"}, want: "AliasExists: An account with the given email already exists.",
		},
		{
			name: "alias of another, unverified", settings: []setting{aliases("email")}, changes: []string{"email", "owner@example.com"},
			attributes: []string{"email", "owner@example.com", "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"},
			loses:      email,
		},
		{
			name: "preferred_username", settings: []setting{aliases("preferred_username")}, have: []string{"name", "Jane"},
			changes: []string{"preferred_username", "jj"}, attributes: []string{"name", "Jane", "preferred_username", "jj"}, finds: "jj",
		},
		{
			name: "preferred_username, deleted", settings: []setting{aliases("preferred_username")}, have: []string{"preferred_username", "jj"},
			changes: []string{"preferred_username", ""}, attributes: []string{}, loses: "jj",
		},
		{
			name: "preferred_username, taken", settings: []setting{aliases("preferred_username")}, have: []string{"name", "Jane"},
			changes: []string{"preferred_username", "oo"}, want: "AliasExists: An account with the preferred_username already exists.",
		},
		{
			name: "preferred_username, another's name", settings: []setting{aliases("preferred_username")}, have: []string{"name", "Jane"},
			changes: []string{"preferred_username", "owner"}, want: "AliasExists: An account with the preferred_username already exists.",
		},
		{name: "flag", changes: []string{"email_verified", "true"}, want: unauthorized},
		{name: "not in the write list", write: []string{"email"}, changes: []string{"name", "Joan"}, want: unauthorized},
		{name: "unknown", changes: []string{"custom:y", "1"}, want: "InvalidParameter: user.custom:y: Attribute does not exist in the schema.\n "},
		{name: "immutable", changes: []string{"custom:fixed", "1"}, want: "InvalidParameter: user.custom:fixed: Attribute cannot be updated.\n "},
		{name: "form", changes: []string{"email", "joan"}, want: "InvalidParameter: Invalid email address format."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			c := w.client(p, false)
			c.Settings.WriteAttributes = tt.write
			if tt.have == nil {
				tt.have = verified
			}
			name, owner, ownerHas := "jane", "owner", []string{"email", "owner@example.com", "email_verified", "true"}
			if p.HasUsernameAttributes() {
				name, owner = email, "owner@example.com"
			}
			if p.Alias("preferred_username") {
				ownerHas = append(ownerHas, "preferred_username", "oo")
			}
			w.member(p, owner, ownerHas...)
			u := w.member(p, name, tt.have...)
			w.advance(time.Minute)
			deliveries, err := w.Update(t.Context(), c, u, pairs(tt.changes...))
			told(t, err, tt.want)
			after := w.user(u)
			if tt.want != "" {
				if diff := cmp.Diff(u, after); diff != "" {
					t.Errorf("the user changed (-want +got):\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(tt.deliveries, deliveries); diff != "" {
				t.Errorf("deliveries (-want +got):\n%s", diff)
			}
			if tt.attributes == nil {
				tt.attributes = tt.have
			}
			if diff := cmp.Diff(pairs(tt.attributes...), after.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(pairs(tt.pending...), after.Pending); diff != "" {
				t.Errorf("pending (-want +got):\n%s", diff)
			}
			if tt.finds != "" {
				if found, err := w.Find(t.Context(), p, tt.finds); err != nil || found.Key != u.Key {
					t.Errorf("%s does not find the user: %v", tt.finds, err)
				}
			}
			if tt.loses != "" {
				if found, err := w.Find(t.Context(), p, tt.loses); err == nil && found.Key == u.Key {
					t.Errorf("%s still finds the user", tt.loses)
				}
			}
			for _, d := range deliveries {
				if m := w.inbox(after.Attributes.Get(d.Attribute) + after.Pending.Get(d.Attribute)); len(tt.pending) == 0 && len(m) != 1 {
					t.Errorf("%d messages to the new %s", len(m), d.Attribute)
				}
			}
		})
	}
}

// With a message that is refused the change stays, and its code is worthless.
func TestUpdateMessageRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	u := w.member(p, "jane", verified...)
	w.post.refuse(undeliverable)
	deliveries, err := w.Update(t.Context(), w.client(p, false), u, pairs("email", newEmail))
	told(t, err, refused)
	if deliveries != nil || w.user(u).Attributes.Get("email") != newEmail || len(w.codes(u, userpool.VerifyAttribute)) != 0 {
		t.Errorf("deliveries %v, attributes %v", deliveries, w.user(u).Attributes)
	}
}

// A second change replaces the first, and its code is void; taking it back voids it too.
func TestUpdateTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"), verifyBeforeUpdate("email"))
	c := w.client(p, false)
	u := w.member(p, "jane", verified...)
	update := func(value string) {
		t.Helper()
		if _, err := w.Update(t.Context(), c, w.user(u), pairs("email", value)); err != nil {
			t.Fatal(err)
		}
	}
	update(newEmail)
	first := w.code(newEmail)
	update("third@example.com")
	if codes := w.codes(u, userpool.VerifyAttribute); len(codes) != 1 || codes[0].Destination != "third@example.com" {
		t.Fatalf("codes %v", codes)
	}
	if second := w.code("third@example.com"); first != second {
		told(t, w.Verify(t.Context(), p, u, "email", first), wrongCode)
	}
	update(email)
	if after := w.user(u); len(after.Pending) != 0 || !after.Verified("email") || len(w.codes(u, userpool.VerifyAttribute)) != 0 {
		t.Errorf("stored %+v", after)
	}
	told(t, w.Verify(t.Context(), p, u, "email", first), noCode)
}

// Sign-up codes are void when the address they went to changes.
func TestUpdateVoidsCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	c := w.client(p, false)
	u := w.signUp(c, "jane", "email", email)
	code := w.code(email)
	if _, err := w.Update(t.Context(), c, u, pairs("email", newEmail)); err != nil {
		t.Fatal(err)
	}
	told(t, w.Confirm(t.Context(), c, "jane", code, false), noCode)
	told(t, w.Confirm(t.Context(), c, "jane", w.code(newEmail), false), noCode) // a code of another purpose
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("email"))
	u := w.member(p, "jane", verified...)
	told(t, w.remove(p, "joan"), noUser)
	told(t, w.remove(p, email), "")
	told(t, w.remove(p, "jane"), noUser)
	if _, err := w.Find(t.Context(), p, u.Sub); !userpool.IsCode(err, userpool.UserNotFound) {
		t.Errorf("found: %v", err)
	}
	again, err := w.Invite(t.Context(), account.Invitation{Pool: p, Username: "jane", Attributes: pairs(verified...), Suppress: true})
	if err != nil || again.Sub == u.Sub || again.Key == u.Key {
		t.Errorf("made again: %+v, %v", again, err)
	}
}

// A preferred_username that is another user's sub would stand before it wherever a user is named by sub.
func TestUpdatePreferredUsernameToSub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("preferred_username"))
	c := w.client(p, false)
	owner, u := w.member(p, "owner"), w.member(p, "jane")
	_, err := w.Update(t.Context(), c, u, pairs("preferred_username", owner.Sub))
	told(t, err, "AliasExists: An account with the preferred_username already exists.")
	if found, err := w.Find(t.Context(), p, owner.Sub); err != nil || found.Key != owner.Key {
		t.Errorf("the sub finds %v, %v", found, err)
	}
}
