package proxy

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
)

// In the file a lease ends at a time, and the clock that it is by may be set.
func TestAClockThatWasSetBackMakesNoLeaseLonger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	ahead := time.Now().Add(24 * time.Hour)
	s := &state{
		Version: stateVersion, Boot: "boot",
		Instances: map[string]balance.Marks{"a": {Drains: []balance.Drain{{By: "x", Since: ahead, Until: ahead.Add(time.Minute)}}}},
		Pauses:    map[string]lease{"app": {Since: ahead, Until: ahead.Add(time.Minute)}},
	}
	if err := os.WriteFile(path, s.encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := idle(t, quiet(), path)
	p.tick(p.started.Add(59 * time.Second))
	p.wantState(t, "a", balance.Draining)
	p.tick(p.started.Add(61 * time.Second))
	p.wantState(t, "a", balance.Up)
	if p.current.Upstreams[0].Group.Paused() || len(p.pauses) > 0 {
		t.Error("the upstream is paused longer than it was to be")
	}
}
