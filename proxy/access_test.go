package proxy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

// logging is a config whose requests are logged.
func logging(c *config.Config, destination, format string) *config.Config {
	next := *c
	next.Proxy.AccessLog, next.Proxy.AccessFormat = destination, format
	next.Sites = append([]config.Site(nil), c.Sites...)
	next.Sites[0].Routes = append([]config.Route(nil), c.Sites[0].Routes...)
	next.Sites[0].Routes[0].AccessLog = true
	return &next
}

// wantLogged waits for a file that holds exactly that many lines, and wants
// the last of them to match.
func (w *world) wantLogged(path string, lines int, pattern string) {
	w.t.Helper()
	var text []byte
	w.until(filepath.Base(path)+" is written", func() bool {
		text, _ = os.ReadFile(path)
		return strings.Count(string(text), "\n") >= lines
	})
	all := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(all) != lines || !regexp.MustCompile(pattern).MatchString(all[len(all)-1]) {
		w.t.Errorf("%s holds\n%swant %d lines, the last like %s", filepath.Base(path), text, lines, pattern)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	w := start(t, logging(baseConfig(well(t, "a")), path, "combined"))
	w.get("/x?y=%22", 200, "a")
	w.wantLogged(path, 1, `^127\.0\.0\.1 - - \[.*\] "GET /x\?y=%22 HTTP/1\.1" 200 1 "-" "Go-http-client/1\.1"$`)

	// The file is rotated.
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := w.proxy.ReopenLogs(); err != nil {
		t.Fatal(err)
	}
	w.get("/z", 200, "a")
	w.wantLogged(path, 1, `"GET /z HTTP`)
	w.wantLogged(path+".1", 1, `"GET /x`)

	// A reload changes the format, and then turns it off for the route.
	objects := filepath.Join(t.TempDir(), "objects")
	w.reload(logging(w.config, objects, "json"))
	w.get("/j", 200, "a")
	w.wantLogged(objects, 1, `"target":"/j".*"status":200.*"site":"site","upstream":"app","instance":"a","tries":1`)
	quiet := logging(w.config, objects, "json")
	quiet.Sites[0].Routes[0].AccessLog = false
	w.reload(quiet)
	w.get("/q", 200, "a")
	w.reload(logging(w.config, objects, "json"))
	w.get("/r", 200, "a")
	w.wantLogged(objects, 2, `"target":"/r"`)
}

// TestX20ABrokenHeadIsLoggedWithNothingOfAnother: what is logged of a head
// that never was whole is not what stood in the same memory before.
func TestX20ABrokenHeadIsLoggedWithNothingOfAnother(t *testing.T) {
	for _, broken := range []string{"GET / HT", "GET / HTTP/1.1\r\nHost: \x00"} {
		path := filepath.Join(t.TempDir(), "access.log")
		c := logging(baseConfig(well(t, "a")), path, "json")
		c.Proxy.Loops, c.Proxy.HeadTimeout = 1, config.Duration(100*time.Millisecond)
		w := start(t, c)
		w.ask("GET", "/secret", "", "User-Agent", "secret", "Referer", "http://secret/")
		w.wantLogged(path, 1, "secret")
		w.raw(broken)
		w.wantLogged(path, 2, `"status":40[08]`)
		text, _ := os.ReadFile(path)
		if _, second, _ := strings.Cut(string(text), "\n"); strings.Contains(second, "secret") || strings.Contains(second, "u0000") {
			t.Errorf("%q is logged as %s", broken, second)
		}
	}
}

func TestALogThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "later", "access.log")
	w := start(t, logging(baseConfig(well(t, "a")), missing, "combined"))
	w.get("/", 200, "a") // served all the same
	if got := w.log.String(); !strings.Contains(got, "cannot open the access log "+missing) {
		t.Errorf("the error log does not name it: %s", got)
	}

	// It was like that before, so it is no reason to reject a reload; another
	// one that cannot be opened is.
	same := logging(w.config, missing, "combined")
	same.Generation = 2
	w.reload(same)
	other := logging(w.config, filepath.Join(dir, "nowhere", "x.log"), "combined")
	other.Generation = 3
	w.mu.Lock()
	w.next = other
	w.mu.Unlock()
	if g, err := w.proxy.Reload(); g != 2 || err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("got generation %d, %v; want 2 and the reason", g, err)
	}

	// The folder comes, and SIGUSR1.
	if err := os.Mkdir(filepath.Dir(missing), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := w.proxy.ReopenLogs(); err != nil {
		t.Fatal(err)
	}
	w.get("/now", 200, "a")
	w.wantLogged(missing, 1, `"GET /now HTTP`)
}

func TestWhatIsLoggedLastIsWrittenBeforeTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	w := start(t, logging(baseConfig(well(t, "a")), path, "logfmt"))
	w.get("/last", 200, "a")
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "target=/last ") {
		t.Errorf("the log holds %q, %v; want /last", text, err)
	}
}
