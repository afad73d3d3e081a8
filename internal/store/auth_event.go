package store

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const authEventColumns = `id, created, expires, content`

var (
	authEvent = newStatement("find an event of a user",
		`SELECT `+authEventColumns+` FROM auth_events WHERE pool_number = $1 AND user_number = $2 AND id = $3 AND expires > $4`)
	authEvents = newStatement("list the events of a user",
		`SELECT `+authEventColumns+` FROM auth_events WHERE pool_number = $1 AND user_number = $2 AND id < $3 AND expires > $4
		ORDER BY id DESC LIMIT $5`)
	userThere = newStatement("look whether a user is there",
		`SELECT 1 FROM users WHERE pool_number = $1 AND number = $2`)
	putAuthEvent = newStatement("store an event of a user",
		`INSERT INTO auth_events (pool_number, user_number, `+authEventColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (pool_number, user_number, id) DO UPDATE SET content = excluded.content`).beside()
	updateAuthEvent = newStatement("change an event of a user",
		`UPDATE auth_events SET content = $1 WHERE pool_number = $2 AND user_number = $3 AND id = $4`)
	deleteAuthEventsOfUser = newStatement("remove the events of a user",
		`DELETE FROM auth_events WHERE pool_number = $1 AND user_number = $2`).beside()

	sweepAuthEvents = newStatement("sweep the events of users",
		`DELETE FROM auth_events WHERE (pool_number, user_number, id) IN
		(SELECT pool_number, user_number, id FROM auth_events WHERE expires < $1 ORDER BY expires LIMIT $2)`)
	sweepAuthEventsOfPool = newStatement("sweep the events of the users of a pool",
		`DELETE FROM auth_events WHERE (pool_number, user_number, id) IN
		(SELECT pool_number, user_number, id FROM auth_events WHERE pool_number = $1 LIMIT $2)`)
)

// afterEveryID sorts after every id of an event.
const afterEveryID = "g"

// authEventContent is what is stored of an event beside its key and times.
type authEventContent struct {
	Type       wire.EventType
	Response   wire.EventResponseType
	Challenges []wire.ChallengeResponseType `json:",omitzero"`
	Risk       wire.RiskLevelType           `json:",omitzero"`
	From       userpool.ClientContext       `json:",omitzero"`
	Feedback   *userpool.AuthEventFeedback  `json:",omitzero"`
}

func encodeAuthEvent(e *userpool.AuthEvent) (string, error) {
	return encodeDocument(authEventContent{e.Type, e.Response, e.Challenges, e.Risk, e.From, e.Feedback})
}

// authEventsOf runs a statement that gives events of the user.
func (q *queries) authEventsOf(ctx context.Context, st *statement, user userpool.UserKey, args ...any) (events []userpool.AuthEvent, err error) {
	err = q.list(ctx, st, args, func(scan scanner) error {
		e := userpool.AuthEvent{User: user}
		var created, expires int64
		var text string
		if err := scan(&e.ID, &created, &expires, &text); err != nil {
			return err
		}
		var c authEventContent
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return fmt.Errorf("decode an event of a user: %w", err)
		}
		e.Created, e.Expires = fromMicros(created), fromMicros(expires)
		e.Type, e.Response, e.Challenges, e.Risk, e.From, e.Feedback = c.Type, c.Response, c.Challenges, c.Risk, c.From, c.Feedback
		events = append(events, e)
		return nil
	})
	return events, err
}

// AuthEvent implements userpool.AuthEventReader.
func (r reads) AuthEvent(ctx context.Context, user userpool.UserKey, id string) (*userpool.AuthEvent, error) {
	events, err := r.authEventsOf(ctx, authEvent, user, user.Pool, user.User, id, micros(r.now()))
	if err == nil && len(events) == 0 {
		err = userpool.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &events[0], nil
}

// AuthEvents implements userpool.AuthEventReader.
func (r reads) AuthEvents(ctx context.Context, user userpool.UserKey, before string, limit int) ([]userpool.AuthEvent, error) {
	if before == "" {
		before = afterEveryID
	}
	return r.authEventsOf(ctx, authEvents, user, user.Pool, user.User, before, micros(r.now()), limit)
}

// PutAuthEvent implements userpool.AuthEventWriter. For a stand-in the same is done as for a user.
func (t *tx) PutAuthEvent(ctx context.Context, e *userpool.AuthEvent) error {
	var there int64
	err := t.one(ctx, userThere, []any{e.User.Pool, e.User.User}, &there)
	if err != nil && !isNotFound(err) {
		return err
	}
	if there == 0 && !e.User.IsStandIn() {
		return nil
	}
	content, err := encodeAuthEvent(e)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, putAuthEvent, e.User.Pool, e.User.User, e.ID, micros(e.Created), micros(e.Expires), content)
	return err
}

// UpdateAuthEvent implements userpool.AuthEventWriter.
func (t *tx) UpdateAuthEvent(ctx context.Context, e *userpool.AuthEvent) error {
	content, err := encodeAuthEvent(e)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, updateAuthEvent, content, e.User.Pool, e.User.User, e.ID)
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}
