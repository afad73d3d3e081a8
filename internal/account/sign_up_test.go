package account_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/account"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestSignUp(t *testing.T) {
	byMail := &userpool.Delivery{Attribute: "email", Medium: userpool.ByEmail, Destination: "j***@e***"}
	byPhone := &userpool.Delivery{Attribute: "phone_number", Medium: userpool.BySMS, Destination: "+*******1234"}
	const schema = "InvalidParameter: Attributes did not conform to the schema: "
	tests := []struct {
		name       string
		settings   []setting
		write      []string // WriteAttributes of the client
		username   string   // jane unless set
		password   string   // - for none
		attributes userpool.Attributes
		want       string
		stored     userpool.Attributes // the attributes given, unless set
		delivery   *userpool.Delivery
	}{
		{name: "nothing to verify", attributes: pairs("email", email)},
		{
			name: "email", settings: []setting{autoVerify("email")}, attributes: pairs("email", email),
			stored: pairs("email", email, "email_verified", "false"), delivery: byMail,
		},
		{name: "auto-verified, not given", settings: []setting{autoVerify("email")}, attributes: pairs("name", "Jane")},
		{
			name: "both: the phone number", settings: []setting{autoVerify("email", "phone_number")},
			attributes: pairs("email", email, "phone_number", phone), delivery: byPhone,
			stored: pairs("email", email, "phone_number", phone, "email_verified", "false", "phone_number_verified", "false"),
		},
		{
			name: "both, no phone number", settings: []setting{autoVerify("email", "phone_number")},
			attributes: pairs("email", email), stored: pairs("email", email, "email_verified", "false"), delivery: byMail,
		},
		{
			name: "user name is an address", settings: []setting{usernames("email"), autoVerify("email")}, username: email,
			attributes: pairs("name", "Jane"), stored: pairs("name", "Jane", "email", email, "email_verified", "false"), delivery: byMail,
		},
		{
			name: "user name is a required address", settings: []setting{usernames("email"), require("email")}, username: email,
			stored: pairs("email", email),
		},
		{
			name: "user name and another address", settings: []setting{usernames("email")}, username: email,
			attributes: pairs("email", "joan@example.com"),
			want:       "InvalidParameter: The attribute email must be the same as the user name.",
		},
		{name: "blank is not stored", attributes: pairs("name", "", "custom:x", "1"), stored: pairs("custom:x", "1")},
		{name: "no address", settings: []setting{usernames("email")}, want: "InvalidParameter: Username should be an email."},
		{
			name: "administrators only", settings: []setting{func(s *wire.UserPoolType) {
				s.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{AllowAdminCreateUserOnly: new(true)}
			}}, want: "NotAuthorized: SignUp is not permitted for this user pool",
		},
		{name: "weak password", password: "short", want: tooShort},
		{name: "no password", password: "-", want: "InvalidParameter: Password is required"},
		{name: "no password needed", password: "-", settings: []setting{passwordless}},
		{name: "flag", attributes: pairs("email", email, "email_verified", "true"), want: unauthorized},
		{name: "sub", attributes: pairs("sub", uuid.NewString()), want: unauthorized},
		{name: "not in the write list", write: []string{"email"}, attributes: pairs("name", "Jane"), want: unauthorized},
		{name: "unknown, with a write list", write: []string{"email"}, attributes: pairs("custom:y", "1"), want: unauthorized},
		{name: "unknown", attributes: pairs("custom:y", "1"), want: schema + "custom:y: Attribute does not exist in the schema.\n"},
		{name: "required", settings: []setting{require("email")}, want: schema + "email: The attribute is required\n"},
		{name: "email form", attributes: pairs("email", "jane"), want: "InvalidParameter: Invalid email address format."},
		{
			name: "preferred_username as alias", settings: []setting{aliases("preferred_username")}, attributes: pairs("preferred_username", "j"),
			want: "InvalidParameter: The attribute preferred_username cannot be set before the user is confirmed.",
		},
		{
			name: "link without a domain", settings: []setting{autoVerify("email"), func(s *wire.UserPoolType) {
				s.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK"}
			}}, attributes: pairs("email", email),
			want: "InvalidParameter: The user pool verifies email addresses by link, and this version of Poolhouse has no page for it. " +
				"Set DefaultEmailOption of VerificationMessageTemplate to CONFIRM_WITH_CODE.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			c := w.client(p, false)
			c.Settings.WriteAttributes = tt.write
			in := account.SignUp{Client: c, Username: tt.username, Password: tt.password, Attributes: tt.attributes}
			if in.Username == "" {
				in.Username = "jane"
			}
			switch in.Password {
			case "":
				in.Password = password
			case "-":
				in.Password = ""
			}
			u, d, err := w.SignUp(t.Context(), in)
			told(t, err, tt.want)
			if tt.want != "" {
				if _, err := w.Find(t.Context(), p, in.Username); !userpool.IsCode(err, userpool.UserNotFound) {
					t.Errorf("after an error the user is found: %v", err)
				}
				return
			}
			if diff := cmp.Diff(tt.delivery, d); diff != "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if tt.stored == nil {
				tt.stored = tt.attributes
			}
			u = w.user(u)
			if diff := cmp.Diff(tt.stored, u.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if id, err := uuid.Parse(u.Sub); err != nil || id.Version() != 4 {
				t.Errorf("the sub is %q", u.Sub)
			}
			if u.Status != userpool.Unconfirmed || !u.Enabled || !u.Created.Equal(w.now()) || !u.Modified.Equal(u.Created) {
				t.Errorf("stored %+v", u)
			}
			if p.HasUsernameAttributes() != (u.Username == u.Sub) {
				t.Errorf("the stored name is %q", u.Username)
			}
			for _, name := range []string{in.Username, u.Sub} {
				if found, err := w.Find(t.Context(), p, name); err != nil || found.Key != u.Key {
					t.Errorf("by %q: %v", name, err)
				}
			}
			want := int64(1)
			if in.Password == "" {
				want = 0
			}
			if got := w.generation(u); got != want {
				t.Errorf("generation %d of the password, want %d", got, want)
			}
		})
	}
}

