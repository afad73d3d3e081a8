package userimport

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// result is what became of a row, as the log writes it.
type result string

const (
	succeeded result = "SUCCEEDED"
	skipped   result = "SKIPPED"
	failed    result = "FAILED"
)

// An outcome is a row of a file and what became of it.
type outcome struct {
	result result
	line   int64
	text   string // "" for succeeded
}

// pieceLimit bounds what a piece of the log unfolds to, in bytes.
const pieceLimit = 16 << 20

// pack writes outcomes as a piece of the log: a line for each run of rows in a row with the same outcome, compressed.
// A line is the result's first letters, the first line number, how many, and the text. The first piece of a stretch
// begins with a blank line: the rows of a stretch are not done in the order of the file.
func pack(outcomes []outcome, first bool) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("userimport: compress the log: %w", err)
	}
	if first {
		w.Write([]byte{'\n'})
	}
	sortOutcomes(outcomes)
	for len(outcomes) > 0 {
		first, n := outcomes[0], 1
		for n < len(outcomes) && outcomes[n] == (outcome{first.result, first.line + int64(n), first.text}) {
			n++
		}
		fmt.Fprintf(w, "%s %d %d %s\n", first.result, first.line, n, strings.ReplaceAll(first.text, "\n", " "))
		outcomes = outcomes[n:]
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("userimport: compress the log: %w", err)
	}
	return b.Bytes(), nil
}

func sortOutcomes(outcomes []outcome) {
	slices.SortFunc(outcomes, func(a, b outcome) int { return cmp.Compare(a.line, b.line) })
}

// unpack gives the outcomes of a piece, and whether it is the first of a stretch.
func unpack(piece []byte) (outcomes []outcome, first bool, err error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(piece)), pieceLimit))
	if err != nil {
		return nil, false, fmt.Errorf("userimport: read the log: %w", err)
	}
	text, first = bytes.CutPrefix(text, []byte{'\n'})
	for entry := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSuffix(entry, "\n"), " ", 4)
		if len(parts) != 4 {
			return nil, false, errors.New("userimport: the log cannot be read")
		}
		line, err := strconv.ParseInt(parts[1], 10, 64)
		n, err2 := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || err2 != nil {
			return nil, false, errors.New("userimport: the log cannot be read")
		}
		for i := range n {
			outcomes = append(outcomes, outcome{result(parts[0]), line + i, parts[3]})
		}
	}
	return outcomes, first, nil
}

// writeStretch writes the outcomes of a stretch in the order of the file.
func writeStretch(w io.Writer, outcomes []outcome) error {
	sortOutcomes(outcomes)
	for _, o := range outcomes {
		if o.result == succeeded {
			o.text = "The import succeeded."
		}
		if _, err := fmt.Fprintf(w, "[%s] Line Number %d - %s\n", o.result, o.line, o.text); err != nil {
			return err
		}
	}
	return nil
}

// WriteLog writes the log of a job as far as it is done, a line for each row. ErrNotFound when there is no such job.
func WriteLog(ctx context.Context, store userpool.Reader, w io.Writer, poolID, jobID string) error {
	pool, err := store.Pool(ctx, poolID)
	if err != nil {
		return err
	}
	if _, err := store.ImportJob(ctx, pool.Number, jobID); err != nil {
		return err
	}
	const pieces = 64 // at a time
	var stretch []outcome
	for after := int64(0); ; {
		found, err := store.ImportLog(ctx, pool.Number, jobID, after, pieces)
		if err != nil {
			return err
		}
		for _, piece := range found {
			outcomes, first, err := unpack(piece)
			if err != nil {
				return err
			}
			if first {
				if err := writeStretch(w, stretch); err != nil {
					return err
				}
				stretch = stretch[:0]
			}
			stretch = append(stretch, outcomes...)
		}
		if after += int64(len(found)); len(found) < pieces {
			return writeStretch(w, stretch)
		}
	}
}
