package storetest

import (
	"strings"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

func testLinks(h *house) {
	make := func(provider, attribute, value string) *userpool.Link {
		return &userpool.Link{User: h.user.Key, Provider: provider, Attribute: attribute, Value: value, ProviderType: "SAML",
			Issuer: "urn:example", Created: h.clock.Now()}
	}
	put := func(l *userpool.Link) {
		h.t.Helper()
		h.write(func(tx userpool.Tx) error { return tx.PutLink(h.ctx, l) })
	}
	find := func(l *userpool.Link) (*userpool.Link, error) {
		return h.Link(h.ctx, l.User.Pool, l.Provider, l.Attribute, l.Value)
	}
	first := make("ADFS", userpool.ProviderSubject, strings.Repeat("ü", 2048)) // longer than an entry of an index can be
	put(first)
	h.equal("a link as it was stored", must[*userpool.Link](h)(find(first)), first)
	john := h.newUser(h.pool, "john")
	taken := *first
	taken.User = john.Key
	h.refused(userpool.ErrExists, func(tx userpool.Tx) error { return tx.PutLink(h.ctx, &taken) })
	for _, other := range []*userpool.Link{make("Google", first.Attribute, first.Value), make("ADFS", "email", first.Value), make("ADFS", first.Attribute, "ü")} {
		_, err := find(other)
		h.missing("another identity", err)
	}

	h.clock.advance(time.Second)
	second := make("ADFS", "email", "jane@example.com")
	second.Profile, second.Issuer = true, ""
	put(second)
	h.equal("the links of a user", must[[]userpool.Link](h)(h.LinksOf(h.ctx, h.user.Key)), []userpool.Link{*first, *second})
	put(make("ADFS", "name", "Jane"))
	put(make("Google", "custom:x", "Jane"))
	h.equal("the attributes of a provider's links", must[[]string](h)(h.LinkAttributes(h.ctx, h.pool.Number, "ADFS", 5)),
		[]string{userpool.ProviderSubject, "email", "name"})
	h.equal("some of them", must[[]string](h)(h.LinkAttributes(h.ctx, h.pool.Number, "ADFS", 1)), []string{userpool.ProviderSubject})

	h.write(func(tx userpool.Tx) error { return tx.DeleteLink(h.ctx, second) })
	_, err := find(second)
	h.missing("a link that was taken away", err)
	h.write(func(tx userpool.Tx) error { return tx.DeleteUser(h.ctx, h.user.Key) })
	_, err = find(first)
	h.missing("a link of a deleted user", err)
	h.refused(userpool.ErrNotFound, func(tx userpool.Tx) error { return tx.PutLink(h.ctx, first) })
}
