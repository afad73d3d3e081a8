package store

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const documentColumns = `d.pool_number, d.kind, d.id, d.client, d.created, d.modified, d.version, d.format, d.document, d.secrets`

var (
	readDocument = newStatement("read a document",
		`SELECT `+documentColumns+` FROM documents d WHERE d.pool_number = $1 AND d.kind = $2 AND d.id = $3`)
	documentByName = newStatement("find a document by name",
		`SELECT `+documentColumns+` FROM document_names n
		JOIN documents d ON d.pool_number = n.pool_number AND d.kind = n.kind AND d.id = n.id
		WHERE n.scope = $1 AND n.kind = $2 AND n.name = $3`)
	documentsOfPool = newStatement("list documents",
		`SELECT `+documentColumns+` FROM documents d WHERE d.pool_number = $1 AND d.kind = $2 AND d.id > $3 ORDER BY d.id LIMIT $4`)
	documentsOfClient = newStatement("list documents of an app client",
		`SELECT `+documentColumns+` FROM documents d
		WHERE d.pool_number = $1 AND d.client = $2 AND d.client > '' AND d.kind = $3 ORDER BY d.id`)
	countDocuments = newStatement("count documents",
		`SELECT count(*) FROM documents WHERE pool_number = $1 AND kind = $2`)
	namesOfDocument = newStatement("read the names of a document",
		`SELECT scope, name FROM document_names WHERE pool_number = $1 AND kind = $2 AND id = $3 ORDER BY name`)
	insertDocument = newStatement("create a document",
		`INSERT INTO documents (pool_number, kind, id, client, created, modified, version, format, document, secrets)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9) ON CONFLICT DO NOTHING`)
	updateDocument = newStatement("change a document",
		`UPDATE documents SET modified = $1, version = version + 1, format = $2, document = $3, secrets = $4
		WHERE pool_number = $5 AND kind = $6 AND id = $7 AND version = $8`)
	documentVersion = newStatement("look for a document",
		`SELECT version FROM documents WHERE pool_number = $1 AND kind = $2 AND id = $3`)
	deleteDocument = newStatement("delete a document",
		`DELETE FROM documents WHERE pool_number = $1 AND kind = $2 AND id = $3`)
	deleteDocumentsOfClient = newStatement("delete the documents of an app client",
		`DELETE FROM documents WHERE pool_number = $1 AND client = $2 AND client > ''`)
	insertDocumentName = newStatement("name a document",
		`INSERT INTO document_names (scope, kind, name, pool_number, id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`)
	deleteDocumentNames = newStatement("take the names of a document away",
		`DELETE FROM document_names WHERE pool_number = $1 AND kind = $2 AND id = $3`)
	sweepDocumentsOfPool = newStatement("sweep the documents of a pool",
		`DELETE FROM documents WHERE (pool_number, kind, id) IN
		(SELECT pool_number, kind, id FROM documents WHERE pool_number = $1 LIMIT $2)`)
)

// everywhere is the scope of names that are unique among all pools.
const everywhere = 0

func documentSecretsPlace(d *userpool.Document) seal.Place {
	return seal.Place{Table: "documents", Column: "secrets", Pool: d.Pool, Row: string(d.Kind) + "/" + d.ID}
}

// documentRow is a row of documentColumns.
type documentRow struct {
	document          userpool.Document
	created, modified int64
	format            int64
	secrets           []byte
}

