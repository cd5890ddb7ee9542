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
		for _, path := range logPaths(a, out) {
			folders = append(folders, filepath.Dir(path))
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// logPaths are the files that an app's instances write one output to, none
// for the journal.
func logPaths(a *spec.App, out string) []string {
	if !filepath.IsAbs(out) {
		return nil
	}
	var paths []string
	for _, name := range instanceNames(a) {
		paths = append(paths, spec.Expand(out, func(string) string { return name }))
	}
	return slices.Compact(paths)
}

// missingFolders are those of a desired state that have to be made.
func missingFolders(d *Desired) []string {
	return slices.DeleteFunc(slices.Clone(d.LogFolders), func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}
