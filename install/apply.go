package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// Event is what an apply or a roll tells while it goes on.
type Event struct {
	Step Step
	// Phase names a part of a long step ("drained", "restarted", "ready");
	// "" where the step is over.
	Phase string
	// Took is how long the phase or the step lasted.
	Took time.Duration
	Err  error
}

// Apply carries out a plan, step after step. The first error stops it and
// leaves the rest for the next apply, which finds out by itself what is left.
// report may be nil.
func Apply(ctx context.Context, h *Host, d *Desired, a *Actual, p *Plan, report func(Event)) error {
	if p.Empty() {
		return nil
	}
	if report == nil {
		report = func(Event) {}
	}
	x := &applier{h: h, d: d, a: a, p: p, report: report}
	if err := x.stage(ctx); err != nil {
		return &StageError{err}
	}
	for i := 0; i < len(p.Steps); {
		n := x.batch(i)
		if err := x.run(ctx, p.Steps[i:i+n]); err != nil {
			return err
		}
		i += n
	}
	return nil
}

// StageError is what went wrong before the first change to the machine.
type StageError struct{ Err error }

func (e *StageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *StageError) Unwrap() error { return e.Err }

// applier carries one apply from step to step.
type applier struct {
	h      *Host
	d      *Desired
	a      *Actual
	p      *Plan
	report func(Event)
}

// stage stores the generation, has systemd verify its units, and records it
// as pending: all before the first change that systemd can see.
func (x *applier) stage(ctx context.Context) error {
	if x.p.store {
		x.h.reached("stage")
		err := storeGeneration(x.h.Paths, &Generation{
			Version: manifestVersion, Number: x.p.Generation, Previous: x.p.Previous,
			CreatedAt: x.h.Now().UTC().Truncate(time.Second), Sum: x.d.Sum(), Desired: *x.d,
		})
		if err != nil {
			return err
		}
	}
	changed := false
	for _, s := range x.p.Steps {
		changed = changed || s.Kind == WriteFile
	}
	if changed {
		x.h.reached("verify")
		if err := x.verify(ctx); err != nil {
			return err
		}
	}
	if x.p.Generation == x.p.Previous && !changed {
		return nil // nothing but unit states: no file will need an owner
	}
	x.h.reached("pending")
	var already []int
	for _, g := range x.a.Pending {
		already = append(already, g.Number)
	}
	return addPending(x.h.Paths, already, x.p.Generation)
}

// verify lets systemd read the units as they will stand, from the
// generation's folder.
func (x *applier) verify(ctx context.Context) error {
	var names []string
	// A socket unit is loaded together with its service, which an operator may
	// have masked.
	sockets := !x.a.Units[proxyUnit].Masked()
	for _, f := range x.d.Files {
		if isDropIn(f.Path) == 0 && (sockets || !strings.HasSuffix(f.Path, ".socket")) {
			names = append(names, f.Path)
		}
	}
	if len(names) == 0 {
		return nil
	}
	dir := x.h.Paths.generation(x.p.Generation)
	err := x.h.Verify(ctx, filepath.Join(dir, "units"), names)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("systemd refuses the rendered units: %w", err)
	if x.p.store {
		err = errors.Join(err, os.RemoveAll(dir)) // nobody will ever apply it
	}
	return err
}

// reached tells a test where the process is.
func (h *Host) reached(step string) {
	if h.Reached != nil {
		h.Reached(step)
	}
}

// batch is how many steps from i on are carried out together: instances start
// and are waited for side by side, everything else goes one after another.
func (x *applier) batch(i int) int {
	n := 1
	for x.p.Steps[i].together() && i+n < len(x.p.Steps) && x.p.Steps[i+n].together() {
		n++
	}
	return n
}

func (s Step) together() bool { return s.Kind == StartInstance || s.Kind == WaitInstance }

func (x *applier) run(ctx context.Context, steps []Step) error {
	x.h.reached(string(steps[0].Kind) + " " + steps[0].Subject)
	if steps[0].together() {
		return sideBySide(x.h, steps, x.report, func(s Step) error { return bringUp(ctx, x.h, s) })
	}
	began := x.h.Now()
	err := x.do(ctx, steps[0])
	x.report(Event{Step: steps[0], Took: x.h.Now().Sub(began), Err: err})
	return err
}

// atOnce is how many instances are started or stopped side by side. Each waits
// for replies of its own, of which a bus allows 128 to a connection
// (max_replies_per_connection, dbus-daemon(1)), and a machine that starts two
// hundred interpreters in one moment answers nobody.
const atOnce = 16

