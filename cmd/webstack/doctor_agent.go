package main

import (
	"fmt"
	"os"
	"os/user"
	"slices"

	"github.com/webstack/webstack/install"
)

// agentUnit runs `webstack agent`.
const agentUnit = "webstack-agent.service"

// checkAgent looks at the agent and at what it may do.
func (p *patient) checkAgent() {
	u, err := p.host.Unit(p.ctx, agentUnit)
	if err != nil {
		p.say("agent", broken, err.Error(), hintFor(err))
		return
	}
	var needs []string
	if p.applied != nil {
		needs = agentFeatures(&p.applied.Desired)
	}
	p.found = append(p.found, judgeAgent(u, needs))
	if u.Load == "not-found" || u.Masked() {
		return
	}
	p.found = append(p.found, judgeMember(groupsOf(install.AgentUser)))
	if p.root && u.MainPID > 0 {
		p.checkProgram("agent", agentUnit, u.MainPID)
	}
	p.checkPolkit(u.MainPID, needs)
}

// agentFeatures are what the spec asks for and only the agent does.
func agentFeatures(d *install.Desired) []string {
	var list []string
	for _, a := range d.Apps {
		if a.Watchdog != nil {
			list = append(list, "the watchdog of "+a.Name)
		}
		if a.Start == "on-demand" && !a.Woken() {
			list = append(list, "the start of "+a.Name)
		}
		if a.IdleStop > 0 {
			list = append(list, "the idle_stop of "+a.Name)
		}
	}
	return list
}

func judgeAgent(u install.Unit, needs []string) finding {
	f := finding{Check: "agent", Verdict: healthy, Text: "it runs"}
	switch {
	case u.Active == "active":
		return f
	case u.Load == "not-found":
		f.Text, f.Remedy = agentUnit+" is not installed", "install the package again, then: systemctl daemon-reload"
	case u.Masked():
		f.Text, f.Remedy = "it is masked", "systemctl unmask "+agentUnit+" && systemctl start "+agentUnit
	case u.Crashing() || u.Active == "failed":
		f.Text, f.Remedy = "it does not stay up: "+u.Outcome(), "journalctl -u webstack-agent -n 20"
	default:
		f.Text, f.Remedy = "it does not run", "systemctl start "+agentUnit
	}
	f.Verdict = doubtful
	if len(needs) > 0 {
		f.Verdict = broken
		f.Text += ", and does not do: " + several(needs)
	}
	return f
}

// groupsOf are the groups of a user by name, nil for no such user.
func groupsOf(name string) []string {
	u, err := user.Lookup(name)
	if err != nil {
		return nil
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil
	}
	groups := []string{}
	for _, id := range ids {
		if g, err := user.LookupGroupId(id); err == nil {
			groups = append(groups, g.Name)
		}
	}
	return groups
}

func judgeMember(groups []string) finding {
	f := finding{Check: "agent user", Verdict: healthy, Text: install.AgentUser + " is in " + adminGroup}
	switch {
	case groups == nil:
		f.Verdict, f.Text, f.Remedy = broken, "there is no user "+install.AgentUser, "systemd-sysusers webstack.conf"
	case !slices.Contains(groups, adminGroup):
		f.Verdict, f.Text = broken, fmt.Sprintf("%s is not in %s: the proxy does not listen to it", install.AgentUser, adminGroup)
		f.Remedy = "systemd-sysusers webstack.conf && systemctl restart " + agentUnit
	}
	return f
}

// checkPolkit looks at whether the agent may do what the spec asks of it: at
// the rules that polkit can have, and then at what polkit says.
func (p *patient) checkPolkit(pid int, needs []string) {
	version, err := p.bus.PolkitVersion(p.ctx)
	_, missing := os.Stat(p.host.Paths.PolkitRules)
	f := judgePolkit(version, err, missing == nil, needs)
	p.found = append(p.found, f)
	if f.Verdict != healthy || !p.root || pid == 0 || p.applied == nil {
		return
	}
	for i := range p.applied.Desired.Apps {
		a := &p.applied.Desired.Apps[i]
		for _, inst := range a.Instances {
			allowed, err := p.bus.Allowed(p.ctx, pid, "reset-failed", inst.Unit)
			if err != nil || !allowed {
				p.say("permission", broken, fmt.Sprintf("polkit does not let the agent look after %s", inst.Unit),
					"webstack apply; if that does not help, another rule in /etc/polkit-1 or /usr/share/polkit-1 refuses it")
				return
			}
		}
	}
	p.say("permission", healthy, "polkit lets the agent look after every instance", "")
}

func judgePolkit(version string, err error, folder bool, needs []string) finding {
	f := finding{Check: "polkit", Verdict: healthy, Text: "polkit " + version + " reads rules"}
	switch {
	case err != nil:
		f.Text, f.Remedy = "there is no polkit: the agent only watches", "install polkitd 0.106 or newer, then: webstack apply"
	case !folder:
		f.Text = fmt.Sprintf("polkit %s has no folder for rules: the agent only watches", version)
		f.Remedy = "polkit 0.106 or newer is needed, then: webstack apply"
	default:
		return f
	}
	f.Verdict = doubtful
	if len(needs) > 0 {
		f.Verdict = broken
		f.Text += ", and does not do: " + several(needs)
	}
	return f
}
