package directory

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// brand gives the client under the fixed id a style with these settings, or the default one for "".
func (w *world) brand(settings string) (*wire.ManagedLoginBrandingType, error) {
	w.t.Helper()
	in := &wire.CreateManagedLoginBrandingRequest{UseCognitoProvidedValues: new(settings == "")}
	if settings != "" {
		in.Settings = jsontext.Value(settings)
	}
	return w.CreateBranding(w.t.Context(), w.readClient(), in)
}

func TestStyleOfAClient(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	c := w.client(nil)
	_, err := w.ClientBranding(t.Context(), c, false)
	wantError(t, err, userpool.ResourceNotFound, "")
	made, err := w.brand(`{"components": {"alert": {"borderRadius": 3, "shadow": true}, "banner": {}}, "own": 1}`)
	if err != nil {
		t.Fatal(err)
	}
	wantSettings(t, made, `{"components":{"alert":{"borderRadius":3.0}}}`)
	if made.UseCognitoProvidedValues == nil || *made.UseCognitoProvidedValues {
		t.Error("the style says that it is the default")
	}
	_, err = w.brand("")
	wantError(t, err, userpool.ManagedLoginBrandingExists, "")

	update := func(in wire.UpdateManagedLoginBrandingRequest) *wire.ManagedLoginBrandingType {
		t.Helper()
		in.ManagedLoginBrandingID = made.ManagedLoginBrandingID
		style, err := w.UpdateBranding(t.Context(), p, &in)
		if err != nil {
			t.Fatal(err)
		}
		return style
	}
	update(wire.UpdateManagedLoginBrandingRequest{Settings: jsontext.Value(`{"components": {"pageText": {"lightMode": {"bodyColor": "11223344"}}}}`)})
	update(wire.UpdateManagedLoginBrandingRequest{Assets: []wire.AssetType{{Category: "FORM_LOGO", ColorMode: "LIGHT", Extension: "PNG", Bytes: pngImage(t)}}})
	own, err := w.Branding(t.Context(), p, made.ManagedLoginBrandingID, false)
	if err != nil || len(own.Assets) != 1 {
		t.Fatalf("got %d assets, %v", len(own.Assets), err)
	}
	wantSettings(t, own, `{"components":{"alert":{"borderRadius":3.0},"pageText":{"lightMode":{"bodyColor":"11223344"}}}}`)

	merged, err := w.ClientBranding(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := readSettings(merged.Settings)
	if err != nil {
		t.Fatal(err)
	}
	components := at(settings, "components")
	if got := at(components, "alert")["borderRadius"]; got != decimal(3) {
		t.Errorf("merged: got the radius %v", got)
	}
	if got := at(at(components, "pageText"), "lightMode")["headingColor"]; got != "000716ff" {
		t.Errorf("merged: got the colour %v", got)
	}

	if got := update(wire.UpdateManagedLoginBrandingRequest{UseCognitoProvidedValues: new(true)}); got.Settings != nil || len(got.Assets) != 1 {
		t.Errorf("the default style has the settings %s and %d assets", got.Settings, len(got.Assets))
	}
	_, err = w.UpdateBranding(t.Context(), p, &wire.UpdateManagedLoginBrandingRequest{
		ManagedLoginBrandingID: made.ManagedLoginBrandingID, UseCognitoProvidedValues: new(false)})
	wantError(t, err, userpool.InvalidParameter, "useCognitoProvidedValues or settings should be specified (but not both)")
	if err := w.DeleteBranding(t.Context(), p, made.ManagedLoginBrandingID); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.DeleteBranding(t.Context(), p, made.ManagedLoginBrandingID), userpool.ResourceNotFound, "")
}

func wantSettings(t *testing.T, style *wire.ManagedLoginBrandingType, want string) {
	t.Helper()
	if got := string(style.Settings); got != want {
		t.Errorf("got settings %s, want %s", got, want)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.client(nil)
	for _, settings := range []string{
		`[]`, `1`, `null`,
		`{"components": 1}`,
		`{"components": {"alert": {"borderRadius": "3"}}}`,
		`{"components": {"alert": {"borderRadius": -1}}}`,
		`{"components": {"pageText": {"lightMode": {"bodyColor": "red"}}}}`,
		`{"components": {"pageText": {"lightMode": {"bodyColor": "#112233"}}}}`,
		`{"components": {"idpButton": {"custom": {"Google": {"lightMode": {"hover": {"textColor": "}"}}}}}}}`,
		`{"categories": {"form": {"displayGraphics": "yes"}}}`,
		`{"categories": {"auth": {"authMethodOrder": {}}}}`,
	} {
		_, err := w.brand(settings)
		if !userpool.IsCode(err, userpool.InvalidParameter) {
			t.Errorf("%s: got %v", settings, err)
		}
	}
	_, err := w.CreateBranding(t.Context(), w.readClient(), &wire.CreateManagedLoginBrandingRequest{})
	wantError(t, err, userpool.InvalidParameter, "useCognitoProvidedValues or settings should be specified (but not both)")
	style, err := w.brand(`{"components": {"idpButton": {"custom": {"Google": {"lightMode": {"hover": {"textColor": "11223344", "x": 1}}}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	wantSettings(t, style, `{"components":{"idpButton":{"custom":{"Google":{"lightMode":{"hover":{"textColor":"11223344"}}}}}}}`)
}

// The default style is itself a style, whole.
func TestDefaultStyle(t *testing.T) {
	settings, err := knownSettings(defaultSettings, defaultSettings, "")
	if err != nil {
		t.Fatal(err)
	}
	written, err := writeSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, jsontext.Value(defaultStyle), written)
}

func TestStylesOfAPool(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.client(nil)
	for i := range brandingQuota {
		c, err := w.CreateClient(t.Context(), p, &wire.CreateUserPoolClientRequest{ClientName: fmt.Sprint(i)}, ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.CreateBranding(t.Context(), c, &wire.CreateManagedLoginBrandingRequest{UseCognitoProvidedValues: new(true)}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.brand("")
	wantError(t, err, userpool.LimitExceeded, "Managed login branding style limit exceeded.")
}

func TestStylesNeedAPlan(t *testing.T) {
	styled := newWorld(t)
	styled.pool(nil)
	styled.client(nil)
	if _, err := styled.brand(""); err != nil {
		t.Fatal(err)
	}
	wantError(t, styled.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = wire.UserPoolTierTypeLite }), userpool.FeatureUnavailableInTier,
		"The following features need to be disabled for the LITE pricing tier configured: Managed Login Version 2")

	w := newWorld(t)
	w.pool(func(in *wire.CreateUserPoolRequest) { in.UserPoolTier = wire.UserPoolTierTypeLite })
	w.client(nil)
	_, err := w.brand("")
	wantError(t, err, userpool.InvalidParameter, "The following feature is not available for the LITE pricing tier configured: Managed Login Branding")
}
