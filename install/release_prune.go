package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// prune deletes releases that keep no longer covers, and forgets them. It
// deletes only what a deploy put to use, beside the current release, which is
// still the folder that it was and which no instance is linked to.
func (r *Releases) prune(p Paths, app *App, keep int) ([]string, error) {
	keep = max(keep, 1)
	var deleted []string
	var errs []error
	over := len(r.Known) - keep
	r.Known = slices.DeleteFunc(r.Known, func(k Release) bool {
		if over <= 0 || k.Folder == r.Current {
			return false
		}
		over--
		if !k.Ours || filepath.Dir(k.Folder) != filepath.Dir(r.Current) || p.inUse(app, k.Folder) {
			return !p.inUse(app, k.Folder) // the operator's, and forgotten
		}
		gone, err := deleteRelease(k)
		if err != nil {
			errs = append(errs, err)
			return false // another deploy tries again
		}
		if gone {
			deleted = append(deleted, k.Folder)
		}
		return true
	})
	return deleted, errors.Join(errs...)
}

// inUse says that an instance is linked to a folder.
func (p Paths) inUse(app *App, folder string) bool {
	return slices.ContainsFunc(app.Instances, func(i Instance) bool { return p.linked(app, &i) == folder })
}

// deleteRelease deletes a folder if it is what was recorded. Its parent may be
// somebody's who would like root to delete something else: it is opened once,
// and nothing is looked up from above it again.
func deleteRelease(k Release) (bool, error) {
	parent, err := os.OpenRoot(filepath.Dir(k.Folder))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot delete the release %s: %w", k.Folder, err)
	}
	defer parent.Close()
	name := filepath.Base(k.Folder)
	info, err := parent.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot delete the release %s: %w", k.Folder, err)
	}
	if device, inode := identity(info); !info.IsDir() || device != k.Device || inode != k.Inode {
		return false, nil // another folder of that name: not ours
	}
	if err := parent.RemoveAll(name); err != nil {
		return false, fmt.Errorf("cannot delete the release %s: %w", k.Folder, err)
	}
	return true, nil
}
