package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/load"
	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

const (
	// repository is the module's root, from where tests run.
	repository = ".."
	// atOnce is how many scripts have machines at a time: the deployment under
	// test is nine processes, and a machine that starves tests nothing.
	atOnce = 3
	// verbTimeout bounds every verb that has no deadline of its own: fifty
	// restarts of an instance with a drain of two seconds fit.
	verbTimeout = 15 * time.Minute
)

func TestMain(m *testing.M) {
	machine.Main()
	os.Exit(m.Run())
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts: %v", err)
	}
	if err := machine.Possible(); err != nil {
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				unrun.Skip(t, err.Error())
			})
		}
		return
	}
	stage := t.TempDir()
	shared := &shared{
		slots: make(chan struct{}, atOnce),
		staged: sync.OnceValues(func() (string, error) {
			dir := filepath.Join(stage, "root")
			return dir, deploy.Stage(context.Background(), repository, dir)
		}),
	}
	testscript.Run(t, parameters(t, "testdata/script", shared, nil))
}

// parameters are how the scripts of a folder are run; prepare may set more of
// each one's environment.
func parameters(t *testing.T, dir string, shared *shared, prepare func(*testscript.Env)) testscript.Params {
	return testscript.Params{
		Dir: dir,
		// Or an empty folder of each run would stay in the system's.
		WorkdirRoot: t.TempDir(),
		Setup: func(env *testscript.Env) error {
			if prepare != nil {
				prepare(env)
			}
			return setUp(env, shared)
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"machine":          command((*script).machine),
			"http":             command((*script).http),
			"load":             command((*script).load),
			"ws":               command((*script).ws),
			"storm":            command((*script).storm),
			"lossless-site":    command((*script).site),
			"webstack-install": command((*script).install),
			"seed-app":         command((*script).seedApp),
			"wait-for":         command((*script).waitFor),
			"unrun":            notRun,
		},
	}
}

// shared is what all scripts have in common.
type shared struct {
	slots  chan struct{}
	root   string // what machines are made of, "" for the host's installation
	staged func() (string, error)
}

// script is one script's machines and loads.
type script struct {
	shared   *shared
	files    *testscript.TestScript // of the verb that runs
	t        testscript.T
	hasSlot  bool
	machines map[string]*machine.Machine
	loads    map[string]*load.Load
	blows    *storm // nil for none
}

type scriptKey struct{}

func setUp(env *testscript.Env, shared *shared) error {
	s := &script{
		shared: shared, t: env.T(),
		machines: map[string]*machine.Machine{}, loads: map[string]*load.Load{},
	}
	env.Values[scriptKey{}] = s
	top, err := filepath.Abs(repository)
	if err != nil {
		return err
	}
	env.Setenv("REPOSITORY", top)
	// A script that builds a program does so with the caches of who runs it.
	env.Setenv("BUILD_HOME", os.Getenv("HOME"))
	env.Defer(s.close)
	return nil
}

// close ends what the script has started, whichever way it went.
func (s *script) close() {
	for _, l := range s.loads {
		l.Stop()
	}
	if s.blows != nil {
		s.endStorm()
	}
	for name, m := range s.machines {
		if err := m.Close(); err != nil {
			s.t.Fatal(fmt.Sprintf("machine %s: %v", name, err))
		}
	}
	if s.hasSlot {
		<-s.shared.slots
	}
}

// verb is what a command of a script does. Its error is the command's failure,
// which "!" in the script turns into success; what is printed is for stdout
// and stderr to match.
type verb func(s *script, args []string) (printed, error)

type printed struct{ stdout, stderr string }

// misuse is an error in the script itself, which no "!" forgives.
type misuse struct{ text string }

func (e misuse) Error() string { return e.text }

func misused(format string, args ...any) error { return misuse{fmt.Sprintf(format, args...)} }

// command makes a verb one of testscript's commands.
func command(do verb) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s := ts.Value(scriptKey{}).(*script)
		s.files = ts
		out, err := do(s, args)
		_, _ = fmt.Fprint(ts.Stdout(), out.stdout)
		_, _ = fmt.Fprint(ts.Stderr(), out.stderr)
		if err := judge(neg, err); err != nil {
			ts.Fatalf("%v", err)
		}
	}
}

// judge says whether an outcome is the one that the script asks for.
func judge(neg bool, err error) error {
	if _, wrong := err.(misuse); wrong || !neg {
		return err
	}
	if err == nil {
		return fmt.Errorf("it succeeded, and should not")
	}
	return nil
}

// condition answers [controller:NAME]: can the machines limit by it? And
// [full]: are all the counts of the lossless table asked for?
func condition(name string) (bool, error) {
	if name == "full" {
		return full(), nil
	}
	controller, ok := strings.CutPrefix(name, "controller:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	there, err := machine.HostControllers()
	return slices.Contains(there, controller), err
}

// notRun ends the script and has it counted among those that cannot run here:
// [!controller:memory] unrun no memory controller in cgroup2.
func notRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: unrun WHY...")
	}
	why := strings.Join(args, " ")
	ts.Check(unrun.Note("TestScripts/"+ts.Name(), why))
	ts.Value(scriptKey{}).(*script).t.Skip("not run: " + why)
}
