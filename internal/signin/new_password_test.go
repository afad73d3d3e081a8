package signin_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const fresh = "Fresh-Horse8!"

// demanding is a pool that requires a name, and a client that reads and writes some attributes only.
func demanding(p *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
	p.Schema = []wire.SchemaAttributeType{
		{Name: "given_name", AttributeDataType: "String", Required: new(true), Mutable: new(true)},
		{Name: "level", AttributeDataType: "String", Mutable: new(false)},
		{Name: "color", AttributeDataType: "String", Mutable: new(true)},
		{Name: "inner", AttributeDataType: "String", Mutable: new(true)},
	}
	c.ReadAttributes = []string{"given_name", "email", "email_verified", "custom:level", "custom:color"}
	c.WriteAttributes = []string{"given_name", "email", "phone_number", "custom:level", "custom:color"}
}

// ask signs in with the temporary password and gives the challenge.
func (w *world) ask(name string) *signin.Outcome {
	w.t.Helper()
	out, told := w.initiate("USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", password, "SECRET_HASH", w.hash(name))
	if told != challengeNew {
		w.t.Fatalf("got %q", told)
	}
	return out
}

func TestNewPasswordChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demanding)
	u := w.invite(username, password, "email", "jane@example.com", "email_verified", "true", "custom:inner", "kept back", "custom:color", `"red"`)
	out := w.ask(username)
	want := map[string]string{
		"USER_ID_FOR_SRP":    username,
		"userAttributes":     `{"custom:color":"\"red\"","email":"jane@example.com","email_verified":"true"}`,
		"requiredAttributes": `["userAttributes.given_name"]`,
	}
	if diff := cmp.Diff(want, out.Parameters); diff != "" {
		t.Error(diff)
	}
	if n := len(out.Session); n < 20 || n > 2048 || out.Issued != nil || out.Sub != u.Sub {
		t.Errorf("session of %d characters: %+v", n, out)
	}
	if _, err := base64.RawURLEncoding.DecodeString(out.Session); err != nil {
		t.Errorf("session: %v", err)
	}

	plain := newWorld(t)
	plain.invite(username, password)
	got, told := plain.startSRP(username).sign(password).respond() // SRP asks the same
	if told != challengeNew {
		t.Fatalf("SRP: got %q", told)
	}
	want = map[string]string{"USER_ID_FOR_SRP": username, "userAttributes": "{}", "requiredAttributes": "[]"}
	if diff := cmp.Diff(want, got.Parameters); diff != "" {
		t.Error(diff)
	}
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	const (
		isMissing  = "InvalidParameter: Invalid attributes given, given_name is missing"
		noWriting  = "NotAuthorized: A client attempted to write unauthorized attribute"
		noPassword = "InvalidPassword: Password did not conform with policy: "
	)
	base := map[string]string{"USERNAME": username, "NEW_PASSWORD": fresh, "userAttributes.given_name": "Jane"}
	tests := []struct {
		name   string
		change map[string]string // blank deletes
		want   string
		kept   map[string]string // attributes afterwards, beside those that were there
	}{
		{"right", nil, issued, map[string]string{"given_name": "Jane"}},
		{"alias", map[string]string{"USERNAME": "jane@example.com"}, issued, map[string]string{"given_name": "Jane"}},
		{"extra keys", map[string]string{"PASSWORD_CLAIM_SIGNATURE": "x", "TIMESTAMP": "x"}, issued, map[string]string{"given_name": "Jane"}},
		{"another attribute", map[string]string{"userAttributes.custom:color": "blue"}, issued, map[string]string{"given_name": "Jane", "custom:color": "blue"}},
		{"immutable, not there yet", map[string]string{"userAttributes.custom:level": "1"}, issued, map[string]string{"given_name": "Jane", "custom:level": "1"}},
		{"new address", map[string]string{"userAttributes.phone_number": "+12065550100"}, issued,
			map[string]string{"given_name": "Jane", "phone_number": "+12065550100", "phone_number_verified": "false"}},

		{"no name", map[string]string{"USERNAME": ""}, "InvalidParameter: Missing required parameter USERNAME", nil},
		{"no password", map[string]string{"NEW_PASSWORD": ""}, "InvalidParameter: Missing required parameter NEW_PASSWORD", nil},
		{"another user", map[string]string{"USERNAME": "other"}, badSession, nil},
		{"required attribute missing", map[string]string{"userAttributes.given_name": ""}, isMissing, nil},
		{"required attribute without prefix", map[string]string{"userAttributes.given_name": "", "given_name": "Jane"}, isMissing, nil},
		{"short password", map[string]string{"NEW_PASSWORD": "Aa1!"}, noPassword + "Password not long enough", nil},
		{"password without numbers", map[string]string{"NEW_PASSWORD": "Fresh-Horse!"}, noPassword + "Password must have numeric characters", nil},
		{"password with a blank", map[string]string{"NEW_PASSWORD": "Fresh Horse 8!"}, noPassword + "Password must not have white space", nil},
		{"long password", map[string]string{"NEW_PASSWORD": strings.Repeat("Aa1!", 65)}, noPassword + "Password too long", nil},
		{"the longest password", map[string]string{"NEW_PASSWORD": strings.Repeat("Aa1!", 64)}, issued, map[string]string{"given_name": "Jane"}},
		{"attribute that is there", map[string]string{"userAttributes.email": "new@example.com"}, "NotAuthorized: Cannot modify an already provided email", nil},
		{"attribute that the client may not write", map[string]string{"userAttributes.custom:inner": "x"}, noWriting, nil},
		{"verified flag", map[string]string{"userAttributes.email_verified": "true"}, noWriting, nil},
		{"sub", map[string]string{"userAttributes.sub": "x"}, noWriting, nil},
		{"unknown attribute", map[string]string{"userAttributes.shoe": "x"}, noWriting, nil},
		{"no attribute name", map[string]string{"userAttributes.": "x"}, noWriting, nil},
		{"bad value", map[string]string{"userAttributes.phone_number": "0100"}, "InvalidParameter: Invalid phone number format.", nil},
		{"long value", map[string]string{"userAttributes.given_name": strings.Repeat("x", 2049)},
			"InvalidParameter: Attributes did not conform to the schema: given_name: String must be no longer than 2048 characters\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demanding, emailAlias)
			u := w.invite(username, password, "email", "jane@example.com", "email_verified", "true")
			w.invite("other", password)
			session := w.ask(username).Session
			answer := maps.Clone(base)
			for key, value := range tt.change {
				answer[key] = value
				if value == "" {
					delete(answer, key)
				}
			}
			send := func(answer map[string]string) string {
				_, told := w.told(w.service.Respond(t.Context(), signin.Answer{Client: w.client, Challenge: challengeNew, Session: session, Responses: answer}))
				return told
			}
			if got := send(answer); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if tt.want != issued {
				if now := w.user(u.Key); now.Status != userpool.ForceChangePassword || now.Version != u.Version {
					t.Errorf("something was written: %+v", now)
				}
				if got := send(base); got != issued {
					t.Errorf("the session is not usable any more: %q", got)
				}
				return
			}
			now := w.user(u.Key)
			want := map[string]string{"email": "jane@example.com", "email_verified": "true"}
			maps.Copy(want, tt.kept)
			got := map[string]string{}
			for _, a := range now.Attributes {
				got[a.Name] = a.Value
			}
			if diff := cmp.Diff(want, got); diff != "" || now.Status != userpool.Confirmed {
				t.Errorf("%s: %s", now.Status, diff)
			}
			if got := w.signIn(username, answer["NEW_PASSWORD"]); got != issued {
				t.Errorf("the new password: got %q", got)
			}
			if got := w.signIn(username, password); got != wrongPassword {
				t.Errorf("the old password: got %q", got)
			}
			if got := send(base); got != usedSession {
				t.Errorf("again: got %q", got)
			}
		})
	}
}

func TestNewPasswordHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
		p.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{PasswordHistorySize: new(int32(1))}}
	})
	w.invite(username, password)
	session := w.ask(username).Session
	if _, got := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", password); got != "PasswordHistoryPolicyViolation: Password has previously been used" {
		t.Errorf("the temporary password again: got %q", got)
	}
	if _, got := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", fresh); got != issued {
		t.Errorf("got %q", got)
	}
}

// TestNewPasswordTakesAlias completes an attribute that another user can be found by.
func TestNewPasswordTakesAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emailAlias)
	w.confirmed("other", "preferred_username", "janey")
	w.invite(username, password)
	session := w.ask(username).Session
	if _, got := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", fresh, "userAttributes.preferred_username", "janey"); got != "AliasExists: An account with the preferred_username already exists." {
		t.Errorf("got %q", got)
	}
	if _, got := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", fresh, "userAttributes.preferred_username", "jan"); got != issued {
		t.Fatalf("got %q", got)
	}
	if got := w.signIn("jan", fresh); got != issued {
		t.Errorf("by the alias: got %q", got)
	}
}

// TestSession shows what a session is worth elsewhere, later, and after a change.
func TestSession(t *testing.T) {
	t.Parallel()
	const noSession = "InvalidParameter: Missing required parameter Session"
	type answer struct{ challenge, session, username string }
	tests := []struct {
		name string
		do   func(*world, *answer)
		want string
	}{
		{"nothing", func(*world, *answer) {}, issued},
		{"real name", func(w *world, a *answer) { a.username = w.byEmail().Username }, issued},
		{"three minutes", func(w *world, _ *answer) { w.advance(3 * time.Minute) }, issued},
		{"longer", func(w *world, _ *answer) { w.advance(3*time.Minute + time.Microsecond) }, oldSession},
		{"missing", func(_ *world, a *answer) { a.session = "" }, noSession},
		{"garbage", func(_ *world, a *answer) { a.session = strings.Repeat("A", 400) }, badSession},
		{"no base64", func(_ *world, a *answer) { a.session = strings.Repeat("!", 400) }, badSession},
		{"one character", func(_ *world, a *answer) {
			a.session = a.session[:100] + string('A'+(a.session[100]-'A'+1)%26) + a.session[101:]
		}, badSession},
		{"line feed", func(_ *world, a *answer) { a.session += "\n" }, badSession},
		{"huge", func(_ *world, a *answer) { a.session += strings.Repeat("A", 4096) }, badSession},
		{"secret block", func(w *world, a *answer) { a.session = w.startSRP("jane@example.com").given["SECRET_BLOCK"] }, badSession},
		{"another challenge", func(_ *world, a *answer) { a.challenge = "SMS_MFA" }, badSession},
		{"another challenge without session", func(_ *world, a *answer) { a.challenge, a.session = "MFA_SETUP", "" }, noSession},
		{"another user", func(w *world, a *answer) { a.username = "other@example.com" }, badSession},
		{"another client", func(w *world, _ *answer) {
			c, err := w.directory.CreateClient(w.t.Context(), w.pool, &wire.CreateUserPoolClientRequest{ClientName: "two"}, directory.ClientOptions{})
			w.must(err)
			w.client = c
		}, badSession},
		{"another pool", func(w *world, _ *answer) {
			other := newWorld(w.t, emailPool)
			w.service, w.client = other.service, other.client
		}, badSession},
		{"another temporary password", func(w *world, _ *answer) {
			w.must(w.accounts.SetPassword(w.t.Context(), w.pool, "jane@example.com", fresh, false))
		}, badSession},
		{"set by an administrator", func(w *world, _ *answer) { w.setPassword("jane@example.com", fresh) }, badSession},
		{"disabled", func(w *world, _ *answer) {
			w.change(w.byEmail().Key, func(u *userpool.User) { u.Enabled = false })
		}, disabled},
		{"changed", func(w *world, _ *answer) {
			w.change(w.byEmail().Key, func(u *userpool.User) { u.Attributes.Set("name", "Jane") })
		}, issued},
		{"deleted", func(w *world, _ *answer) {
			w.must(w.remove("jane@example.com"))
		}, badSession},
		{"another user of that name", func(w *world, _ *answer) {
			w.must(w.remove("jane@example.com"))
			w.invite("jane@example.com", password)
		}, badSession},
		{"another pool of that id", func(w *world, _ *answer) {
			w.must(w.directory.DeletePool(w.t.Context(), w.pool))
			w.create(emailPool)
			w.invite("jane@example.com", password)
		}, badSession},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emailPool)
			w.invite("jane@example.com", password)
			w.invite("other@example.com", password)
			a := answer{challengeNew, w.ask("jane@example.com").Session, "jane@example.com"}
			tt.do(w, &a)
			if _, got := w.respond(a.challenge, a.session, "USERNAME", a.username, "NEW_PASSWORD", fresh+"9"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func (w *world) byEmail() *userpool.User {
	w.t.Helper()
	u, err := w.store.FindUser(w.t.Context(), w.pool.Number, w.pool.Lookup("jane@example.com"))
	w.must(err)
	return u
}

func TestSessionLifetime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *wire.CreateUserPoolRequest, c *wire.CreateUserPoolClientRequest) {
		c.AuthSessionValidity = new(int32(15))
	})
	w.invite(username, password)
	session := w.ask(username).Session
	x := w.startSRP(username)
	w.advance(15 * time.Minute)
	if got := x.sign(password).send(); got != challengeNew {
		t.Errorf("block: got %q", got)
	}
	if _, got := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", fresh); got != issued {
		t.Errorf("session: got %q", got)
	}
}

