package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// wholePool is the id of a document of which a pool has one.
const wholePool = "pool"

// newDocument makes a document of a pool that holds content.
func (s *Service) newDocument(pool *userpool.Pool, kind userpool.DocumentKind, id string, content any) (*userpool.Document, error) {
	now := s.now()
	d := &userpool.Document{Pool: pool.Number, Kind: kind, ID: id, Created: now, Modified: now}
	return d, setContent(d, content)
}

// putDocument stores content as the one document of its kind and id in the pool, whatever it was before.
func (s *Service) putDocument(ctx context.Context, tx userpool.Tx, pool int64, kind userpool.DocumentKind, id string, content any) error {
	d, err := tx.Document(ctx, pool, kind, id)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		if d, err = s.newDocument(&userpool.Pool{Number: pool}, kind, id, content); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, d)
	case err != nil:
		return err
	}
	d.Modified = s.now()
	if err := setContent(d, content); err != nil {
		return err
	}
	return tx.UpdateDocument(ctx, d)
}

func setContent(d *userpool.Document, content any) (err error) {
	if d.Content, err = json.Marshal(content, json.Deterministic(true)); err != nil {
		return fmt.Errorf("directory: encode a document of kind %s: %w", d.Kind, err)
	}
	return nil
}

// contentOf decodes what a document holds.
func contentOf[T any](d *userpool.Document) (*T, error) {
	content := new(T)
	if err := json.Unmarshal(d.Content, content); err != nil {
		return nil, fmt.Errorf("directory: decode a document of kind %s: %w", d.Kind, err)
	}
	return content, nil
}

// documentsLeft refuses when the pool has as many documents of a kind as it can have. what begins the sentence.
func documentsLeft(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, kind userpool.DocumentKind, quota int, what string) error {
	n, err := r.CountDocuments(ctx, pool.Number, kind)
	if err != nil {
		return err
	}
	if n >= quota {
		return userpool.NewError(userpool.LimitExceeded, what+" limit exceeded.")
	}
	return nil
}
