package install

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/webstack/webstack/install/spec"
)

// logFolders are the folders of an app's log files, for every instance.
// systemd makes the file and not the folder, and its own LogsDirectory= would
// give the folder to the app's user, who could then plant a link in it.
func logFolders(a *spec.App) []string {
	var folders []string
	for _, out := range []string{a.Stdout, a.Stderr} {
		if !filepath.IsAbs(out) {
			continue
		}
		for _, name := range instanceNames(a) {
			path := spec.Expand(out, func(string) string { return name })
			folders = append(folders, filepath.Dir(path))
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// missingFolders are those of a desired state that have to be made.
func missingFolders(d *Desired) []string {
	return slices.DeleteFunc(slices.Clone(d.LogFolders), func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}
