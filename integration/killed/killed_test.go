package killed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

const (
	repository = "../.."
	// patience bounds every wait for something in the machine.
	patience = 30 * time.Second
	// maxSteps is far more than an apply of these specs has: a test that gets
	// there does not end. minSteps is fewer.
	maxSteps, minSteps = 60, 15
	// faultyBinary is webstack built so that it can be killed before a step.
	faultyBinary = "/usr/local/bin/webstack-faults"
	answers      = "/srv/answers.py"
)

// app is the smallest server that says which release runs it: starting it
// costs nothing, and it is started some hundred times here.
const app = `import os, socket, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
s = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
body = os.environ["RELEASE"].encode()
while True:
    c, _ = s.accept()
    c.recv(65536)
    c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    c.close()
`

// oldSpec and newSpec differ in all that an apply can change: the template's
// text, an instance more and one less, a listener more and one less.
const oldSpec = `
[app.app]
command = "/usr/bin/python3 -S -E /srv/answers.py"
ports   = "8020-8021"
user    = "daemon"
env     = { RELEASE = "old" }

[site.app]
listen     = 8081
routes."/" = { app = "app" }

[site.leaving]
listen     = 8082
routes."/" = { respond = "leaving" }
`

const newSpec = `
[app.app]
command = "/usr/bin/python3 -S -E /srv/answers.py"
ports   = "8021-8022"
user    = "daemon"
env     = { RELEASE = "new" }

[site.app]
listen     = 8081
routes."/" = { app = "app" }

[site.coming]
listen     = 8083
routes."/" = { respond = "coming" }
`

func TestMain(m *testing.M) {
	machine.Main()
	os.Exit(m.Run())
}

// TestApplyKilledBeforeEachStep goes from one spec to another that differs in
// everything, is killed at each step on the way, and goes back whole: with a
// power cut after the kill, with an orderly reboot, and without either.
func TestApplyKilledBeforeEachStep(t *testing.T) {
	g := newGuest(t)
	g.spec(oldSpec)
	g.mustRun("webstack", "apply")
	after := []func(where string){
		func(where string) { g.reboot(where, machine.PowerCut) },
		func(string) {},
		func(where string) { g.reboot(where, machine.Orderly) },
	}
	steps := 0
	for g.killedApply(newSpec, steps+1, after[steps%len(after)]) {
		steps++
		g.wantSpec("new", "8083", "8082")
		g.spec(oldSpec)
		g.mustRun("webstack", "apply")
		g.wantSpec("old", "8082", "8083")
		if steps > maxSteps {
			t.Fatalf("an apply has more than %d steps", maxSteps)
		}
	}
	if steps < minSteps {
		t.Errorf("killed at %d steps only: the faults are not built in, or the specs do not differ", steps)
	}
	t.Logf("killed before each of %d steps", steps)
}

// guest is the machine and the test that it serves.
type guest struct {
	*machine.Machine
	t    *testing.T
	http *http.Client
}

func newGuest(t *testing.T) *guest {
	t.Helper()
	if err := machine.Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	staged := filepath.Join(t.TempDir(), "root")
	if err := deploy.Stage(ctx, repository, staged); err != nil {
		t.Fatal(err)
	}
	faulty := filepath.Join(staged, faultyBinary)
	build := exec.CommandContext(ctx, "go", "build", "-tags", "faults", "-o", faulty, "./cmd/webstack")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build webstack with faults: %v\n%s", err, out)
	}
	m, err := deploy.Boot(ctx, "killed", staged)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := m.WriteFile(answers, []byte(app), 0o644); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: m.HTTPTransport(), Timeout: patience}
	return &guest{Machine: m, t: t, http: client}
}

