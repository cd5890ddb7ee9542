package importer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

const (
	repository  = "../.."
	seedFolder  = "../../install/importer/testdata/seed"
	importedAs  = "/etc/webstack/conf.d/imported.toml"
	stepTimeout = 2 * time.Minute
)

func TestMain(m *testing.M) {
	machine.Main()
	os.Exit(m.Run())
}

// guest is a machine within a test.
type guest struct {
	*machine.Machine
	t *testing.T
}

// run runs a shell command that ends with an exit code.
func (g *guest) run(exit int, command string) string {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	out, err := g.Run(ctx, "sh", "-c", command)
	if err != nil {
		g.t.Fatal(err)
	}
	if out.Exit != exit {
		g.t.Fatalf("%s: got exit %d, want %d\n%s%s", command, out.Exit, exit, out.Stdout, out.Stderr)
	}
	return out.Stdout + out.Stderr
}

// TestTheFirstDeploymentMovesOver: the configuration of nginx and supervisor
// is imported and applied in one step, and eight instances answer in turn.
func TestTheFirstDeploymentMovesOver(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a machine")
	}
	if err := machine.Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	g := seedGuest(t)
	const command = "webstack import /etc/nginx/nginx.conf /etc/supervisor/supervisord.conf --strict --apply"
	if out := g.run(64, command); !strings.Contains(out, "nobody is there to answer a question") {
		t.Errorf("got %q, want it to ask first", out)
	}
	g.run(1, "test -e "+importedAs)
	out := g.run(0, command+" --yes")
	if !strings.Contains(out, "Applied generation 1") {
		t.Errorf("got %q, want a generation", out)
	}
	if text := g.run(0, "cat "+importedAs); !strings.Contains(text, "# /etc/supervisor/conf.d/tornados.conf:4: [program:tornado-0]") {
		t.Errorf("the spec does not say where it is from:\n%s", text)
	}
	g.run(0, "webstack check && systemctl start webstack.socket")
	for port := 8020; port <= 8027; port++ {
		g.run(0, fmt.Sprintf("systemctl is-active tornados@%d.service", port))
	}
	seen := g.run(0, "for i in 1 2 3 4 5 6 7 8; do curl --fail --silent --max-time 30 http://127.0.0.1:8081/whoami; echo; done")
	for port := 8020; port <= 8027; port++ {
		if !strings.Contains(seen, fmt.Sprint(port)) {
			t.Errorf("instance %d has answered none of eight requests:\n%s", port, seen)
		}
	}
	css := g.run(0, "curl --fail --silent --max-time 30 -D - http://127.0.0.1:8081/static/style.css")
	if !strings.Contains(css, "Cache-Control: max-age=86400") {
		t.Errorf("got %q, want files to be kept for 24 hours", css)
	}
	g.run(0, "curl --fail --silent --max-time 30 http://127.0.0.1:8082/")
	g.run(0, command+" --yes") // and once more, with nothing to do
}

// seedGuest is a machine with the first deployment's application and
// configuration.
func seedGuest(t *testing.T) *guest {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	m, err := deploy.BootSeed(ctx, "importer", repository, filepath.Join(t.TempDir(), "root"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	g := &guest{m, t}
	for from, to := range map[string]string{
		"nginx.conf":           "/etc/nginx/nginx.conf",
		"supervisord.conf":     "/etc/supervisor/supervisord.conf",
		"conf.d/tornados.conf": "/etc/supervisor/conf.d/tornados.conf",
	} {
		text, err := os.ReadFile(filepath.Join(seedFolder, from))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// As the deployment had it: a link of its own to one of several Pythons.
	g.run(0, "ln -s /usr/bin/python3 /usr/bin/python27")
	return g
}
