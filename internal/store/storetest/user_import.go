package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func (h *house) newImportJob(id string) *userpool.ImportJob {
	h.t.Helper()
	j := &userpool.ImportJob{Pool: h.pool.Number, PoolID: h.pool.ID, ID: id, Name: "a job", Role: "a role", Algorithm: "BCRYPT",
		Status: userpool.ImportCreated, Created: h.clock.Now()}
	h.write(func(tx userpool.Tx) error { return tx.CreateImportJob(h.ctx, j) })
	return j
}

func testImportJobs(h *house) {
	first := h.newImportJob("import-1")
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateImportJob(h.ctx, first) })
	h.clock.advance(time.Minute)
	second, third := h.newImportJob("import-2"), h.newImportJob("import-3")
	h.equal("a job as it was stored", must[*userpool.ImportJob](h)(h.ImportJob(h.ctx, h.pool.Number, "import-1")), first)

	jobs, next, err := h.ImportJobs(h.ctx, h.pool.Number, userpool.Page{Limit: 2})
	h.equal("the newest jobs", must[[]*userpool.ImportJob](h)(jobs, err), []*userpool.ImportJob{third, second})
	jobs, next, err = h.ImportJobs(h.ctx, h.pool.Number, userpool.Page{After: next, Limit: 2})
	h.equal("the oldest job", must[[]*userpool.ImportJob](h)(jobs, err), []*userpool.ImportJob{first})
	h.equal("the mark of the last page", next, "")
	if n := must[int](h)(h.CountImportJobs(h.ctx, h.pool.Number)); n != 3 {
		h.t.Errorf("%d jobs were counted", n)
	}
	waiting := must[[]*userpool.ImportJob](h)(h.WaitingImportJobs(h.ctx, h.clock.Now(), 9))
	h.equal("jobs that wait since before", waiting, []*userpool.ImportJob{first})

	_, err = h.ActiveImportJob(h.ctx)
	h.missing("an active job before one was started", err)
	old := *second
	second.Status, second.Message, second.Started, second.Completed = userpool.ImportPending, "why", h.clock.Now(), h.clock.Now()
	second.Imported, second.Skipped, second.Failed, second.Upload, second.Size, second.Lines = 1, 2, 3, "up", 4, 5
	second.Position, second.Line, second.Batches, second.Owner, second.Lease, second.Fence = 6, 7, 8, "me", h.clock.Now(), 9
	second.Prepared, second.Number, second.Placed = 10, 11, 12
	h.write(func(tx userpool.Tx) error { return tx.UpdateImportJob(h.ctx, second) })
	h.equal("the active job", must[*userpool.ImportJob](h)(h.ActiveImportJob(h.ctx)), second)
	h.refused(userpool.ErrVersion, func(tx userpool.Tx) error { return tx.UpdateImportJob(h.ctx, &old) })
	second.Status = userpool.ImportFailed
	h.write(func(tx userpool.Tx) error { return tx.UpdateImportJob(h.ctx, second) })
	_, err = h.ActiveImportJob(h.ctx)
	h.missing("an active job after it has ended", err)
	none := userpool.ImportJob{Pool: h.pool.Number, ID: "import-none", Version: 1}
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdateImportJob(h.ctx, &none) })

	for n := range int64(3) {
		h.write(func(tx userpool.Tx) error { return tx.PutImportLog(h.ctx, first, n+1, []byte(fmt.Sprint(n+1))) })
	}
	h.equal("pieces of the log", must[[][]byte](h)(h.ImportLog(h.ctx, h.pool.Number, first.ID, 1, 9)), [][]byte{[]byte("2"), []byte("3")})

	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	must[int](h)(h.Sweep(h.ctx))
	_, err = h.ImportJob(h.ctx, h.pool.Number, "import-1")
	h.missing("a job of a swept pool", err)
}

func testUploads(h *house) {
	part := func(upload string, n int64) ([]byte, error) { return h.ImportPart(h.ctx, h.pool.Number, upload, n) }
	for _, upload := range []string{"kept", "lost"} {
		h.write(func(tx userpool.Tx) error {
			return tx.BeginUpload(h.ctx, h.pool.Number, upload, h.clock.Now().Add(time.Hour))
		})
		for n := range int64(20) {
			h.write(func(tx userpool.Tx) error {
				return tx.PutImportPart(h.ctx, h.pool.Number, upload, n, []byte(fmt.Sprint(upload, n)))
			})
		}
	}
	h.write(func(tx userpool.Tx) error { return tx.KeepUpload(h.ctx, h.pool.Number, "kept") })
	h.clock.advance(time.Hour + time.Second)
	must[int](h)(h.Sweep(h.ctx))
	h.equal("a part of an upload that is kept", must[[]byte](h)(part("kept", 3)), []byte("kept3"))
	_, err := part("lost", 0)
	h.missing("a part of an upload that expired", err)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.KeepUpload(h.ctx, h.pool.Number, "lost") })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.PutImportPart(h.ctx, h.pool.Number, "lost", 0, []byte("x"))
	})

	h.write(func(tx userpool.Tx) error { return tx.DropImportParts(h.ctx, h.pool.Number, "kept", 2) })
	must[[]byte](h)(part("kept", 0))
	must[[]byte](h)(part("kept", 2))
	_, err = part("kept", 1)
	h.missing("a part that is done", err)
	h.write(func(tx userpool.Tx) error { return tx.DropUpload(h.ctx, h.pool.Number, "kept", h.clock.Now()) })
	must[int](h)(h.Sweep(h.ctx))
	_, err = part("kept", 0)
	h.missing("a part of an upload that was dropped", err)

	h.write(func(tx userpool.Tx) error { // of a pool that goes
		if err := tx.BeginUpload(h.ctx, h.pool.Number, "late", h.clock.Now().Add(time.Hour)); err != nil {
			return err
		}
		return tx.PutImportPart(h.ctx, h.pool.Number, "late", 0, []byte("x"))
	})
	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	must[int](h)(h.Sweep(h.ctx))
	_, err = part("late", 0)
	h.missing("a part of an upload to a deleted pool", err)
}

