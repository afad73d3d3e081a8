package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/seal"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

var (
	readCodes = newStatement("read codes",
		`SELECT id, attribute, content, created, expires FROM codes
		WHERE pool_number = $1 AND user_number = $2 AND purpose = $3 AND ($4 = '' OR attribute = $4) ORDER BY sequence DESC`)
	lastCode = newStatement("number a code",
		`SELECT coalesce(max(sequence), 0) FROM codes WHERE pool_number = $1 AND user_number = $2`)
	deleteCodesOfUser = newStatement("remove all codes of a user",
		`DELETE FROM codes WHERE pool_number = $1 AND user_number = $2`)
	insertCode = newStatement("store a code",
		`INSERT INTO codes (pool_number, user_number, sequence, id, purpose, attribute, content, created, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	deleteCode = newStatement("remove a code",
		`DELETE FROM codes WHERE pool_number = $1 AND user_number = $2 AND id = $3`)
	deleteCodes = newStatement("remove codes",
		`DELETE FROM codes WHERE pool_number = $1 AND user_number = $2 AND purpose = $3 AND ($4 = '' OR attribute = $4)`)
	deleteOlderCodes = newStatement("remove older codes",
		`DELETE FROM codes WHERE pool_number = $1 AND user_number = $2 AND purpose = $3 AND ($4 = '' OR attribute = $4)
		AND sequence < (SELECT k.sequence FROM codes k WHERE k.pool_number = $1 AND k.user_number = $2 AND k.id = $5)`)
)

// codeContent is what is sealed of a code. The address goes with the value, so that it stands nowhere in clear.
type codeContent struct {
	Value       string `json:"value"`
	Destination string `json:"destination"`
}

func codePlace(key userpool.UserKey, id string) seal.Place {
	return seal.Place{Table: "codes", Column: "content", Pool: key.Pool, Row: strconv.FormatInt(key.User, 10) + "/" + id}
}

// Codes implements userpool.UserReader.
func (r reads) Codes(ctx context.Context, key userpool.UserKey, purpose userpool.CodePurpose, attribute string) ([]userpool.Code, error) {
	var codes []userpool.Code
	var sealed [][]byte
	err := r.list(ctx, readCodes, []any{key.Pool, key.User, string(purpose), attribute}, func(scan scanner) error {
		c := userpool.Code{User: key, Purpose: purpose}
		var content []byte
		var created, expires int64
		if err := scan(&c.ID, &c.Attribute, &content, &created, &expires); err != nil {
			return err
		}
		c.Created, c.Expires = fromMicros(created), fromMicros(expires)
		codes, sealed = append(codes, c), append(sealed, content)
		return nil
	})
	if err != nil || len(codes) == 0 {
		return nil, err
	}
	data, err := r.dataKey(ctx, key.Pool)
	if err != nil {
		return nil, err
	}
	for i := range codes {
		place := codePlace(key, codes[i].ID)
		text, err := data.Open(place, sealed[i])
		if err != nil {
			return nil, opening(place, err)
		}
		var content codeContent
		if err := json.Unmarshal(text, &content); err != nil {
			return nil, fmt.Errorf("store: decode a code: %w", err)
		}
		codes[i].Value, codes[i].Destination = content.Value, content.Destination
	}
	return codes, nil
}

// PutCode implements userpool.UserWriter. ErrNotFound when the user is gone.
func (t *tx) PutCode(ctx context.Context, c *userpool.Code) error {
	if err := t.userThere(ctx, c.User); err != nil {
		return err
	}
	data, err := t.dataKey(ctx, c.User.Pool)
	if err != nil {
		return err
	}
	content, err := json.Marshal(codeContent{c.Value, c.Destination})
	if err != nil {
		return fmt.Errorf("store: encode a code: %w", errNotText)
	}
	var last int64
	if err := t.one(ctx, lastCode, []any{c.User.Pool, c.User.User}, &last); err != nil {
		return err
	}
	_, err = t.exec(ctx, insertCode, c.User.Pool, c.User.User, last+1, c.ID, string(c.Purpose), c.Attribute,
		data.Seal(codePlace(c.User, c.ID), content), micros(c.Created), micros(c.Expires))
	return err
}

// DeleteCode implements userpool.UserWriter.
func (t *tx) DeleteCode(ctx context.Context, key userpool.UserKey, id string) error {
	_, err := t.exec(ctx, deleteCode, key.Pool, key.User, id)
	return err
}

// DeleteCodes implements userpool.UserWriter. When the code to keep is gone, a newer one has replaced it, and
// nothing is removed.
func (t *tx) DeleteCodes(ctx context.Context, key userpool.UserKey, purpose userpool.CodePurpose, attribute, keep string) error {
	if keep == "" {
		_, err := t.exec(ctx, deleteCodes, key.Pool, key.User, string(purpose), attribute)
		return err
	}
	_, err := t.exec(ctx, deleteOlderCodes, key.Pool, key.User, string(purpose), attribute, keep)
	return err
}
