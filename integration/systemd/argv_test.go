package systemd_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/units"
)

// dumpVariable names the file that a started app writes its dumped to.
const dumpVariable = "WEBSTACK_TEST_DUMP"

// dumped is how a process was started.
type dumped struct {
	Argv, Env []string
	Directory string
}

func dump(path string) error {
	directory, err := os.Getwd()
	if err != nil {
		return err
	}
	data, err := json.Marshal(dumped{os.Args, os.Environ(), directory})
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// program has in its path all that systemd lets a program's path have.
const program = "/opt/a b/$x/100%/é#;*/dump"

// awkward are words that a naive rendering gets wrong.
var awkward = []string{
	"", " ", "\t", ";", `\;`, "a;b", "$", "$$", "$HOME", "${HOME}", "$$HOME", "a$b$", "%", "%%", "%i", "100%", `"`, `'`,
	`"quoted"`, `it's`, `\`, `\\`, `\n`, `\x41`, "a b", " lead", "trail ", `trail\`, "-@:+!|", "#", "# none", "é", "日本",
	"*", "?", "~", "|", "&&", "`x`", "{}", `{"a":1}`, "{{port}", "=", "a=b",
}

// filled is what a word of an app means for one instance.
func filled(words []string, instance string) []string {
	r := strings.NewReplacer("{{", "{", "{port}", instance,
		"{credentials}", "/run/credentials/"+units.InstanceUnit("argv-"+instance, instance))
	var out []string
	for _, w := range words {
		out = append(out, r.Replace(w))
	}
	return out
}

func argvApp(instance string, args []string) units.App {
	unit := "argv-" + instance
	return units.App{
		Name: unit, Source: "a test", Unit: unit, Instances: []string{instance},
		Command: append([]string{program}, args...),
		Env:     []units.EnvVar{{Name: dumpVariable, Value: "/run/argv-{instance}.json"}},
		Restart: "never", StopKill: "group",
		// What comes last holds, so that a start returns after the end.
		Service: []units.ServiceKey{{Name: "Type", Values: []string{"oneshot"}}},
	}
}

// start starts an app and reads how it was started.
func (g *guest) startDump(app units.App) dumped {
	g.t.Helper()
	files, err := units.RenderApp(app)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, f := range files {
		g.write(filepath.Join(unitFolder, f.Path), f.Content)
	}
	g.run("systemctl", "daemon-reload")
	instance := app.Instances[0]
	g.run("systemctl", "start", units.InstanceUnit(app.Unit, instance))
	data, err := g.ReadFile("/run/argv-" + instance + ".json")
	if err != nil {
		g.t.Fatal(err)
	}
	var d dumped
	if err := json.Unmarshal(data, &d); err != nil {
		g.t.Fatal(err)
	}
	return d
}

func TestEveryWordReachesTheProcess(t *testing.T) {
	g := newGuest(t)
	g.program(program)
	g.write("/etc/argv token", "secret")
	g.write("/etc/argv[1]*.env", "FROM_FILE=yes\n")
	const folder = `/srv/a "b" 'c' 100% $d \e {f`
	g.run("mkdir", "-p", folder)

	app := argvApp("8020", append(slices.Clone(awkward), "--port={port}", "{credentials}/token", "line\nbreak", "\x01\x7f"))
	app.Directory = folder
	app.EnvFiles = []string{"/etc/argv[1]*.env", "-/etc/none.env"}
	app.Credentials = []units.Credential{{Name: "token", Path: "/etc/argv token"}}
	for i, value := range awkward {
		app.Env = append(app.Env, units.EnvVar{Name: fmt.Sprintf("A%d", i), Value: value})
	}
	app.Env = append(app.Env, units.EnvVar{Name: "TOKEN", Value: "{credentials}/token"})

	got := g.startDump(app)
	if want := filled(app.Command, "8020"); !slices.Equal(got.Argv, want) {
		t.Errorf("argv: got\n%q\nwant\n%q", got.Argv, want)
	}
	if got.Directory != folder {
		t.Errorf("directory: got %q, want %q", got.Directory, folder)
	}
	files, err := units.RenderApp(app)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PORT=8020", "INSTANCE=8020", "FROM_FILE=yes", units.HashVariable + "=" + files[0].Hash,
		"CREDENTIALS_DIRECTORY=/run/credentials/argv-8020@8020.service",
	}
	for _, v := range app.Env {
		want = append(want, v.Name+"="+filled([]string{v.Value}, "8020")[0])
	}
	want[slices.Index(want, dumpVariable+"=/run/argv-{instance}.json")] = dumpVariable + "=/run/argv-8020.json"
	for _, w := range want {
		if !slices.Contains(got.Env, w) {
			t.Errorf("the environment lacks %q:\n%q", w, got.Env)
		}
	}
}

func TestRandomWordsReachTheProcess(t *testing.T) {
	g := newGuest(t)
	g.program(program)
	letters := []rune("AB \t\"'\\$%;#{}-@:+!|é\n=")
	r := rand.New(rand.NewSource(1))
	var args []string
	for range 400 {
		var b strings.Builder
		for range r.Intn(12) {
			b.WriteRune(letters[r.Intn(len(letters))])
		}
		args = append(args, b.String())
	}
	app := argvApp("1", args)
	got, want := g.startDump(app).Argv, filled(app.Command, "1")
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("word %d: got %q, want %q", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d words, want %d", len(got), len(want))
	}
}
