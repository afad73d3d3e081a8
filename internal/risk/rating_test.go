package risk

import (
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func from(address, device string) userpool.ClientContext {
	return userpool.ClientContext{Address: address, DeviceID: device}
}

// signIn is one of that age; with a feedback if there is one.
func signIn(age time.Duration, c userpool.ClientContext, right bool, feedback ...wire.FeedbackValueType) userpool.AuthEvent {
	e := userpool.AuthEvent{Type: wire.EventTypeSignIn, Response: "Pass", From: c, Created: at.Add(-age), Challenges: []wire.ChallengeResponseType{Password(right)}}
	if !right {
		e.Response = "Fail"
	}
	if len(feedback) > 0 {
		e.Feedback = &userpool.AuthEventFeedback{Value: feedback[0]}
	}
	return e
}

func TestPoints(t *testing.T) {
	const home, abroad = "192.0.2.1", "203.0.113.1"
	usual := signIn(time.Hour, from(home, "telephone"), true)
	doubtful := from(home, "telephone")
	doubtful.Doubtful = true
	tests := []struct {
		name     string
		now      userpool.ClientContext
		former   []userpool.AuthEvent
		failures int
		points   int
		level    wire.RiskLevelType
	}{
		{"the first", from(home, ""), nil, 0, 0, ""},
		{"as usual", from(home, "telephone"), []userpool.AuthEvent{usual}, 0, 0, ""},
		{"another device", from(home, "laptop"), []userpool.AuthEvent{usual}, 0, 20, "Low"},
		{"a device of long ago", from(home, "telephone"), []userpool.AuthEvent{signIn(31*24*time.Hour, from(home, "telephone"), true)}, 0, 20, "Low"},
		{"another network", from(abroad, "telephone"), []userpool.AuthEvent{usual}, 0, 15, ""},
		{"another address of the network", from("192.0.2.255", "telephone"), []userpool.AuthEvent{usual}, 0, 0, ""},
		{"a device that only failed", from(home, "laptop"), []userpool.AuthEvent{signIn(time.Hour, from(home, "laptop"), false), usual}, 0, 20, "Low"},
		{"two failures", from(home, "telephone"), []userpool.AuthEvent{usual}, 2, 0, ""},
		{"three failures", from(home, "telephone"), []userpool.AuthEvent{usual}, 3, 20, "Low"},
		{"all that is unusual", from(abroad, "laptop"), []userpool.AuthEvent{usual}, 3, 55, "Medium"},
		{"doubtful", doubtful, []userpool.AuthEvent{usual}, 0, 20, "Low"},
		{"a device that was not the user's", from(abroad, "laptop"), []userpool.AuthEvent{signIn(time.Hour, from(home, "laptop"), true, "Invalid")}, 0, 65, "Medium"},
		{"a network that was not the user's", from(abroad, "laptop"), []userpool.AuthEvent{signIn(time.Hour, from(abroad, "tablet"), true, "Invalid"), usual}, 0, 70, "High"},
		{"others' feedback", from(home, "telephone"), []userpool.AuthEvent{usual, signIn(time.Hour, from(abroad, "tablet"), true, "Invalid")}, 0, 0, ""},
		{"a valid one", doubtful, []userpool.AuthEvent{signIn(time.Hour, from(home, "telephone"), true, "Valid")}, 0, -20, ""},
		{"a valid one elsewhere", doubtful, []userpool.AuthEvent{usual, signIn(time.Hour, from(abroad, "telephone"), true, "Valid")}, 0, 20, "Low"},
		{"the first, after what was not the user", doubtful, []userpool.AuthEvent{signIn(time.Minute, from(home, "telephone"), false, "Invalid")}, 3, 90, "Low"},
		{"nothing is known", userpool.ClientContext{}, []userpool.AuthEvent{signIn(time.Hour, userpool.ClientContext{}, true)}, 0, 0, ""},
	}
	for _, tt := range tests {
		e := &userpool.AuthEvent{From: tt.now, Created: at}
		history := userpool.SignInHistory{Telling: tt.former, Failures: tt.failures}
		if n, _ := points(e, history); n != tt.points {
			t.Errorf("%s: %d points, want %d", tt.name, n, tt.points)
		}
		if got := level(e, history); got != tt.level {
			t.Errorf("%s: level %q, want %q", tt.name, got, tt.level)
		}
	}
}

func TestSameNetwork(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"192.0.2.1", "192.0.2.254", true},
		{"192.0.2.1", "192.0.3.1", false},
		{"::ffff:192.0.2.1", "192.0.2.9", true},
		{"2001:db8:1:2::1", "2001:db8:1:ffff::9", true},
		{"2001:db8:1::1", "2001:db8:2::1", false},
		{"192.0.2.1", "2001:db8::1", false},
		{"", "", true},
		{"", "192.0.2.1", false},
	} {
		if got := sameNetwork(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: %t", tt.a, tt.b, got)
		}
	}
}

func TestSameDevice(t *testing.T) {
	chrome := userpool.ClientContext{Program: "Chrome 126", System: "Windows 10"}
	named := chrome
	named.DeviceID = "one"
	other := named
	other.DeviceID = "two"
	for _, tt := range []struct {
		name string
		a, b userpool.ClientContext
		want bool
	}{
		{"alike without ids", chrome, chrome, true},
		{"alike with an id", named, named, true},
		{"another id", named, other, false},
		{"an id and none", named, chrome, false},
		{"another program", chrome, userpool.ClientContext{Program: "Chrome 127", System: "Windows 10"}, false},
	} {
		if got := sameDevice(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
