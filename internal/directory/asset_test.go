package directory

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	svgHead  = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">`
	plainSVG = svgHead + `<path d="M0 0h1"/></svg>`
)

// icon is an icon file of one image of one byte.
var icon = []byte{0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 1, 0, 0, 0, 22, 0, 0, 0, 7}

func TestSVG(t *testing.T) {
	const refused = true
	tests := []struct {
		name, file string
		refused    bool
	}{
		{name: "shapes", file: plainSVG},
		{name: "with a prologue", file: `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + plainSVG},
		{name: "paint from inside", file: svgHead + `<defs><linearGradient id="a"><stop offset="0" style="stop-color:#fff"/></linearGradient></defs><rect fill="url(#a)" x="0"/><use xlink:href="#a"/></svg>`},
		{"script", svgHead + `<script>alert(1)</script></svg>`, refused},
		{"event", svgHead + `<path onload="alert(1)"/></svg>`, refused},
		{"event of the root", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, refused},
		{"foreign object", svgHead + `<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject></svg>`, refused},
		{"markup of pages", svgHead + `<p xmlns="http://www.w3.org/1999/xhtml"/></svg>`, refused},
		{"script under another prefix", `<svg xmlns="http://www.w3.org/2000/svg" xmlns:s="http://www.w3.org/2000/svg"><s:script/></svg>`, refused},
		{"image", svgHead + `<image href="data:image/png;base64,AA=="/></svg>`, refused},
		{"link", svgHead + `<a href="https://example.com/"/></svg>`, refused},
		{"use from outside", svgHead + `<use href="https://example.com/a.svg#a"/></svg>`, refused},
		{"use of data", svgHead + `<use xlink:href="data:image/svg+xml,a"/></svg>`, refused},
		{"animation", svgHead + `<set attributeName="href" to="javascript:alert(1)"/></svg>`, refused},
		{"style sheet", svgHead + `<style>@import url(https://example.com/)</style></svg>`, refused},
		{"style that loads", svgHead + `<path style="fill:url(https://example.com/a)"/></svg>`, refused},
		{"style that loads, quoted", svgHead + `<path style="fill:url('https://example.com/a')"/></svg>`, refused},
		{"style that loads, in capitals", svgHead + `<path style="fill:URL(https://example.com/a)"/></svg>`, refused},
		{"paint that loads", svgHead + `<path fill="url( 'https://example.com/a' )"/></svg>`, refused},
		{"base of references", `<svg xmlns="http://www.w3.org/2000/svg" xml:base="https://example.com/"/>`, refused},
		{"style with an escape", svgHead + `<path style="fill:\75rl(a)"/></svg>`, refused},
		{"style sheet by instruction", `<?xml-stylesheet href="a.css"?>` + plainSVG, refused},
		{"entity", `<!DOCTYPE svg [<!ENTITY a "b">]>` + plainSVG, refused},
		{"unknown entity", svgHead + `<title>&a;</title></svg>`, refused},
		{"two roots", plainSVG + plainSVG, refused},
		{"other root", `<g xmlns="http://www.w3.org/2000/svg"/>`, refused},
		{"no namespace", `<svg/>`, refused},
		{"not closed", svgHead, refused},
		{"nothing", ``, refused},
		{"text", `logo`, refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if fault := svgFault([]byte(tt.file)); (fault != "") != tt.refused {
				t.Errorf("got fault %q", fault)
			}
		})
	}
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte(plainSVG))
	f.Fuzz(func(t *testing.T, file []byte) { svgFault(file) })
}

func TestAssets(t *testing.T) {
	png, jpeg := pngImage(t), jpegImage(t)
	tests := []struct {
		name      string
		category  wire.AssetCategoryType
		extension wire.AssetExtensionType
		bytes     []byte
		resource  string
		want      userpool.ErrorCode
	}{
		{name: "logo", category: "FORM_LOGO", extension: "PNG", bytes: png},
		{name: "background", category: "PAGE_BACKGROUND", extension: "JPEG", bytes: jpeg},
		{name: "graphic", category: "SMS_GRAPHIC", extension: "SVG", bytes: []byte(plainSVG)},
		{name: "icon", category: "FAVICON_ICO", extension: "ICO", bytes: icon},
		{name: "drawn icon", category: "FAVICON_SVG", extension: "SVG", bytes: []byte(plainSVG)},
		{name: "button", category: "IDP_BUTTON_ICON", extension: "ICO", bytes: icon, resource: "Google"},
		{name: "resource only", category: "IDP_BUTTON_ICON", extension: "SVG", resource: "Google"},
		{"icon as logo", "FORM_LOGO", "ICO", icon, "", userpool.InvalidParameter},
		{"logo as icon", "FAVICON_ICO", "PNG", png, "", userpool.InvalidParameter},
		{"format of no category", "FORM_LOGO", "WEBP", png, "", userpool.InvalidParameter},
		{"content of another format", "FORM_LOGO", "JPEG", png, "", userpool.InvalidParameter},
		{"markup as image", "FORM_LOGO", "PNG", []byte(plainSVG), "", userpool.InvalidParameter},
		{"script", "FORM_LOGO", "SVG", []byte(svgHead + `<script/></svg>`), "", userpool.InvalidParameter},
		{"icon cut off", "FAVICON_ICO", "ICO", icon[:22], "", userpool.InvalidParameter},
		{"nothing", "FORM_LOGO", "PNG", nil, "", userpool.InvalidParameter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := overAssets([]wire.AssetType{{Category: tt.category, ColorMode: "LIGHT", Extension: tt.extension, Bytes: tt.bytes, ResourceID: tt.resource}}, nil)
			wantError(t, err, tt.want, "")
		})
	}
}

func TestAssetsTakeThePlaceOfOthers(t *testing.T) {
	logo := func(mode wire.ColorSchemeModeType, resource string, content []byte) wire.AssetType {
		return wire.AssetType{Category: "FORM_LOGO", ColorMode: mode, Extension: "PNG", Bytes: content, ResourceID: resource}
	}
	png := pngImage(t)
	before, err := overAssets([]wire.AssetType{logo("LIGHT", "", png), logo("DARK", "", png)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := overAssets([]wire.AssetType{logo("LIGHT", "", append(png, 0)), logo("LIGHT", "one", png)}, before)
	if err != nil || len(after) != 3 || len(after[0].Bytes) != len(png)+1 || len(before[0].Bytes) != len(png) {
		t.Errorf("got %d assets, %v", len(after), err)
	}
	_, err = overAssets([]wire.AssetType{logo("LIGHT", "", png), logo("LIGHT", "", png)}, nil)
	wantError(t, err, userpool.InvalidParameter, "The asset FORM_LOGO for the color mode LIGHT is given more than once.")
	var many []wire.AssetType
	for i := range assetQuota {
		many = append(many, logo("DYNAMIC", string(rune('A'+i)), png))
	}
	if _, err := overAssets(many, nil); err != nil {
		t.Error(err)
	}
	_, err = overAssets(many, before)
	wantError(t, err, userpool.InvalidParameter, "A style can have at most 40 assets.")
}
