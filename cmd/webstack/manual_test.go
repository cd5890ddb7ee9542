package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/integration/unrun"
)

// manualPages writes the manual and returns its folder and its pages by name.
func manualPages(t *testing.T) (dir string, pages map[string]string) {
	t.Helper()
	files, err := manual(newRoot(&console{}), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	dir, pages = t.TempDir(), map[string]string{}
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Text, 0o644); err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(f.Path)] = string(f.Text)
	}
	return dir, pages
}

func visible(c *cobra.Command) bool { return !c.Hidden && c.Name() != "help" }

// unroff takes the escapes out of a page.
var unroff = strings.NewReplacer(`\-`, "-", `\fB`, "", `\fR`, "", `\%`, "", `\(aq`, "'", `\(dq`, `"`, `\&`, "")

func words(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("`", "", "*", "").Replace(unroff.Replace(text))), " ")
}

// ownHelp is what a verb's help says of its own flags.
func ownHelp(path ...string) string {
	help, _, _ := try(append(path, "--help")...)
	own, _, _ := strings.Cut(help, "Global Flags:")
	_, own, _ = strings.Cut(own, "\nFlags:")
	return own
}

func TestEveryVerbHasAPageThatSaysWhatItsHelpSays(t *testing.T) {
	_, pages := manualPages(t)
	longFlag := regexp.MustCompile(`--[a-z][a-z-]*`)
	for _, c := range newRoot(&console{}).Commands() {
		page, ok := pages["webstack-"+c.Name()+".8"]
		if ok != visible(c) {
			t.Errorf("webstack %s: got page %v, want %v", c.Name(), ok, visible(c))
		}
		if !ok {
			continue
		}
		help := ownHelp(c.Name())
		for _, sub := range c.Commands() {
			help += ownHelp(c.Name(), sub.Name())
		}
		for _, flag := range longFlag.FindAllString(help, -1) {
			if flag != "--help" && !strings.Contains(page, "Fl "+strings.ReplaceAll(flag[1:], "-", `\-`)) {
				t.Errorf("webstack-%s(8) does not have %s, which its help has", c.Name(), flag)
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^\.It .*Fl (\\-[a-z\\-]+)`).FindAllStringSubmatch(page, -1) {
			if flag := "-" + unroff.Replace(m[1]); !strings.Contains(help, flag) {
				t.Errorf("webstack-%s(8) has %s, which its help has not", c.Name(), flag)
			}
		}
		got := words(page)
		for paragraph := range strings.SplitSeq(c.Long, "\n\n") {
			_, said, ok := strings.Cut(paragraph, "Exit codes: ")
			if !ok {
				said = paragraph
			}
			if !strings.Contains(got, words(said)) {
				t.Errorf("webstack-%s(8) does not say %q", c.Name(), said)
			}
		}
	}
}

func TestTheOverviewNamesEveryVerbAndExitStatus(t *testing.T) {
	_, pages := manualPages(t)
	page := pages["webstack.8"]
	for _, c := range newRoot(&console{}).Commands() {
		if got := strings.Contains(page, ".It Xr webstack-"+c.Name()+" 8\n"); got != visible(c) {
			t.Errorf("webstack(8) names %s: got %v, want %v", c.Name(), got, visible(c))
		}
	}
	source, err := os.ReadFile("exit.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\texit[A-Za-z]+\s+= (\d+)`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(unroff.Replace(page), "\n.It "+m[1]+"\n") {
			t.Errorf("webstack(8) does not name the exit status %s of exit.go", m[1])
		}
	}
}

func TestTheSpecsPageHasEveryKey(t *testing.T) {
	_, pages := manualPages(t)
	page := pages["webstack.toml.5"]
	got := words(page)
	for _, table := range spec.Tables() {
		for _, k := range table.Keys {
			if k.Status == spec.Next {
				if !strings.Contains(got, k.Name) {
					t.Errorf("webstack.toml(5) does not name the reserved %s of %s", k.Name, table.Header)
				}
				continue
			}
			if !strings.Contains(unroff.Replace(page), ".It Ic "+k.Name+"\n") {
				t.Errorf("webstack.toml(5) has no entry for %s of %s", k.Name, table.Header)
			}
			if !strings.Contains(got, words(k.Doc)) {
				t.Errorf("webstack.toml(5) does not say of %s: %q", k.Name, k.Doc)
			}
		}
	}
}

func TestMandocFindsNothingInThePages(t *testing.T) {
	program, err := exec.LookPath("mandoc")
	if err != nil {
		unrun.Skip(t, "mandoc is not installed")
	}
	dir, pages := manualPages(t)
	var args []string
	for name := range pages {
		if section := filepath.Ext(name)[1:]; section == "5" || section == "8" {
			args = append(args, filepath.Join(dir, "man"+section, name))
		}
	}
	slices.Sort(args)
	// What it finds is on stdout; on stderr it misses a database of pages.
	out, err := exec.Command(program, append([]string{"-T", "lint"}, args...)...).Output()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		t.Fatal(err)
	}
	missing := regexp.MustCompile(`referenced manual not found: Xr (\S+) (\d)`)
	for line := range strings.Lines(string(out)) {
		// It looks in the system's folders alone.
		if m := missing.FindStringSubmatch(line); m != nil {
			if pages[m[1]+"."+m[2]] != "" || strings.HasPrefix(m[1], "systemd") {
				continue
			}
		}
		t.Error(strings.ReplaceAll(strings.TrimSpace(line), dir+"/", ""))
	}
}

func TestEveryShellHasACompletion(t *testing.T) {
	_, pages := manualPages(t)
	for _, name := range []string{"webstack.bash", "webstack.zsh", "webstack.fish"} {
		if !strings.Contains(pages[name], "__complete") {
			t.Errorf("%s does not ask webstack for what completes a word", name)
		}
	}
}
