package units

import (
	"path"
	"slices"
	"strings"
)

// hidden are the folders that the proxy's sandbox replaces by empty ones
// (ProtectHome=tmpfs, PrivateTmp=yes of the shipped webstack.service). All
// else is in the proxy's view as it is, read-only and up to date, and needs
// no bind. whole is how many names below top are too much to show: a home
// itself (/home/ly), or all of root's.
var hidden = []struct {
	top   string
	whole int
}{
	{"/home", 1},
	{"/root", 0},
	{"/run/user", 1},
	{"/tmp", 0},
	{"/var/tmp", 0},
}

// StaticParents returns what has to be bound into the proxy's view for roots
// to be served: the parent of each root that the sandbox hides, without
// duplicates and without what lies in another, sorted.
//
// The parent, because a bind pins an inode: a root that is replaced by rename
// or that is a symlink switched to the next release changes below the bind
// and is seen at once. Where the parent is a home or more (root
// /home/ly/static) the root itself is bound: a home shows too much, and with
// its mode of 0700 it would let the proxy see nothing. Such a root is pinned:
// after a rename it needs a restart of the proxy.
//
// A root directly below "/", such as /srv, is in view already; so are /srv/x,
// /var/www and every other folder outside of those above, and nothing is
// returned for them. "/", /proc, /dev and /sys can therefore never be.
//
// This package cannot look at the disk. A path with symlinks in it needs all
// that it passes: give StaticParents the root as written, each symlink on the
// way, and the resolved root.
func StaticParents(roots []string) []string {
	var parents []string
	for _, root := range roots {
		if p, ok := staticParent(path.Clean(root)); ok {
			parents = append(parents, p)
		}
	}
	slices.Sort(parents)
	parents = slices.Compact(parents)
	return slices.DeleteFunc(slices.Clone(parents), func(p string) bool {
		return slices.ContainsFunc(parents, func(outer string) bool { return p != outer && within(p, outer) })
	})
}

func staticParent(root string) (string, bool) {
	for _, h := range hidden {
		if !within(root, h.top) {
			continue
		}
		parent := path.Dir(root)
		if within(parent, h.top) && names(parent)-names(h.top) > h.whole {
			return parent, true
		}
		return root, true
	}
	return "", false
}

// within reports whether p is dir or lies below it.
func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// names counts the names in a clean path.
func names(p string) int { return strings.Count(p, "/") }
