package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// AgentUser runs webstack-agent.service. It is nobody but for the rule.
	AgentUser = "webstack-agent"
	// ruleName sorts before what distributions ship (polkit(8)); an operator's
	// rule with a lower number is asked before it.
	ruleName = "50-webstack.rules"
	// ruleMark begins the rule, as units.Managed's begins each unit file.
	ruleMark = "// Written by webstack"
)

// verbs are what the agent may ask of an app's instances, in systemd's words
// for polkit. A worker or a plain app is only forgiven its crashes.
func (a App) verbs() []string {
	verbs := []string{"reset-failed"}
	if a.Watchdog != nil {
		verbs = append(verbs, "restart")
	}
	if a.Start == "on-demand" {
		verbs = append(verbs, "start")
		if a.IdleStop > 0 {
			verbs = append(verbs, "stop")
		}
	}
	return verbs
}

// RenderRule is the rule that lets the agent's user do just what the agent
// does: for each verb the very units. A pattern would let it start instances
// that nobody has thought of, whose gates run as root; and an object would have
// members that nobody has listed ("constructor"), so these are lists.
func RenderRule(apps []App) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: what %s may ask of systemd.\n", ruleMark, AgentUser)
	b.WriteString(`// Changes are overwritten by the next "webstack apply".
polkit.addRule(function (action, subject) {
    if (action.id != "org.freedesktop.systemd1.manage-units" || subject.user != "` + AgentUser + `") {
        return polkit.Result.NOT_HANDLED;
    }
    var units = [];
    switch (action.lookup("verb")) {
`)
	for _, verb := range []string{"reset-failed", "restart", "start", "stop"} {
		list := allowed(apps, verb)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "    case %q:\n        units = [\n", verb)
		for _, unit := range list {
			fmt.Fprintf(&b, "            %s,\n", script(unit))
		}
		b.WriteString("        ];\n        break;\n")
	}
	b.WriteString(`    }
    if (units.indexOf(action.lookup("unit")) < 0) {
        return polkit.Result.NO;
    }
    return polkit.Result.YES;
});
`)
	return b.String()
}

func allowed(apps []App, verb string) []string {
	var list []string
	for _, a := range apps {
		for _, v := range a.verbs() {
			if v != verb {
				continue
			}
			for _, i := range a.Instances {
				list = append(list, i.Unit)
			}
		}
	}
	return list
}

// script is a unit's name as a string of ECMAScript. Every byte that is not a
// letter, a digit or one of "@.-_" is escaped, whatever it may mean there.
func script(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("@.-_", r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// rulesFolder is where the rule goes, "" where polkit knows no such rules: it
// does since 0.106, and then the folder is there.
func rulesFolder(p Paths) string {
	if info, err := os.Stat(p.PolkitRules); p.PolkitRules == "" || err != nil || !info.IsDir() {
		return ""
	}
	return p.PolkitRules
}

// grant adds the rule for the agent. It stands outside of the unit folder, and
// so its path is absolute.
func (d *Desired) grant(folder string) {
	if folder == "" || len(d.Apps) == 0 {
		return
	}
	text := RenderRule(d.Apps)
	d.Files = append(d.Files, File{Path: filepath.Join(folder, ruleName), SHA256: sum(text), Content: text})
}

// isRule says that a file is the agent's rule and no unit file.
func isRule(path string) bool { return filepath.IsAbs(path) }

// place is where a generation's file stands.
func (p Paths) place(path string) string {
	if isRule(path) {
		return path
	}
	return filepath.Join(p.Units, path)
}
