package store

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const clientColumns = `number, id, name, created, modified, version, stamp, format, document, secrets`

var (
	clientStampByID = newStatement("find an app client",
		`SELECT c.number, c.stamp, p.number, p.stamp FROM clients c JOIN pools p ON p.number = c.pool_number
		WHERE c.id = $1 AND c.deleted = 0 AND p.deleted = 0`)
	clientByNumber = newStatement("read an app client",
		`SELECT `+clientColumns+` FROM clients WHERE number = $1 AND deleted = 0`)
	clientsOfPool = newStatement("list app clients",
		`SELECT `+clientColumns+` FROM clients WHERE pool_number = $1 AND deleted = 0 AND id > $2 ORDER BY id LIMIT $3`)
	countClients = newStatement("count app clients", `SELECT count(*) FROM clients WHERE pool_number = $1 AND deleted = 0`)
	insertClient = newStatement("create an app client",
		`INSERT INTO clients (number, pool_number, id, name, created, modified, deleted, version, stamp, format, document, secrets)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 1, $7, $8, $9, $10) ON CONFLICT DO NOTHING`)
	updateClient = newStatement("change an app client",
		`UPDATE clients SET name = $1, modified = $2, version = version + 1, stamp = $3, format = $4, document = $5, secrets = $6
		WHERE id = $7 AND pool_number = $8 AND version = $9 AND deleted = 0`)
	livingClient = newStatement("look for an app client",
		`SELECT version FROM clients WHERE id = $1 AND pool_number = $2 AND deleted = 0`)
	deleteClient = newStatement("delete an app client",
		`UPDATE clients SET deleted = $1, secrets = '[]', stamp = $2 WHERE id = $3 AND pool_number = $4 AND deleted = 0`)
)

// cachedClient is a parsed client with the stamp of its row.
type cachedClient struct {
	stamp  int64
	client *userpool.Client
}

// clientDocument is what the column document of a client holds: whatever every sign-in reads.
type clientDocument struct {
	Settings   *wire.UserPoolClientType
	SSOSession *wire.ClientSSOSessionConfigType `json:",omitzero"`
}

// storedSecret is a client secret as the column secrets holds it, in a list.
type storedSecret struct {
	ID      string `json:"id"`
	Created int64  `json:"created"`
	Sealed  []byte `json:"sealed"`
}

func clientSecretPlace(pool int64, client, secret string) seal.Place {
	return seal.Place{Table: "clients", Column: "secrets", Pool: pool, Row: client + "/" + secret}
}

func sealSecrets(key *seal.DataKey, pool int64, c *userpool.Client) (string, error) {
	stored := make([]storedSecret, len(c.Secrets))
	for i, s := range c.Secrets {
		stored[i] = storedSecret{s.ID, micros(s.Created), key.Seal(clientSecretPlace(pool, c.ID, s.ID), []byte(s.Value))}
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return "", fmt.Errorf("store: encode client secrets: %w", err)
	}
	return string(text), nil
}

// row of clientColumns, before it is opened.
type clientRow struct {
	number, stamp, format int64
	client                userpool.Client
	document, secrets     []byte
}

func scanClient(scan scanner) (row clientRow, err error) {
	var created, modified int64
	c := &row.client
	err = scan(&row.number, &c.ID, &c.Name, &created, &modified, &c.Version, &row.stamp, &row.format, &row.document, &row.secrets)
	c.Created, c.Modified = fromMicros(created), fromMicros(modified)
	return row, err
}

// open makes the client of a row, from the cache when it holds that state.
func (q *queries) openClient(ctx context.Context, row *clientRow, pool *userpool.Pool) (*userpool.Client, error) {
	if c, ok := q.cachedClient(row.number, row.stamp, pool); ok {
		return c, nil
	}
	c := &row.client
	c.Pool = pool
	d := clientDocument{Settings: &wire.UserPoolClientType{}}
	if err := decodeDocument(row.format, row.document, &d); err != nil {
		return nil, err
	}
	c.Settings, c.SSOSession = d.Settings, d.SSOSession
	var stored []storedSecret
	if err := json.Unmarshal(row.secrets, &stored); err != nil {
		return nil, fmt.Errorf("store: decode client secrets: %w", err)
	}
	for _, s := range stored {
		key, err := q.dataKey(ctx, pool.Number)
		if err != nil {
			return nil, err
		}
		place := clientSecretPlace(pool.Number, c.ID, s.ID)
		value, err := key.Open(place, s.Sealed)
		if err != nil {
			return nil, opening(place, err)
		}
		c.Secrets = append(c.Secrets, userpool.ClientSecret{ID: s.ID, Value: string(value), Created: fromMicros(s.Created)})
	}
	q.clients.put(row.number, cachedClient{row.stamp, c})
	return c, nil
}

