package engine

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static/open"
)

// coldFile adds a file that is always opened aside for the first time: the way
// to it leads through an absolute link.
func coldFile(t *testing.T, content string) func(*plan) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "real"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "cold")); err != nil {
		t.Fatal(err)
	}
	return func(p *plan) {
		p.more = append(p.more, &snapshot.Route{
			Kind: route.Below, Path: "/files/", AccessLog: true,
			Files: &snapshot.Files{Root: open.NewRoot(dir, nil)},
		})
	}
}

// What a client has sent behind its request must stay its own while another
// thread opens the file, whoever runs in the loop meanwhile.
func TestWhatComesBehindARequestForAColdFileIsNobodyElses(t *testing.T) {
	x := newScene(t, coldFile(t, "cold"))
	other := x.connects()
	first := x.connects()
	first.deliver([]byte(crlf("GET /files/cold HTTP/1.1\nHost: h\nContent-Length: 2\n\nxxGET /mine HTTP/1.1\nHost: h\n\n")))
	x.script.turn()
	// The other one runs last before the file is there.
	other.deliver([]byte("GET /his HT"))
	x.script.turn()
	x.settle()
	other.deliver([]byte(crlf("TP/1.1\nHost: h\n\n")))
	x.settle()
	var asked []string
	for _, p := range x.parties {
		if line, _, found := strings.Cut(string(p.got), "\r\n"); found && strings.HasPrefix(line, "GET ") {
			asked = append(asked, line)
		}
	}
	if got, want := strings.Join(asked, ", "), "GET /mine HTTP/1.1, GET /his HTTP/1.1"; got != want {
		t.Errorf("instances were asked %q, want %q", got, want)
	}
	x.closeAll()
	x.wantNothingLeft()
}

func TestADiskThatHangsIsNotWaitedForForEver(t *testing.T) {
	x := newScene(t, coldFile(t, "cold"))
	x.engine.aside = loop.NewAside(0, 1) // nothing of it is ever done
	x.connects()
	x.client.deliver([]byte(crlf("GET /files/cold HTTP/1.1\nHost: h\n\n")))
	x.script.turn()
	x.wantStep(x.only(), stepOpen)
	x.move(diskTimeout)
	x.script.turn()
	x.settle()
	x.wantClientGetsStatus(503)
	x.closeAll()
	x.wantNothingLeft()
}

func TestAFileThatCannotBeReadIsNoFaultOfTheClients(t *testing.T) {
	x := newScene(t, filesOf(t, map[string]string{"large": strings.Repeat("x", 2*small)}))
	path := t.TempDir() + "/access.log"
	stop := x.logTo(path, accesslog.Combined)
	x.connects()
	x.client.disk = syscall.EIO
	x.clientSends("GET /files/large HTTP/1.1\nHost: h\n\n")
	x.wantEnd(x.client)
	if !strings.Contains(x.log.String(), syscall.EIO.Error()) {
		t.Errorf("the error log has no %q in %q", syscall.EIO.Error(), &x.log)
	}
	x.closeAll()
	stop()
	if log := readFile(t, path); !strings.Contains(log, `" 200 0 `) {
		t.Errorf("the access log has %q, want a 200 that got nowhere", log)
	}
}
