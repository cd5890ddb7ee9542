package install

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install/spec"
)

func instancesOf(unit string, names ...string) []Instance {
	var list []Instance
	for _, n := range names {
		list = append(list, Instance{Name: n, Unit: unit + "@" + n + ".service"})
	}
	return list
}

func TestTheRuleListsEachUnitWithItsVerbs(t *testing.T) {
	rule := RenderRule([]App{
		{Unit: "app", Start: "boot", Instances: instancesOf("app", "8020", "8021")},
		{Unit: "shop", Start: "boot", Watchdog: &spec.Watchdog{Limit: 1}, Instances: instancesOf("shop", "1")},
		{Unit: "tool", Start: "on-demand", Instances: instancesOf("tool", "1")},
		{Unit: "rare", Start: "on-demand", IdleStop: time.Hour, Instances: instancesOf("rare", "1")},
	})
	const want = `    switch (action.lookup("verb")) {
    case "reset-failed":
        units = [
            "app@8020.service",
            "app@8021.service",
            "shop@1.service",
            "tool@1.service",
            "rare@1.service",
        ];
        break;
    case "restart":
        units = [
            "shop@1.service",
        ];
        break;
    case "start":
        units = [
            "tool@1.service",
            "rare@1.service",
        ];
        break;
    case "stop":
        units = [
            "rare@1.service",
        ];
        break;
    }
    if (units.indexOf(action.lookup("unit")) < 0) {
        return polkit.Result.NO;
    }
    return polkit.Result.YES;
`
	if !strings.Contains(rule, want) {
		t.Errorf("got\n%s\nwant in it\n%s", rule, want)
	}
	if !strings.HasPrefix(rule, ruleMark) {
		t.Error("nobody would know whose it is")
	}
}

// No name ends its string, its line or the list.
func TestANameInTheRuleIsNothingButAName(t *testing.T) {
	for name, want := range map[string]string{
		`app@8020.service`: `"app@8020.service"`,
		`a"]; evil("@1`:    `"a\u0022\u005d\u003b\u0020evil\u0028\u0022@1"`,
		"a\\x2db@1\n":      `"a\u005cx2db@1\u000a"`,
		"\u2028é😀":         `"\u2028\u00e9\ud83d\ude00"`,
	} {
		if got := script(name); got != want {
			t.Errorf("script(%q) = %s, want %s", name, got, want)
		}
	}
}

// withRule is a sim with polkit, and a desired state with its rule.
func withRule(t *testing.T) (*sim, func(ports ...string) *Desired) {
	s := newSim(t)
	folder := filepath.Join(s.host.Paths.State, "..", "rules.d")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	s.host.Paths.PolkitRules = folder
	return s, func(ports ...string) *Desired {
		d := desire("1", ports, "8081")
		d.grant(rulesFolder(s.host.Paths))
		return d
	}
}

func (s *sim) rule() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.host.Paths.PolkitRules, ruleName))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestTheRuleComesAndGoesWithTheApps(t *testing.T) {
	s, desired := withRule(t)
	for _, ports := range [][]string{{"8020", "8021"}, {"8021"}} {
		d := desired(ports...)
		if _, err := s.apply(d); err != nil {
			t.Fatal(err)
		}
		s.wantApplied(d)
		if got, want := s.rule(), RenderRule(d.Apps); got != want {
			t.Errorf("got the rule\n%s\nwant\n%s", got, want)
		}
	}
	if err := os.Remove(filepath.Join(s.host.Paths.PolkitRules, ruleName)); err != nil {
		t.Fatal(err)
	}
	if _, p := s.plan(desired("8021")); !p.has(WriteFile) {
		t.Error("a rule that is gone is not written again")
	}
	if _, err := s.apply(desired("8021")); err != nil {
		t.Fatal(err)
	}
	a, p := s.plan(NothingDesired())
	if err := Uninstall(t.Context(), s.host, NothingDesired(), a, p, nil); err != nil {
		t.Fatal(err)
	}
	if got := s.rule(); got != "" {
		t.Errorf("an uninstall leaves the rule\n%s", got)
	}
	if _, err := os.Stat(s.host.Paths.PolkitRules); err != nil {
		t.Errorf("an uninstall takes polkit's folder: %v", err)
	}
}

func TestARollbackPutsTheOldRuleBack(t *testing.T) {
	s, desired := withRule(t)
	for _, ports := range [][]string{{"8020"}, {"8020", "8021"}} {
		if _, err := s.apply(desired(ports...)); err != nil {
			t.Fatal(err)
		}
	}
	g, err := LoadGeneration(s.host.Paths, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.apply(&g.Desired); err != nil {
		t.Fatal(err)
	}
	if rule := s.rule(); strings.Contains(rule, "8021") || !strings.Contains(rule, "8020") {
		t.Errorf("got the rule\n%s\nwant that of the first generation", rule)
	}
}

func TestAForeignRuleIsNotOverwritten(t *testing.T) {
	s, desired := withRule(t)
	path := filepath.Join(s.host.Paths.PolkitRules, ruleName)
	if err := os.WriteFile(path, []byte("// mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, p := s.plan(desired("8020"))
	if list := ForeignFiles(s.host, p); len(list) != 1 || list[0] != path {
		t.Errorf("got %q, want %s", list, path)
	}
}

func TestWithoutSuchRulesThereIsNone(t *testing.T) {
	p := Paths{PolkitRules: filepath.Join(t.TempDir(), "rules.d")}
	if got := rulesFolder(p); got != "" {
		t.Errorf("got %s, want none", got)
	}
	d := desire("1", []string{"8020"})
	before := len(d.Files)
	d.grant("")
	if len(d.Files) != before {
		t.Error("a rule is rendered for a polkit that knows none")
	}
}

func TestWhoIsToldOfEventsIsStoredApart(t *testing.T) {
	s := newSim(t)
	d := desire("1", []string{"8020"})
	d.OnChange = []spec.OnChange{{URL: "https://example.com/hidden", Timeout: time.Second}}
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	dir := s.host.Paths.generation(1)
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || strings.Contains(string(text), "hidden") {
		t.Errorf("the manifest, which everybody may read, has the URL (%v)", err)
	}
	info, err := os.Stat(filepath.Join(dir, onChangeFile))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("got %v, %v, want a file for root and the agent", info, err)
	}
	standing, err := ReadStanding(s.host.Paths)
	if err != nil || len(standing.Current.Desired.OnChange) != 1 {
		t.Fatalf("got %+v, %v, want the agent to read it", standing, err)
	}
	g, err := LoadGeneration(s.host.Paths, 1)
	if err != nil || len(g.Desired.OnChange) != 1 || g.Desired.Sum() != d.Sum() {
		t.Errorf("got %+v, %v, want the whole generation", g, err)
	}
}

func TestTheMarkOfWhatStandsChangesWithIt(t *testing.T) {
	s := newSim(t)
	seen := map[string]bool{}
	mark := func() {
		m, err := StandingMark(s.host.Paths)
		if err != nil || seen[m] {
			t.Errorf("got %q, %v, want a new mark", m, err)
		}
		seen[m] = true
	}
	mark()
	if _, err := s.apply(desire("1", []string{"8020"})); err != nil {
		t.Fatal(err)
	}
	mark()
	if err := addPending(s.host.Paths, nil, 2); err != nil {
		t.Fatal(err)
	}
	mark()
	standing, err := ReadStanding(s.host.Paths)
	if err != nil || standing.Current.Number != 1 || len(standing.Pending) != 0 {
		t.Errorf("got %+v, %v, want the first generation, and none that is not stored", standing, err)
	}
}
