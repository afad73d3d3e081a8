package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations
var migrations embed.FS

// migrationRuns is how often a migration is tried that another node disturbs.
const migrationRuns = 8

// migrate brings the schema to the newest version. A schema that is newer than this program is refused: an older
// program does not know what it would break.
func migrate(ctx context.Context, db *sql.DB, engine string, options ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations/"+engine)
	if err != nil {
		return fmt.Errorf("store: find migrations: %w", err)
	}
	options = append(options, goose.WithStore(versionTable{}), goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(database.DialectCustom, db, files, options...)
	if err != nil {
		return fmt.Errorf("store: read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return checkNewest(ctx, provider, db)
}

func checkNewest(ctx context.Context, provider *goose.Provider, db *sql.DB) error {
	have, err := versionTable{}.GetLatestVersion(ctx, db)
	if err != nil {
		return fmt.Errorf("store: read the version of the schema: %w", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("store: the database has schema %d, this version of Poolhouse knows up to %d; run the newer version", have, newest)
	}
	return nil
}

// versionTable keeps the versions of the schema for goose in a table that needs no sequence.
type versionTable struct{}

var _ database.Store = versionTable{}

func (versionTable) Tablename() string { return "migrations" }

func (versionTable) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)`)
	return err
}

func (versionTable) Insert(ctx context.Context, db database.DBTxConn, r database.InsertRequest) error {
	_, err := db.ExecContext(ctx, `INSERT INTO migrations (version) VALUES ($1) ON CONFLICT DO NOTHING`, r.Version)
	return err
}

// Delete is what goose calls on the way down, which there is not.
func (versionTable) Delete(context.Context, database.DBTxConn, int64) error {
	return errors.ErrUnsupported
}

func (versionTable) GetMigration(ctx context.Context, db database.DBTxConn, version int64) (*database.GetMigrationResult, error) {
	err := db.QueryRowContext(ctx, `SELECT version FROM migrations WHERE version = $1`, version).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, database.ErrVersionNotFound
	}
	if err != nil {
		return nil, err
	}
	return &database.GetMigrationResult{IsApplied: true}, nil
}

func (versionTable) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	var version sql.NullInt64
	if err := db.QueryRowContext(ctx, `SELECT max(version) FROM migrations`).Scan(&version); err != nil {
		return 0, err
	}
	if !version.Valid {
		return 0, database.ErrVersionNotFound
	}
	return version.Int64, nil
}

func (versionTable) ListMigrations(ctx context.Context, db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	rows, err := db.QueryContext(ctx, `SELECT version FROM migrations ORDER BY version DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*database.ListMigrationsResult
	for rows.Next() {
		r := database.ListMigrationsResult{IsApplied: true}
		if err := rows.Scan(&r.Version); err != nil {
			return nil, err
		}
		list = append(list, &r)
	}
	return list, rows.Err()
}