// cachedClient gives the client of that state with that state of its pool.
func (q *queries) cachedClient(number, stamp int64, pool *userpool.Pool) (*userpool.Client, bool) {
	cached, ok := q.clients.get(number)
	if !ok || cached.stamp != stamp {
		return nil, false
	}
	if cached.client.Pool != pool {
		c := *cached.client
		c.Pool = pool
		cached.client = &c
		q.clients.put(number, cached)
	}
	return cached.client, true
}

// client gives the client whose row shows that stamp, or a newer state of it.
func (q *queries) client(ctx context.Context, number, stamp int64, pool *userpool.Pool) (*userpool.Client, error) {
	if c, ok := q.cachedClient(number, stamp, pool); ok {
		return c, nil
	}
	var row clientRow
	found := false
	err := q.list(ctx, clientByNumber, []any{number}, func(scan scanner) (err error) {
		found = true
		row, err = scanClient(scan)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, userpool.ErrNotFound
	}
	return q.openClient(ctx, &row, pool)
}

// Client implements userpool.ClientReader.
func (r reads) Client(ctx context.Context, id string) (*userpool.Client, error) {
	var number, stamp, poolNumber, poolStamp int64
	if err := r.one(ctx, clientStampByID, []any{id}, &number, &stamp, &poolNumber, &poolStamp); err != nil {
		return nil, err
	}
	pool, err := r.pool(ctx, poolNumber, poolStamp)
	if err != nil {
		return nil, err
	}
	if !pool.Deleted.IsZero() { // between two statements
		return nil, userpool.ErrNotFound
	}
	return r.client(ctx, number, stamp, pool)
}

// Clients implements userpool.ClientReader. The key of a page is the last id.
func (r reads) Clients(ctx context.Context, pool *userpool.Pool, page userpool.Page) (clients []*userpool.Client, next string, err error) {
	var rows []clientRow
	err = r.list(ctx, clientsOfPool, []any{pool.Number, page.After, page.Limit + 1}, func(scan scanner) error {
		row, err := scanClient(scan)
		rows = append(rows, row)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > page.Limit {
		rows = rows[:page.Limit]
		if page.Limit > 0 {
			next = rows[page.Limit-1].client.ID
		}
	}
	for i := range rows {
		c, err := r.openClient(ctx, &rows[i], pool)
		if err != nil {
			return nil, "", err
		}
		clients = append(clients, c)
	}
	return clients, next, nil
}

// CountClients implements userpool.ClientReader.
func (r reads) CountClients(ctx context.Context, pool int64) (n int, err error) {
	err = r.one(ctx, countClients, []any{pool}, &n)
	return n, err
}

// CreateClient implements userpool.ClientWriter. ErrNotFound when the pool is gone.
func (t *tx) CreateClient(ctx context.Context, c *userpool.Client) error {
	if err := t.needPool(ctx, c.Pool.Number); err != nil {
		return err
	}
	document, secrets, err := t.encodeClient(ctx, c)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, insertClient, newStamp(), c.Pool.Number, c.ID, c.Name, micros(c.Created), micros(c.Modified),
		newStamp(), documentFormat, document, secrets)
	if err != nil {
		return err
	}
	if n == 0 {
		return userpool.ErrExists
	}
	t.made.client = c.ID
	c.Version = 1
	return nil
}

func (t *tx) encodeClient(ctx context.Context, c *userpool.Client) (document, secrets string, err error) {
	key, err := t.dataKey(ctx, c.Pool.Number)
	if err != nil {
		return "", "", err
	}
	if document, err = encodeDocument(&clientDocument{Settings: c.Settings, SSOSession: c.SSOSession}); err != nil {
		return "", "", err
	}
	secrets, err = sealSecrets(key, c.Pool.Number, c)
	return document, secrets, err
}

// UpdateClient implements userpool.ClientWriter. The version moves in the database, not in c.
func (t *tx) UpdateClient(ctx context.Context, c *userpool.Client) error {
	document, secrets, err := t.encodeClient(ctx, c)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, updateClient, c.Name, micros(c.Modified), newStamp(), documentFormat, document, secrets,
		c.ID, c.Pool.Number, c.Version)
	if err != nil || n > 0 {
		return err
	}
	return t.changedOrGone(ctx, livingClient, c.ID, c.Pool.Number)
}

// DeleteClient implements userpool.ClientWriter. The client vanishes at once; the sweeper removes its row. A client that is gone already is ErrNotFound.
func (t *tx) DeleteClient(ctx context.Context, c *userpool.Client) error {
	n, err := t.exec(ctx, deleteClient, micros(t.now()), newStamp(), c.ID, c.Pool.Number)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}
