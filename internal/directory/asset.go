package directory

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// assetQuota is how many assets a style can have.
	assetQuota = 40
	// assetsLimit is how large all assets of a style may be together, in bytes.
	assetsLimit = 10_000_000
)

var (
	graphicFormats = []wire.AssetExtensionType{wire.AssetExtensionTypePng, wire.AssetExtensionTypeSvg, wire.AssetExtensionTypeJpeg}
	iconFormats    = []wire.AssetExtensionType{wire.AssetExtensionTypeIco, wire.AssetExtensionTypeSvg}
)

// assetFormats says which formats a category has.
func assetFormats(category wire.AssetCategoryType) []wire.AssetExtensionType {
	switch category {
	case wire.AssetCategoryTypeFaviconIco:
		return iconFormats[:1]
	case wire.AssetCategoryTypeFaviconSvg:
		return iconFormats[1:]
	case wire.AssetCategoryTypeIdpButtonIcon:
		return iconFormats
	}
	return graphicFormats
}

// overAssets lays assets over those that were there: one takes the place of another with its category, colour mode
// and resource.
func overAssets(given, before []wire.AssetType) ([]wire.AssetType, error) {
	assets := slices.Clone(before)
	placed := map[assetPlace]bool{}
	for _, a := range given {
		if err := checkAsset(a); err != nil {
			return nil, err
		}
		place := placeOf(a)
		if placed[place] {
			return nil, wrongAsset(a, "is given more than once")
		}
		placed[place] = true
		i := slices.IndexFunc(assets, func(was wire.AssetType) bool { return placeOf(was) == place })
		switch {
		case i < 0:
			assets = append(assets, a)
		case len(a.Bytes) > 0:
			assets[i] = a
		}
	}
	size := 0
	for _, a := range assets {
		size += len(a.Bytes)
	}
	switch {
	case len(assets) > assetQuota:
		return nil, invalid("A style can have at most " + strconv.Itoa(assetQuota) + " assets.")
	case size > assetsLimit:
		return nil, invalid("The assets of a style can have at most " + strconv.Itoa(assetsLimit) + " bytes.")
	}
	return assets, nil
}

// assetPlace is where an asset is shown.
type assetPlace struct {
	category wire.AssetCategoryType
	mode     wire.ColorSchemeModeType
	resource string
}

func placeOf(a wire.AssetType) assetPlace { return assetPlace{a.Category, a.ColorMode, a.ResourceID} }

// checkAsset wants a format of the category and content of that format, or the name of a resource.
func checkAsset(a wire.AssetType) error {
	if !slices.Contains(assetFormats(a.Category), a.Extension) {
		return wrongAsset(a, "can not have the extension "+string(a.Extension))
	}
	if len(a.Bytes) == 0 {
		if a.ResourceID == "" {
			return wrongAsset(a, "needs bytes or a resource")
		}
		return nil
	}
	if a.Extension == wire.AssetExtensionTypeSvg {
		if fault := svgFault(a.Bytes); fault != "" {
			return wrongAsset(a, "is not an allowed SVG image: "+fault)
		}
		return nil
	}
	if !isImage(a.Extension, a.Bytes) {
		return wrongAsset(a, "does not have content of the extension "+string(a.Extension))
	}
	return nil
}

func isImage(extension wire.AssetExtensionType, b []byte) bool {
	switch extension {
	case wire.AssetExtensionTypePng:
		return isPNG(b)
	case wire.AssetExtensionTypeJpeg:
		return isJPEG(b)
	case wire.AssetExtensionTypeIco:
		return isICO(b)
	}
	return false
}

// isICO looks at the directory of an icon file: its type, and that each image in it lies in the file.
func isICO(b []byte) bool {
	const head, entry = 6, 16
	if len(b) < head || !bytes.HasPrefix(b, []byte{0, 0, 1, 0}) {
		return false
	}
	n := int(b[4]) | int(b[5])<<8
	if n == 0 || len(b) < head+n*entry {
		return false
	}
	for i := range n {
		e := b[head+i*entry:]
		size := uint64(e[8]) | uint64(e[9])<<8 | uint64(e[10])<<16 | uint64(e[11])<<24
		from := uint64(e[12]) | uint64(e[13])<<8 | uint64(e[14])<<16 | uint64(e[15])<<24
		if size == 0 || from < uint64(head+n*entry) || from+size > uint64(len(b)) {
			return false
		}
	}
	return true
}

func wrongAsset(a wire.AssetType, what string) error {
	return invalid("The asset " + string(a.Category) + " for the color mode " + string(a.ColorMode) + " " + what + ".")
}
