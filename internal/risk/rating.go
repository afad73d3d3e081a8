package risk

import (
	"net/netip"
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
	remembered    = 30 // of the user's telling events, the newest
)

// level rates a sign-in. The first one of a user has nothing to be compared with, so it is never above low.
func level(e *userpool.AuthEvent, h userpool.SignInHistory) wire.RiskLevelType {
	n, first := points(e, h)
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

func points(e *userpool.AuthEvent, h userpool.SignInHistory) (n int, first bool) {
	first = true
	deviceSeen, networkSeen, invalid, valid := false, false, false, false
	for i := range h.Telling {
		f := &h.Telling[i]
		device, network := sameDevice(f.From, e.From), sameNetwork(f.From.Address, e.From.Address)
		if f.Feedback != nil {
			invalid = invalid || f.Feedback.Value == wire.FeedbackValueTypeInvalid && (device || network)
			valid = valid || f.Feedback.Value == wire.FeedbackValueTypeValid && device && network
		}
		if f.Type == wire.EventTypeSignIn && f.Response == wire.EventResponseTypePass {
			first = false
			deviceSeen = deviceSeen || device && e.Created.Sub(f.Created) <= deviceWindow
			networkSeen = networkSeen || network
		}
	}
	for _, signal := range []struct {
		there  bool
		points int
	}{
		{!first && !deviceSeen, newDevice},
		{!first && !networkSeen, newNetwork},
		{h.Failures >= failuresMany, manyFailures},
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
