package signin_test

import (
	"encoding/base64"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/directory"
	"github.com/poolhouse-id/poolhouse/internal/signin"
	"github.com/poolhouse-id/poolhouse/internal/srp"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestSRP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.confirmed(username)
	x := w.startSRP(username)
	out, told := x.sign(password).set("NEW_PASSWORD", "ignored").set("DEVICE_KEY", "ignored").respond()
	if told != issued {
		t.Fatalf("got %q", told)
	}
	if out.Sub != u.Sub || out.Challenge != "" || out.Session != "" || out.Parameters != nil {
		t.Errorf("a finished sign-in says more than tokens: %+v", out)
	}
	for _, key := range []string{"USERNAME", "USER_ID_FOR_SRP"} {
		if x.given[key] != username {
			t.Errorf("%s is %q", key, x.given[key])
		}
	}
	if len(x.given) != 5 {
		t.Errorf("parameters: %v", x.given)
	}
	if s := x.given["SALT"]; strings.HasPrefix(s, "0") || strings.Trim(s, "0123456789abcdef") != "" {
		t.Errorf("SALT is not minimal lower-case hexadecimal: %q", s)
	}
	if raw, err := base64.StdEncoding.Strict().DecodeString(x.given["SECRET_BLOCK"]); err != nil || len(raw) < 64 {
		t.Errorf("SECRET_BLOCK is not standard base64: %v", err)
	}
	if x.send() != wrongPassword {
		t.Error("a block can be used again after success")
	}
	if got := w.startSRP(username).sign(wrong).send(); got != wrongPassword {
		t.Errorf("wrong password: got %q", got)
	}
}

