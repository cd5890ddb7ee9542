package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units"
)

// checkProxy looks at the umbrella, the proxy and what it sees.
func (p *patient) checkProxy() {
	umbrella, err := p.host.Unit(p.ctx, units.ProxySocket)
	if err != nil {
		p.say("proxy", broken, err.Error(), hintFor(err))
		return
	}
	service, err := p.host.Unit(p.ctx, units.ProxyService)
	if err != nil {
		p.say("proxy", broken, err.Error(), hintFor(err))
		return
	}
	serves := p.applied != nil && len(p.applied.Desired.Listeners) > 0
	p.found = append(p.found, judgeBoot(umbrella, service, serves))
	status, err := p.host.ProxyStatus(p.ctx)
	p.found = append(p.found, judgeReach(service, status, err))
	if p.applied == nil || service.MainPID == 0 {
		return
	}
	if err == nil {
		p.found = append(p.found, judgeRunning(p.applied, p.actual, status, p.root))
	}
	if p.root {
		p.checkProgram("proxy", units.ProxyService, service.MainPID)
		p.checkRoots(service.MainPID)
	}
}

// judgeBoot says whether the proxy's units are there and start with the
// machine.
func judgeBoot(umbrella, service install.Unit, serves bool) finding {
	f := finding{Check: "proxy units", Verdict: healthy, Text: "webstack.socket and webstack.service are in place"}
	switch {
	case umbrella.Load == "not-found" || service.Load == "not-found":
		f.Verdict, f.Text, f.Remedy = broken, "webstack.socket or webstack.service is not installed", "install the package again, then: systemctl daemon-reload"
	case umbrella.Masked() || service.Masked():
		f.Verdict, f.Text, f.Remedy = doubtful, "webstack.socket or webstack.service is masked", "systemctl unmask webstack.socket webstack.service"
	case serves && umbrella.FileState != "enabled":
		f.Verdict, f.Text, f.Remedy = broken, "the listeners do not open at boot", "systemctl enable webstack.socket"
	}
	return f
}

// judgeReach says whether the proxy answers on its control socket.
func judgeReach(service install.Unit, status *control.Status, err error) finding {
	f := finding{Check: "control socket", Verdict: healthy}
	switch {
	case err == nil:
		f.Text = fmt.Sprintf("the proxy answers, process %d", status.PID)
	case errors.Is(err, control.ErrNotPermitted):
		f.Verdict, f.Text = doubtful, "it is for root and the group "+adminGroup
		f.Remedy = "as root: usermod -aG " + adminGroup + " NAME"
	case service.Crashing():
		f.Verdict, f.Text, f.Remedy = broken, "the proxy does not stay up: "+service.Outcome(), "journalctl -u webstack.service -n 20"
	case errors.Is(err, control.ErrNotRunning) && service.Active == "active":
		f.Verdict, f.Text, f.Remedy = broken, "the proxy runs and nobody answers at "+control.Socket, "systemd-tmpfiles --create webstack.conf && systemctl restart webstack.service"
	case errors.Is(err, control.ErrNotRunning):
		f.Text = "the proxy does not run; a request starts it"
	default:
		f.Verdict, f.Text, f.Remedy = broken, err.Error(), "journalctl -u webstack.service -n 20"
	}
	return f
}

// judgeRunning compares what the proxy runs with what is applied.
func judgeRunning(g *install.Generation, a *install.Actual, status *control.Status, root bool) finding {
	f := finding{Check: "proxy", Verdict: healthy, Text: fmt.Sprintf("it runs generation %d", status.Generation)}
	switch {
	case status.Generation != g.Number && len(a.Pending) == 0:
		f.Verdict, f.Text = broken, fmt.Sprintf("it runs generation %d, and %d is applied", status.Generation, g.Number)
		f.Remedy = "webstack apply"
	case root && a.Running[units.ProxyService] != g.Desired.ProxyHash:
		f.Verdict, f.Text = broken, "it was started with other listeners, or another view of the disk, than are applied"
		f.Remedy = "webstack apply"
	}
	return f
}

// checkProgram says whether a process runs the program that is installed.
func (p *patient) checkProgram(check, unit string, pid int) {
	runs, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		p.say(check+" program", doubtful, fmt.Sprintf("cannot tell what process %d runs", pid), "")
		return
	}
	program := p.host.Paths.InstalledProgram()
	installed, err := os.Stat(program)
	switch {
	case err != nil:
		p.say(check+" program", doubtful, err.Error(), "install the package again")
	case !os.SameFile(runs, installed):
		p.say(check+" program", doubtful, fmt.Sprintf("it runs another webstack than %s", program), "systemctl restart "+unit)
	default:
		p.say(check+" program", healthy, "it runs "+program, "")
	}
}

// checkRoots looks at every folder that is served.
func (p *patient) checkRoots(pid int) {
	whole, err := install.LoadGeneration(p.host.Paths, p.applied.Number)
	if err != nil {
		p.say("generation", broken, err.Error(), "webstack apply")
		return
	}
	seen := map[string]bool{}
	for _, site := range whole.Desired.Config.Sites {
		for _, r := range site.Routes {
			if r.Files == nil || seen[r.Files.Root] {
				continue
			}
			seen[r.Files.Root] = true
			info, err := os.Stat(r.Files.Root)
			if err != nil {
				info = nil
			}
			p.found = append(p.found, judgeRoot(r.Files.Root, info, p.host.Sees(pid, r.Files.Root)))
		}
	}
}
