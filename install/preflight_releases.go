package install

import (
	"fmt"
	"os"

	"github.com/webstack/webstack/install/spec"
)

// released says that an app runs its releases, and refuses those that are
// gone: systemd would start nothing in them.
func (c *preflight) released(app *spec.App) bool {
	for i := range c.d.Apps {
		d := &c.d.Apps[i]
		if d.Name != app.Name || d.Releases == "" {
			continue
		}
		said := map[string]bool{} // once for each folder says enough
		for j := range d.Instances {
			inst := &d.Instances[j]
			folder := c.h.Paths.linked(d, inst)
			if to, ok := c.a.Unlinked[inst.Unit]; ok {
				folder = to
			}
			if info, err := os.Stat(folder); (err != nil || !info.IsDir()) && !said[folder] {
				said[folder] = true
				c.say("app."+app.Name+".directory", fmt.Sprintf("release %q of %s is not a folder on this machine", folder, inst.ID()),
					fmt.Sprintf("put it back, or deploy another: webstack deploy %s --release DIR", app.Name))
			}
		}
		return true
	}
	return false
}
