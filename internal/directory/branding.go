package directory

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// brandingQuota is how many styles a pool can have.
const brandingQuota = 20

// CreateBranding gives a client a style (operation CreateManagedLoginBranding). A client has one: else
// ManagedLoginBrandingExists.
func (s *Service) CreateBranding(ctx context.Context, client *userpool.Client, in *wire.CreateManagedLoginBrandingRequest) (*wire.ManagedLoginBrandingType, error) {
	if isTrue(in.UseCognitoProvidedValues) == (in.Settings != nil) {
		return nil, valuesOrSettings()
	}
	now := wire.NewTimestamp(s.now())
	style := &wire.ManagedLoginBrandingType{
		ManagedLoginBrandingID: uuid.NewString(), UserPoolID: client.Pool.ID,
		UseCognitoProvidedValues: new(isTrue(in.UseCognitoProvidedValues)), CreationDate: now, LastModifiedDate: now,
	}
	if err := changeStyle(style, in.Settings, in.Assets); err != nil {
		return nil, err
	}
	d, err := s.newDocument(client.Pool, userpool.Brandings, style.ManagedLoginBrandingID, style)
	if err != nil {
		return nil, err
	}
	d.Client, d.Names = client.ID, []string{client.ID}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		client, err := clientOf(ctx, tx, client.Pool, client.ID)
		if err != nil {
			return err
		}
		if err := checkBrandingPlan(client.Pool); err != nil {
			return err
		}
		_, err = tx.NamedDocument(ctx, client.Pool.Number, userpool.Brandings, client.ID)
		switch {
		case err == nil:
			return userpool.NewError(userpool.ManagedLoginBrandingExists, "The client "+client.ID+" already has a managed login branding style.")
		case !errors.Is(err, userpool.ErrNotFound):
			return err
		}
		if err := documentsLeft(ctx, tx, client.Pool, userpool.Brandings, brandingQuota, "Managed login branding style"); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return style, nil
}

// Branding gives a style of the pool, laid over the default if it is to be merged (operation
// DescribeManagedLoginBranding).
func (s *Service) Branding(ctx context.Context, pool *userpool.Pool, id string, merge bool) (*wire.ManagedLoginBrandingType, error) {
	_, style, err := readBranding(ctx, s.Store, pool, id)
	if err != nil || !merge {
		return style, err
	}
	return style, mergeDefaults(style)
}

// ClientBranding gives the style of the client (operation DescribeManagedLoginBrandingByClient).
func (s *Service) ClientBranding(ctx context.Context, client *userpool.Client, merge bool) (*wire.ManagedLoginBrandingType, error) {
	d, err := s.Store.NamedDocument(ctx, client.Pool.Number, userpool.Brandings, client.ID)
	if err != nil {
		return nil, userpool.OrNotFound(err, userpool.NewError(userpool.ResourceNotFound,
			"The client "+client.ID+" has no managed login branding style."))
	}
	style, err := contentOf[wire.ManagedLoginBrandingType](d)
	if err != nil || !merge {
		return style, err
	}
	return style, mergeDefaults(style)
}

// UpdateBranding changes a style: settings and assets that are not given stay (operation UpdateManagedLoginBranding).
// A change in between is ConcurrentModification.
func (s *Service) UpdateBranding(ctx context.Context, pool *userpool.Pool, in *wire.UpdateManagedLoginBrandingRequest) (*wire.ManagedLoginBrandingType, error) {
	seen, style, err := readBranding(ctx, s.Store, pool, in.ManagedLoginBrandingID)
	if err != nil {
		return nil, err
	}
	switch provided := in.UseCognitoProvidedValues; {
	case isTrue(provided) && in.Settings != nil:
		return nil, valuesOrSettings()
	case isTrue(provided):
		style.Settings, style.UseCognitoProvidedValues = nil, provided
	case in.Settings != nil:
		style.UseCognitoProvidedValues = new(false)
	case provided != nil && style.Settings == nil: // no longer the default, and nothing instead
		return nil, valuesOrSettings()
	}
	if err := changeStyle(style, in.Settings, in.Assets); err != nil {
		return nil, err
	}
	now := s.now()
	style.LastModifiedDate = wire.NewTimestamp(now)
	changed := *seen
	changed.Modified = now
	if err := setContent(&changed, style); err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, pool)
		if err != nil {
			return err
		}
		if err := checkBrandingPlan(pool); err != nil {
			return err
		}
		d := changed // its version is the one that was seen
		return lostRace(tx.UpdateDocument(ctx, &d), noSuchBranding(d.ID))
	})
	if err != nil {
		return nil, err
	}
	return style, nil
}

// DeleteBranding removes a style (operation DeleteManagedLoginBranding). A change in between is
// ConcurrentModification.
func (s *Service) DeleteBranding(ctx context.Context, pool *userpool.Pool, id string) error {
	seen, _, err := readBranding(ctx, s.Store, pool, id)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		d, _, err := readBranding(ctx, tx, pool, id)
		if err != nil {
			return err
		}
		if d.Version != seen.Version {
			return changedInBetween()
		}
		return tx.DeleteDocument(ctx, pool.Number, userpool.Brandings, id)
	})
}

func readBranding(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, id string) (*userpool.Document, *wire.ManagedLoginBrandingType, error) {
	d, err := r.Document(ctx, pool.Number, userpool.Brandings, id)
	if err != nil {
		return nil, nil, userpool.OrNotFound(err, noSuchBranding(id))
	}
	style, err := contentOf[wire.ManagedLoginBrandingType](d)
	return d, style, err
}

// changeStyle lays settings and assets over those of the style.
func changeStyle(style *wire.ManagedLoginBrandingType, document []byte, assets []wire.AssetType) (err error) {
	if style.Assets, err = overAssets(assets, style.Assets); err != nil || document == nil {
		return err
	}
	given, err := readSettings(document)
	if err != nil {
		return err
	}
	known, err := knownSettings(given, defaultSettings, "")
	if err != nil {
		return err
	}
	var before map[string]any
	if style.Settings != nil {
		if before, err = readSettings(style.Settings); err != nil {
			return err
		}
	}
	style.Settings, err = writeSettings(overSettings(known, before))
	return err
}

// mergeDefaults lays the style over the default one.
func mergeDefaults(style *wire.ManagedLoginBrandingType) (err error) {
	own := map[string]any{}
	if style.Settings != nil {
		if own, err = readSettings(style.Settings); err != nil {
			return err
		}
	}
	style.Settings, err = writeSettings(overSettings(own, defaultSettings))
	return err
}

// checkBrandingPlan refuses the smallest plan, which has the classic pages only. The operations declare no exception
// for plans.
func checkBrandingPlan(pool *userpool.Pool) error {
	if pool.Settings.UserPoolTier != wire.UserPoolTierTypeLite {
		return nil
	}
	return invalid("The following feature is not available for the LITE pricing tier configured: Managed Login Branding")
}

func valuesOrSettings() error {
	return invalid("useCognitoProvidedValues or settings should be specified (but not both)")
}

func noSuchBranding(id string) *userpool.Error {
	return userpool.NewError(userpool.ResourceNotFound, "Managed login branding style "+id+" does not exist.")
}
