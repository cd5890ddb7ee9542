package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/units"
)

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
	for _, inst := range instanceNames(app) {
		names = append(names, units.InstanceUnit(app.Unit, inst))
	}
	for _, name := range names {
		file := c.hiding(name)
		if file == "" {
			continue
		}
		c.say(key, fmt.Sprintf("%s is a whole copy that hides the unit which webstack writes", file),
			fmt.Sprintf("keep what is yours in a drop-in (systemctl edit %s), and take the copy away (systemctl revert %s)", name, name))
		return
	}
}

// hiding returns a file of that name that systemd reads before webstack's, ""
// for none: a link to webstack's own hides nothing, and a mask (a link to
// /dev/null) is the operator's right.
func (c *preflight) hiding(name string) string {
	for _, dir := range c.h.Paths.UnitPath {
		if dir == c.h.Paths.Units {
			break
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(real) == c.h.Paths.Units {
			continue
		}
		return path
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
		if writtenByOthers(path) {
			return path
		}
	}
	return ""
}

// writtenByOthers says that a file stands there which webstack did not write.
func writtenByOthers(path string) bool {
	text, err := os.ReadFile(path)
	return err == nil && !units.Managed(string(text)) && !strings.HasPrefix(string(text), ruleMark)
}

// ForeignFiles lists files that a plan would write over although webstack did
// not write them.
func ForeignFiles(h *Host, p *Plan) []string {
	var list []string
	for _, s := range p.Steps {
		if s.Kind != WriteFile {
			continue
		}
		path := h.Paths.place(s.Subject)
		if writtenByOthers(path) {
			list = append(list, path)
		}
	}
	return list
}
