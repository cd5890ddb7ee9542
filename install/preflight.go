package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/units"
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
	if info, err := os.Stat(app.Directory); err != nil || !info.IsDir() {
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

// logs refuses a log path that somebody but root could redirect: systemd opens
// it as root, so a link in such a folder writes to any file of the machine.
func (c *preflight) logs(app *spec.App) {
	key := "app." + app.Name
	for _, out := range []struct{ key, path string }{{"stdout", app.Stdout}, {"stderr", app.Stderr}} {
		if !filepath.IsAbs(out.path) {
			continue
		}
		if why := redirectable(out.path); why != "" {
			c.say(key+"."+out.key, fmt.Sprintf("%s %q is opened by root, but %s", out.key, out.path, why),
				fmt.Sprintf("log to a folder of root's such as /var/log/%s/, or to \"journal\"", app.Name))
		}
	}
}

// redirectable says who could make path lead elsewhere, "" for nobody but
// root. What does not exist is made by root, below a folder that was checked.
func redirectable(path string) string {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err == nil {
			if why := othersMayWrite(dir, info); why != "" {
				return why
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("%s cannot be looked at: %v", dir, err)
		}
		if dir == "/" {
			break
		}
	}
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return path + " is no regular file"
	}
	return ""
}

func othersMayWrite(dir string, info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return dir + " is a symbolic link"
	case !info.IsDir():
		return dir + " is no folder"
	case !ok || stat.Uid != 0:
		return fmt.Sprintf("%s belongs to a user who could put a link there", dir)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Sprintf("%s may be written by others than root (mode %o)", dir, info.Mode().Perm())
	}
	return ""
}

// unitNames refuses names of units that webstack did not write, and copies
// that hide the units which it writes: what the spec says would have no effect.
func (c *preflight) unitNames(app *spec.App) {
	key := "app." + app.Name + ".unit"
	names := []string{units.TemplateUnit(app.Unit), units.TargetUnit(app.Unit), units.SliceUnit(app.Unit)}
	for _, name := range names {
		if path := c.foreign(name); path != "" {
			c.say(key, fmt.Sprintf("unit %s is somebody else's: %s", name, path),
				`give the app another name, or set unit = "..."`)
			return
		}
	}
	template := filepath.Join(c.h.Paths.Units, names[0])
	for _, inst := range instanceNames(app) {
		names = append(names, units.InstanceUnit(app.Unit, inst))
	}
	for _, name := range names {
		file := c.a.Units[name].Fragment
		if name == names[0] {
			file = c.hiding(name)
		}
		if file == "" || file == template || file == filepath.Join(c.h.Paths.Units, name) || c.a.Units[name].Masked() {
			continue
		}
		c.say(key, fmt.Sprintf("%s is a whole copy that hides the unit which webstack writes", file),
			fmt.Sprintf("keep what is yours in a drop-in (systemctl edit %s), and take the copy away (systemctl revert %s)", name, name))
		return
	}
}

// hiding returns a file of that name that systemd reads before webstack's.
func (c *preflight) hiding(name string) string {
	for _, dir := range c.h.Paths.UnitPath {
		if dir == c.h.Paths.Units {
			break
		}
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// foreign returns the file of that name that webstack did not write, "" for
// none. A mask (a link to /dev/null) is the operator's right and no conflict.
func (c *preflight) foreign(name string) string {
	for _, dir := range c.h.Paths.UnitPath {
		path := filepath.Join(dir, name)
		if target, err := os.Readlink(path); err == nil && target == "/dev/null" {
			continue
		}
		text, err := os.ReadFile(path)
		if err == nil && !units.Managed(string(text)) {
			return path
		}
	}
	return ""
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
			if inst.Address == "" || c.a.Units[inst.Unit].Up() || c.a.predecessor(app, inst, c.d) != nil {
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

// port is the part of an address that two listeners cannot share: what
// follows the last colon, or the whole path.
func port(l Listener) string { return l.Address[strings.LastIndexByte(l.Address, ':')+1:] }

// ForeignFiles lists files that a plan would write over although webstack did
// not write them.
func ForeignFiles(h *Host, p *Plan) []string {
	var list []string
	for _, s := range p.Steps {
		if s.Kind != WriteFile {
			continue
		}
		path := filepath.Join(h.Paths.Units, s.Subject)
		if text, err := os.ReadFile(path); err == nil && !units.Managed(string(text)) {
			list = append(list, path)
		}
	}
	return list
}
