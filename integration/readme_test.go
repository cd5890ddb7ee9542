package integration

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

// maxReadme keeps the README short.
const maxReadme = 180

var codeBlock = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// TestTheReadmeIsTrue applies the README's spec and runs its commands in their
// order, those of make as far as make knows them.
func TestTheReadmeIsTrue(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(readme), "\n"); n > maxReadme {
		t.Errorf("the README has %d lines, want at most %d", n, maxReadme)
	}
	var spec string
	var commands []string
	for _, block := range codeBlock.FindAllStringSubmatch(string(readme), -1) {
		switch block[1] {
		case "toml":
			spec += block[2]
		case "sh":
			for line := range strings.Lines(block[2]) {
				command, _, _ := strings.Cut(line, "#")
				commands = append(commands, strings.TrimSpace(command))
			}
		}
	}
	for _, want := range []string{"make demo", "make test", "make install", "webstack apply", "systemctl start webstack.socket"} {
		if !slices.Contains(commands, want) {
			t.Errorf("the README no longer says %q", want)
		}
	}
	if err := machine.Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	g := readmeGuest(t, spec)
	for _, command := range commands {
		argv := strings.Fields(command)
		if argv[0] == "make" {
			wantTarget(t, argv[1])
			continue
		}
		g.run(t, command)
	}
	g.run(t, "curl --fail --silent --max-time 30 http://127.0.0.1:8081/static/style.css")
	g.run(t, "curl --fail --silent --max-time 30 http://127.0.0.1:8082/")
}

// readmeMachine is a machine on which `make install` has run and the README's
// spec is written.
type readmeMachine struct{ *machine.Machine }

func readmeGuest(t *testing.T, spec string) readmeMachine {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := deploy.BootSeed(ctx, "readme", repository, filepath.Join(t.TempDir(), "root"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := m.WriteFile(deploy.SpecPath, []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	return readmeMachine{m}
}

// run runs a command of the README; a diff that finds something exits 2.
func (m readmeMachine) run(t *testing.T, command string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	out, err := m.Run(ctx, "sh", "-c", command)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	if command == "webstack diff" {
		want = 2
	}
	if out.Exit != want {
		t.Fatalf("%s: got exit %d, want %d\n%s%s", command, out.Exit, want, out.Stdout, out.Stderr)
	}
}

// wantTarget wants make to know a target: what the targets do is tested by
// whoever runs them.
func wantTarget(t *testing.T, target string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(text) {
		t.Errorf("the Makefile has no target %q", target)
	}
}
