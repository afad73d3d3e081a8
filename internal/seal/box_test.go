package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestDataKey(t *testing.T) {
	box := NewBox(NewKey())
	wrapped, err := box.NewDataKey(7)
	if err != nil {
		t.Fatal(err)
	}
	if len(wrapped) != 81 {
		t.Errorf("a wrapped key has %d bytes", len(wrapped))
	}
	if _, err := box.DataKey(7, wrapped); err != nil {
		t.Error(err)
	}
	for _, pool := range []int64{0, -1, 8} {
		if _, err := box.DataKey(pool, wrapped); !errors.Is(err, ErrOpen) {
			t.Errorf("pool %d: %v", pool, err)
		}
	}
	if _, err := NewBox(NewKey()).DataKey(7, wrapped); !errors.Is(err, ErrOpen) {
		t.Errorf("another master key: %v", err)
	}
	if _, err := box.DataKey(7, box.Check()); !errors.Is(err, ErrOpen) {
		t.Errorf("a check in its place: %v", err)
	}
	for i := range wrapped {
		damaged := bytes.Clone(wrapped)
		damaged[i] ^= 1
		if _, err := box.DataKey(7, damaged); !errors.Is(err, ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := box.DataKey(7, wrapped[:i]); !errors.Is(err, ErrOpen) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	for _, pool := range []int64{0, -1} {
		if _, err := box.NewDataKey(pool); err == nil {
			t.Errorf("pool %d got a data key", pool)
		}
	}
}

func TestServerKeyComesFromMasterKey(t *testing.T) {
	k := NewKey()
	place := Place{Table: "access_keys", Column: "secret", Row: "1"}
	sealed := NewBox(k).ServerKey().Seal(place, []byte("secret"))
	if got, err := NewBox(k).ServerKey().Open(place, sealed); err != nil || string(got) != "secret" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := NewBox(NewKey()).ServerKey().Open(place, sealed); !errors.Is(err, ErrOpen) {
		t.Errorf("another master key: %v", err)
	}
}

func TestCheck(t *testing.T) {
	k, other := NewKey(), NewKey()
	check := NewBox(k).Check()
	if err := NewBox(k).VerifyCheck(check); err != nil {
		t.Error(err)
	}
	err := NewBox(other).VerifyCheck(check)
	if !errors.Is(err, ErrOtherKey) || !strings.Contains(err.Error(), k.ID()) || !strings.Contains(err.Error(), other.ID()) {
		t.Errorf("another key: %v", err)
	}
	for i := range check {
		damaged := bytes.Clone(check)
		damaged[i] ^= 1
		if err := NewBox(k).VerifyCheck(damaged); !errors.Is(err, ErrOpen) && !errors.Is(err, ErrOtherKey) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if err := NewBox(k).VerifyCheck(check[:i]); !errors.Is(err, ErrOpen) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
}
