package directory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"image/jpeg"
	"image/png"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// allClients is the id of the customization that clients without one of their own have.
	allClients = "ALL"
	// customizationLimit is how large style sheet and logo may be together, as they are sent, in bytes.
	customizationLimit = 135 << 10
	// logoLimit is how large the logo of the classic pages may be, in bytes.
	logoLimit = 100 << 10
	// logoPath is where logos are, below the public URL.
	logoPath = "/_poolhouse/assets/"
)

// customization is what the document of a customization of the classic pages holds.
type customization struct {
	CSS        string
	CSSVersion string
	Logo       []byte
}

// Customize replaces CSS and logo of the classic pages for a client, or for all with the client ALL (operation
// SetUICustomization). With neither, the customization goes.
func (s *Service) Customize(ctx context.Context, pool *userpool.Pool, in *wire.SetUICustomizationRequest) (*wire.UICustomizationType, error) {
	client := firstOf(in.ClientID, allClients)
	if len(in.CSS)+base64.StdEncoding.EncodedLen(len(in.ImageFile)) > customizationLimit {
		return nil, invalid("request parameters too large")
	}
	if err := checkStyleSheet(in.CSS); err != nil {
		return nil, err
	}
	if err := checkLogo(in.ImageFile); err != nil {
		return nil, err
	}
	content := &customization{CSS: in.CSS, CSSVersion: s.domainVersion(), Logo: in.ImageFile}
	d, err := s.newDocument(pool, userpool.UICustomizations, client, content)
	if err != nil {
		return nil, err
	}
	if client != allClients {
		d.Client = client
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if err := checkCustomizable(ctx, tx, pool, client); err != nil {
			return err
		}
		return putCustomization(ctx, tx, d, in.CSS == "" && len(in.ImageFile) == 0)
	})
	if err != nil {
		return nil, err
	}
	return s.describeCustomization(pool, d, content), nil
}

// checkCustomizable wants a pool with a domain and, unless it is for all, a client.
func checkCustomizable(ctx context.Context, tx userpool.Tx, seen *userpool.Pool, client string) error {
	pool, err := samePool(ctx, tx, seen)
	if err != nil {
		return err
	}
	if client != allClients {
		if _, err := clientOf(ctx, tx, pool, client); err != nil {
			return err
		}
	}
	n, err := tx.CountDocuments(ctx, pool.Number, userpool.Domains)
	if err == nil && n == 0 {
		err = invalid("There has to be an existing domain associated with this user pool")
	}
	return err
}

// putCustomization stores d in place of what was there; or nothing.
func putCustomization(ctx context.Context, tx userpool.Tx, d *userpool.Document, nothing bool) error {
	was, err := tx.Document(ctx, d.Pool, d.Kind, d.ID)
	switch {
	case errors.Is(err, userpool.ErrNotFound) && nothing:
		return nil
	case errors.Is(err, userpool.ErrNotFound):
		return tx.CreateDocument(ctx, d)
	case err != nil:
		return err
	case nothing:
		return tx.DeleteDocument(ctx, d.Pool, d.Kind, d.ID)
	}
	d.Created, d.Version = was.Created, was.Version
	return tx.UpdateDocument(ctx, d)
}

// Customization gives the client's customization of the classic pages, else the one for all, else an empty one
// (operation GetUICustomization).
func (s *Service) Customization(ctx context.Context, pool *userpool.Pool, client string) (*wire.UICustomizationType, error) {
	ids := []string{allClients}
	if client != "" && client != allClients {
		if _, err := s.Client(ctx, pool, client); err != nil {
			return nil, err
		}
		ids = []string{client, allClients}
	}
	for _, id := range ids {
		d, err := s.Store.Document(ctx, pool.Number, userpool.UICustomizations, id)
		if errors.Is(err, userpool.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		content, err := contentOf[customization](d)
		if err != nil {
			return nil, err
		}
		return s.describeCustomization(pool, d, content), nil
	}
	return &wire.UICustomizationType{}, nil
}

func (s *Service) describeCustomization(pool *userpool.Pool, d *userpool.Document, c *customization) *wire.UICustomizationType {
	shown := &wire.UICustomizationType{
		UserPoolID: pool.ID, ClientID: d.ID, CSS: c.CSS, CSSVersion: c.CSSVersion,
		CreationDate: wire.NewTimestamp(d.Created), LastModifiedDate: wire.NewTimestamp(d.Modified),
	}
	if len(c.Logo) > 0 {
		shown.ImageURL = s.PublicURL + logoPath + pool.ID + "/" + d.ID + "/" + logoName(c.Logo)
	}
	return shown
}

// Logo gives the logo that a customization's ImageUrl names, with its media type. A name that it had once is
// ResourceNotFound, and so is all else.
func (s *Service) Logo(ctx context.Context, poolID, client, name string) (image []byte, mediaType string, err error) {
	gone := userpool.NewError(userpool.ResourceNotFound, "There is no such image.")
	pool, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return nil, "", userpool.OrNotFound(err, gone)
	}
	d, err := s.Store.Document(ctx, pool.Number, userpool.UICustomizations, client)
	if err != nil {
		return nil, "", userpool.OrNotFound(err, gone)
	}
	content, err := contentOf[customization](d)
	if err != nil {
		return nil, "", err
	}
	if len(content.Logo) == 0 || logoName(content.Logo) != name {
		return nil, "", gone
	}
	if strings.HasSuffix(name, ".png") {
		return content.Logo, "image/png", nil
	}
	return content.Logo, "image/jpeg", nil
}

// logoName is the file name of a logo, which changes with it.
func logoName(logo []byte) string {
	sum := sha256.Sum256(logo)
	ending := ".jpg"
	if isPNG(logo) {
		ending = ".png"
	}
	return hex.EncodeToString(sum[:16]) + ending
}

func checkLogo(logo []byte) error {
	switch {
	case len(logo) == 0:
		return nil
	case len(logo) > logoLimit:
		return invalid("The image must not be larger than 100 KB.")
	case !isPNG(logo) && !isJPEG(logo):
		return invalid("The image must be a PNG or JPEG file.")
	}
	return nil
}

func isPNG(b []byte) bool {
	_, err := png.DecodeConfig(bytes.NewReader(b))
	return err == nil
}

func isJPEG(b []byte) bool {
	_, err := jpeg.DecodeConfig(bytes.NewReader(b))
	return err == nil
}
