package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/control"
)

// deployed is a sim with an app that runs the release "one" behind a running
// proxy; "two" is beside it.
func deployed(t *testing.T) (s *sim, app *App, folder func(string) string) {
	t.Helper()
	s = newSim(t)
	dir := memoryDir(t)
	folder = func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"one", "two", "bad"} {
		if err := os.Mkdir(folder(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder("bad"), crashes), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d := desire("1", []string{"8020", "8021", "8022"}, "8081")
	app = &d.Apps[0]
	app.Directory = folder("one")
	app.Deploy.Canary, app.Deploy.Watch, app.Deploy.Keep = 1, 2*time.Second, 5
	if err := Adopt(s.host, app); err != nil {
		t.Fatal(err)
	}
	app.Releases = s.host.Paths.Releases("app")
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	s.start(proxyUnit)
	s.wantReleases(app, folder("one"))
	s.steps, s.calls = 0, nil
	return s, app, folder
}

// deploy deploys a release and returns where it was killed, if it was.
func (s *sim) deploy(app *App, release string) (dead string, err error) {
	s.t.Helper()
	defer func() {
		if r := recover(); r != nil {
			d, ok := r.(died)
			if !ok {
				panic(r)
			}
			dead = d.step
		}
	}()
	return "", Deploy(s.t.Context(), s.host, app, Deployment{Release: release}, func(Event) {})
}

// wantReleases checks that all instances run a release, their links lead
// there, and nothing is left of a deploy.
func (s *sim) wantReleases(app *App, folder string) {
	s.t.Helper()
	for _, inst := range app.Instances {
		u := s.unit(inst.Unit)
		if got := s.release[u.MainPID]; u.Active != "active" || got != folder {
			s.t.Errorf("%s is %s and runs %q, want %q", inst.Unit, u.Active, got, folder)
		}
		if got := s.releaseOf(inst.Unit); got != folder {
			s.t.Errorf("the link of %s leads to %q, want %q", inst.Unit, got, folder)
		}
	}
	if len(s.drained) > 0 {
		s.t.Errorf("%v are drained", s.drained)
	}
	r, err := ReadReleases(s.host.Paths, app.Unit)
	if err != nil || r.Pending != nil || r.Current != folder {
		s.t.Errorf("got the record %+v, %v, want %q current and nothing pending", r, err, folder)
	}
}

func TestADeployBringsEveryInstanceToTheRelease(t *testing.T) {
	s, app, folder := deployed(t)
	if _, err := s.deploy(app, folder("two")); err != nil {
		t.Fatal(err)
	}
	s.wantReleases(app, folder("two"))
	if _, err := s.deploy(app, ""); err != nil {
		t.Fatal(err)
	}
	s.wantReleases(app, folder("one"))
}

func TestADeployThatFailsRollsBackByItself(t *testing.T) {
	s, app, folder := deployed(t)
	_, err := s.deploy(app, folder("bad"))
	var back *RolledBack
	if !errors.As(err, &back) || back.To != folder("one") {
		t.Errorf("got %v, want to be told that it was rolled back", err)
	}
	s.wantReleases(app, folder("one"))
	if slices.ContainsFunc(s.calls, func(c string) bool { return strings.Contains(c, "8021") || strings.Contains(c, "8022") }) {
		t.Errorf("got %q, want no other instance than the canary touched", s.calls)
	}
}

// An instance that fails when the canary was fine takes those before it back.
func TestALaterFailureRollsAllBack(t *testing.T) {
	s, app, folder := deployed(t)
	restart, restarts := s.host.Restart, 0
	s.host.Restart = func(ctx context.Context, unit string) error {
		if restarts++; restarts == 3 {
			return errRefused
		}
		return restart(ctx, unit)
	}
	if _, err := s.deploy(app, folder("two")); !errors.Is(err, errRefused) {
		t.Errorf("got %v, want why it failed", err)
	}
	s.wantReleases(app, folder("one"))
}

func TestACanaryThatAnswersWithErrorsIsRolledBack(t *testing.T) {
	s, app, folder := deployed(t)
	status := s.host.ProxyStatus
	asked := uint64(0)
	s.host.ProxyStatus = func(ctx context.Context) (*control.Status, error) {
		st, err := status(ctx)
		if err != nil {
			return nil, err
		}
		asked += 10
		up := &st.Upstreams[0]
		for _, inst := range app.Instances {
			if !slices.ContainsFunc(up.Instances, func(i control.InstanceStatus) bool { return i.ID == inst.ID() }) {
				errs := uint64(0)
				if s.release[s.unit(inst.Unit).MainPID] == folder("two") {
					errs = asked
				}
				up.Instances = append(up.Instances, control.InstanceStatus{ID: inst.ID(), State: "up", Requests: asked, Errors: errs})
			}
		}
		return st, nil
	}
	if _, err := s.deploy(app, folder("two")); err == nil || !strings.Contains(err.Error(), "answers of the new release are errors") {
		t.Errorf("got %v, want the canary's errors", err)
	}
	s.wantReleases(app, folder("one"))
}

func TestACanaryThatDiesIsRolledBack(t *testing.T) {
	s, app, folder := deployed(t)
	after := s.host.After
	polls := 0
	s.host.After = func(d time.Duration) <-chan time.Time {
		if d == watchInterval {
			if polls++; polls == 3 {
				s.mu.Lock()
				u := s.unit("app@8020.service")
				u.Active, u.Sub, u.Restarts = "activating", "auto-restart", u.Restarts+1
				s.mu.Unlock()
			}
		}
		return after(d)
	}
	if _, err := s.deploy(app, folder("two")); err == nil || !strings.Contains(err.Error(), "did not stay up under the new release") {
		t.Errorf("got %v, want the canary's end", err)
	}
	s.wantReleases(app, folder("one"))
}

// Killed before any of its steps, with or without a reboot: every instance
// runs what its link says, and the same deploy, another one, or the way back
// completes.
func TestAKilledDeployIsCompletedOrUndone(t *testing.T) {
	for _, release := range []string{"two", "bad"} {
		for _, reboot := range []bool{false, true} {
			for _, next := range []string{"two", ""} {
				t.Run(fmt.Sprintf("%s, reboot %v, then %q", release, reboot, next), func(t *testing.T) {
					for step := 1; ; step++ {
						s, app, folder := deployed(t)
						s.dieAt = step
						dead, _ := s.deploy(app, folder(release))
						s.dieAt = 0
						if reboot {
							s.reboot()
							s.wantLinkedReleases(app)
							s.start(proxyUnit)
						}
						s.goOn(app, folder, next)
						if t.Failed() {
							t.Fatalf("after a kill at step %d, %q", step, dead)
						}
						if dead == "" {
							return
						}
					}
				})
			}
		}
	}
}

// goOn ends what a killed deploy left.
func (s *sim) goOn(app *App, folder func(string) string, next string) {
	s.t.Helper()
	r, err := ReadReleases(s.host.Paths, app.Unit)
	if err != nil {
		s.t.Fatal(err)
	}
	want := folder("one")
	switch {
	case r.Pending != nil && r.Pending.Back || next == "" && r.Pending != nil:
		_, err = s.deploy(app, "")
	case next == "":
		want = r.Current // it was over
	default:
		want = folder(next)
		_, err = s.deploy(app, want)
	}
	if err != nil {
		s.t.Errorf("going on: %v", err)
	}
	s.wantReleases(app, want)
}

func (s *sim) wantLinkedReleases(app *App) {
	s.t.Helper()
	for _, inst := range app.Instances {
		u := s.unit(inst.Unit)
		if got, want := s.release[u.MainPID], s.releaseOf(inst.Unit); u.MainPID > 0 && got != want || want == "" {
			s.t.Errorf("after a reboot %s runs %q, and its link leads to %q", inst.Unit, got, want)
		}
	}
}

// A deploy that did not end is no apply's to end: each instance stays on its
// release, and a new one comes up on the last good one.
func TestAnApplyLeavesAnOpenDeployAlone(t *testing.T) {
	s, app, folder := deployed(t)
	s.dieAt = 8
	if dead, _ := s.deploy(app, folder("two")); dead == "" {
		t.Fatal("it was not killed")
	}
	s.dieAt = 0
	d := desire("1", []string{"8020", "8021", "8022", "8023"}, "8081")
	d.Apps[0].Releases, d.Apps[0].Directory = app.Releases, app.Directory
	before := s.releaseOf("app@8020.service")
	_, p := s.plan(d)
	if len(p.Notes) == 0 || !strings.Contains(p.Notes[0], "a deploy of app did not end") {
		t.Errorf("got notes %q, want to be told of the deploy", p.Notes)
	}
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	if got := s.releaseOf("app@8020.service"); got != before || got != folder("two") {
		t.Errorf("the canary's link leads to %q, want %q still", got, before)
	}
	if got := s.release[s.unit("app@8023.service").MainPID]; got != folder("one") {
		t.Errorf("the new instance runs %q, want the last good release", got)
	}
}

func TestReleasesThatAreKeptNoLongerAreDeleted(t *testing.T) {
	s, app, folder := deployed(t)
	app.Deploy.Keep, app.Deploy.Watch = 2, 0
	elsewhere := filepath.Join(memoryDir(t), "five")
	for _, f := range []string{folder("three"), folder("four"), folder("mine"), elsewhere} {
		if err := os.MkdirAll(filepath.Join(f, "deep", "er"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{folder("two"), folder("three"), elsewhere, folder("four"), folder("two")} {
		if _, err := s.deploy(app, f); err != nil {
			t.Fatal(err)
		}
	}
	// The last was over two, three, elsewhere, four and two again.
	for name, stays := range map[string]bool{
		folder("one"): true, folder("mine"): true, elsewhere: true,
		folder("four"): true, folder("two"): true, folder("three"): false,
	} {
		_, err := os.Stat(name)
		if (err == nil) != stays {
			t.Errorf("%s: got %v, want it there: %v", name, err, stays)
		}
	}
}

func TestAFolderOfTheSameNameIsNotTheRelease(t *testing.T) {
	dir := memoryDir(t)
	k, err := knownRelease(dir)
	if err != nil {
		t.Fatal(err)
	}
	k.Inode++
	if gone, err := deleteRelease(k); gone || err != nil {
		t.Errorf("got %v, %v, want the other folder left alone", gone, err)
	}
}

func TestAReleaseThatIsGoneIsSaidBeforeAnythingStarts(t *testing.T) {
	s, app, folder := deployed(t)
	if err := os.Remove(folder("one")); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("[app.app]\ncommand = \"/bin/true\"\nuser = \"root\"\nports = \"8020-8022\"\ndirectory = %q\n", folder("one"))
	parsed, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(text)}})
	if len(found) > 0 {
		t.Fatal(found)
	}
	d := &Desired{Apps: []App{*app}, Config: NothingDesired().Config}
	a, err := ReadActual(t.Context(), s.host, d)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, diagnostic := range Preflight(t.Context(), s.host, parsed, d, a) {
		if strings.Contains(diagnostic.Message, "release") {
			said = append(said, diagnostic.Message)
		}
	}
	want := fmt.Sprintf("release %q of app@8020 is not a folder on this machine", folder("one"))
	if !slices.Equal(said, []string{want}) {
		t.Errorf("got %q, want %q once", said, want)
	}
}
