package lossless

import (
	"strings"
	"time"
)

// ProxyUnit is the proxy's.
const ProxyUnit = "webstack.service"

// Terms are what was promised.
type Terms struct {
	// Unit is the template's name: its instances are UNIT@NAME.service.
	Unit string
	// Drain is how long a stream may go on once its instance is drained, Grace
	// once the proxy stops.
	Drain, Grace time.Duration
	// Hang is how long after it has hung an instance may be tried: what began
	// until then is held by it.
	Hang time.Duration
}

// Verdict is what a miss is.
type Verdict int

const (
	// Lost is what nothing explains.
	Lost Verdict = iota
	// Held: who had it was killed, or hung, and its answer could not be had
	// from anybody else.
	Held
	// Ended: it lasted until its deadline.
	Ended
)

const (
	// slack is by how much clocks that are read one after another may differ.
	slack = 100 * time.Millisecond
	// aftermath is how long after a death its clients may learn of it.
	aftermath = time.Second
)

// Judge says what a miss is. Each rule names an event that explains it.
func (t Terms) Judge(m Miss, h History) Verdict {
	for _, e := range h {
		proxy := e.Unit == ProxyUnit
		own := m.Instance != "" && e.Unit == t.Unit+"@"+m.Instance+".service"
		// What cannot be known of a request without an answer is whose it was.
		app := own || m.Instance == "" && strings.HasPrefix(e.Unit, t.Unit+"@")
		switch {
		case e.What == Killed && (proxy || app) && m.heldBy(e.At, proxy):
			return Held
		case e.What == Hung && m.From.Before(e.At.Add(t.Hang)) && m.Until.After(e.At):
			return Held
		case !m.Kind.lasting() || !m.Begun || m.From.After(e.At):
			continue
		case (e.What == Stopping || e.What == Drained) && own && m.outlasts(e.At.Add(t.Drain)),
			e.What == Stopping && proxy && m.outlasts(e.At.Add(t.Grace)):
			return Ended
		}
	}
	return Lost
}

func (m Miss) outlasts(deadline time.Time) bool { return m.Until.After(deadline.Add(-slack)) }

// heldBy says that a death explains a miss: it was under way, it ended with
// it, and nobody else could have answered. A proxy's death cuts what it had;
// an instance's costs an answer that had begun, or is a 502 to a request that
// may not be sent twice.
func (m Miss) heldBy(death time.Time, proxy bool) bool {
	if m.From.After(death.Add(slack)) || m.Until.Before(death.Add(-slack)) || m.Until.After(death.Add(aftermath)) {
		return false
	}
	cut := m.How == "reset" || m.How == "eof"
	if proxy {
		return cut
	}
	post := m.Kind == PostNew || m.Kind == PostKept
	return cut && m.Begun || post && m.How == "status 502"
}
