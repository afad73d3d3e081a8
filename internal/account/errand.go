package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// errand is a code that a public operation sends to whom it names.
type errand struct {
	purpose  userpool.CodePurpose
	occasion userpool.MessagePurpose
	counters []userpool.AttemptKind // of the person; the first one counts by address too
	possible []string               // attributes that it may go to, for a stand-in
	event    wire.EventType
	// channel chooses the attribute, or says why there is none and whether a client that hides who exists
	// is told.
	channel func(*userpool.Pool, *userpool.User) (attribute string, hide bool, err error)
}

// sendToPerson stores a code and sends it. Where the client hides who exists, the answer is given before
// the message is sent, and strangers get the same one.
func (s *Service) sendToPerson(ctx context.Context, client *userpool.Client, name string, e errand) (*userpool.Delivery, error) {
	pool := client.Pool
	inBackground := false
	if client.HidesExistence() {
		if !s.background.reserve() {
			return nil, userpool.Overloaded()
		}
		defer func() {
			if !inBackground {
				s.background.release()
			}
		}()
	}
	p, err := s.person(ctx, client, name)
	if err != nil {
		return nil, err
	}
	l := s.newLetter(pool, client.ID, e.purpose, e.occasion)
	if p, err = s.address(ctx, p, e, &l); err != nil {
		return nil, err
	}
	if err := s.canSend(pool, l.message.Medium, e.occasion); err != nil {
		return nil, err
	}
	var counters []userpool.AttemptKey
	for _, kind := range e.counters {
		counters = append(counters, p.counters(kind)...)
	}
	address := l.code.Destination
	if p.user == nil { // nothing is sent there, and a made-up address may be somebody's
		address = p.shadow
	}
	byAddress, err := s.addressCounter(ctx, pool, e.counters[0], address)
	if err != nil {
		return nil, err
	}
	counters = append(counters, byAddress)
	now := l.code.Created
	event := p.newEvent(ctx, e.event, now)
	stored := false
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		u, err := p.again(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.count(ctx, tx, now, counters...); err != nil {
			return err
		}
		if err := event.Record(ctx, tx, wire.EventResponseTypePass); err != nil {
			return err
		}
		if p.hidden() {
			if err := p.tell(ctx, tx, e.purpose, now); err != nil {
				return err
			}
		}
		if stored = u != nil; stored {
			attribute, _, err := e.channel(pool, u)
			if err != nil {
				return err
			}
			l.to(u, attribute, u.Attributes.Get(attribute))
		} else {
			l.code.User = p.standInKey()
		}
		return tx.PutCode(ctx, &l.code)
	})
	if err != nil {
		return nil, err
	}
	switch {
	case !p.hidden():
		if err := s.deliver(ctx, l); err != nil {
			return nil, err
		}
	case stored:
		inBackground = true
		s.deliverLater(ctx, l)
	}
	return l.delivery(), nil
}

// address addresses the letter to the person, who becomes a stand-in where the reason is hidden.
func (s *Service) address(ctx context.Context, p person, e errand, l *letter) (person, error) {
	if p.user != nil {
		attribute, hide, err := e.channel(p.client.Pool, p.user)
		if err == nil {
			l.to(p.user, attribute, p.user.Attributes.Get(attribute))
			if err = s.canSend(p.client.Pool, l.message.Medium, e.occasion); err == nil || !p.hidden() {
				return p, err
			}
			hide = true // for a stranger another way may be imagined
			s.logRefused(ctx, *l, err)
		}
		if !hide {
			return p, err
		}
		if p, err = p.standIn(err); err != nil {
			return p, err
		}
	}
	attribute, address, err := s.imagined(ctx, p, e.occasion, e.possible)
	l.to(&userpool.User{Key: p.key()}, attribute, address)
	return p, err
}

// deliverLater delivers on a reserved place, after the answer.
func (s *Service) deliverLater(ctx context.Context, l letter) {
	ctx = context.WithoutCancel(ctx)
	s.background.run(func() {
		defer func() {
			if r := recover(); r != nil { // its text might quote the message
				s.Log.ErrorContext(ctx, "delivering a message panicked", slog.String("panic", fmt.Sprintf("%T", r)),
					slog.String("stack", string(debug.Stack())))
			}
		}()
		if err := s.deliver(ctx, l); err != nil {
			s.logRefused(ctx, l, err)
		}
	})
}

// canSend says why the pool cannot send that message, if so.
func (s *Service) canSend(pool *userpool.Pool, medium userpool.Medium, occasion userpool.MessagePurpose) error {
	if err := pool.InvokeFor(medium); err != nil {
		return err
	}
	return s.Messenger.CanSend(pool, medium, occasion)
}

// logRefused notes a refusal that nobody is told of.
func (s *Service) logRefused(ctx context.Context, l letter, err error) {
	s.Log.WarnContext(ctx, "message was not accepted", slog.String("pool", l.message.Pool.ID),
		slog.String("purpose", string(l.message.Purpose)), slog.String("medium", string(l.message.Medium)),
		slog.String("reason", reason(err)))
}

// reason is what may be logged of a refused message: no address, and nothing that quotes one.
func reason(err error) string {
	if told, ok := errors.AsType[*userpool.Error](err); ok {
		return string(told.Code)
	}
	return "internal"
}