func TestSRPA(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(username)
	n, _ := new(big.Int).SetString(strings.Join(strings.Fields(groupPrime), ""), 16)
	const refused = "InvalidParameter: SRP_A is not a valid public value."
	plus := func(i int64) string { return new(big.Int).Add(n, big.NewInt(i)).Text(16) }
	tests := []struct{ name, a, want string }{
		{"zero", "0", refused},
		{"zeros", strings.Repeat("0", 768), refused},
		{"N", plus(0), refused},
		{"N - 1", plus(-1), challengeSRP},
		{"N + 1", plus(1), refused},
		{"2 N", new(big.Int).Lsh(n, 1).Text(16), refused},
		{"one", "1", challengeSRP},
		{"odd number of digits", "abc", challengeSRP},
		{"upper case, leading zeros", "000ABC", challengeSRP},
		{"negative", "-1", refused},
		{"sign", "+1", refused},
		{"prefix", "0x10", refused},
		{"underscore", "1_0", refused},
		{"blank", " 1", refused},
		{"not hexadecimal", "xyz", refused},
		{"too long", strings.Repeat("0", 1024) + "1", refused},
		{"huge", strings.Repeat("f", 131072), refused},
		{"missing", "", "InvalidParameter: Missing required parameter SRP_A"},
	}
	for _, tt := range tests {
		if _, got := w.initiate("USER_SRP_AUTH", "USERNAME", username, "SRP_A", tt.a); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAnswerOfSRP(t *testing.T) {
	t.Parallel()
	flip := func(text string, at int) string { // one bit of the decoded bytes
		raw, _ := base64.StdEncoding.DecodeString(text)
		raw[(at+len(raw))%len(raw)] ^= 1
		return base64.StdEncoding.EncodeToString(raw)
	}
	const (
		block, signature = "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE"
		format           = "InvalidParameter: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
	)
	change := func(name string, f func(string) string) func(*exchange) {
		return func(x *exchange) { x.answer[name] = f(x.answer[name]) }
	}
	drop := func(name string) func(*exchange) { return func(x *exchange) { delete(x.answer, name) } }
	stamped := func(f func(now time.Time) string) func(*exchange) {
		return func(x *exchange) { x.signAt(password, f(x.w.now())) }
	}
	at := func(d time.Duration) func(*exchange) {
		return stamped(func(now time.Time) string { return srp.FormatTimestamp(now.Add(d)) })
	}
	tests := []struct {
		name   string
		change func(*exchange)
		want   string
	}{
		{"nothing", func(*exchange) {}, issued},
		{"no USERNAME", drop("USERNAME"), "InvalidParameter: Missing required parameter USERNAME"},
		{"no block", drop(block), "InvalidParameter: Missing required parameter PASSWORD_CLAIM_SECRET_BLOCK"},
		{"no signature", drop(signature), "InvalidParameter: Missing required parameter PASSWORD_CLAIM_SIGNATURE"},
		{"no timestamp", drop("TIMESTAMP"), "InvalidParameter: Missing required parameter TIMESTAMP"},

		{"block: first byte", change(block, func(s string) string { return flip(s, 0) }), wrongPassword},
		{"block: key id", change(block, func(s string) string { return flip(s, 2) }), wrongPassword},
		{"block: last byte", change(block, func(s string) string { return flip(s, -1) }), wrongPassword},
		{"block: line feed", change(block, func(s string) string { return s[:4] + "\n" + s[4:] }), wrongPassword},
		{"block: another alphabet", change(block, func(s string) string { return strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s) + "=" }), wrongPassword},
		{"block: cut", change(block, func(s string) string { return s[:len(s)-8] }), wrongPassword},
		{"block: longer", change(block, func(s string) string { return s + "AAAA" }), wrongPassword},
		{"block: huge", change(block, func(string) string { return strings.Repeat("A", 131072) }), wrongPassword},
		{"block: none", change(block, func(string) string { return "x" }), wrongPassword},
		{"signature: one bit", change(signature, func(s string) string { return flip(s, 31) }), wrongPassword},
		{"signature: no base64", change(signature, func(string) string { return "!" }), wrongPassword},
		{"signature: without padding", change(signature, func(s string) string { return strings.TrimRight(s, "=") }), wrongPassword},
		{"signature: line feed", change(signature, func(s string) string { return s + "\n" }), wrongPassword},
		{"signature: cut", change(signature, func(string) string { return "AAAA" }), wrongPassword},
		{"signature: huge", change(signature, func(string) string { return strings.Repeat("A", 131072) }), wrongPassword},
		{"another password", func(x *exchange) { x.sign(wrong) }, wrongPassword},
		{"no password", func(x *exchange) { x.sign("") }, wrongPassword},
		{"another user's name", func(x *exchange) { x.set("USERNAME", "other") }, wrongPassword},

		{"sub", func(x *exchange) { x.set("USERNAME", x.w.byName(username).Sub) }, issued},
		{"alias", func(x *exchange) { x.set("USERNAME", "jane@example.com") }, issued},
		{"alias that another has", func(x *exchange) { x.set("USERNAME", "other@example.com") }, wrongPassword},
		{"preferred_username", func(x *exchange) { x.set("USERNAME", "janey") }, issued},
		{"case of the name", func(x *exchange) { x.set("USERNAME", "JANE") }, wrongPassword},

		{"five minutes late", at(-5 * time.Minute), issued},
		{"later", at(-5*time.Minute - time.Second), wrongPassword},
		{"five minutes early", at(5 * time.Minute), issued},
		{"earlier", at(5*time.Minute + time.Second), wrongPassword},
		{"zero before the day", stamped(func(now time.Time) string { return now.Format("Mon Jan 02 15:04:05 UTC 2006") }), wrongPassword},
		{"another weekday", stamped(func(now time.Time) string { return "Tue" + srp.FormatTimestamp(now)[3:] }), wrongPassword},
		{"another zone", stamped(func(now time.Time) string { return now.Format("Mon Jan 2 15:04:05 CET 2006") }), wrongPassword},
		{"ISO 8601", stamped(func(now time.Time) string { return now.Format(time.RFC3339) }), format},
		{"no date", stamped(func(time.Time) string { return "now" }), format},
		{"huge date", func(x *exchange) { x.set("TIMESTAMP", strings.Repeat("M", 131072)) }, format},
		{"another time than signed", func(x *exchange) { x.set("TIMESTAMP", srp.FormatTimestamp(x.w.now().Add(time.Second))) }, wrongPassword},
	}
	w := newWorld(t, emailAlias)
	w.service.Lockout = false
	w.confirmed(username, "email", "jane@example.com", "email_verified", "true", "preferred_username", "janey")
	w.confirmed("other", "email", "other@example.com", "email_verified", "true")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := w.startSRP(username).sign(password)
			tt.change(x)
			if got := x.send(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.want == wrongPassword { // the block stays good
				if got := x.sign(password).send(); got != issued {
					t.Errorf("repaired: got %q", got)
				}
			}
		})
	}
}

func (w *world) byName(name string) *userpool.User {
	w.t.Helper()
	u, err := w.store.FindUser(w.t.Context(), w.pool.Number, userpool.Lookup{Username: name})
	w.must(err)
	return u
}

func TestTimestampTolerance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(username)
	w.service.TimestampTolerance = 12*time.Hour + 5*time.Minute
	x := w.startSRP(username)
	if got := x.signAt(password, srp.FormatTimestamp(w.now().Add(-12*time.Hour))).send(); got != issued {
		t.Errorf("got %q", got)
	}
}

