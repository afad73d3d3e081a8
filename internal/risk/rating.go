package risk

import (
	"net/netip"
	"slices"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// What a sign-in is rated by: points for what is unusual of it, beside the newest events of the user. The service keeps
// its own rules to itself; these are few, and each can be explained.
const (
	newDevice      = 20 // that did not sign the user in within deviceWindow
	newNetwork     = 15 // that did not sign the user in as far as is remembered
	manyFailures   = 20 // failuresMany or more wrong passwords within failureWindow
	doubtfulDevice = 20 // what the app says of the device is signed badly, or old
	feltInvalid    = 50 // an event of the same device or network was not the user
	feltValid      = -40
	lowFrom        = 20 // points from which a sign-in has each level
	mediumFrom     = 40
	highFrom       = 70

	deviceWindow  = 30 * 24 * time.Hour
	failureWindow = time.Hour
	failuresMany  = 3
	remembered    = 50 // events of the user, the newest
)

// level rates a sign-in; former are the user's events, newest first. The first one of a user has nothing to be compared
// with, so it is never above low.
func level(e *userpool.AuthEvent, former []userpool.AuthEvent) wire.RiskLevelType {
	n, first := points(e, former)
	switch {
	case n < lowFrom:
		return ""
	case n < mediumFrom || first:
		return wire.RiskLevelTypeLow
	case n < highFrom:
		return wire.RiskLevelTypeMedium
	}
	return wire.RiskLevelTypeHigh
}

func points(e *userpool.AuthEvent, former []userpool.AuthEvent) (n int, first bool) {
	first = true
	failures := 0
	deviceSeen, networkSeen, invalid, valid := false, false, false, false
	for i := range former {
		f := &former[i]
		device, network := sameDevice(f.From, e.From), sameNetwork(f.From.Address, e.From.Address)
		if f.Feedback != nil {
			invalid = invalid || f.Feedback.Value == wire.FeedbackValueTypeInvalid && (device || network)
			valid = valid || f.Feedback.Value == wire.FeedbackValueTypeValid && device && network
		}
		if f.Type != wire.EventTypeSignIn {
			continue
		}
		age := e.Created.Sub(f.Created)
		switch f.Response {
		case wire.EventResponseTypeFail:
			if age <= failureWindow && slices.Contains(f.Challenges, Password(false)) {
				failures++
			}
		case wire.EventResponseTypePass:
			first = false
			deviceSeen = deviceSeen || device && age <= deviceWindow
			networkSeen = networkSeen || network
		}
	}
	for _, signal := range []struct {
		there  bool
		points int
	}{
		{!first && !deviceSeen, newDevice},
		{!first && !networkSeen, newNetwork},
		{failures >= failuresMany, manyFailures},
		{e.From.Doubtful, doubtfulDevice},
		{invalid, feltInvalid},
		{valid, feltValid},
	} {
		if signal.there {
			n += signal.points
		}
	}
	return n, first
}

// sameDevice compares the ids that an app has drawn for its devices, else what the devices say that they are.
func sameDevice(a, b userpool.ClientContext) bool {
	if a.DeviceID != "" || b.DeviceID != "" {
		return a.DeviceID == b.DeviceID
	}
	return a.Program == b.Program && a.System == b.System
}

// sameNetwork compares /24 of IPv4 and /48 of IPv6. Addresses that are not known are alike.
func sameNetwork(a, b string) bool {
	x, errX := network(a)
	y, errY := network(b)
	if errX != nil || errY != nil {
		return errX != nil && errY != nil
	}
	return x == y
}

func network(address string) (netip.Prefix, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = a.Unmap()
	if a.Is4() {
		return a.Prefix(24)
	}
	return a.Prefix(48)
}
