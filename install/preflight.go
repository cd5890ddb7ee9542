package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/spec"
)

// Preflight checks what only this machine can answer, before anything is
// changed: accounts, folders, programs, log paths, and names and ports that
// belong to somebody else. Everything that is wrong is said at once, each at
// its place in the spec.
func Preflight(ctx context.Context, h *Host, s *spec.Spec, d *Desired, a *Actual) []spec.Diagnostic {
	c := &preflight{ctx: ctx, h: h, s: s, d: d, a: a}
	for _, app := range s.Apps {
		c.account(app)
		c.paths(app)
		c.logs(app)
		c.unitNames(app)
	}
	c.instancePorts()
	c.listenerPorts()
	return c.found
}

type preflight struct {
	ctx   context.Context
	h     *Host
	s     *spec.Spec
	d     *Desired
	a     *Actual
	found []spec.Diagnostic
}

// say adds a diagnostic where a key is written, or the table that it would
// stand in.
func (c *preflight) say(key, message, hint string) {
	c.found = append(c.found, c.s.Diagnose(key, message, hint))
}

func (c *preflight) account(app *spec.App) {
	key := "app." + app.Name
	if !c.h.LookupUser(c.ctx, app.User) {
		c.say(key+".user", fmt.Sprintf("user %q does not exist on this machine", app.User),
			fmt.Sprintf("make it: useradd --system --no-create-home %s", app.User))
	}
	if app.Group != "" && !c.h.LookupGroup(c.ctx, app.Group) {
		c.say(key+".group", fmt.Sprintf("group %q does not exist on this machine", app.Group),
			fmt.Sprintf("make it: groupadd --system %s", app.Group))
	}
}

func (c *preflight) paths(app *spec.App) {
	key := "app." + app.Name
	if c.released(app) {
		// Its directory is not used: each instance runs in its release.
	} else if info, err := os.Stat(app.Directory); err != nil || !info.IsDir() {
		c.say(key+".directory", fmt.Sprintf("directory %q is not a folder on this machine", app.Directory),
			"make the folder, or name the one that holds the app")
	}
	program := app.Command[0]
	info, err := os.Stat(program)
	switch {
	case err != nil:
		c.say(key+".command", fmt.Sprintf("command %q is not on this machine", program), "install it, or name the right path")
	case info.IsDir() || info.Mode()&0o111 == 0:
		c.say(key+".command", fmt.Sprintf("command %q is not a program", program), "chmod +x, or start it by its interpreter")
	}
	for _, file := range app.EnvFiles {
		if strings.HasPrefix(file, "-") {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			c.say(key+".env_file", fmt.Sprintf("env_file %q is not on this machine", file),
				fmt.Sprintf(`write it, or make it optional: "-%s"`, file))
		}
	}
	for _, cred := range app.Credentials {
		if _, err := os.Stat(cred.Path); err != nil && filepath.IsAbs(cred.Path) {
			c.say(key+".credentials."+cred.Name, fmt.Sprintf("credential %q has no file %q on this machine", cred.Name, cred.Path),
				"put the secret there, readable by root alone")
		}
	}
}

// instancePorts refuses an address on which a stranger listens: the instance
// could never bind it, and the stranger would be taken for it. Another app of
// ours is such a stranger as long as it runs.
func (c *preflight) instancePorts() {
	for i := range c.d.Apps {
		app := &c.d.Apps[i]
		owners := map[string]bool{} // one sentence for each says enough
		for j := range app.Instances {
			inst := &app.Instances[j]
			if inst.Address == "" || c.a.Units[inst.Unit].Up() || c.a.holds(inst.Address) || c.a.predecessor(app, inst, c.d) != nil {
				continue
			}
			key := "app." + app.Name + ".ports"
			if owner, tenant := c.a.tenant(inst.Address); tenant != nil {
				if owners[owner.Name] {
					continue
				}
				owners[owner.Name] = true
				c.say(key, fmt.Sprintf("%s of app %q runs on %s, and would have to stop before %s can start",
					tenant.ID(), owner.Name, inst.Address, inst.ID()), c.makeRoom(app, owner))
				continue
			}
			network, address := splitAddress(inst.Address)
			if holder := c.h.Holder(network, address); holder != "" {
				c.say(key, fmt.Sprintf("%s is held by %s", inst.Address, holder), "stop it, or choose other ports")
			}
		}
	}
}

// makeRoom is the way from one app to another on the same ports.
func (c *preflight) makeRoom(app, owner *App) string {
	for i := range c.d.Apps {
		if c.d.Apps[i].Name == owner.Name {
			return fmt.Sprintf("choose other ports, or apply in two steps: app %q leaves them first", owner.Name)
		}
	}
	return fmt.Sprintf("choose other ports; or, if app %q is app %q under a new name, keep its units: unit = %q", app.Name, owner.Name, owner.Unit)
}

// listenerPorts refuses a listener on an address that somebody else holds.
func (c *preflight) listenerPorts() {
	for _, l := range c.d.Listeners {
		if c.a.Units[l.Unit].Up() || c.ours(l) {
			continue
		}
		if holder := c.h.Holder(l.Network, l.Address); holder != "" {
			c.say(c.listenKey(l), fmt.Sprintf("%s is held by %s", l.Address, holder), "stop it, or listen on another port")
		}
	}
}

// listenKey is the key of the first site that asks for a listener.
func (c *preflight) listenKey(l Listener) string {
	for _, site := range c.s.Sites {
		if slices.ContainsFunc(site.Listen, func(on spec.Listen) bool { return on.Address == l.Address }) {
			return "site." + site.Name + ".listen"
		}
	}
	return ""
}

// ours says that the address is open already under another listener's name
// (a listener that is about to be replaced).
func (c *preflight) ours(l Listener) bool {
	for _, g := range c.a.applied() {
		for _, old := range g.Desired.Listeners {
			if port(old) == port(l) && c.a.Units[old.Unit].Up() {
				return true
			}
		}
	}
	return false
}
