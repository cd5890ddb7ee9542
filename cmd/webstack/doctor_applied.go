package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/install/spec/load"
)

// checkApplied looks at the spec, the generation and the instances.
func (p *patient) checkApplied() {
	var err error
	if p.applied, err = applied(install.DefaultPaths()); err != nil {
		if errors.Is(err, errNothingApplied) {
			p.say("generation", doubtful, errNothingApplied.Error(), errNothingApplied.hint)
		} else {
			p.say("generation", broken, err.Error(), hintFor(err))
		}
		return
	}
	d := &p.applied.Desired
	if p.host == nil {
		p.say("generation", healthy, fmt.Sprintf("generation %d is applied", p.applied.Number), "")
		return
	}
	if p.actual, err = install.ReadActual(p.ctx, p.host, d); err != nil {
		p.say("generation", broken, err.Error(), hintFor(err))
		return
	}
	p.found = append(p.found, judgeGeneration(p.applied, p.actual))
	p.found = append(p.found, judgeFiles(d, p.actual, p.root)...)
	p.checkSpec()
	for i := range d.Apps {
		p.found = append(p.found, judgeApp(&d.Apps[i], p.actual, d))
	}
	for _, l := range d.Listeners {
		p.found = append(p.found, judgeListener(l, p.actual.Units[l.Unit], p.host.Holder(l.Network, l.Address)))
	}
}

func judgeGeneration(g *install.Generation, a *install.Actual) finding {
	f := finding{Check: "generation", Verdict: healthy, Text: fmt.Sprintf("generation %d is applied", g.Number)}
	if len(a.Pending) > 0 {
		f.Verdict, f.Text = broken, "an apply has not ended"
		f.Remedy = "webstack apply goes on with it, webstack rollback undoes it"
	}
	return f
}

// judgeFiles compares the files that webstack wrote with what stands.
func judgeFiles(d *install.Desired, a *install.Actual, root bool) []finding {
	var changed []string
	for _, f := range d.Files {
		if filepath.IsAbs(f.Path) && !root {
			continue // in polkit's folder, which only root sees
		}
		if a.Files[f.Path] != f.SHA256 {
			changed = append(changed, f.Path)
		}
	}
	if len(changed) > 0 {
		return []finding{{"files", broken, several(changed) + ": not as applied", "webstack diff shows it, webstack apply writes them again"}}
	}
	return []finding{{Check: "files", Verdict: healthy, Text: fmt.Sprintf("%s as applied", count(len(d.Files), "file"))}}
}

// checkSpec says whether the operator's text is what is applied.
func (p *patient) checkSpec() {
	files, err := load.Dir(p.etc)
	if err != nil {
		p.say("spec", doubtful, err.Error(), "webstack check")
		return
	}
	s, mistakes := spec.Parse(files)
	if len(mistakes) > 0 {
		p.say("spec", broken, fmt.Sprintf("%s has %s", p.etc, count(len(mistakes), "error")), "webstack check")
		return
	}
	d, err := install.NewDesired(s, files, install.LocalOf(p.host.Paths))
	switch {
	case err != nil:
		p.say("spec", broken, err.Error(), "webstack check")
	case d.Sum() != p.applied.Sum:
		p.say("spec", doubtful, "the spec is not what is applied", "webstack diff")
	default:
		p.say("spec", healthy, p.etc+" is what is applied", "")
	}
}

// judgeApp looks at an app's instances.
func judgeApp(app *install.App, a *install.Actual, d *install.Desired) finding {
	f := finding{Check: "app " + app.Name, Verdict: healthy}
	var down, starting, old []string
	up := 0
	for i := range app.Instances {
		inst := &app.Instances[i]
		u := a.Units[inst.Unit]
		switch {
		case u.Active == "active":
			up++
			if runsOld(app, inst, a, d) {
				old = append(old, inst.ID())
			}
		case u.Active == "activating" && !u.Crashing():
			starting = append(starting, inst.ID())
		case u.Active == "failed" || u.Crashing() || app.Start == "boot" && !u.Masked():
			state, detail := unitState(u)
			down = append(down, strings.TrimSpace(fmt.Sprintf("%s is %s %s", inst.ID(), state, detail)))
		}
	}
	f.Text = fmt.Sprintf("%d/%d up", up, len(app.Instances))
	switch {
	case len(down) > 0:
		f.Verdict, f.Text = broken, f.Text+": "+several(down)
		f.Remedy = fmt.Sprintf("webstack logs %s -n 20", app.Name)
	case len(starting) > 0:
		f.Verdict, f.Text = doubtful, f.Text+": "+several(starting)+" starting"
		f.Remedy = fmt.Sprintf("wait, and then: webstack status %s", app.Name)
	case len(old) > 0:
		f.Verdict, f.Text = doubtful, f.Text+": "+several(old)+" run the old unit"
		f.Remedy = "webstack apply"
	case app.Start == "on-demand":
		f.Text += ", on demand"
	}
	return f
}

// judgeListener looks at one port. holder is who listens there.
func judgeListener(l install.Listener, u install.Unit, holder string) finding {
	f := finding{Check: "listener " + l.Name, Verdict: healthy, Text: fmt.Sprintf("%s is open", l.Address)}
	switch {
	case u.Up():
	case u.Masked():
		f.Verdict, f.Text = doubtful, fmt.Sprintf("%s is masked", l.Unit)
		f.Remedy = "systemctl unmask " + l.Unit
	case holder != "":
		f.Verdict, f.Text = broken, fmt.Sprintf("%s is held by %s", l.Address, holder)
		f.Remedy = "stop that, then: systemctl restart webstack.service"
	default:
		f.Verdict, f.Text = broken, fmt.Sprintf("%s is closed: %s is %s", l.Address, l.Unit, u.Active)
		f.Remedy = "systemctl start webstack.socket"
	}
	return f
}

// judgeRoot looks at one folder that is served. seen is what the proxy sees of
// it.
func judgeRoot(path string, info os.FileInfo, seen bool) finding {
	f := finding{Check: "folder " + filepath.Clean(path), Verdict: healthy, Text: "it is there, and the proxy sees it"}
	switch {
	case info == nil:
		f.Verdict, f.Text = doubtful, "it is missing: its routes answer 404"
		f.Remedy = "make it, and then: webstack apply"
	case !info.IsDir():
		f.Verdict, f.Text, f.Remedy = broken, "it is no folder", "name the folder in the spec"
	case !seen:
		f.Verdict, f.Text = broken, "the proxy does not see it: it appeared or was replaced since that started"
		f.Remedy = "webstack apply"
	case info.Mode().Perm()&0o005 != 0o005:
		f.Verdict, f.Text = doubtful, fmt.Sprintf("its mode is %04o: the user webstack may not be able to read it", info.Mode().Perm())
		f.Remedy = "chmod o+rx " + path
	}
	return f
}
