package directory

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"path"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const sheet = ".legalText-customizable { color: red; }"

func pngImage(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegImage(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 1)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) customize(client, css string, logo []byte) error {
	_, err := w.Customize(w.t.Context(), w.stored(), &wire.SetUICustomizationRequest{ClientID: client, CSS: css, ImageFile: logo})
	return err
}

func (w *world) customization(client string) *wire.UICustomizationType {
	w.t.Helper()
	c, err := w.Customization(w.t.Context(), w.stored(), client)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestCustomizationOfTheClassicPages(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.client(nil)
	wantError(t, w.customize("", sheet, nil), userpool.InvalidParameter, "There has to be an existing domain associated with this user pool")
	w.domain("books")
	wantJSON(t, w.customization(clientID), []byte(`{}`))

	if err := w.customize("", sheet, pngImage(t)); err != nil {
		t.Fatal(err)
	}
	shared := w.customization(clientID)
	if shared.ClientID != "ALL" || shared.CSS != sheet || shared.CSSVersion != "20260301120000" || !strings.HasPrefix(shared.ImageURL, w.PublicURL+"/_poolhouse/assets/"+poolID+"/ALL/") {
		t.Errorf("a client without its own has %+v", shared)
	}
	if err := w.customize(clientID, "", jpegImage(t)); err != nil {
		t.Fatal(err)
	}
	own := w.customization(clientID)
	if own.ClientID != clientID || own.CSS != "" {
		t.Errorf("the client's own is %+v", own)
	}
	for _, shown := range []struct {
		*wire.UICustomizationType
		mediaType string
		image     []byte
	}{{shared, "image/png", pngImage(t)}, {own, "image/jpeg", jpegImage(t)}} {
		got, mediaType, err := w.Logo(t.Context(), poolID, shown.ClientID, path.Base(shown.ImageURL))
		if err != nil || mediaType != shown.mediaType || !bytes.Equal(got, shown.image) {
			t.Errorf("%s: got %s, %v", shown.ImageURL, mediaType, err)
		}
	}
	// Both go together: a style sheet alone takes the logo away.
	if err := w.customize("", sheet, nil); err != nil {
		t.Fatal(err)
	}
	if got := w.customization("").ImageURL; got != "" {
		t.Errorf("the logo is still at %s", got)
	}
	_, _, err := w.Logo(t.Context(), poolID, "ALL", path.Base(shared.ImageURL))
	wantError(t, err, userpool.ResourceNotFound, "")
	// Neither takes the customization away.
	if err := w.customize(clientID, "", nil); err != nil {
		t.Fatal(err)
	}
	if got := w.customization(clientID).ClientID; got != "ALL" {
		t.Errorf("the client still has that of %s", got)
	}
	_, err = w.Customization(t.Context(), p, "nobodys")
	wantError(t, err, userpool.ResourceNotFound, userpool.NoSuchClient("nobodys").Message)
}

func TestLogosThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	w.domain("books")
	wantError(t, w.customize("", "", make([]byte, customizationLimit*3/4+3)), userpool.InvalidParameter, "request parameters too large")
	for name, logo := range map[string][]byte{
		"text":      []byte("logo"),
		"markup":    []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"too large": append(pngImage(t), make([]byte, logoLimit)...),
	} {
		if err := w.customize("", "", logo); !userpool.IsCode(err, userpool.InvalidParameter) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
