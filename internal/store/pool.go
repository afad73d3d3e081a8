package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const poolColumns = `number, id, name, created, modified, deleted, version, stamp, format, document`

var (
	poolStampByID = newStatement("find a pool", `SELECT number, stamp FROM pools WHERE id = $1 AND deleted = 0`)
	poolByNumber  = newStatement("read a pool", `SELECT `+poolColumns+` FROM pools WHERE number = $1`)
	livingPool    = newStatement("look for a pool", `SELECT version FROM pools WHERE number = $1 AND deleted = 0`)
	poolsOfRegion = newStatement("list pools",
		`SELECT `+poolColumns+` FROM pools WHERE region = $1 AND deleted = 0 AND (created, id) > ($2, $3) UNION ALL
		SELECT `+poolColumns+` FROM pools WHERE replica = $1 AND replica > '' AND deleted = 0 AND (created, id) > ($2, $3)
		ORDER BY created, id LIMIT $4`)
	countPools = newStatement("count pools", `SELECT count(*) FROM pools WHERE region = $1 AND deleted = 0`)
	insertPool = newStatement("create a pool",
		`INSERT INTO pools (number, id, region, replica, name, created, modified, deleted, version, stamp, format, document, data_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 1, $8, $9, $10, $11) ON CONFLICT DO NOTHING`)
	updatePool = newStatement("change a pool",
		`UPDATE pools SET name = $1, modified = $2, version = version + 1, stamp = $3, format = $4, document = $5, replica = $6
		WHERE number = $7 AND version = $8 AND deleted = 0`)
	deletePool = newStatement("delete a pool",
		`UPDATE pools SET deleted = $1, data_key = NULL, version = version + 1, stamp = $2 WHERE number = $3 AND deleted = 0`)
	deleteClientsOfPool = newStatement("delete the clients of a pool",
		`UPDATE clients SET deleted = $1, secrets = '[]', stamp = $2 WHERE pool_number = $3 AND deleted = 0`)
	dropPrivateKeys = newStatement("drop the private keys of a pool",
		`UPDATE signing_keys SET private_key = NULL WHERE pool_number = $1`)
	countUsers = newStatement("count users", `SELECT count(*) FROM users WHERE pool_number = $1`)
)

// poolDocument is what the column document of a pool holds: whatever every sign-in reads.
type poolDocument struct {
	Settings *wire.UserPoolType
	Factors  userpool.Factors         `json:",omitzero"`
	Sessions userpool.SessionTracking `json:",omitzero"`
	Replica  *userpool.Replica        `json:",omitzero"`
}

func encodePool(p *userpool.Pool) (string, error) {
	return encodeDocument(&poolDocument{Settings: p.Settings, Factors: p.Factors, Sessions: p.Sessions, Replica: p.Replica})
}

func decodePool(format int64, text []byte, p *userpool.Pool) error {
	d := poolDocument{Settings: &wire.UserPoolType{}}
	if err := decodeDocument(format, text, &d); err != nil {
		return err
	}
	p.Settings, p.Factors, p.Sessions, p.Replica = d.Settings, d.Factors, d.Sessions, d.Replica
	return nil
}

// cachedPool is a parsed pool with the stamp of its row.
type cachedPool struct {
	stamp int64
	pool  *userpool.Pool
}

// scanPool reads a row of poolColumns. A document that is cached under the row's stamp is not parsed again.
func (q *queries) scanPool(scan scanner) (*userpool.Pool, error) {
	var p userpool.Pool
	var created, modified, deleted, stamp, format int64
	var document []byte
	if err := scan(&p.Number, &p.ID, &p.Name, &created, &modified, &deleted, &p.Version, &stamp, &format, &document); err != nil {
		return nil, err
	}
	if c, ok := q.pools.get(p.Number); ok && c.stamp == stamp {
		return c.pool, nil
	}
	p.Created, p.Modified, p.Deleted = fromMicros(created), fromMicros(modified), fromMicros(deleted)
	if err := decodePool(format, document, &p); err != nil {
		return nil, err
	}
	q.pools.put(p.Number, cachedPool{stamp, &p})
	return &p, nil
}

// pool gives the pool whose row shows that stamp, or a newer state of it; a deleted one too.
func (q *queries) pool(ctx context.Context, number, stamp int64) (*userpool.Pool, error) {
	if c, ok := q.pools.get(number); ok && c.stamp == stamp {
		return c.pool, nil
	}
	var p *userpool.Pool
	err := q.list(ctx, poolByNumber, []any{number}, func(scan scanner) (err error) {
		p, err = q.scanPool(scan)
		return err
	})
	if err == nil && p == nil {
		err = userpool.ErrNotFound
	}
	return p, err
}

// Pool implements userpool.PoolReader.
func (r reads) Pool(ctx context.Context, id string) (*userpool.Pool, error) {
	var number, stamp int64
	if err := r.one(ctx, poolStampByID, []any{id}, &number, &stamp); err != nil {
		return nil, err
	}
	p, err := r.pool(ctx, number, stamp)
	if err != nil {
		return nil, err
	}
	if !p.Deleted.IsZero() { // between the two statements
		return nil, userpool.ErrNotFound
	}
	return p, nil
}

