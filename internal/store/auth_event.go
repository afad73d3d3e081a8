package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const authEventColumns = `id, created, expires, type, response, challenges, content, feedback`

var (
	authEvents = newStatement("list the events of a user",
		`SELECT `+authEventColumns+` FROM auth_events WHERE pool_number = $1 AND user_number = $2 AND id < $3 AND expires > $4
		ORDER BY id DESC LIMIT $5`)
	tellingEvents = newStatement("list what a sign-in of a user is compared with",
		`SELECT `+authEventColumns+` FROM auth_events WHERE pool_number = $1 AND user_number = $2 AND expires > $3
		AND (type = 'SignIn' AND response = 'Pass' OR feedback <> '') ORDER BY id DESC LIMIT $4`)
	failedSignIns = newStatement("count the failed sign-ins of a user",
		`SELECT count(*) FROM auth_events WHERE pool_number = $1 AND user_number = $2 AND created > $3
		AND type = 'SignIn' AND response = 'Fail' AND challenges = $4`)
	putAuthEvent = newStatement("store an event of a user",
		`INSERT INTO auth_events (pool_number, user_number, `+authEventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')
		ON CONFLICT (pool_number, user_number, id) DO UPDATE SET response = excluded.response, challenges = excluded.challenges`).beside()
	putAuthEventFeedback = newStatement("store the feedback of an event",
		`UPDATE auth_events SET feedback = $1 WHERE pool_number = $2 AND user_number = $3 AND id = $4 AND expires > $5`)
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

// authEventContent is what an event begins with.
type authEventContent struct {
	Risk wire.RiskLevelType     `json:",omitzero"`
	From userpool.ClientContext `json:",omitzero"`
}

// AuthEvents implements userpool.AuthEventReader.
func (r reads) AuthEvents(ctx context.Context, user userpool.UserKey, before string, limit int) ([]userpool.AuthEvent, error) {
	if before == "" {
		before = afterEveryID
	}
	return r.authEventsOf(ctx, authEvents, user, user.Pool, user.User, before, micros(r.now()), limit)
}

// SignInHistory implements userpool.AuthEventReader.
func (r reads) SignInHistory(ctx context.Context, user userpool.UserKey, since time.Time, limit int) (h userpool.SignInHistory, err error) {
	if h.Telling, err = r.authEventsOf(ctx, tellingEvents, user, user.Pool, user.User, micros(r.now()), limit); err != nil {
		return h, err
	}
	wrong, err := encodeDocument([]wire.ChallengeResponseType{{ChallengeName: wire.ChallengeNamePassword, ChallengeResponse: wire.ChallengeResponseFailure}})
	if err != nil {
		return h, err
	}
	err = r.one(ctx, failedSignIns, []any{user.Pool, user.User, micros(since), wrong}, &h.Failures)
	return h, err
}

// authEventsOf runs a statement that gives events of the user.
func (q *queries) authEventsOf(ctx context.Context, st *statement, user userpool.UserKey, args ...any) (events []userpool.AuthEvent, err error) {
	err = q.list(ctx, st, args, func(scan scanner) error {
		e, err := scanAuthEvent(scan)
		e.User = user
		events = append(events, e)
		return err
	})
	return events, err
}

func scanAuthEvent(scan scanner) (e userpool.AuthEvent, err error) {
	var created, expires int64
	var challenges, content, feedback []byte
	if err := scan(&e.ID, &created, &expires, &e.Type, &e.Response, &challenges, &content, &feedback); err != nil {
		return e, err
	}
	e.Created, e.Expires = fromMicros(created), fromMicros(expires)
	var c authEventContent
	err = errors.Join(json.Unmarshal(challenges, &e.Challenges), json.Unmarshal(content, &c))
	if len(feedback) > 0 {
		err = errors.Join(err, json.Unmarshal(feedback, &e.Feedback))
	}
	if err != nil {
		return e, fmt.Errorf("decode an event of a user: %w", err)
	}
	e.Risk, e.From = c.Risk, c.From
	return e, nil
}

// PutAuthEvent implements userpool.AuthEventWriter.
func (t *tx) PutAuthEvent(ctx context.Context, e *userpool.AuthEvent) error {
	if err := t.userThere(ctx, e.User); err != nil {
		if isNotFound(err) {
			return nil
		}
		return err
	}
	challenges, err := encodeDocument(e.Challenges)
	if err != nil {
		return err
	}
	content, err := encodeDocument(authEventContent{e.Risk, e.From})
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, putAuthEvent, e.User.Pool, e.User.User, e.ID, micros(e.Created), micros(e.Expires),
		string(e.Type), string(e.Response), challenges, content)
	return err
}

// PutAuthEventFeedback implements userpool.AuthEventWriter.
func (t *tx) PutAuthEventFeedback(ctx context.Context, user userpool.UserKey, id string, f userpool.AuthEventFeedback) error {
	feedback, err := encodeDocument(f)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, putAuthEventFeedback, feedback, user.Pool, user.User, id, micros(t.now()))
	if err == nil && n == 0 {
		err = userpool.ErrNotFound
	}
	return err
}
