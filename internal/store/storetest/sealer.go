package storetest

import (
	"bytes"
	"slices"
)

func testSealer(h *house) {
	other := h.newPool("us-east-1_other")
	text := []byte("a challenge")
	sealed := must[[]byte](h)(h.Seal(h.ctx, h.pool.Number, "session", text))
	if bytes.Contains(sealed, text) {
		h.t.Error("the seal holds the text")
	}
	if got := must[[]byte](h)(h.Open(h.ctx, h.pool.Number, "session", sealed)); !bytes.Equal(got, text) {
		h.t.Errorf("opened %q", got)
	}
	damaged := slices.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for _, tt := range []struct {
		name    string
		pool    int64
		purpose string
		sealed  []byte
	}{
		{"another pool", other.Number, "session", sealed},
		{"another purpose", h.pool.Number, "block", sealed},
		{"damaged", h.pool.Number, "session", damaged},
		{"cut", h.pool.Number, "session", sealed[:10]},
		{"nothing", h.pool.Number, "session", nil},
		{"unknown pool", 1, "session", sealed},
	} {
		_, err := h.Open(h.ctx, tt.pool, tt.purpose, tt.sealed)
		h.missing(tt.name, err)
	}

	mac := func(pool int64, purpose string, parts ...string) [32]byte {
		h.t.Helper()
		return must[[32]byte](h)(h.MAC(h.ctx, pool, purpose, parts...))
	}
	sum := mac(h.pool.Number, "name", "a", "bc")
	if sum != mac(h.pool.Number, "name", "a", "bc") {
		h.t.Error("two keyed hashes of the same differ")
	}
	for _, different := range [][32]byte{mac(other.Number, "name", "a", "bc"), mac(h.pool.Number, "other", "a", "bc"),
		mac(h.pool.Number, "name", "ab", "c"), mac(h.pool.Number, "name", "abc")} {
		if different == sum {
			h.t.Error("keyed hashes of different things are the same")
		}
	}
	_, err := h.Seal(h.ctx, 1, "session", text)
	h.missing("sealing for an unknown pool", err)
	_, err = h.MAC(h.ctx, 1, "session")
	h.missing("hashing for an unknown pool", err)
}
