package ledger

import (
	"encoding/base64"
	"io"
	"net/http"
	"testing"
)

// dot is the smallest GIF, which is no format of any image here; onePixel is a PNG.
const (
	dot      = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
	onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

func TestUICustomization(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	all := M{"UserPoolId": pool, "CSS": ".banner-customizable { background-color: red; }", "ImageFile": onePixel}
	w.provoke("SetUICustomization", all, "InvalidParameterException", "the user pool had no domain")
	w.do("CreateUserPoolDomain", M{"UserPoolId": pool, "Domain": "branding"})
	w.provoke("SetUICustomization", with(all, M{"CSS": "body { color: red; }"}), "InvalidParameterException", "the style sheet named an element")
	w.provoke("SetUICustomization", with(all, M{"ImageFile": dot}), "InvalidParameterException", "the logo was neither PNG nor JPEG")
	w.provoke("SetUICustomization", with(all, M{"ClientId": noClient}), "ResourceNotFoundException", "there was no such app client")
	w.provoke("GetUICustomization", M{"UserPoolId": pool, "ClientId": noClient}, "ResourceNotFoundException", "there was no such app client")
	shown := w.do("SetUICustomization", all)["UICustomization"].(M)
	resp, err := http.Get(shown["ImageUrl"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	logo, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || base64.StdEncoding.EncodeToString(logo) != onePixel {
		t.Errorf("the logo is not at its address: %s, %v", resp.Status, err)
	}
}

func TestManagedLoginBranding(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := M{"UserPoolId": pool, "ClientId": w.client(pool, nil)}
	byDefault := with(client, M{"UseCognitoProvidedValues": true})
	for _, operation := range []string{"DescribeManagedLoginBranding", "UpdateManagedLoginBranding", "DeleteManagedLoginBranding"} {
		w.provoke(operation, M{"UserPoolId": pool, "ManagedLoginBrandingId": noUUID}, "ResourceNotFoundException", "there was no such style")
	}
	w.provoke("DescribeManagedLoginBrandingByClient", client, "ResourceNotFoundException", "the app client had no style")
	w.provoke("CreateManagedLoginBranding", with(client, M{"ClientId": noClient, "UseCognitoProvidedValues": true}), "ResourceNotFoundException", "there was no such app client")
	w.provoke("CreateManagedLoginBranding", with(byDefault, M{"Settings": M{}}), "InvalidParameterException", "both the default and settings were asked for")
	asset := M{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": dot}
	w.provoke("CreateManagedLoginBranding", with(byDefault, M{"Assets": L{asset}}), "InvalidParameterException", "a PNG was none")
	id := w.do("CreateManagedLoginBranding", byDefault)["ManagedLoginBranding"].(M)["ManagedLoginBrandingId"]
	w.provoke("CreateManagedLoginBranding", byDefault, "ManagedLoginBrandingExistsException", "the app client had a style")
	style := M{"UserPoolId": pool, "ManagedLoginBrandingId": id}
	w.provoke("UpdateManagedLoginBranding", with(style, M{"Assets": L{asset}}), "InvalidParameterException", "a PNG was none")
	update := with(style, M{"Settings": M{"categories": M{"form": M{"displayGraphics": false}}}})
	w.race("UpdateManagedLoginBranding", func(int) M { return update }, "ConcurrentModificationException", "two changed the style at the same time")
	w.raceAmong("DeleteManagedLoginBranding", func() []rival {
		if out, exception, _ := w.call("CreateManagedLoginBranding", byDefault); exception == "" {
			style = M{"UserPoolId": pool, "ManagedLoginBrandingId": out["ManagedLoginBranding"].(M)["ManagedLoginBrandingId"]}
		}
		change := rival{"UpdateManagedLoginBranding", with(style, M{"UseCognitoProvidedValues": true})}
		return []rival{change, change, change, {"DeleteManagedLoginBranding", style}, change, change}
	}, "ConcurrentModificationException", "another changed the style at the same time")
	full := w.pool(nil)
	for range 20 {
		w.do("CreateManagedLoginBranding", M{"UserPoolId": full, "ClientId": w.client(full, nil), "UseCognitoProvidedValues": true})
	}
	w.provoke("CreateManagedLoginBranding", M{"UserPoolId": full, "ClientId": w.client(full, nil), "UseCognitoProvidedValues": true},
		"LimitExceededException", "there were twenty styles")
}