// killedApply applies a spec and is killed before a step; what follows the kill
// comes next, and then a whole apply. It says whether the apply had that step.
func (g *guest) killedApply(spec string, step int, follows func(where string)) bool {
	g.t.Helper()
	g.spec(spec)
	out := g.run("env", fmt.Sprintf("WEBSTACK_DIE_AT=%d", step), faultyBinary, "apply")
	if out.Exit == 0 {
		return false
	}
	where := fmt.Sprintf("killed at step %d (%s)", step, lastLine(out.Stderr))
	if !strings.Contains(out.Stderr, "killed before") {
		g.t.Fatalf("%s: exit %d\n%s%s", where, out.Exit, out.Stdout, out.Stderr)
	}
	g.wantAnswer(where, "8081", "old", "new")
	follows(where)
	g.mustRun("webstack", "apply")
	return true
}

// reboot boots the machine again in the middle of an apply: the site that both
// specs have comes up by itself.
func (g *guest) reboot(where string, kind machine.RebootKind) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := g.Reboot(ctx, kind); err != nil {
		g.t.Fatalf("%s: %v", where, err)
	}
	g.wantAnswer(where+", "+booted, "8081", "old", "new")
}

// booted marks an answer that is waited for: after a boot the instances start
// while the proxy is asked.
const booted = "booted again"

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// wantSpec checks that one spec is applied, whole, and nothing of the other.
func (g *guest) wantSpec(release, open, closed string) {
	g.t.Helper()
	if out := g.run("webstack", "diff"); out.Exit != 0 {
		g.t.Errorf("the %s spec is applied and diff says:\n%s%s", release, out.Stdout, out.Stderr)
	}
	g.wantAnswer("applied", open, "leaving", "coming")
	for range 4 {
		g.wantAnswer("applied", "8081", release)
	}
	if _, err := g.http.Get("http://127.0.0.1:" + closed + "/"); err == nil || !strings.Contains(err.Error(), "refused") {
		g.t.Errorf("port %s is to be closed, got %v", closed, err)
	}
	want := map[string]string{"old": "app@8020.service app@8021.service", "new": "app@8021.service app@8022.service"}[release]
	list := g.run("systemctl", "list-units", "--no-legend", "--plain", "--state=active", "app@*.service")
	var units []string
	for line := range strings.Lines(list.Stdout) {
		units = append(units, strings.Fields(line)[0])
	}
	if got := strings.Join(units, " "); got != want {
		g.t.Errorf("units: got %q, want %q", got, want)
	}
	pending := g.run("sh", "-c", "cat /var/lib/webstack/pending; find /usr/local/lib/systemd /var/lib/webstack -name '.webstack-*' -o -name '*.webstack-new'")
	if pending.Stdout != "" {
		g.t.Errorf("left over: %s", pending.Stdout)
	}
	if g.t.Failed() {
		g.t.FailNow()
	}
}

// wantAnswer asks once; an answer that is none of bodies ends the test. A
// request waits in PID 1's backlog at worst, so there is no second try, but
// after a boot.
func (g *guest) wantAnswer(when, port string, bodies ...string) {
	g.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got, err := g.get(port)
		for _, b := range bodies {
			if err == nil && got == b {
				return
			}
		}
		if time.Now().After(deadline) || !strings.HasSuffix(when, booted) {
			g.t.Fatalf("%s: port %s: got %q, %v, want one of %q", when, port, got, err, bodies)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (g *guest) get(port string) (string, error) {
	resp, err := g.http.Get("http://127.0.0.1:" + port + "/")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d: %s", resp.StatusCode, body)
	}
	return string(body), nil
}

func (g *guest) spec(text string) {
	g.t.Helper()
	if err := g.WriteFile(deploy.SpecPath, []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func (g *guest) run(argv ...string) machine.Output {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := g.Run(ctx, argv...)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

func (g *guest) mustRun(argv ...string) {
	g.t.Helper()
	if out := g.run(argv...); out.Exit != 0 {
		g.t.Fatalf("%s: exit %d\n%s%s", strings.Join(argv, " "), out.Exit, out.Stdout, out.Stderr)
	}
}
