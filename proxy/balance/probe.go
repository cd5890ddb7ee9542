package balance

import "time"

// ProbeState is what active checks say of an instance.
type ProbeState string

const (
	// ProbeUnknown: not enough of them have ended. It is in rotation.
	ProbeUnknown ProbeState = "unknown"
	// ProbeUp: Rise in a row were well.
	ProbeUp ProbeState = "up"
	// ProbeDown: Fall in a row have failed.
	ProbeDown ProbeState = "down"
)

// probe is the verdict of active checks: it changes when as many in a row have
// said the other thing as it takes. The zero probe knows nothing.
type probe struct {
	state probeState
	// run is how many in a row have said the same, ok what they said.
	run int
	ok  bool
	// since is when the state began, reason the latest failure's.
	since  time.Time
	reason string
}

// probeState is a ProbeState whose zero value is the unknown.
type probeState uint8

const (
	probeUnknown probeState = iota
	probeUp
	probeDown
)

func (s probeState) public() ProbeState {
	return [...]ProbeState{ProbeUnknown, ProbeUp, ProbeDown}[s]
}

// observe takes the result of one check. rise and fall below 1 are 1.
func (p *probe) observe(now time.Time, ok bool, reason string, rise, fall int) {
	if ok != p.ok {
		p.ok, p.run = ok, 0
	}
	p.run++
	next, enough := probeUp, rise
	if !ok {
		next, enough = probeDown, fall
		p.reason = reason
	}
	if p.state != next && p.run >= enough {
		p.state, p.since = next, now
	}
}
