package units

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/unrun"
)

var update = flag.Bool("update", false, "rewrite the files in testdata, keeping their assertions")

// checkFixture compares files with those in testdata/NAME. Each of them may
// begin with assertions, which hold on what is rendered, so that an -update
// cannot make a wrong rendering right:
//
//	## assert-key-is SECTION KEY VALUE     its values, joined by " | "
//	## assert-no-key SECTION KEY
//	## assert-argv INSTANCE WORD|WORD...   what execve gets
func checkFixture(t *testing.T, name string, files []File) {
	t.Helper()
	asserted := 0
	for _, f := range files {
		// A backslash in a file's name is not for every file system.
		path := filepath.Join("testdata", name, strings.ReplaceAll(f.Path, `\`, "_"))
		golden, err := os.ReadFile(path)
		if err != nil && !*update {
			t.Fatal(err)
		}
		assertions, want := splitAssertions(string(golden))
		for _, a := range assertions {
			asserted++
			checkAssertion(t, f, a)
		}
		if *update {
			want = f.Content
			writeFile(t, path, strings.Join(assertions, "")+want)
		}
		if f.Content != want {
			t.Errorf("%s: got\n%s\nwant\n%s", path, f.Content, want)
		}
	}
	if asserted == 0 {
		t.Errorf("testdata/%s asserts nothing", name)
	}
}

func splitAssertions(golden string) (assertions []string, content string) {
	for l := range strings.Lines(golden) {
		if !strings.HasPrefix(l, "## ") {
			break
		}
		assertions = append(assertions, l)
		golden = golden[len(l):]
	}
	return assertions, golden
}

func checkAssertion(t *testing.T, f File, assertion string) {
	t.Helper()
	assertion = strings.TrimSuffix(strings.TrimPrefix(assertion, "## "), "\n")
	verb, rest, _ := strings.Cut(assertion, " ")
	first, rest, _ := strings.Cut(rest, " ")
	if verb == "assert-argv" {
		checkArgv(t, f, first, strings.Split(rest, "|"))
		return
	}
	key, want, _ := strings.Cut(rest, " ")
	values := readKeys(f.Content, first, key)
	switch {
	case verb == "assert-key-is" && len(values) > 0 && strings.Join(values, " | ") == want:
	case verb == "assert-no-key" && len(values) == 0:
	default:
		t.Errorf("%s: %s: the key is %q", f.Path, assertion, values)
	}
}

func checkArgv(t *testing.T, f File, instance string, want []string) {
	t.Helper()
	values := readKeys(f.Content, "Service", "ExecStart")
	if len(values) != 1 {
		t.Errorf("%s has %d commands", f.Path, len(values))
		return
	}
	_, argv, err := readCommand(values[0], "", instance, nil)
	if err != nil || !slices.Equal(argv, want) {
		t.Errorf("%s: got argv %q, %v, want %q", f.Path, argv, err, want)
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// apps are the fixtures' inputs. Their programs exist on every machine, since
// systemd-analyze looks.
func apps() map[string]App {
	nice := -5
	return map[string]App{
		"tornado": {
			Name: "analysisweb", Source: "/etc/webstack/webstack.toml", Unit: "app",
			Instances: []string{"8020", "8021", "8022"},
			Command:   []string{"/usr/bin/env", "python3", "app.py", "--port={port}"},
			Directory: "/home/ly/analysisweb", User: "ly", AtBoot: true,
			Restart: "always", RestartDelay: time.Second, StartTimeout: 30 * time.Second, StopTimeout: 30 * time.Second,
			StopSignal: "TERM", StopKill: "group", Stdout: "journal",
		},
		"worker": {
			Name: "shop-worker", Source: "/etc/webstack/conf.d/shop.toml", Unit: "shop-worker",
			Instances: []string{"1", "2"},
			Command:   []string{"/usr/bin/env", "celery", "-A", "shop", "worker", "-n", "worker{instance}@%h", "$HOME", "it's; \"so\""},
			Directory: "/srv/shop 100%/current", User: "shop", Group: "www-data", Umask: "0027", Nice: &nice,
			Env:         []EnvVar{{"DJANGO_SETTINGS_MODULE", "shop.settings"}, {"KEY", `a "b" c\d 50% $x`}, {"TOKEN", "{credentials}/token"}},
			EnvFiles:    []string{"/etc/shop/env", "-/etc/shop/local[1]"},
			Credentials: []Credential{{"token", "/etc/shop/token"}},
			Restart:     "on-failure", RestartDelay: 1500 * time.Millisecond, StartTimeout: 30 * time.Second,
			StopTimeout: 10 * time.Minute, StopSignal: "QUIT", StopKill: "process", SuccessExit: []string{"3", "SIGUSR1"},
			Stdout: "/var/log/shop/worker-{instance}.log", Stderr: "journal",
			DependsOn:   []string{"postgresql.service", "shop.target"},
			MemoryBytes: 512 << 20, CPUPercent: 150, Tasks: 64, OpenFiles: 4096,
			Service: []ServiceKey{{"ExecStartPre", []string{"/bin/true %i", "-/bin/false"}}, {"OOMScoreAdjust", []string{"100"}}},
		},
		"gated": {
			Name: "analysis web", Source: "/etc/webstack/webstack.toml", Unit: "app",
			Instances: []string{"8120"}, Command: []string{"/usr/bin/env", "app", "--port={port}"},
			Releases: "/var/lib/webstack/releases/app", Directory: "/srv/app", User: "daemon", AtBoot: true,
			Program: "/usr/bin/env", Gated: true, DrainTimeout: 20 * time.Second, Address: "127.0.0.1:%i",
			Restart: "always", RestartDelay: time.Second, StartTimeout: 30 * time.Second, StopTimeout: 10 * time.Second,
			StopSignal: "TERM", StopKill: "group", Stdout: "journal", Tasks: 4,
		},
		"held": {
			Name: "held", Source: "/etc/webstack/webstack.toml", Unit: "held",
			Instances: []string{"8130", "8131"}, Command: []string{"/usr/bin/env", "app"}, User: "daemon", OnDemand: true,
			Program: "/usr/bin/env", Gated: true, DrainTimeout: 20 * time.Second,
			Sockets: []InstanceSocket{{"8130", "tcp", "127.0.0.1:8130"}, {"8131", "tcp", "[::1]:8131"}},
			Restart: "always", RestartDelay: time.Second, StartTimeout: 30 * time.Second, StopTimeout: 10 * time.Second,
			StopSignal: "TERM", StopKill: "group", Stdout: "journal",
		},
		"held-unix": {
			Name: "held-unix", Source: "/etc/webstack/webstack.toml", Unit: "held-unix",
			Instances: []string{"1"}, Command: []string{"/usr/bin/env", "app", "{socket}"}, User: "daemon", AtBoot: true,
			Program: "/usr/bin/env", Gated: true,
			Sockets: []InstanceSocket{{"1", "unix", SocketPath("held-unix", "1", true)}},
			Restart: "always", StartTimeout: 30 * time.Second, StopTimeout: 10 * time.Second,
			StopSignal: "TERM", StopKill: "group", Stdout: "journal",
		},
		"unix": {
			Name: "unix", Source: "/etc/webstack/webstack.toml", Unit: "unix",
			Instances: []string{"1", "2"}, Command: []string{"/usr/bin/env", "app", "--bind=unix:{socket}"}, User: "daemon", AtBoot: true,
			Env:     []EnvVar{{"SOCKET", "{socket}"}},
			Program: "/usr/bin/env", Gated: true, DrainTimeout: 20 * time.Second, SocketFolder: true,
			Restart: "always", RestartDelay: time.Second, StartTimeout: 30 * time.Second, StopTimeout: 10 * time.Second,
			StopSignal: "TERM", StopKill: "group", Stdout: "journal",
		},
		"once": {
			Name: "migrate", Source: "/etc/webstack/webstack.toml", Unit: "migrate", Instances: []string{"1"},
			Command: []string{"true"}, User: "daemon", Restart: "never", StopKill: "group",
		},
	}
}

func TestAppsRenderAsTheirFixturesSay(t *testing.T) {
	for name, app := range apps() {
		files, err := RenderApp(app)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkFixture(t, name, files)
	}
}

func proxyFiles(t *testing.T) []File {
	t.Helper()
	var listeners []Listener
	var files []File
	for _, l := range []struct{ network, address string }{
		{"tcp", "0.0.0.0:8081"},
		{"tcp", "127.0.0.1:8082"},
		{"tcp", "[::]:8081"},
		{"unix", "/run/shop 50%.sock"},
	} {
		l := Listener{Name: ListenerName(l.network, l.address), Network: l.network, Address: l.address}
		f, err := RenderListener(l)
		if err != nil {
			t.Fatal(err)
		}
		listeners, files = append(listeners, l), append(files, f)
	}
	dropIns, err := RenderProxy(listeners, []string{"/home/ly/analysisweb", `/home/x/a:b "c" \d 50%`})
	if err != nil {
		t.Fatal(err)
	}
	return append(dropIns, files...)
}

func TestTheProxyRendersAsItsFixtureSays(t *testing.T) {
	checkFixture(t, "proxy", proxyFiles(t))
}

func TestEveryFileIsKnownAsOursAndNoOther(t *testing.T) {
	files, err := RenderApp(apps()["tornado"])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, proxyFiles(t)...) {
		if !Managed(f.Content) {
			t.Errorf("%s is not known as ours:\n%s", f.Path, f.Content)
		}
		if got := HashOf(f.Content); got != f.Hash || len(got) != hashDigits {
			t.Errorf("%s: the hash of its content is %s, it says %s", f.Path, got, f.Hash)
		}
	}
	for _, content := range []string{"", "[Unit]\n", "# Written by webstacker\n", "# by hand\n" + mark + " from x\n"} {
		if Managed(content) {
			t.Errorf("%q passes for ours", content)
		}
	}
}

func TestTheTemplateCarriesItsOwnHash(t *testing.T) {
	app := apps()["tornado"]
	before, err := RenderApp(app)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := readKeys(before[0].Content, "Service", "Environment"), HashVariable+"="+before[0].Hash; !slices.Contains(got, want) {
		t.Errorf("the environment is %q, want %s in it", got, want)
	}
	app.MemoryBytes = 1 << 20
	after, err := RenderApp(app)
	if err != nil {
		t.Fatal(err)
	}
	if before[0].Hash == after[0].Hash {
		t.Errorf("a memory limit left the hash at %s", after[0].Hash)
	}
	if before[1].Hash != after[1].Hash {
		t.Errorf("a memory limit changed the target's hash from %s to %s", before[1].Hash, after[1].Hash)
	}
}

func TestWhatAUnitFileCannotSayIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*App)
		want   string
	}{
		{"a unit of the system", func(a *App) { a.Unit = "getty" }, `unit "getty" is a unit of the system`},
		{"the proxy's unit", func(a *App) { a.Unit = "webstack" }, "webstack's own"},
		{"a unit with a slash", func(a *App) { a.Unit = "a/b" }, "letters, digits"},
		{"an instance with a dash", func(a *App) { a.Instances = []string{"a-b"} }, `instance "a-b"`},
		{"a line break in a path", func(a *App) { a.Directory = "/a\nExecStartPre=/bin/x" }, "control character"},
		{"a path that swallows the next line", func(a *App) { a.Directory = `/a\` }, "backslash"},
		{"a path that loses its end", func(a *App) { a.Directory = "/a " }, "ends with a space"},
		{"a relative path", func(a *App) { a.Directory = "a" }, "not an absolute path"},
		{"a line break in a user", func(a *App) { a.User = "x\nAmbientCapabilities=~" }, "control character"},
		{"a line break in a verbatim value", func(a *App) { a.Service = []ServiceKey{{"X", []string{"a\nb"}}} }, "control character"},
		{"a verbatim key that is none", func(a *App) { a.Service = []ServiceKey{{"[Unit]\nX", []string{""}}} }, "not a key"},
		{"a dependency that is two", func(a *App) { a.DependsOn = []string{"a.service b.service"} }, "not the name of a unit"},
		{"a credential that is a path", func(a *App) { a.Credentials = []Credential{{"../x", "/y"}} }, "letters, digits"},
		{"a gate that is no program", func(a *App) { a.Gated, a.Program = true, "bin/webstack" }, "neither a bare name"},
		{"a socket path that no socket can have", func(a *App) { a.Unit, a.SocketFolder = strings.Repeat("a", 100), true }, "longer than 107 bytes"},
		{"a held address that has to be looked up", func(a *App) { a.Sockets = []InstanceSocket{{"8020", "tcp", "localhost:8020"}} }, "not a literal address"},
		{"a held socket where others may write", func(a *App) { a.Sockets = []InstanceSocket{{"8020", "unix", "/tmp/x"}} }, `"/tmp/x" is not in /run/webstack-instances`},
		{"a socket that is nowhere", func(a *App) { a.Command = []string{"/bin/x", "{socket}"} }, "{socket} has no meaning"},
		{"a line break in the source", func(a *App) { a.Source = "x\n[Service]" }, "control character"},
	} {
		app := apps()["tornado"]
		c.change(&app)
		_, err := RenderApp(app)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// TestSystemdAcceptsEveryFixture asks the real one, which needs no PID 1 for
// it. It says what it thinks on stderr and exits with 0 over an unknown key.
func TestSystemdAcceptsEveryFixture(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		unrun.Skip(t, "systemd-analyze is not installed")
	}
	dir := t.TempDir()
	args := []string{"verify", "--man=no"}
	write := func(name, content string) { writeFile(t, filepath.Join(dir, name), content) }
	for _, app := range apps() {
		files, err := RenderApp(app)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			write(f.Path, f.Content)
			if f.Path != TemplateUnit(app.Unit) {
				args = append(args, filepath.Join(dir, f.Path))
			}
		}
		for _, instance := range app.Instances {
			args = append(args, filepath.Join(dir, InstanceUnit(app.Unit, instance)))
		}
	}
	for _, f := range proxyFiles(t) {
		write(f.Path, f.Content)
		if filepath.Dir(f.Path) == "." {
			args = append(args, filepath.Join(dir, f.Path))
		}
	}
	// Stand-ins for what the drop-ins and dependencies refer to.
	write(ProxyService, "[Service]\nExecStart=/bin/true\n")
	write(ProxySocket, "[Socket]\nListenStream=/run/x.sock\n")
	write("postgresql.service", "[Service]\nExecStart=/bin/true\n")
	write("shop.target", "[Unit]\nDescription=x\n")
	args = append(args, filepath.Join(dir, ProxyService), filepath.Join(dir, ProxySocket))

	cmd := exec.Command(analyze, args...)
	// The trailing colon adds systemd's own folders.
	cmd.Env = append(os.Environ(), fmt.Sprintf("SYSTEMD_UNIT_PATH=%s:", dir), "SYSTEMD_LOG_COLOR=0")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
