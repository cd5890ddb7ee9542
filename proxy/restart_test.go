package proxy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

// life runs one process after another on a state file.
func life(t *testing.T, c *config.Config, path, boot string) *world {
	t.Helper()
	return startWith(t, c, listen(t), func(o *proxy.Options) { o.StatePath, o.BootID = path, boot })
}

func (w *world) end() {
	w.t.Helper()
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
}

func TestWhatWasAskedForOutlivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	c := baseConfig(well(t, "a"), well(t, "b"), well(t, "c"), well(t, "d"))
	w := life(t, c, path, "boot 1")
	w.drain("a", "an operator", 0)
	w.drain("b", "webstack restart", time.Hour)
	w.drain("d", "webstack restart", time.Millisecond)
	w.report("c", control.UnitStopped, "by hand")
	if err := w.proxy.Maintain(control.MaintenanceRequest{Site: "site", On: true, Page: "back soon"}); err != nil {
		t.Fatal(err)
	}
	if err := w.proxy.Pause(control.PauseRequest{Upstream: "app"}); err != nil {
		t.Fatal(err)
	}
	w.end()
	if err := w.proxy.Drain(control.DrainRequest{Instance: "a"}); err != control.ErrStopping {
		t.Errorf("when the state is written: got %v, want that it is stopping", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v; want 600", info.Mode(), err)
	}

	w = life(t, c, path, "boot 1")
	w.wantStates("a=draining b=draining c=stopped d=up")
	if got := w.instance("b"); got.DrainedBy != "webstack restart" {
		t.Errorf("got drained by %q, want who asked", got.DrainedBy)
	}
	if got := w.instance("c"); got.Reason != "by hand" {
		t.Errorf("got reason %q, want what was reported", got.Reason)
	}
	if st := w.proxy.Status(); !st.Upstreams[0].Paused || !st.Sites[0].Maintenance {
		t.Errorf("got %+v, want it paused and in maintenance", st)
	}
	w.undrain("b", "webstack restart")
	if err := w.proxy.Resume(control.PauseRequest{Upstream: "app"}); err != nil {
		t.Fatal(err)
	}
	w.end()

	w = life(t, c, path, "boot 2")
	w.wantStates("a=up b=up c=up d=up")
	if st := w.proxy.Status(); st.Upstreams[0].Paused || !st.Sites[0].Maintenance {
		t.Errorf("behind a reboot: got %+v, want maintenance alone", st)
	}
}

// A process that is killed has written what it was told a moment ago.
func TestTheStateIsWrittenWhileTheProxyRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	w := life(t, baseConfig(well(t, "a")), path, "boot")
	w.drain("a", "an operator", 0)
	w.until("it is on the disk", func() bool {
		text, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(text), "an operator")
	})
}

func TestAStateThatCannotBeReadIsSaidAndIgnored(t *testing.T) {
	for name, text := range map[string]string{
		"damaged":            `{"version":1,"boot":"boot","instan`,
		"of another version": `{"version":7,"boot":"boot","instances":{"a":{"drains":[{"by":"x"}],"unit":"up"}}}`,
		"with another state": `{"version":1,"boot":"boot","instances":{"a":{"drains":[{"by":"x"}],"unit":"sideways"}}}`,
		"of zeros":           strings.Repeat("\x00", 4096),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			w := life(t, baseConfig(well(t, "a")), path, "boot")
			w.wantStates("a=up")
			w.get("/", 200, "a")
			if !strings.Contains(w.log.String(), "cannot use the state") {
				t.Errorf("the log does not say so: %s", w.log)
			}
		})
	}
}

func TestAStateThatCannotBeWrittenStopsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone", "state.json")
	w := life(t, baseConfig(well(t, "a"), well(t, "b")), path, "boot")
	w.drain("a", "us", 0)
	w.get("/", 200, "b")
	w.until("the log says so", func() bool { return strings.Contains(w.log.String(), "cannot write the state") })
}

// A disk that was full has room again, and nobody asks for anything more.
func TestAStateThatCouldNotBeWrittenIsWrittenAsSoonAsItCanBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later", "state.json")
	w := life(t, baseConfig(well(t, "a"), well(t, "b")), path, "boot")
	w.drain("a", "us", 0)
	w.until("the log says so", func() bool { return strings.Contains(w.log.String(), "cannot write the state") })
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	w.end()
	w = life(t, baseConfig(well(t, "a"), well(t, "b")), path, "boot")
	w.wantStates("a=draining b=up")
}
