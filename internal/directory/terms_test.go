package directory

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func (w *world) tryTerms(client *userpool.Client, name string, links map[string]string) (*wire.TermsType, error) {
	return w.CreateTerms(w.t.Context(), client, &wire.CreateTermsRequest{
		TermsName: name, TermsSource: wire.TermsSourceTypeLink, Enforcement: wire.TermsEnforcementTypeNone, Links: links,
	})
}

// terms makes a terms document of the client.
func (w *world) terms(client *userpool.Client, name string) *wire.TermsType {
	w.t.Helper()
	terms, err := w.tryTerms(client, name, map[string]string{"cognito:default": "https://example.com/" + name})
	if err != nil {
		w.t.Fatal(err)
	}
	return terms
}

func TestTermsOfAClient(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	c := w.client(nil)
	made := w.terms(c, "terms-of-use")
	privacy := w.terms(c, "privacy-policy")
	_, err := w.tryTerms(c, "terms-of-use", made.Links)
	wantError(t, err, userpool.TermsExists, "")
	_, err = w.UpdateTerms(t.Context(), p, &wire.UpdateTermsRequest{TermsID: privacy.TermsID, TermsName: "terms-of-use"})
	wantError(t, err, userpool.TermsExists, "")

	w.clock = w.clock.Add(1e9)
	french := map[string]string{"cognito:french": "https://example.com/fr"}
	if _, err := w.UpdateTerms(t.Context(), p, &wire.UpdateTermsRequest{TermsID: made.TermsID, Links: french}); err != nil {
		t.Fatal(err)
	}
	want := *made
	want.Links, want.LastModifiedDate = french, wire.NewTimestamp(w.clock)
	for how, read := range map[string]func() (*wire.TermsType, error){
		"by id":     func() (*wire.TermsType, error) { return w.Terms(t.Context(), p, made.TermsID) },
		"by client": func() (*wire.TermsType, error) { return w.ClientTerms(t.Context(), c, "terms-of-use") },
	} {
		got, err := read()
		if diff := cmp.Diff(&want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", how, err, diff)
		}
	}
	if err := w.DeleteTerms(t.Context(), p, made.TermsID); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.DeleteTerms(t.Context(), p, made.TermsID), userpool.ResourceNotFound, "")
	if _, err := w.UpdateTerms(t.Context(), p, &wire.UpdateTermsRequest{TermsID: privacy.TermsID, TermsName: "terms-of-use"}); err != nil {
		t.Errorf("a name that became free: %v", err)
	}
	if err := w.DeleteClient(t.Context(), w.readClient()); err != nil {
		t.Fatal(err)
	}
	_, err = w.Terms(t.Context(), p, privacy.TermsID)
	wantError(t, err, userpool.ResourceNotFound, "")
}

func TestTermsLinks(t *testing.T) {
	w := newWorld(t)
	w.pool(nil)
	c := w.client(nil)
	for _, link := range []string{"example.com", "/terms", "javascript:alert(1)", "ftp://example.com/", "https:///terms", "%"} {
		_, err := w.tryTerms(c, "terms-of-use", map[string]string{"cognito:default": link})
		wantError(t, err, userpool.InvalidParameter, "The link for cognito:default is not a valid URL.")
	}
	_, err := w.tryTerms(c, "terms-of-use", nil)
	wantError(t, err, userpool.InvalidParameter, "Links must have at least one entry.")
}

func TestListTerms(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	for i := range termsQuota / 2 {
		c, err := w.CreateClient(t.Context(), p, &wire.CreateUserPoolClientRequest{ClientName: fmt.Sprint(i)}, ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.terms(c, "terms-of-use")
		w.terms(c, "privacy-policy")
	}
	_, err := w.tryTerms(w.client(nil), "terms-of-use", map[string]string{"cognito:default": "https://example.com/"})
	wantError(t, err, userpool.LimitExceeded, "Terms limit exceeded.")
	first, next, err := w.ListTerms(t.Context(), p, &wire.ListTermsRequest{MaxResults: new(int32(30))})
	if err != nil || len(first) != 30 || next == "" || first[0].Enforcement != "NONE" {
		t.Fatalf("got %d, next %q, %v", len(first), next, err)
	}
	rest, next, err := w.ListTerms(t.Context(), p, &wire.ListTermsRequest{NextToken: next})
	if err != nil || len(rest) != 10 || next != "" {
		t.Errorf("got %d, next %q, %v", len(rest), next, err)
	}
}
