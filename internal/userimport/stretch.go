package userimport

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// sizes bound what is done together.
type sizes struct {
	// A stretch has so many rows, and bytes of them. The longer it is, the more of its rows share a page of an index, and
	// the more memory it takes: two stretches are in memory, one of them with its entries, which are about as much again.
	stretch, bytes int
	// So many search entries go in one unit of work. They are in order, so it changes few pages.
	entries int
	// A unit of work places a batch of so many rows while nobody waits for it, and one chunk when somebody does.
	batch, chunk int
}

var usualSizes = sizes{stretch: 1 << 16, bytes: 16 << 20, entries: 4096, batch: 1024, chunk: 256}

// A stretch is rows of a file that are prepared together and placed in the order of their user names, so that in a file
// in no order, too, neighbours share the pages of an index. Preparing is to write what the users are found by, before
// they are made, in the order of its index. Nobody finds anything by an entry without its user. The job says where the
// stretch ends, which number its first user has and how many rows are placed: who goes on with it reads the same again.
type stretch struct {
	rows     []row
	prepared []bool // rows whose entries are written first: those that nobody is in the way of as yet
	number   int64  // of the first user; each other row has the one behind
	placed   int    // rows that are done
	entries  []userpool.SearchEntry
	end      int64 // offset of what follows
	line     int64 // lines that are done with it
	last     bool
}

// stretches reads what is left of a job's file, first the stretch that is under way.
func (s *Service) stretches(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows) iter.Seq2[*stretch, error] {
	return func(yield func(*stretch, error) bool) {
		again := job.Position < job.Prepared
		for {
			st, err := s.readStretch(ctx, pool, job, h, file, again)
			if !yield(st, err) || err != nil || st.last {
				return
			}
			again = false
		}
	}
}

// readStretch reads the next stretch, or again the one that is under way.
func (s *Service) readStretch(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, file *rows, again bool) (*stretch, error) {
	st := &stretch{}
	size := 0
	full := func() bool {
		if again {
			return file.offset >= job.Prepared
		}
		return len(st.rows) >= s.sizes.stretch || size >= s.sizes.bytes
	}
	for !full() {
		r, ok, err := file.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			st.last = true
			break
		}
		if r.line > 1 && !r.blank() {
			st.rows = append(st.rows, r)
			size += len(r.text)
		}
	}
	st.end, st.line = file.offset, file.line
	if again {
		st.number, st.placed = job.Number, int(job.Placed)
	} else {
		st.number = userpool.NewNumbers(s.now(), len(st.rows))
	}
	sortRows(st.rows, func(r row) string { return h.name(pool, r) })
	return st, s.choose(ctx, pool, job, h, st, again)
}

// sortRows orders rows by their names, those of the same name as they are in the file.
func sortRows(rows []row, name func(row) string) {
	type named struct {
		row
		name string
	}
	all := make([]named, len(rows))
	for i, r := range rows {
		all[i] = named{r, name(r)}
	}
	slices.SortStableFunc(all, func(a, b named) int { return strings.Compare(a.name, b.name) })
	for i := range all {
		rows[i] = all[i].row
	}
}

// choose finds the rows to prepare, with their entries. Of a stretch that is under way it takes each that can make a
// user, since it may be prepared already: what becomes of the entries is decided with the row.
func (s *Service) choose(ctx context.Context, pool *userpool.Pool, job *userpool.ImportJob, h *header, st *stretch, again bool) error {
	st.prepared = make([]bool, len(st.rows))
	for from := st.placed; from < len(st.rows); from += s.sizes.batch {
		b := s.batch(pool, job, h, st, from)
		there := &taken{}
		if !again {
			var err error
			if there, err = neighbours(ctx, s.Store, pool, b.candidates); err != nil {
				return err
			}
		}
		for i := range b.candidates {
			c := &b.candidates[i]
			if c.fault != "" || !again && there.judge(c).result != succeeded {
				continue
			}
			st.prepared[from+i] = true
			st.entries = append(st.entries, s.Store.SearchEntries(c.user.User)...)
		}
	}
	sortEntries(st.entries)
	return nil
}

func sortEntries(entries []userpool.SearchEntry) {
	slices.SortFunc(entries, func(a, b userpool.SearchEntry) int {
		return cmp.Or(cmp.Compare(a.Attribute, b.Attribute), strings.Compare(a.Value, b.Value), cmp.Compare(a.User, b.User))
	})
}

// prepare begins a stretch and writes its entries.
func (s *Service) prepare(ctx context.Context, taken *userpool.ImportJob, st *stretch) error {
	for from := 0; from == 0 || from < len(st.entries); from += s.sizes.entries {
		_, err := s.step(ctx, taken, func(tx userpool.Tx, job *userpool.ImportJob) error {
			job.Prepared, job.Number = st.end, st.number
			return tx.PutSearchEntries(ctx, job.Pool, st.entries[from:min(from+s.sizes.entries, len(st.entries))])
		})
		if err != nil {
			return err
		}
	}
	st.entries = nil
	return nil
}

// takeBack removes the entries of the rows that are prepared and not done, before the job ends there.
func (s *Service) takeBack(ctx context.Context, pool *userpool.Pool, taken *userpool.ImportJob, h *header) error {
	job, err := s.Store.ImportJob(ctx, taken.Pool, taken.ID)
	if err != nil || job.Position >= job.Prepared {
		return err
	}
	st, err := s.readStretch(ctx, pool, job, h, s.openAt(ctx, job), true)
	if err != nil {
		return err
	}
	for entries := range slices.Chunk(st.entries, s.sizes.entries) {
		_, err := s.unit(ctx, taken, func(tx userpool.Tx, job *userpool.ImportJob) error {
			return tx.DropSearchEntries(ctx, job.Pool, entries)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// batches takes what is left of a stretch apart, into one batch at least.
func (s *Service) batches(pool *userpool.Pool, job *userpool.ImportJob, h *header, st *stretch) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		for from := st.placed; from == st.placed || from < len(st.rows); from += s.sizes.batch {
			if !yield(s.batch(pool, job, h, st, from), nil) {
				return
			}
		}
	}
}

// batch judges rows of a stretch by themselves, from one on.
func (s *Service) batch(pool *userpool.Pool, job *userpool.ImportJob, h *header, st *stretch, from int) *batch {
	now := s.now()
	b := &batch{stretch: st}
	for i := from; i < min(from+s.sizes.batch, len(st.rows)); i++ {
		c := newCandidate(pool, job, h, st.rows[i], now)
		if c.fault == "" {
			c.number, c.prepared = st.number+int64(i), st.prepared[i]
			c.user.User.Key.User = c.number
		}
		b.candidates = append(b.candidates, c)
	}
	return b
}

// ahead makes each value while the caller works with the one before. As long as the caller waits, it calls keep every
// second; an error of it is the last thing that the caller gets.
func ahead[T any](values iter.Seq2[T, error], keep func() error) iter.Seq2[T, error] {
	type made struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		next, enough := make(chan made), make(chan struct{})
		var maker sync.WaitGroup
		maker.Go(func() {
			defer close(next)
			for value, err := range values {
				select {
				case next <- made{value, err}:
				case <-enough:
					return
				}
			}
		})
		defer maker.Wait()
		defer close(enough)
		timer := time.NewTicker(time.Second)
		defer timer.Stop()
		for {
			select {
			case m, ok := <-next:
				if !ok || !yield(m.value, m.err) {
					return
				}
			case <-timer.C:
				if err := keep(); err != nil {
					var none T
					yield(none, err)
					return
				}
			}
		}
	}
}
