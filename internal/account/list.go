package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

const (
	listLimit    = 60
	listTokenFor = time.Hour

	listTokenPurpose = "list of users"
	listTokenSize    = 4096 // characters; ours have less, since a mark holds part of a value
)

// List says which users are wanted (ListUsers).
type List struct {
	Pool       *userpool.Pool
	Filter     string
	Attributes []string // that are to be shown; nil for all
	Limit      int      // 0 for as many as a page can have
	Token      string   // of the page before
}

// List gives a page of users, and the token of the next page, "" on the last one.
//
// Error: InvalidParameter (filter, attributes, token).
func (s *Service) List(ctx context.Context, in List) (users []*userpool.User, token string, err error) {
	search, err := parseFilter(in.Filter)
	if err != nil {
		return nil, "", err
	}
	for _, name := range in.Attributes {
		if in.Pool.Attribute(name) == nil {
			return nil, "", userpool.NewError(userpool.InvalidParameter, "One or more requested attributes do not exist.")
		}
	}
	if search.By == userpool.SearchUsername {
		search.Value = in.Pool.Fold(search.Value)
	}
	if search.Limit = in.Limit; search.Limit == 0 {
		search.Limit = listLimit
	}
	if search.After, err = s.openListToken(ctx, in); err != nil {
		return nil, "", err
	}
	users, next, err := s.Store.Users(ctx, in.Pool.Number, search)
	if err != nil || next == (userpool.UserMark{}) {
		return users, "", err
	}
	token, err = s.sealListToken(ctx, in, next)
	return users, token, err
}

// listToken is where a list goes on. It is sealed, because a mark holds an address or a name.
type listToken struct {
	Mark    userpool.UserMark
	Asked   [32]byte // what the list was asked for
	Expires int64    // Unix time
}

// asked identifies the list: its filter and its attributes. The limit may change.
func (in List) asked() [32]byte {
	text, err := json.Marshal([]any{in.Filter, in.Attributes == nil, in.Attributes})
	if err != nil {
		return [32]byte{} // not text, which matches nothing that was sealed
	}
	return sha256.Sum256(text)
}

func (s *Service) sealListToken(ctx context.Context, in List, next userpool.UserMark) (string, error) {
	plain, err := json.Marshal(listToken{next, in.asked(), s.now().Add(listTokenFor).Unix()})
	if err != nil {
		return "", err
	}
	sealed, err := s.Sealer.Seal(ctx, in.Pool.Number, listTokenPurpose, plain)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// openListToken gives the mark of a token, the zero mark without one.
func (s *Service) openListToken(ctx context.Context, in List) (mark userpool.UserMark, err error) {
	if in.Token == "" {
		return mark, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(in.Token)
	if err != nil || len(in.Token) > listTokenSize {
		return mark, userpool.ForeignToken(in.Token)
	}
	plain, err := s.Sealer.Open(ctx, in.Pool.Number, listTokenPurpose, sealed)
	if err != nil {
		return mark, userpool.OrNotFound(err, userpool.ForeignToken(in.Token))
	}
	var t listToken
	if err := json.Unmarshal(plain, &t); err != nil {
		return mark, err
	}
	if t.Asked != in.asked() || s.now().Unix() >= t.Expires {
		return mark, userpool.ForeignToken(in.Token)
	}
	return t.Mark, nil
}