// testCreateUsers makes more users than go in one statement, and some that do not fill one.
func testCreateUsers(h *house) {
	const users = 150
	made := func(prefix string) []userpool.ImportedUser {
		var all []userpool.ImportedUser
		for i := range users {
			u := h.makeUser(h.pool, fmt.Sprint(prefix, i))
			in := userpool.ImportedUser{User: u, Folded: u.Username,
				Aliases: []userpool.Alias{{Attribute: "email", Value: u.Attributes.Get("email")}}}
			if i%2 == 0 {
				in.Hash = "a hash of " + u.Username
			}
			all = append(all, in)
		}
		return all
	}
	all := made("user")
	h.write(func(tx userpool.Tx) error { return tx.CreateUsers(h.ctx, h.pool.Number, all) })
	for i, in := range all {
		h.equal("a user as they were stored", must[*userpool.User](h)(h.User(h.ctx, in.User.Key)), in.User)
		found := must[*userpool.User](h)(h.FindUser(h.ctx, h.pool.Number, userpool.Lookup{Aliases: in.Aliases}))
		h.equal("a user by alias", found.Key, in.User.Key)
		p, err := h.Password(h.ctx, in.User.Key)
		if i%2 != 0 {
			h.missing("a password of a user without", err)
			continue
		}
		if err != nil || p.Hash != in.Hash || len(p.Verifier) != 0 || p.Generation != 1 {
			h.t.Errorf("an imported password is %+v (%v)", p, err)
		}
		p.Hash, p.Salt, p.Verifier, p.Generation = "", []byte("salt"), []byte("verifier"), 2
		h.write(func(tx userpool.Tx) error { return tx.PutPassword(h.ctx, p, 1) })
		h.equal("the password that took its place", must[*userpool.Password](h)(h.Password(h.ctx, in.User.Key)), p)
	}
	searched, _, err := h.Users(h.ctx, h.pool.Number, userpool.UserSearch{By: "email", Value: "user77@", Prefix: true, Limit: 9})
	if err != nil || len(searched) != 1 || searched[0].Username != "user77" {
		h.t.Errorf("a search finds %v (%v)", searched, err)
	}

	ahead := made("ahead")
	var entries []userpool.SearchEntry
	for i := range ahead {
		entries = append(entries, h.SearchEntries(ahead[i].User)...)
		ahead[i].Prepared = true
	}
	slices.SortFunc(entries, func(a, b userpool.SearchEntry) int { return cmp.Compare(a.Attribute, b.Attribute) })
	h.write(func(tx userpool.Tx) error { return tx.PutSearchEntries(h.ctx, h.pool.Number, entries[:1]) })
	h.write(func(tx userpool.Tx) error { return tx.PutSearchEntries(h.ctx, h.pool.Number, entries) })
	find := func() (names []string) {
		found, _, err := h.Users(h.ctx, h.pool.Number, userpool.UserSearch{By: "email", Value: "ahead9", Prefix: true, Limit: 99})
		for _, u := range must[[]*userpool.User](h)(found, err) {
			names = append(names, u.Username)
		}
		return names
	}
	h.equal("who is found by entries without users", find(), []string(nil))
	h.write(func(tx userpool.Tx) error { return tx.CreateUsers(h.ctx, h.pool.Number, ahead[:95]) })
	h.equal("who is found by entries with users", find(), []string{"ahead90", "ahead91", "ahead92", "ahead93", "ahead94", "ahead9"})
	entries = nil
	for i := range ahead[93:] {
		entries = append(entries, h.SearchEntries(ahead[93+i].User)...)
	}
	h.write(func(tx userpool.Tx) error { return tx.DropSearchEntries(h.ctx, h.pool.Number, entries) })
	h.equal("who is found when some entries are gone", find(), []string{"ahead90", "ahead91", "ahead92", "ahead9"})

	names := []string{"user3", "nobody", "user149", "jane"}
	h.equal("names that are taken", must[map[string]bool](h)(h.TakenNames(h.ctx, h.pool.Number, names)),
		map[string]bool{"user3": true, "user149": true, "jane": true})
	many := make([]string, 0, users)
	for i := range users {
		many = append(many, fmt.Sprintf("user%d@example.com", i+1))
	}
	if n := len(must[map[string]bool](h)(h.TakenAliases(h.ctx, h.pool.Number, "email", many))); n != users-1 {
		h.t.Errorf("%d of %d aliases are taken", n, users)
	}
	h.equal("no names", must[map[string]bool](h)(h.TakenNames(h.ctx, h.pool.Number, nil)), map[string]bool{})

	clash := made("other")
	clash[users-1].Folded = "jane"
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateUsers(h.ctx, h.pool.Number, clash) })
	_, err = h.User(h.ctx, clash[0].User.Key)
	h.missing("a user of a unit of work that was refused", err)
	clash = made(uuid.NewString())
	clash[users-1].Aliases[0].Value = "user1@example.com"
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateUsers(h.ctx, h.pool.Number, clash) })
}
