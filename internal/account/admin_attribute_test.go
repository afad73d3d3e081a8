package account_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func TestUpdateByAdmin(t *testing.T) {
	const taken = "AliasExists: An account with the email already exists."
	changed := []string{"email", newEmail, "email_verified", "false", "phone_number", phone, "phone_number_verified", "true"}
	proven := []string{"email", newEmail, "email_verified", "true", "phone_number", phone, "phone_number_verified", "true"}
	tests := []struct {
		name       string
		settings   []setting
		have       []string // email and phone, verified, unless set
		changes    []string
		want       string
		attributes []string // as have, unless set
		pending    []string
		messages   []string // the addresses of codes
		finds      string
		loses      string
	}{
		{name: "plain", changes: []string{"custom:x", "1"}, attributes: append(verified[:len(verified):len(verified)], "custom:x", "1")},
		{name: "not auto-verified", changes: []string{"email", newEmail}, attributes: changed},
		{name: "auto-verified", settings: []setting{autoVerify("email")}, changes: []string{"email", newEmail}, attributes: changed, messages: []string{newEmail}},
		{name: "verified before", settings: []setting{autoVerify("email"), verifyBeforeUpdate("email")}, changes: []string{"email", newEmail},
			pending: []string{"email", newEmail}, messages: []string{newEmail}},
		{name: "given as verified", settings: []setting{autoVerify("email"), verifyBeforeUpdate("email"), aliases("email")},
			changes: []string{"email_verified", "True", "email", newEmail}, attributes: proven, finds: newEmail, loses: email},
		{name: "given as unverified", settings: []setting{autoVerify("email"), aliases("email")}, changes: []string{"email", newEmail, "email_verified", "false"},
			attributes: changed, messages: []string{newEmail}, loses: newEmail},
		{name: "the flag of a value that waits", settings: []setting{autoVerify("email"), verifyBeforeUpdate("email")},
			changes: []string{"email", newEmail, "email_verified", "false"}, pending: []string{"email", newEmail}, messages: []string{newEmail}},
		{name: "verified", settings: []setting{aliases("email")}, have: []string{"email", email}, changes: []string{"email_verified", "true"},
			attributes: []string{"email", email, "email_verified", "true"}, finds: email},
		{name: "the same, verified", settings: []setting{aliases("email")}, have: []string{"email", email},
			changes: []string{"email", email, "email_verified", "true"}, attributes: []string{"email", email, "email_verified", "true"}, finds: email},
		{name: "unverified", settings: []setting{aliases("email")}, have: []string{"email", email, "email_verified", "true"},
			changes: []string{"email_verified", "false"}, attributes: []string{"email", email, "email_verified", "false"}, loses: email},
		{name: "without a flag", settings: []setting{aliases("email")}, have: []string{"email", email, "email_verified", "true"},
			changes: []string{"email_verified", ""}, attributes: []string{"email", email}, loses: email},
		{name: "deleted", have: []string{"email", email, "email_verified", "true"}, changes: []string{"email", "", "email_verified", "false"}, attributes: []string{}},
		{name: "verified without an address", have: []string{"name", "Jane"}, changes: []string{"email_verified", "true"},
			want: "InvalidParameter: Email is required to verify/un-verify an email"},
		{name: "number verified without one", have: []string{"name", "Jane"}, changes: []string{"phone_number_verified", "true"},
			want: "InvalidParameter: Phone Number is required to verify/un-verify a phone number"},
		{name: "deleted and verified", changes: []string{"email", "", "email_verified", "true"},
			want: "InvalidParameter: Email is required to verify/un-verify an email"},
		{name: "another's alias", settings: []setting{aliases("email")}, have: []string{"email", "owner@example.com"}, changes: []string{"email_verified", "true"}, want: taken},
		{name: "another's alias, at once", settings: []setting{aliases("email")}, changes: []string{"email", "owner@example.com", "email_verified", "true"}, want: taken},
		{name: "another's alias, unverified", settings: []setting{aliases("email")}, have: []string{"email", email},
			changes: []string{"email", "owner@example.com"}, attributes: []string{"email", "owner@example.com", "email_verified", "false"}},
		{name: "another's user name", settings: []setting{usernames("email")}, have: []string{"email", email}, changes: []string{"email", "owner@example.com"},
			want: "AliasExists: An account with the given email already exists."},
		{name: "unknown", changes: []string{"custom:y", "1"}, want: "InvalidParameter: user.custom:y: Attribute does not exist in the schema.\n "},
		{name: "immutable", changes: []string{"custom:fixed", "1"}, want: "InvalidParameter: user.custom:fixed: Attribute cannot be updated.\n "},
		{name: "sub", changes: []string{"sub", "1"}, want: "InvalidParameter: user.sub: Attribute cannot be updated.\n "},
		{name: "flag", changes: []string{"email_verified", "yes"}, want: "InvalidParameter: Type for attribute {email_verified} could not be determined"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			if tt.have == nil {
				tt.have = verified
			}
			name, owner := "jane", "owner"
			if p.HasUsernameAttributes() {
				name, owner = email, "owner@example.com"
			}
			w.member(p, owner, "email", "owner@example.com", "email_verified", "true")
			u := w.member(p, name, tt.have...)
			w.advance(time.Minute)
			err := w.UpdateByAdmin(t.Context(), p, name, pairs(tt.changes...))
			told(t, err, tt.want)
			after := w.user(u)
			if tt.want != "" {
				if diff := cmp.Diff(u, after); diff != "" {
					t.Errorf("the user changed (-want +got):\n%s", diff)
				}
				return
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
			var to []string
			for _, m := range w.inbox("") {
				to = append(to, m.To)
			}
			if diff := cmp.Diff(tt.messages, to); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
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
		})
	}
}