// sideBySide carries out steps, a few at a time, and reports each. All that
// began are waited for, so that the report is whole when one fails; none
// begins after that.
func sideBySide(h *Host, steps []Step, report func(Event), do func(Step) error) error {
	done := make(chan Event)
	var errs []error
	failed := false
	for next, running := 0, 0; ; {
		for next < len(steps) && running < atOnce && !failed {
			s := steps[next]
			next, running = next+1, running+1
			go func() {
				began := h.Now()
				err := do(s)
				done <- Event{Step: s, Took: h.Now().Sub(began), Err: err}
			}()
		}
		if running == 0 {
			return errors.Join(errs...)
		}
		e := <-done
		running--
		report(e)
		errs = append(errs, e.Err)
		failed = failed || e.Err != nil
	}
}

// bringUp starts an instance unless it is only waited for, waits until it
// answers, and tells a proxy that has marked it as failed.
func bringUp(ctx context.Context, h *Host, s Step) error {
	if s.Kind == StartInstance {
		if err := startInstance(ctx, h, s.Subject); err != nil {
			return describeFailure(ctx, h, s.Subject, err)
		}
	}
	if err := waitReady(ctx, h, s.app, s.instance); err != nil {
		return err
	}
	status, err := h.ProxyStatus(ctx)
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	if err != nil || !outOfRotation(status, s.instance.ID()) {
		return err
	}
	return undrain(ctx, h, s)
}

// startInstance starts a unit now: a start of one that systemd is about to
// start again would wait for its RestartSec=.
func startInstance(ctx context.Context, h *Host, unit string) error {
	u, err := h.Unit(ctx, unit)
	if err != nil {
		return err
	}
	if u.Crashing() {
		return h.Restart(ctx, unit)
	}
	return h.Start(ctx, unit)
}

func (x *applier) do(ctx context.Context, s Step) error {
	switch s.Kind {
	case WriteFile:
		return x.write(s.Subject)
	case DeleteFile:
		return x.delete(s.Subject)
	case MakeFolder:
		return makeDirs(s.Subject, 0o755)
	case DaemonReload:
		return x.h.DaemonReload(ctx)
	case Enable:
		return x.h.Enable(ctx, s.Subject)
	case Disable:
		return x.h.Disable(ctx, s.Subject)
	case StopListener, StopTarget:
		return x.h.Stop(ctx, s.Subject)
	case StartTarget:
		return x.h.Start(ctx, s.Subject)
	case ServeConfig:
		return x.serve(ctx)
	case OpenListeners:
		return x.open(ctx, s.Subject)
	case RollInstance, ReplaceInstance:
		return rollInstance(ctx, x.h, s, x.report)
	case UndrainInstance:
		return x.h.Undrain(ctx, s.instance.ID())
	case StopInstance:
		return x.stop(ctx, s)
	case Commit:
		return x.commit()
	}
	return fmt.Errorf("no way to carry out a step of kind %q", s.Kind)
}

func (x *applier) write(path string) error {
	f, ok := x.d.file(path)
	if !ok {
		return fmt.Errorf("cannot write %s: it is not in the plan's generation", path)
	}
	full := filepath.Join(x.h.Paths.Units, path)
	if err := makeDirs(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return writeFile(full, []byte(f.Content), 0o644)
}

// delete removes a file and the drop-in folder that it leaves empty.
func (x *applier) delete(path string) error {
	full := filepath.Join(x.h.Paths.Units, path)
	if err := removeFile(full); err != nil {
		return err
	}
	if isDropIn(path) == 1 {
		os.Remove(filepath.Dir(full)) // fails where an operator's drop-in is left, as it should
	}
	return nil
}

// pollInterval is how often a state that systemd or the proxy does not
// announce to us is asked for.
const pollInterval = 50 * time.Millisecond

// pause waits for one poll interval.
func (h *Host) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("stopped waiting: %w", context.Cause(ctx))
	case <-h.After(pollInterval):
		return nil
	}
}

// stop takes an instance out of the proxy's rotation, waits for what it still
// answers, and stops it. The new config no longer names it, so the proxy is
// draining it already; the wait is bounded by the app's drain timeout.
func (x *applier) stop(ctx context.Context, s Step) error {
	if err := waitIdle(ctx, x.h, s.instance.ID(), s.app.DrainTimeout); err != nil {
		return err
	}
	if err := x.h.Stop(ctx, s.Subject); err != nil {
		return describeFailure(ctx, x.h, s.Subject, err)
	}
	// A failed instance of a template that goes away would stay listed.
	return x.h.ResetFailed(ctx, s.Subject)
}

// commit makes the generation the current one. Everything that it needs is up.
func (x *applier) commit() error {
	p := x.h.Paths
	if err := flipLink(p.currentLink(), filepath.Join("generations", fmt.Sprint(x.p.Generation))); err != nil {
		return err
	}
	if err := clearPending(p); err != nil {
		return err
	}
	return pruneGenerations(p, x.p.Generation, x.p.Previous, x.a.Serving)
}