// TestNames signs in by every name that a user has.
func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		settings []setting
		typed    string
		want     string
	}{
		{"user name", nil, username, challengeSRP},
		{"sub where names are chosen", nil, "sub", noSuchUser},
		{"address that is no alias", nil, "jane@example.com", noSuchUser},
		{"alias", []setting{emailAlias}, "jane@example.com", challengeSRP},
		{"preferred_username", []setting{emailAlias}, "janey", challengeSRP},
		{"case of an alias", []setting{emailAlias}, "Jane@example.com", noSuchUser},
		{"case of an alias, folded", []setting{emailAlias, caseInsensitive}, "Jane@Example.com", challengeSRP},
		{"case of a name, folded", []setting{caseInsensitive}, "JaNe", challengeSRP},
		{"address as name", []setting{emailPool}, "jane@example.com", challengeSRP},
		{"sub where names are addresses", []setting{emailPool}, "sub", challengeSRP},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, append(tt.settings, secret)...)
			name := username
			if w.pool.HasUsernameAttributes() {
				name = "jane@example.com"
			}
			u := w.confirmed(name, "email", "jane@example.com", "email_verified", "true", "preferred_username", "janey")
			typed := strings.ReplaceAll(tt.typed, "sub", u.Sub)
			x, got := w.tryStartSRP(typed)
			if got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			direct := w.signIn(typed, password)
			if tt.want != challengeSRP {
				if direct != tt.want {
					t.Errorf("password: got %q", direct)
				}
				return
			}
			if direct != issued || x.given["USER_ID_FOR_SRP"] != u.Username || x.given["USERNAME"] != u.Username {
				t.Errorf("password: %q, parameters: %v", direct, x.given)
			}
			if got := x.sign(password).send(); got != issued { // the hash is over the real name
				t.Errorf("real name: got %q", got)
			}
			again := w.startSRP(typed).sign(password).set("USERNAME", typed)
			if got := again.send(); got != issued { // the hash is still over the real name
				t.Errorf("typed name, hash over the real one: got %q", got)
			}
			again = w.startSRP(typed).sign(password).set("USERNAME", typed).set("SECRET_HASH", w.hash(typed))
			if got := again.send(); got != issued {
				t.Errorf("typed name and its hash: got %q", got)
			}
		})
	}
}

// TestBlockIsBound shows what a block is worth elsewhere, later, and after a change: nothing.
func TestBlockIsBound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*world, *exchange)
		want string
	}{
		{"three minutes", func(w *world, x *exchange) { w.advance(3 * time.Minute); x.sign(password) }, issued},
		{"longer", func(w *world, x *exchange) { w.advance(3*time.Minute + time.Microsecond); x.sign(password) }, wrongPassword},
		{"another client", func(w *world, _ *exchange) {
			c, err := w.directory.CreateClient(w.t.Context(), w.pool, &wire.CreateUserPoolClientRequest{ClientName: "two"}, directory.ClientOptions{})
			w.must(err)
			w.client = c
		}, wrongPassword},
		{"another pool", func(w *world, _ *exchange) {
			other := newWorld(w.t)
			other.confirmed(username)
			w.service, w.client = other.service, other.client
		}, wrongPassword},
		{"the same password set again", func(w *world, x *exchange) { w.setPassword(username, password) }, wrongPassword},
		{"another password", func(w *world, x *exchange) { w.setPassword(username, wrong); x.sign(wrong) }, wrongPassword},
		{"disabled", func(w *world, _ *exchange) {
			w.change(w.byName(username).Key, func(u *userpool.User) { u.Enabled = false })
		}, disabled},
		{"status", func(w *world, _ *exchange) {
			w.change(w.byName(username).Key, func(u *userpool.User) { u.Status = userpool.RequireReset })
		}, resetRequired},
		{"deleted", func(w *world, _ *exchange) { w.must(w.remove(username)) }, wrongPassword},
		{"another user of that name", func(w *world, _ *exchange) {
			w.must(w.remove(username))
			w.confirmed(username)
		}, wrongPassword},
		{"another pool of that id", func(w *world, _ *exchange) {
			w.must(w.directory.DeletePool(w.t.Context(), w.pool))
			w.create()
			w.confirmed(username)
		}, wrongPassword},
		{"deleted pool", func(w *world, _ *exchange) { w.must(w.directory.DeletePool(w.t.Context(), w.pool)) },
			"ResourceNotFound: User pool us-east-1_AbCdEf123 does not exist."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.confirmed(username)
			x := w.startSRP(username).sign(password)
			tt.do(w, x)
			if got := x.send(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestBlockIsSpentOnce sends one right answer many times at once.
func TestBlockIsSpentOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"CONFIRMED", "FORCE_CHANGE_PASSWORD"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.Lockout = false
			want := issued
			if status == "CONFIRMED" {
				w.confirmed(username)
			} else {
				w.invite(username, password)
				want = challengeNew
			}
			x := w.startSRP(username).sign(password)
			count := together(8, func() string {
				out, err := w.service.Respond(t.Context(), signin.Answer{Client: w.client, Challenge: challengeSRP, Responses: x.answer})
				_, told := w.told(out, err)
				return told
			})
			if count[want] != 1 || count[wrongPassword] != 7 {
				t.Errorf("got %v", count)
			}
		})
	}
}

// together does something n times at once and counts the answers.
func together(n int, do func() string) map[string]int {
	var wg sync.WaitGroup
	told := make(chan string, n)
	for range n {
		wg.Go(func() { told <- do() })
	}
	wg.Wait()
	close(told)
	count := map[string]int{}
	for text := range told {
		count[text]++
	}
	return count
}

// groupPrime is N of the reference, apart from the package that uses it.
const groupPrime = `
	FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD
	EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED
	EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F
	83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B
	E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510
	15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7
	ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C
	BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF`
