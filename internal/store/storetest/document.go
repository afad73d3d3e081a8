package storetest

import (
	"fmt"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func (h *house) newDocument(id string) *userpool.Document {
	return &userpool.Document{
		Pool: h.pool.Number, Kind: userpool.IdentityProviders, ID: id, Content: []byte(`{"a":"b"}`),
		Created: h.clock.Now(), Modified: h.clock.Now(),
	}
}

func testDocuments(h *house) {
	d := h.newDocument("one")
	d.Client, d.Secrets = h.client.ID, map[string]string{"client_secret": "planted"}
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, d) })
	got := must[*userpool.Document](h)(h.Document(h.ctx, h.pool.Number, userpool.IdentityProviders, "one"))
	h.equal("a document as it was stored", got, d)
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, h.newDocument("one")) })

	_, err := h.Document(h.ctx, h.pool.Number, userpool.Domains, "one")
	h.missing("a document of another kind", err)

	old := *got
	got.Content, got.Secrets, got.Modified = []byte(`{}`), nil, h.clock.Now().Add(time.Minute)
	h.write(func(tx userpool.Tx) error { return tx.UpdateDocument(h.ctx, got) })
	again := must[*userpool.Document](h)(h.Document(h.ctx, h.pool.Number, userpool.IdentityProviders, "one"))
	h.equal("a changed document", again, got)
	if again.Version != 2 {
		h.t.Errorf("the version is %d after a change, want 2", again.Version)
	}
	h.refused(userpool.ErrVersion, func(tx userpool.Tx) error { return tx.UpdateDocument(h.ctx, &old) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.UpdateDocument(h.ctx, h.newDocument("none")) })

	other := h.newDocument("two")
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, other) })
	h.write(func(tx userpool.Tx) error { return tx.DeleteClientDocuments(h.ctx, h.pool.Number, h.client.ID) })
	if n := must[int](h)(h.CountDocuments(h.ctx, h.pool.Number, userpool.IdentityProviders)); n != 1 {
		h.t.Errorf("%d documents after those of a client were deleted, want 1", n)
	}
	h.write(func(tx userpool.Tx) error {
		return tx.DeleteDocument(h.ctx, h.pool.Number, userpool.IdentityProviders, "two")
	})
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error {
		return tx.DeleteDocument(h.ctx, h.pool.Number, userpool.IdentityProviders, "two")
	})

	account := &userpool.Document{Pool: userpool.AccountPool, Kind: userpool.ProvisionedLimits, ID: "x", Content: []byte(`{}`),
		Created: h.clock.Now(), Modified: h.clock.Now()}
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, account) })
	must[*userpool.Document](h)(h.Document(h.ctx, userpool.AccountPool, userpool.ProvisionedLimits, "x"))

	// A deleted pool takes no more, and what it had is swept.
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, h.newDocument("three")) })
	h.write(func(tx userpool.Tx) error { return tx.DeletePool(h.ctx, h.pool.Number, h.clock.Now()) })
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, h.newDocument("four")) })
	must[int](h)(h.Sweep(h.ctx))
	if n := must[int](h)(h.CountDocuments(h.ctx, h.pool.Number, userpool.IdentityProviders)); n != 0 {
		h.t.Errorf("%d documents of a deleted pool are left after a sweep", n)
	}
}

func testDocumentNames(h *house) {
	d := h.newDocument("one")
	d.Names, d.Global = []string{"a.example", "b.example"}, []string{"everywhere"}
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, d) })
	got := must[*userpool.Document](h)(h.NamedDocument(h.ctx, h.pool.Number, d.Kind, "b.example"))
	h.equal("a document by its name", got, d)
	must[*userpool.Document](h)(h.GlobalDocument(h.ctx, d.Kind, "everywhere"))
	_, err := h.GlobalDocument(h.ctx, d.Kind, "a.example")
	h.missing("a pool's name everywhere", err)

	taken := h.newDocument("two")
	taken.Names = []string{"a.example"}
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, taken) })
	_, err = h.Document(h.ctx, h.pool.Number, d.Kind, "two")
	h.missing("a document whose name was taken", err)

	elsewhere := h.newDocument("one")
	elsewhere.Pool, elsewhere.Names = h.newPool("us-east-1_other").Number, []string{"a.example"}
	h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, elsewhere) })
	elsewhere.Global = []string{"everywhere"}
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.UpdateDocument(h.ctx, elsewhere) })

	got.Names, got.Global = []string{"c.example"}, nil
	h.write(func(tx userpool.Tx) error { return tx.UpdateDocument(h.ctx, got) })
	_, err = h.NamedDocument(h.ctx, h.pool.Number, d.Kind, "a.example")
	h.missing("a name that was taken away", err)
	h.write(func(tx userpool.Tx) error { return tx.DeleteDocument(h.ctx, h.pool.Number, d.Kind, "one") })
	_, err = h.NamedDocument(h.ctx, h.pool.Number, d.Kind, "c.example")
	h.missing("a name of a deleted document", err)
}

func testDocumentList(h *house) {
	var want []string
	for i := range 5 {
		d := h.newDocument(fmt.Sprint("d", i))
		if i%2 == 0 {
			d.Client = h.client.ID
		}
		h.write(func(tx userpool.Tx) error { return tx.CreateDocument(h.ctx, d) })
		want = append(want, d.ID)
	}
	for _, limit := range []int{1, 2, 5, 60} {
		var got []string
		page := userpool.Page{Limit: limit}
		for {
			documents, next, err := h.Documents(h.ctx, h.pool.Number, userpool.IdentityProviders, page)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, d := range documents {
				got = append(got, d.ID)
			}
			if next == "" {
				break
			}
			page.After = next
		}
		h.equal(fmt.Sprintf("documents by pages of %d", limit), got, want)
	}
	if of := must[[]*userpool.Document](h)(h.ClientDocuments(h.ctx, h.pool.Number, userpool.IdentityProviders, h.client.ID)); len(of) != 3 {
		h.t.Errorf("%d documents of the client, want 3", len(of))
	}
}