func TestSignUpTaken(t *testing.T) {
	const exists = "UsernameExists: User already exists"
	tests := []struct {
		name       string
		settings   []setting
		have       string
		attributes userpool.Attributes
		username   string
		also       userpool.Attributes
		want       string
	}{
		{name: "same name", have: "jane", username: "jane", want: exists},
		{name: "another's sub", have: "jane", username: "sub", want: exists},
		{name: "other case", have: "jane", username: "Jane"},
		{name: "other case, folded", settings: []setting{foldCase}, have: "Jane", username: "jANE", want: exists},
		{
			name: "same address as name", settings: []setting{usernames("email")}, have: email, username: email,
			want: "UsernameExists: An account with the given email already exists.",
		},
		{
			name: "address of another kind", settings: []setting{usernames("email", "phone_number")},
			have: email, attributes: pairs("phone_number", phone), username: phone,
			want: "UsernameExists: An account with the given phone_number already exists.",
		},
		{
			name: "second address", settings: []setting{usernames("email", "phone_number")},
			have: phone, attributes: pairs("email", email), username: "+12065559999", also: pairs("email", email),
			want: "UsernameExists: An account with the given email already exists.",
		},
		{
			name: "verified alias", settings: []setting{aliases("email")},
			have: "jane", attributes: pairs("email", email, "email_verified", "true"), username: "joan", also: pairs("email", email),
		},
		{
			name: "name that is another's preferred_username", settings: []setting{aliases("preferred_username")},
			have: "jane", attributes: pairs("preferred_username", "joan"), username: "joan", want: exists,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.pool(tt.settings...)
			u := w.member(p, tt.have, flat(tt.attributes)...)
			if tt.username == "sub" {
				tt.username = u.Sub
			}
			_, _, err := w.SignUp(t.Context(), account.SignUp{
				Client: w.client(p, false), Username: tt.username, Password: password, Attributes: tt.also,
			})
			told(t, err, tt.want)
		})
	}
}

func TestSignUpMessageRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pool(autoVerify("email"))
	c := w.client(p, false)
	w.post.refuse(undeliverable)
	_, _, err := w.SignUp(t.Context(), account.SignUp{Client: c, Username: "jane", Password: password, Attributes: pairs("email", email)})
	told(t, err, refused)
	u, err := w.Find(t.Context(), p, "jane")
	if err != nil || u.Status != userpool.Unconfirmed {
		t.Fatalf("the user is not there: %v", err)
	}
	if codes := w.codes(u, userpool.ConfirmSignUp); len(codes) != 0 {
		t.Errorf("%d codes are left", len(codes))
	}
	w.post.refuse(nil)
	if _, err := w.ResendConfirmation(t.Context(), c, "jane"); err != nil {
		t.Fatal(err)
	}
	told(t, w.Confirm(t.Context(), c, "jane", w.code(email), false), "")
}

func TestSignUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]setting{{}, {usernames("email")}} {
		w := newWorld(t)
		c := w.client(w.pool(settings...), false)
		const calls = 8
		errs := make([]error, calls)
		var all sync.WaitGroup
		for i := range calls {
			all.Go(func() {
				_, _, errs[i] = w.SignUp(t.Context(), account.SignUp{Client: c, Username: email, Password: password})
			})
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			switch {
			case err == nil:
				made++
			case !userpool.IsCode(err, userpool.UsernameExists):
				t.Errorf("got %v", err)
			}
		}
		if made != 1 {
			t.Errorf("%d users were made", made)
		}
	}
}

func flat(attributes userpool.Attributes) []string {
	var out []string
	for _, a := range attributes {
		out = append(out, a.Name, a.Value)
	}
	return out
}