func (q *queries) documents(ctx context.Context, st *statement, args ...any) ([]*userpool.Document, error) {
	var rows []documentRow
	err := q.list(ctx, st, args, func(scan scanner) error {
		var r documentRow
		d := &r.document
		err := scan(&d.Pool, &d.Kind, &d.ID, &d.Client, &r.created, &r.modified, &d.Version, &r.format, &d.Content, &r.secrets)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := make([]*userpool.Document, len(rows))
	for i := range rows {
		if found[i], err = q.openDocument(ctx, &rows[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (q *queries) openDocument(ctx context.Context, r *documentRow) (*userpool.Document, error) {
	d := &r.document
	d.Created, d.Modified = fromMicros(r.created), fromMicros(r.modified)
	if err := checkFormat(r.format); err != nil {
		return nil, err
	}
	if len(r.secrets) > 0 {
		key, err := q.dataKey(ctx, d.Pool)
		if err != nil {
			return nil, err
		}
		place := documentSecretsPlace(d)
		plain, err := key.Open(place, r.secrets)
		if err != nil {
			return nil, opening(place, err)
		}
		if err := json.Unmarshal(plain, &d.Secrets); err != nil {
			return nil, fmt.Errorf("store: decode the secrets of a document: %w", err)
		}
	}
	err := q.list(ctx, namesOfDocument, []any{d.Pool, string(d.Kind), d.ID}, func(scan scanner) error {
		var scope int64
		var name string
		if err := scan(&scope, &name); err != nil {
			return err
		}
		if scope == everywhere {
			d.Global = append(d.Global, name)
		} else {
			d.Names = append(d.Names, name)
		}
		return nil
	})
	return d, err
}

func (q *queries) document(ctx context.Context, st *statement, args ...any) (*userpool.Document, error) {
	found, err := q.documents(ctx, st, args...)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, userpool.ErrNotFound
	}
	return found[0], nil
}

// Document implements userpool.DocumentReader.
func (r reads) Document(ctx context.Context, pool int64, kind userpool.DocumentKind, id string) (*userpool.Document, error) {
	return r.document(ctx, readDocument, pool, string(kind), id)
}

// NamedDocument implements userpool.DocumentReader.
func (r reads) NamedDocument(ctx context.Context, pool int64, kind userpool.DocumentKind, name string) (*userpool.Document, error) {
	if pool == everywhere {
		return nil, userpool.ErrNotFound
	}
	return r.document(ctx, documentByName, pool, string(kind), name)
}

// GlobalDocument implements userpool.DocumentReader.
func (r reads) GlobalDocument(ctx context.Context, kind userpool.DocumentKind, name string) (*userpool.Document, error) {
	return r.document(ctx, documentByName, int64(everywhere), string(kind), name)
}

// Documents implements userpool.DocumentReader. The key of a page is the last id.
func (r reads) Documents(ctx context.Context, pool int64, kind userpool.DocumentKind, page userpool.Page) (documents []*userpool.Document, next string, err error) {
	documents, err = r.documents(ctx, documentsOfPool, pool, string(kind), page.After, page.Limit+1)
	if err == nil && len(documents) > page.Limit {
		documents = documents[:page.Limit]
		if page.Limit > 0 {
			next = documents[page.Limit-1].ID
		}
	}
	return documents, next, err
}

// ClientDocuments implements userpool.DocumentReader.
func (r reads) ClientDocuments(ctx context.Context, pool int64, kind userpool.DocumentKind, client string) ([]*userpool.Document, error) {
	return r.documents(ctx, documentsOfClient, pool, client, string(kind))
}

// CountDocuments implements userpool.DocumentReader.
func (r reads) CountDocuments(ctx context.Context, pool int64, kind userpool.DocumentKind) (n int, err error) {
	err = r.one(ctx, countDocuments, []any{pool, string(kind)}, &n)
	return n, err
}

// CreateDocument implements userpool.DocumentWriter. ErrNotFound when the pool is gone.
func (t *tx) CreateDocument(ctx context.Context, d *userpool.Document) error {
	if d.Pool != userpool.AccountPool {
		if err := t.needPool(ctx, d.Pool); err != nil {
			return err
		}
	}
	secrets, err := t.sealDocument(ctx, d)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, insertDocument, d.Pool, string(d.Kind), d.ID, d.Client, micros(d.Created), micros(d.Modified),
		documentFormat, string(d.Content), secrets)
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	if err != nil {
		return err
	}
	if member, drawn := drawnIDs[d.Kind]; drawn {
		t.made.document = map[string]string{member: d.ID}
	}
	d.Version = 1
	return t.nameDocument(ctx, d)
}

// drawnIDs are the kinds whose ids requests that make them do not know, with the members that name them afterwards.
var drawnIDs = map[userpool.DocumentKind]string{userpool.Brandings: "ManagedLoginBrandingId", userpool.Terms: "TermsId"}

// sealDocument gives the column secrets: nil when there are none.
func (t *tx) sealDocument(ctx context.Context, d *userpool.Document) ([]byte, error) {
	if len(d.Secrets) == 0 {
		return nil, nil
	}
	key, err := t.dataKey(ctx, d.Pool)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(d.Secrets, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("store: encode the secrets of a document: %w", errNotText)
	}
	return key.Seal(documentSecretsPlace(d), plain), nil
}

func (t *tx) nameDocument(ctx context.Context, d *userpool.Document) error {
	for scope, names := range map[int64][]string{d.Pool: d.Names, everywhere: d.Global} {
		for _, name := range names {
			n, err := t.exec(ctx, insertDocumentName, scope, string(d.Kind), name, d.Pool, d.ID)
			if err == nil && n == 0 {
				err = userpool.ErrExists
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// UpdateDocument implements userpool.DocumentWriter.
func (t *tx) UpdateDocument(ctx context.Context, d *userpool.Document) error {
	secrets, err := t.sealDocument(ctx, d)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, updateDocument, micros(d.Modified), documentFormat, string(d.Content), secrets,
		d.Pool, string(d.Kind), d.ID, d.Version)
	switch {
	case err != nil:
		return err
	case n == 0:
		return t.changedOrGone(ctx, documentVersion, d.Pool, string(d.Kind), d.ID)
	}
	if _, err := t.exec(ctx, deleteDocumentNames, d.Pool, string(d.Kind), d.ID); err != nil {
		return err
	}
	d.Version++
	return t.nameDocument(ctx, d)
}

// DeleteDocument implements userpool.DocumentWriter.
func (t *tx) DeleteDocument(ctx context.Context, pool int64, kind userpool.DocumentKind, id string) error {
	n, err := t.exec(ctx, deleteDocument, pool, string(kind), id)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}

// DeleteClientDocuments implements userpool.DocumentWriter.
func (t *tx) DeleteClientDocuments(ctx context.Context, pool int64, client string) error {
	_, err := t.exec(ctx, deleteDocumentsOfClient, pool, client)
	return err
}
