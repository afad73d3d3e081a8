package directory

import (
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