// Pools implements userpool.PoolReader. The key of a page is "<microseconds of creation>/<id>"; one that is
// something else starts from the beginning.
func (r reads) Pools(ctx context.Context, region string, page userpool.Page) (pools []*userpool.Pool, next string, err error) {
	after, id, _ := strings.Cut(page.After, "/")
	created, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		created, id = -1<<63, ""
	}
	err = r.list(ctx, poolsOfRegion, []any{region, created, id, page.Limit + 1}, func(scan scanner) error {
		p, err := r.scanPool(scan)
		pools = append(pools, p)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(pools) > page.Limit {
		pools = pools[:page.Limit]
		if page.Limit > 0 {
			last := pools[page.Limit-1]
			next = strconv.FormatInt(micros(last.Created), 10) + "/" + last.ID
		}
	}
	return pools, next, nil
}

// CountPools implements userpool.PoolReader.
func (r reads) CountPools(ctx context.Context, region string) (n int, err error) {
	err = r.one(ctx, countPools, []any{region}, &n)
	return n, err
}

// userCount is a count that is not taken again for a while.
type userCount struct {
	users int64
	until time.Time
}

// Counting touches every user of a pool, so the count of a large pool is an estimate.
const (
	exactCount = 1000
	countGood  = time.Minute
)

// CountUsers implements userpool.PoolReader. Above a thousand users the answer may be a minute old.
func (r reads) CountUsers(ctx context.Context, pool int64) (int64, error) {
	now := r.now()
	if c, ok := r.counts.get(pool); ok && now.Before(c.until) {
		return c.users, nil
	}
	var n int64
	if err := r.one(ctx, countUsers, []any{pool}, &n); err != nil {
		return 0, err
	}
	if n > exactCount {
		r.counts.put(pool, userCount{n, now.Add(countGood)})
	}
	return n, nil
}

// CreatePool implements userpool.PoolWriter.
func (t *tx) CreatePool(ctx context.Context, p *userpool.Pool, keys []userpool.SigningKey) error {
	document, err := encodePool(p)
	if err != nil {
		return err
	}
	key, wrapped, err := t.newDataKey(p.Number)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, insertPool, p.Number, p.ID, p.Region(), p.ReplicaRegion(), p.Name, micros(p.Created), micros(p.Modified),
		newStamp(), documentFormat, document, wrapped)
	if err != nil {
		return err
	}
	if n == 0 {
		return userpool.ErrExists
	}
	t.fresh[p.Number] = key
	t.made.pool = p.ID
	p.Version = 1
	for _, k := range keys {
		if err := t.insertSigningKey(ctx, key, p, &k); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) insertSigningKey(ctx context.Context, key *seal.DataKey, p *userpool.Pool, k *userpool.SigningKey) error {
	sealed := key.Seal(signingKeyPlace(p.Number, k.KID), k.Private)
	n, err := t.exec(ctx, insertSigningKey, k.KID, p.Number, p.ID, string(k.Use), k.Public, sealed, micros(k.Created))
	if err == nil && n == 0 {
		err = userpool.ErrExists
	}
	return err
}

// UpdatePool implements userpool.PoolWriter. The version moves in the database, not in p.
func (t *tx) UpdatePool(ctx context.Context, p *userpool.Pool) error {
	if p.Secondary {
		return errors.New("store: a pool is stored as its replica sees it")
	}
	document, err := encodePool(p)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, updatePool, p.Name, micros(p.Modified), newStamp(), documentFormat, document,
		p.ReplicaRegion(), p.Number, p.Version)
	if err != nil || n > 0 {
		return err
	}
	return t.changedOrGone(ctx, livingPool, p.Number)
}

// changedOrGone says why a compare-and-swap touched no row: look finds the row whatever its version.
func (t *tx) changedOrGone(ctx context.Context, look *statement, args ...any) error {
	var version int64
	if err := t.one(ctx, look, args, &version); err != nil {
		return err
	}
	return userpool.ErrVersion
}

// DeletePool implements userpool.PoolWriter. The pool and its clients vanish at once, and with the data key every
// secret becomes unreadable; the sweeper removes the rows. A pool that is gone already is ErrNotFound.
func (t *tx) DeletePool(ctx context.Context, pool int64, at time.Time) error {
	if at.IsZero() {
		return errors.New("store: a pool is deleted without a time")
	}
	n, err := t.exec(ctx, deletePool, micros(at), newStamp(), pool)
	if err != nil {
		return err
	}
	if n == 0 {
		return userpool.ErrNotFound
	}
	delete(t.fresh, pool)
	if _, err := t.exec(ctx, deleteClientsOfPool, micros(at), newStamp(), pool); err != nil {
		return err
	}
	if _, err := t.exec(ctx, dropPrivateKeys, pool); err != nil {
		return err
	}
	return nil
}

// needPool answers ErrNotFound unless the pool lives, so that nothing is added to a deleted one.
func (t *tx) needPool(ctx context.Context, number int64) error {
	var version int64
	err := t.one(ctx, livingPool, []any{number}, &version)
	if err != nil && !errors.Is(err, userpool.ErrNotFound) {
		return fmt.Errorf("store: look for a pool: %w", err)
	}
	return err
}
