package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is where following symbolic links ends, as in the kernel
// (path_resolution(7)).
const maxLinks = 40

// ThroughLinks returns what a sandbox has to show for a path to lead anywhere:
// each symbolic link on its way, and where it ends. A path without links is
// its own and only answer. A link stands for itself, so that the folder around
// it is shown and the link may be switched to another release; what does not
// exist yet ends the walk without an error.
func ThroughLinks(path string) []string {
	path = filepath.Clean(path)
	var through []string
	for range maxLinks {
		link, next := firstLink(path)
		if link == "" {
			break
		}
		through = append(through, link)
		path = next
	}
	return slices.Compact(append(through, path))
}

// firstLink finds the first symbolic link on a path and the path with the link
// replaced by where it points; link is "" where there is none.
func firstLink(path string) (link, next string) {
	at := "/"
	names := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, name := range names {
		here := filepath.Join(at, name)
		target, err := os.Readlink(here)
		if err != nil {
			at = here
			continue
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(at, target)
		}
		return here, filepath.Join(append([]string{target}, names[i+1:]...)...)
	}
	return "", ""
}
