package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static/open"
)

// withFolder adds an internal folder with the files, by name and content.
func withFolder(t *testing.T, files map[string]string) func(*plan) {
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(p *plan) {
		p.more = append(p.more, &snapshot.Route{
			Kind: route.Below, Path: "/internal/", AccessLog: true, Internal: true,
			Files: &snapshot.Files{Root: open.NewRoot(dir, nil)},
		})
	}
}

func TestAnApplicationLeavesAFileToTheProxy(t *testing.T) {
	large := strings.Repeat("0123456789", 100_000)
	x := newScene(t, withFolder(t, map[string]string{"small": "hello", "large": large}))
	for range 2 { // opened aside at first, then still open
		for name, content := range map[string]string{"small": "hello", "large": large} {
			x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
			x.instanceSends("HTTP/1.1 200 OK\nX-Accel-Redirect: /internal/" + name + "\nSet-Cookie: a=b\nContent-Length: 0\n\n")
			x.wantField(x.client, "Set-Cookie: a=b")
			if got := string(x.client.got); !strings.HasSuffix(got, "\r\n\r\n"+content) {
				t.Errorf("%s: got %.200q of %d bytes", name, got, len(got))
			}
			x.client.got = nil
			x.wantIdle("waiting for a request")
			x.wantInFlight(0)
		}
	}
	x.clientSends("GET /internal/small HTTP/1.1\nHost: h\n\n")
	x.wantClientGetsStatus(404)
	x.closeAll()
	x.wantNothingLeft()
}

func TestAnApplicationNamesAFileThatIsNotThere(t *testing.T) {
	x := newScene(t, withFolder(t, nil))
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nX-Accel-Redirect: /internal/none\nContent-Length: 0\n\n")
	x.wantClientGetsStatus(404)
	x.wantIdle("waiting for a request")
}

func TestRoutesThatSendInACircleEnd(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	for range maxHops + 1 {
		x.instanceSends("HTTP/1.1 200 OK\nX-Accel-Redirect: /a\nContent-Length: 0\n\n")
	}
	x.wantClientGetsStatus(500)
	x.wantIdle("waiting for a request")
}

func TestWhatAnInstanceSentIsNotTheNextOnes(t *testing.T) {
	x := newScene(t, func(p *plan) {
		p.more = append(p.more, appRoute("/other"))
		p.dial.Keepalive = 0
	})
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 103 Early Hints\n\nHTTP/1.1 200 OK\nX-Accel-Redirect: /other\nContent-Length: 0\n\n")
	x.instanceResets()
	if want := `phase="waiting for the answer"`; !strings.Contains(x.log.String(), want) {
		t.Errorf("the log has no %s in\n%s", want, &x.log)
	}
	x.closeAll()
	x.wantNothingLeft()
}
