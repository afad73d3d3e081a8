package userpool

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
)

// checksumSize is how many bytes of a NextToken bind it to its list.
const checksumSize = 8

// pageSize is the page of a list whose request names none.
const pageSize = 60

// PageSize is how many items a request asks for in which zero stands for the default.
func PageSize(limit *int32) int {
	if limit == nil || *limit == 0 {
		return pageSize
	}
	return int(*limit)
}

// NextToken makes the NextToken of a list from the last key seen. The scope is the operation and the
// parameters to which the token is bound. It hides nothing: a key is an id that the list has shown.
func NextToken(key string, scope ...string) string {
	if key == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(checksum(key, scope), key...))
}

// ReadToken gives the key of a NextToken, "" for an absent one, and refuses a token of another scope.
func ReadToken(token string, scope ...string) (string, error) {
	if token == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= checksumSize {
		return "", ForeignToken(token)
	}
	key := string(raw[checksumSize:])
	if subtle.ConstantTimeCompare(raw[:checksumSize], checksum(key, scope)) != 1 {
		return "", ForeignToken(token)
	}
	return key, nil
}

func checksum(key string, scope []string) []byte {
	h := sha256.New()
	for _, part := range append([]string{key}, scope...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)[:checksumSize]
}

// ForeignToken refuses a token of another list; one longer than ours can be is not repeated in full.
func ForeignToken(token string) *Error {
	const longest = 256
	if len(token) > longest {
		token = token[:longest] + "…"
	}
	return NewError(InvalidParameter, "Paging marker "+token+" is invalid for this request")
}
