package engine

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/loop"
)

// spell names readiness: "in", "out", "in out", "-".
func spell(ev loop.Events) string {
	var list []string
	if ev&loop.In != 0 {
		list = append(list, "in")
	}
	if ev&loop.Out != 0 {
		list = append(list, "out")
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, " ")
}

func TestWants(t *testing.T) {
	owed, held := fill{owed: true}, fill{held: true}
	both := fill{upload: true, download: true}
	bothFull := fill{owed: true, full: true, held: true, upload: true, download: true}
	for _, c := range []struct {
		step             step
		fill             fill
		client, instance string
	}{
		{stepPreface, fill{}, "in", "-"},
		{stepHead, fill{}, "in", "-"},
		{stepLinger, fill{}, "in", "-"},
		{stepSpool, fill{}, "in", "-"},
		{stepSpool, owed, "out", "-"}, // the 100 first
		{stepQueue, fill{}, "-", "-"},
		{stepQueue, bothFull, "-", "-"},
		{stepOpen, fill{}, "-", "-"},
		{stepConnect, fill{}, "-", "out"},
		{stepConnect, bothFull, "-", "out"},
		{stepOwn, owed, "out", "-"},
		{stepFile, fill{}, "out", "-"},

		{stepAsk, fill{download: true}, "-", "in"},
		{stepAsk, both, "in", "in"},
		{stepAsk, fill{upload: true, held: true, download: true}, "-", "in out"},
		{stepAsk, fill{upload: true, owed: true, full: true, download: true}, "in out", "-"},
		{stepAsk, bothFull, "out", "out"},

		{stepRelay, owed, "out", "-"},
		{stepRelay, fill{download: true}, "-", "in"},
		{stepRelay, fill{owed: true, full: true, download: true}, "out", "-"},
		{stepRelay, fill{owed: true, download: true}, "out", "in"},
		{stepRelay, both, "in", "in"},
		{stepRelay, bothFull, "out", "out"},
		{stepRelay, held, "-", "out"},

		{stepTunnel, both, "in", "in"},
		{stepTunnel, bothFull, "out", "out"},
		{stepTunnel, fill{upload: true, held: true}, "-", "out"},
		{stepTunnel, fill{download: true, owed: true, full: true}, "out", "-"},
		{stepTunnel, fill{upload: true}, "in", "-"},
		{stepTunnel, fill{download: true}, "-", "in"},
		{stepTunnel, fill{}, "-", "-"}, // both ends were told

		{stepChoose, bothFull, "-", "-"},
		{stepPick, bothFull, "-", "-"},
		{stepAnswer, bothFull, "-", "-"},
		{stepFinish, bothFull, "-", "-"},
		{stepClosed, bothFull, "-", "-"},
	} {
		client, instance := wants(c.step, c.fill)
		if spell(client) != c.client || spell(instance) != c.instance {
			t.Errorf("%s with %+v wants %s of the client and %s of the instance, want %s and %s",
				c.step, c.fill, spell(client), spell(instance), c.client, c.instance)
		}
	}
}

// stuck says why a connection that waits should not: there is something that
// it could do, or nothing that it waits for. "" is well.
func stuck(c *client) string {
	if c.flags.has(put) || c.step == stepClosed {
		return ""
	}
	if c.stream.(*memory).edge || c.x != nil && c.x.backend != nil && c.x.backend.stream.(*memory).edge {
		return "" // it is going to be told
	}
	client, instance := wants(c.step, c.fill())
	could := spell(c.ready & client)
	if c.x != nil && c.x.backend != nil {
		if more := spell(c.x.backend.ready & instance); more != "-" {
			return "the instance is ready for " + more
		}
	}
	switch {
	case could != "-":
		return "the client is ready for " + could
	case c.timer.IsSet():
		return ""
	case c.step == stepOpen && c.x.file.aside:
		return "" // the other thread comes back
	case client|instance == 0:
		return "it waits for nothing"
	}
	return "it has no deadline"
}