// A preferred_username that is an alias waits for the confirmation, whoever sets it.
func TestUpdateByAdminBeforeConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(aliases("preferred_username"))
	w.signUp(w.client(p, false), "jane")
	err := w.UpdateByAdmin(t.Context(), p, "jane", pairs("preferred_username", "jj"))
	told(t, err, "InvalidParameter: The attribute preferred_username cannot be set before the user is confirmed.")
	told(t, w.UpdateByAdmin(t.Context(), p, "nobody", pairs("name", "x")), noUser)
}

// A refused message is told as the failure of its medium, and the change stays.
func TestUpdateByAdminMessageRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email", "phone_number"))
	u := w.member(p, "jane")
	w.post.refuse(undeliverable)
	err := w.UpdateByAdmin(t.Context(), p, "jane", pairs("email", newEmail))
	told(t, err, "InvalidEmailRoleAccessPolicy: The mail server refused the recipient.")
	err = w.UpdateByAdmin(t.Context(), p, "jane", pairs("phone_number", newPhone))
	told(t, err, "InvalidSmsRoleAccessPolicy: The mail server refused the recipient.")
	if a := w.user(u).Attributes; a.Get("email") != newEmail || a.Get("phone_number") != newPhone || len(w.codes(u, userpool.VerifyAttribute)) != 0 {
		t.Errorf("the user has %v and %d codes", a, len(w.codes(u, userpool.VerifyAttribute)))
	}
}

func TestDeleteAttributes(t *testing.T) {
	const beginning = "InvalidParameter: Invalid user attributes: user."
	tests := []struct {
		name     string
		settings []setting
		write    []string
		have     []string
		delete   []string
		admin    string // what an administrator is told
		user     string // what the user is told; as admin, unless set
		left     []string
		loses    string
	}{
		{name: "plain", have: []string{"name", "Jane", "custom:x", "1"}, delete: []string{"name"}, left: []string{"custom:x", "1"}},
		{name: "address with its flag and alias", settings: []setting{aliases("email")}, have: []string{"email", email, "email_verified", "true"},
			delete: []string{"email"}, left: []string{}, loses: email},
		{name: "flag", have: []string{"email", email, "email_verified", "true"}, delete: []string{"email_verified"}, user: unauthorized, left: []string{"email", email}},
		{name: "not set", have: []string{"custom:x", "1"}, delete: []string{"name", "custom:fixed"}, left: []string{"custom:x", "1"}},
		{name: "not writable", write: []string{"email"}, have: []string{"name", "Jane"}, delete: []string{"name"}, user: unauthorized, left: []string{}},
		{name: "unknown", delete: []string{"custom:foo"}, admin: beginning + "custom:foo: Attribute does not exist in the schema.\n"},
		{name: "several", have: []string{"custom:fixed", "1"}, delete: []string{"custom:foo", "custom:fixed"},
			admin: beginning + "custom:foo: Attribute does not exist in the schema.\nuser.custom:fixed: Attribute cannot be updated.\n"},
		{name: "required", settings: []setting{require("name")}, have: []string{"name", "Jane"}, delete: []string{"name"},
			admin: beginning + "name: The attribute is required\n"},
		{name: "required, not set", settings: []setting{require("name")}, have: []string{"custom:x", "1"}, delete: []string{"name"}, left: []string{"custom:x", "1"}},
		{name: "user name", settings: []setting{usernames("email")}, delete: []string{"email"}, admin: beginning + "email: The attribute is required\n"},
		{name: "sub", delete: []string{"sub"}, admin: beginning + "sub: The attribute is required\n", user: unauthorized},
	}
	for _, tt := range tests {
		for _, admin := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				p := w.pool(tt.settings...)
				c := w.client(p, false)
				c.Settings.WriteAttributes = tt.write
				name := "jane"
				if p.HasUsernameAttributes() {
					name = email
				}
				u := w.member(p, name, tt.have...)
				want := tt.admin
				var err error
				if admin {
					err = w.DeleteAttributesByAdmin(t.Context(), p, name, tt.delete)
				} else {
					if tt.user != "" {
						want = tt.user
					}
					err = w.DeleteAttributes(t.Context(), c, u, tt.delete)
				}
				told(t, err, want)
				after := w.user(u)
				if want != "" {
					if diff := cmp.Diff(u, after); diff != "" {
						t.Errorf("the user changed (-want +got):\n%s", diff)
					}
					return
				}
				if diff := cmp.Diff(pairs(tt.left...), after.Attributes); diff != "" {
					t.Errorf("attributes (-want +got):\n%s", diff)
				}
				if _, err := w.Find(t.Context(), p, tt.loses); tt.loses != "" && err == nil {
					t.Errorf("%s still finds the user", tt.loses)
				}
			})
		}
	}
}
