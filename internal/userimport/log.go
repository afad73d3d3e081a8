package userimport

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
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
// A line is the result's first letters, the first line number, how many, and the text.
func pack(outcomes []outcome) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("userimport: compress the log: %w", err)
	}
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

// unpack writes the lines of a piece.
func unpack(w io.Writer, piece []byte) error {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(piece)), pieceLimit))
	if err != nil {
		return fmt.Errorf("userimport: read the log: %w", err)
	}
	for entry := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSuffix(entry, "\n"), " ", 4)
		if len(parts) != 4 {
			return errors.New("userimport: the log cannot be read")
		}
		line, err := strconv.ParseInt(parts[1], 10, 64)
		n, err2 := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || err2 != nil {
			return errors.New("userimport: the log cannot be read")
		}
		said := parts[3]
		if result(parts[0]) == succeeded {
			said = "The import succeeded."
		}
		for i := range n {
			if _, err := fmt.Fprintf(w, "[%s] Line Number %d - %s\n", parts[0], line+i, said); err != nil {
				return err
			}
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
	for after := int64(0); ; {
		found, err := store.ImportLog(ctx, pool.Number, jobID, after, pieces)
		if err != nil {
			return err
		}
		for _, piece := range found {
			if err := unpack(w, piece); err != nil {
				return err
			}
		}
		if after += int64(len(found)); len(found) < pieces {
			return nil
		}
	}
}
