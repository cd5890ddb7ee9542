package install

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/webstack/webstack/install/rollout"
)

// ErrNoRelease: there is nothing to go back to.
var ErrNoRelease = errors.New("there is no earlier release")

// ErrNothingSwitched: a deploy ended before it touched an instance.
var ErrNothingSwitched = errors.New("nothing was switched")

// RolledBack is a deploy that failed and was undone: every instance runs what
// it ran before.
type RolledBack struct {
	To  string // the release that they run
	Err error  // why
}

func (e *RolledBack) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RolledBack) Unwrap() error { return e.Err }

// Deployment is a deploy that is to be done.
type Deployment struct {
	Order
	// Release is the folder to deploy; "" goes back, to what ran before a
	// deploy that did not end, or to the release before the current one.
	Release string
	// Before runs in the new release before the first instance is switched;
	// nil for nothing.
	Before func(ctx context.Context, folder string) error
}

// deployer carries out one deploy of one app.
type deployer struct {
	h      *Host
	app    *App
	o      Deployment
	report func(Event)
	record *Releases
}

// Deploy brings every instance of an app to a release: the canaries first,
// which are watched, then the others one after another. Where something fails,
// what was switched is given back what it ran. Killed anywhere, each instance
// comes back on the release of its link, and the same deploy goes on.
func Deploy(ctx context.Context, h *Host, app *App, o Deployment, report func(Event)) error {
	record, err := ReadReleases(h.Paths, app.Unit)
	if err != nil {
		return err
	}
	if record == nil {
		return fmt.Errorf("app %q was never deployed: %w", app.Name, ErrNoRelease)
	}
	if err := takeBack(ctx, h, app.Instances); err != nil {
		return err
	}
	o.By = ByDeploy
	x := &deployer{h: h, app: app, o: o, report: report, record: record}
	if o.Release == "" {
		return x.goBack(ctx)
	}
	release, err := knownRelease(o.Release)
	if err != nil {
		return err
	}
	release.Ours = true
	if p := record.Pending; p != nil && p.Back {
		return fmt.Errorf("the way back to %s did not end: webstack deploy %s --rollback ends it first", p.To, app.Name)
	}
	goesOn := record.Pending != nil && record.Pending.To == release.Folder
	if !goesOn && o.Before != nil {
		if err := o.Before(ctx, release.Folder); err != nil {
			return fmt.Errorf("%w: %w", ErrNothingSwitched, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrNothingSwitched, context.Cause(ctx))
	}
	return x.bring(ctx, release)
}

// bring rolls every instance to a release, and back where that fails.
func (x *deployer) bring(ctx context.Context, to Release) error {
	if err := x.begin(to.Folder, x.todo(to.Folder), false); err != nil {
		return err
	}
	r, err := x.roller(ctx, to.Folder)
	if err != nil {
		return err
	}
	if err := x.watchCanaries(ctx, r); err != nil {
		return err
	}
	end, err := r.run(ctx)
	switch {
	case end == rollout.Completed && err == nil:
		return x.complete(to)
	case end == rollout.Unfinished, to.Folder == x.record.Current:
		return err // another deploy goes on; nor is there anything else to go back to
	}
	if back := x.giveBack(ctx, r.backOrder()); back != nil {
		return errors.Join(err, fmt.Errorf("cannot roll back to %s: %w", x.record.Current, back))
	}
	return &RolledBack{To: x.record.Current, Err: err}
}

// watchCanaries has the first instances of a roll watched.
func (x *deployer) watchCanaries(ctx context.Context, r *roller) error {
	if x.app.Deploy.Watch == 0 {
		return nil
	}
	r.set.Canaries = x.app.Deploy.Canary
	watch := &canaryWatch{h: x.h, app: x.app, canaries: r.canaries()}
	r.watch = watch.run
	return watch.lookBefore(ctx)
}

// goBack undoes a deploy that did not end, or returns to the release before.
func (x *deployer) goBack(ctx context.Context) error {
	if x.record.Pending != nil {
		return x.giveBack(ctx, nil)
	}
	folder := x.record.Previous()
	if folder == "" {
		return ErrNoRelease
	}
	to, err := knownRelease(folder)
	if err != nil {
		return err
	}
	to.Ours = slices.ContainsFunc(x.record.Known, func(k Release) bool { return k.Folder == folder && k.Ours })
	if err := x.begin(folder, x.todo(folder), false); err != nil {
		return err
	}
	if err := x.roll(ctx, folder, false); err != nil {
		return err
	}
	return x.complete(to)
}

// giveBack brings every instance that may run something else to the current
// release: first those named, in that order. All links lead back before the
// first instance is restarted, so that what systemd restarts by itself is
// right already.
func (x *deployer) giveBack(ctx context.Context, first []string) error {
	todo := first
	for _, name := range x.record.Pending.Todo {
		if x.record.Pending.Back && !slices.Contains(todo, name) {
			todo = append(todo, name)
		}
	}
	for i := range x.app.Instances {
		inst := &x.app.Instances[i]
		if x.h.Paths.linked(x.app, inst) != x.record.Current && !slices.Contains(todo, inst.Name) {
			todo = append(todo, inst.Name)
		}
	}
	if err := x.begin(x.record.Current, todo, true); err != nil {
		return err
	}
	for i := range x.app.Instances {
		if err := linkRelease(x.h.Paths, x.app, &x.app.Instances[i], x.record.Current); err != nil {
			return err
		}
	}
	if err := x.roll(ctx, x.record.Current, true); err != nil {
		return err
	}
	x.record.Pending = nil
	return x.save()
}

// roll brings the instances of the record's todo to a release, unwatched.
func (x *deployer) roll(ctx context.Context, folder string, back bool) error {
	r, err := x.roller(ctx, folder)
	if err != nil {
		return err
	}
	r.back = back
	_, err = r.run(ctx)
	return err
}

// todo are the instances that may not run a release yet: all, but for those
// that the deploy which is gone on with has brought there.
func (x *deployer) todo(folder string) []string {
	var names []string
	p := x.record.Pending
	for i := range x.app.Instances {
		inst := &x.app.Instances[i]
		there := p != nil && p.To == folder && !p.Back && !slices.Contains(p.Todo, inst.Name) &&
			x.h.Paths.linked(x.app, inst) == folder
		if !there {
			names = append(names, inst.Name)
		}
	}
	return names
}

// begin records what is about to be done, before anything is.
func (x *deployer) begin(to string, todo []string, back bool) error {
	x.h.reached("record " + to)
	x.record.Pending = &PendingDeploy{To: to, Todo: todo, Back: back, BeganAt: x.h.Now().UTC().Truncate(time.Second)}
	return x.save()
}

func (x *deployer) save() error { return x.record.write(x.h.Paths, x.app.Unit) }

// complete records that every instance runs a release, and deletes those that
// are kept no longer.
func (x *deployer) complete(to Release) error {
	x.h.reached("complete " + to.Folder)
	to.DeployedAt = x.h.Now().UTC().Truncate(time.Second)
	x.record.completed(to)
	if err := x.save(); err != nil {
		return err
	}
	for i := range x.app.Instances { // those that did not run
		if err := linkRelease(x.h.Paths, x.app, &x.app.Instances[i], to.Folder); err != nil {
			return err
		}
	}
	deleted, err := x.record.prune(x.h.Paths, x.app, x.app.Deploy.Keep)
	for _, folder := range deleted {
		x.report(Event{Step: Step{Kind: DeleteRelease, Subject: folder}})
	}
	if err != nil {
		x.report(Event{Step: Step{Kind: DeleteRelease, Subject: filepath.Dir(to.Folder)}, Err: err})
	}
	return x.save()
}

// roller rolls the instances of the record's todo to a release: a turn's
// change switches the link and restarts.
func (x *deployer) roller(ctx context.Context, folder string) (*roller, error) {
	var instances []Instance
	for _, name := range x.record.Pending.Todo {
		i := slices.IndexFunc(x.app.Instances, func(i Instance) bool { return i.Name == name })
		if i >= 0 { // else it was scaled away
			instances = append(instances, x.app.Instances[i])
		}
	}
	instances, err := toRestart(ctx, x.h, x.app, instances)
	if err != nil {
		return nil, err
	}
	r := newRoller(x.h, ByDeploy, asked(RollInstance, x.app, instances), x.report)
	r.set.MaxUnavailable = x.o.MaxUnavailable
	r.phase = func(Step) string { return PhaseSwitched }
	r.restart = func(ctx context.Context, s Step) error {
		if err := linkRelease(x.h.Paths, s.app, s.instance, folder); err != nil {
			return err
		}
		return cameUp(ctx, x.h, s.app, s.instance, x.h.Restart(ctx, s.Subject))
	}
	r.settled = func(s Step) error {
		p := x.record.Pending
		p.Todo = slices.DeleteFunc(p.Todo, func(name string) bool { return name == s.instance.Name })
		return x.save()
	}
	return r, nil
}