// TestSessionIsSpentOnce answers one session many times at once. A second session of the same sign-in is
// worth nothing either, once the password is set.
func TestSessionIsSpentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.invite(username, password)
	session, second := w.ask(username).Session, w.ask(username).Session
	count := together(8, func() string {
		_, told := w.respond(challengeNew, session, "USERNAME", username, "NEW_PASSWORD", fresh)
		return told
	})
	if count[issued] != 1 || count[usedSession] != 7 {
		t.Errorf("got %v", count)
	}
	if _, got := w.respond(challengeNew, second, "USERNAME", username, "NEW_PASSWORD", fresh); got != badSession {
		t.Errorf("second session: got %q", got)
	}
}

func TestSecretHashOfAnswers(t *testing.T) {
	t.Parallel()
	const (
		none  = "NotAuthorized: Client 1example23456789 is configured with secret but SECRET_HASH was not received"
		other = "NotAuthorized: Unable to verify secret hash for client 1example23456789"
	)
	w := newWorld(t, secret, emailPool)
	u := w.invite("jane@example.com", password)
	session := w.ask("jane@example.com").Session
	garbage := strings.Repeat("A", 40)
	for _, tt := range []struct{ name, session, username, hash, want string }{
		{"none", session, u.Sub, "", none},
		{"of another name", session, u.Sub, w.hash("other"), other},
		{"none, no session of ours", garbage, u.Sub, "", none},
		{"of another name, no session of ours", garbage, u.Sub, w.hash("other"), other},
		{"right, no session of ours", garbage, u.Sub, w.hash(u.Sub), badSession},
		{"alias over alias", session, "jane@example.com", w.hash("jane@example.com"), issued},
	} {
		if _, got := w.respond(challengeNew, tt.session, "USERNAME", tt.username, "NEW_PASSWORD", fresh, "SECRET_HASH", tt.hash); got != tt.want {
			t.Errorf("new password, %s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	w.invite("joan@example.com", password)
	session = w.ask("joan@example.com").Session
	joan, _ := w.store.FindUser(t.Context(), w.pool.Number, w.pool.Lookup("joan@example.com"))
	if _, got := w.respond(challengeNew, session, "USERNAME", "joan@example.com", "NEW_PASSWORD", fresh, "SECRET_HASH", w.hash(joan.Sub)); got != issued {
		t.Errorf("alias over the real name: got %q", got)
	}

	x := w.startSRP("jane@example.com").sign(fresh)
	right := x.answer["SECRET_HASH"]
	for _, tt := range []struct{ name, hash, want string }{{"none", "", none}, {"of another name", w.hash("other"), other}} {
		if got := x.set("SECRET_HASH", tt.hash).send(); got != tt.want {
			t.Errorf("SRP, %s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	block := x.answer["PASSWORD_CLAIM_SECRET_BLOCK"]
	if got := x.set("PASSWORD_CLAIM_SECRET_BLOCK", garbage).send(); got != other {
		t.Errorf("SRP, wrong hash and no block of ours: got %q", got)
	}
	if got := x.set("SECRET_HASH", right).send(); got != wrongPassword {
		t.Errorf("SRP, no block of ours: got %q", got)
	}
	if got := x.set("PASSWORD_CLAIM_SECRET_BLOCK", block).send(); got != issued {
		t.Errorf("SRP: got %q", got)
	}

	public := newWorld(t)
	public.confirmed(username)
	if _, got := public.initiate("USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", password, "SECRET_HASH", w.hash(username)); got != other {
		t.Errorf("client without secret: got %q", got)
	}
}

func TestTemporaryPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *wire.CreateUserPoolRequest, _ *wire.CreateUserPoolClientRequest) {
		p.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: new(int32(2))}}
	})
	w.invite(username, password)
	w.confirmed("other")
	w.advance(48 * time.Hour)
	x := w.startSRP(username)
	if got := w.signIn(username, password); got != challengeNew {
		t.Errorf("at the end: got %q", got)
	}
	w.advance(time.Microsecond)
	for _, text := range []string{password, wrong} {
		if got := w.signIn(username, text); got != tooOld {
			t.Errorf("%s: got %q", text, got)
		}
	}
	if _, got := w.tryStartSRP(username); got != tooOld {
		t.Errorf("SRP: got %q", got)
	}
	if got := x.sign(password).send(); got != tooOld {
		t.Errorf("SRP, second step: got %q", got)
	}
	if got := w.signIn("other", password); got != issued {
		t.Errorf("a permanent password: got %q", got)
	}
	w.must(w.accounts.SetPassword(t.Context(), w.pool, username, password, false))
	if got := w.signIn(username, password); got != challengeNew {
		t.Errorf("renewed: got %q", got)
	}
}

// TestStates is every state of a user against every way to show a password.
func TestStates(t *testing.T) {
	t.Parallel()
	type want struct{ right, wrong, start, finish string }
	tests := []struct {
		status          wire.UserStatusType
		disabled        bool
		legacy, enabled want // by PreventUserExistenceErrors
	}{
		{userpool.Confirmed, false, want{issued, wrongPassword, challengeSRP, issued}, want{issued, wrongPassword, challengeSRP, issued}},
		{userpool.ForceChangePassword, false, want{challengeNew, wrongPassword, challengeSRP, challengeNew}, want{challengeNew, wrongPassword, challengeSRP, challengeNew}},
		{userpool.RequireReset, false, want{resetRequired, resetRequired, resetRequired, resetRequired}, want{resetRequired, wrongPassword, challengeSRP, resetRequired}},
		{userpool.Unconfirmed, false, want{unconfirmed, unconfirmed, unconfirmed, unconfirmed}, want{unconfirmed, unconfirmed, unconfirmed, unconfirmed}},
		{userpool.Confirmed, true, want{disabled, disabled, disabled, disabled}, want{disabled, disabled, disabled, disabled}},
		{userpool.Unconfirmed, true, want{disabled, disabled, disabled, disabled}, want{disabled, disabled, disabled, disabled}},
	}
	for _, tt := range tests {
		for _, hide := range []bool{false, true} {
			w, expect := newWorld(t), tt.legacy
			if hide {
				w, expect = newWorld(t, hidden), tt.enabled
			}
			u := w.confirmed(username)
			x := w.startSRP(username)
			w.change(u.Key, func(u *userpool.User) { u.Status, u.Enabled = tt.status, !tt.disabled })
			got := want{right: w.signIn(username, password), wrong: w.signIn(username, wrong)}
			_, got.start = w.tryStartSRP(username)
			got.finish = x.sign(password).send()
			if got != expect {
				t.Errorf("%s, disabled %t, hidden %t:\ngot  %+v\nwant %+v", tt.status, tt.disabled, hide, got, expect)
			}
		}
	}
}

// TestResetRequiredSpendsTheBlock shows that the right answer of a user who must reset their password can be
// given once, as any other.
func TestResetRequiredSpendsTheBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hidden)
	u := w.confirmed(username)
	w.change(u.Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
	x := w.startSRP(username).sign(password)
	if first, again := x.send(), x.send(); first != resetRequired || again != wrongPassword {
		t.Errorf("got %q and %q", first, again)
	}
}
